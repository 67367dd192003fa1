-- Gold, part 2: sales over time, by place, by category, by hour; loyalty; locations; pricing. Uses sales_orders,
-- sales_lines and customers of part 1.

CREATE OR REPLACE TABLE restaurant.sales_trends AS
WITH product AS (
    SELECT min(order_date) AS first_date, max(as_of) AS as_of FROM sales_orders
), periods(period, step) AS (
    VALUES ('day', INTERVAL 1 DAY), ('week', INTERVAL 7 DAY), ('month', INTERVAL 1 MONTH)
), spine AS (
    SELECT period, first_date, as_of,
           unnest(generate_series(date_trunc(period, first_date), as_of, step))::DATE AS period_start
    FROM product, periods
), grid AS (
    SELECT spine.*, currency FROM spine, (SELECT DISTINCT currency FROM sales_orders)
), sums AS (
    SELECT period, date_trunc(period, order_date)::DATE AS period_start, currency,
           count(*) AS order_count, count(DISTINCT user_id) AS customer_count,
           sum(item_quantity) AS item_quantity, sum(gross_amount) AS gross_amount,
           sum(discount_amount) AS discount_amount, sum(refund_amount) AS refund_amount, sum(net_amount) AS net_amount
    FROM sales_orders, periods
    GROUP BY ALL
), filled AS (
    SELECT g.period, g.period_start, g.currency, g.as_of,
           coalesce(s.order_count, 0) AS order_count,
           coalesce(s.customer_count, 0) AS customer_count,
           coalesce(s.item_quantity, 0)::BIGINT AS item_quantity,
           coalesce(s.gross_amount, 0)::DECIMAL(18, 2) AS gross_amount,
           coalesce(s.discount_amount, 0)::DECIMAL(18, 2) AS discount_amount,
           coalesce(s.refund_amount, 0)::DECIMAL(18, 2) AS refund_amount,
           coalesce(s.net_amount, 0)::DECIMAL(18, 2) AS net_amount,
           g.period_start < g.first_date OR g.as_of < CASE g.period
               WHEN 'day' THEN g.period_start WHEN 'week' THEN g.period_start + 6 ELSE last_day(g.period_start) END
               AS is_partial,
           CASE g.period WHEN 'day' THEN g.period_start - 364 WHEN 'week' THEN g.period_start - 364
               ELSE (g.period_start - INTERVAL 1 YEAR)::DATE END AS year_ago_start
    FROM grid AS g
    LEFT JOIN sums AS s USING (period, period_start, currency)
), windowed AS (
    SELECT *, lag(net_amount) OVER running AS previous_net_amount,
           sum(net_amount) OVER (running ROWS 6 PRECEDING) AS net_amount_7d,
           sum(net_amount) OVER (running ROWS 27 PRECEDING) AS net_amount_28d,
           row_number() OVER running AS period_number
    FROM filled
    WINDOW running AS (PARTITION BY period, currency ORDER BY period_start)
)
SELECT w.period, w.period_start, w.currency, w.as_of, w.order_count, w.customer_count, w.item_quantity, w.gross_amount,
       w.discount_amount, w.refund_amount, w.net_amount,
       ratio(w.net_amount, w.order_count) AS average_order_value,
       w.previous_net_amount,
       change_pct(w.net_amount, w.previous_net_amount) AS change_pct,
       y.net_amount AS year_ago_net_amount,
       change_pct(w.net_amount, y.net_amount) AS year_over_year_pct,
       w.is_partial,
       CASE WHEN w.period = 'day' AND w.period_number >= 7 THEN ratio(w.net_amount_7d, 7) END AS net_amount_avg_7d,
       CASE WHEN w.period = 'day' AND w.period_number >= 28 THEN ratio(w.net_amount_28d, 28) END AS net_amount_avg_28d,
       CASE WHEN w.period = 'day' THEN coalesce(d.is_weekend, isodow(w.period_start) >= 6) END AS is_weekend,
       CASE WHEN w.period = 'day' THEN d.is_holiday END AS is_holiday,
       CASE WHEN w.period = 'day' THEN d.holiday_name END AS holiday_name
FROM windowed AS w
LEFT JOIN filled AS y
    ON y.period = w.period AND y.currency = w.currency AND y.period_start = w.year_ago_start
LEFT JOIN restaurant_silver.date_dim AS d ON d.date_key = w.period_start;

CREATE OR REPLACE TABLE restaurant.sales_by_location AS
SELECT order_date, coalesce(restaurant_id, '(unknown)') AS restaurant_id, currency, as_of,
       count(*) AS order_count, sum(item_quantity)::BIGINT AS item_quantity,
       sum(net_amount)::DECIMAL(18, 2) AS net_amount
FROM sales_orders
GROUP BY ALL;

CREATE OR REPLACE TABLE restaurant.sales_by_app AS
SELECT order_date, app_name, restaurant_id, currency, as_of,
       count(*) AS order_count, sum(item_quantity)::BIGINT AS item_quantity,
       sum(net_amount)::DECIMAL(18, 2) AS net_amount
FROM sales_orders
GROUP BY ALL;

CREATE OR REPLACE TABLE restaurant.sales_by_category AS
SELECT order_date, coalesce(item_category, '(unknown)') AS item_category, currency, as_of,
       count(DISTINCT order_id) AS order_count, sum(item_quantity)::BIGINT AS item_quantity,
       sum(net_amount)::DECIMAL(18, 2) AS net_amount
FROM sales_lines
GROUP BY ALL;

CREATE OR REPLACE TABLE restaurant.sales_by_hour AS
SELECT order_date, hour(ordered_at)::INTEGER AS hour, currency, as_of,
       count(*) AS order_count, sum(item_quantity)::BIGINT AS item_quantity,
       sum(net_amount)::DECIMAL(18, 2) AS net_amount
FROM sales_orders
GROUP BY ALL;

CREATE OR REPLACE TABLE restaurant.location_performance AS
WITH locations AS (
    SELECT coalesce(restaurant_id, '(unknown)') AS restaurant_id, currency, as_of,
           min(order_date) AS first_order_date,
           max(order_date) AS last_order_date,
           count(*) AS order_count,
           count(DISTINCT user_id) AS customer_count,
           sum(item_quantity)::BIGINT AS item_quantity,
           sum(net_amount)::DECIMAL(18, 2) AS net_amount,
           count(DISTINCT order_date) AS trading_days,
           count(*) FILTER (is_loyalty) AS loyalty_order_count,
           coalesce(sum(net_amount) FILTER (order_date > as_of - 28), 0)::DECIMAL(18, 2) AS net_amount_last_28d,
           coalesce(sum(net_amount) FILTER (order_date > as_of - 56 AND order_date <= as_of - 28), 0)::DECIMAL(18, 2)
               AS net_amount_prior_28d
    FROM sales_orders
    GROUP BY ALL
)
SELECT restaurant_id, currency, as_of, first_order_date, last_order_date, order_count, customer_count, item_quantity,
       net_amount,
       ratio(net_amount, sum(net_amount) OVER (PARTITION BY currency)) AS net_amount_share,
       ratio(net_amount, order_count) AS average_order_value,
       trading_days,
       ratio(order_count, trading_days) AS orders_per_trading_day,
       ratio(loyalty_order_count, order_count) AS loyalty_order_rate,
       rank() OVER (PARTITION BY currency ORDER BY net_amount DESC) AS revenue_rank,
       rank() OVER (PARTITION BY currency ORDER BY order_count DESC) AS order_rank,
       -- Whole cents over whole orders: equal averages are equal doubles, so that ties are ties.
       rank() OVER (PARTITION BY currency ORDER BY ratio((net_amount * 100)::BIGINT, order_count) DESC)
           AS average_order_value_rank,
       net_amount_last_28d, net_amount_prior_28d,
       change_pct(net_amount_last_28d, net_amount_prior_28d) AS growth_28d_pct
FROM locations;

CREATE OR REPLACE TABLE restaurant.loyalty_program_impact AS
WITH classified AS (
    SELECT o.currency, o.as_of, o.net_amount,
           CASE WHEN o.user_id IS NULL THEN 'guest' WHEN c.is_loyalty_member THEN 'member' ELSE 'non_member' END
               AS member_status
    FROM sales_orders AS o
    LEFT JOIN customers AS c USING (user_id, currency)
), totals AS (
    SELECT member_status, currency, as_of, count(*) AS order_count, sum(net_amount)::DECIMAL(18, 2) AS net_amount
    FROM classified
    GROUP BY ALL
), people AS (
    SELECT CASE WHEN is_loyalty_member THEN 'member' ELSE 'non_member' END AS member_status, currency,
           count(*) AS customer_count, count(*) FILTER (order_count >= 2) AS repeat_customer_count
    FROM customers
    GROUP BY ALL
)
SELECT t.member_status, t.currency, t.as_of, p.customer_count, t.order_count, t.net_amount,
       ratio(t.order_count, sum(t.order_count) OVER (PARTITION BY t.currency)) AS order_share,
       ratio(t.net_amount, sum(t.net_amount) OVER (PARTITION BY t.currency)) AS net_amount_share,
       ratio(t.net_amount, t.order_count) AS average_order_value,
       ratio(t.order_count, p.customer_count) AS orders_per_customer,
       ratio(p.repeat_customer_count, p.customer_count) AS repeat_customer_rate,
       ratio(t.net_amount, p.customer_count) AS average_customer_lifetime_value
FROM totals AS t
LEFT JOIN people AS p USING (member_status, currency);
