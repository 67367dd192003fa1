-- Gold, part 1: what everything is computed from (orders and lines up to as_of, one row a customer), and the marts of
-- customers. The variable `as_of` is NULL, or the date to compute for.

CREATE SCHEMA IF NOT EXISTS restaurant;

-- A rate or average is NULL where its denominator is zero or missing; a change is in percent of the earlier value.
CREATE OR REPLACE TEMP MACRO ratio(part, whole) AS part::DOUBLE / nullif(whole, 0)::DOUBLE;
CREATE OR REPLACE TEMP MACRO change_pct(new_value, old_value) AS
    100.0::DOUBLE * ratio(new_value - old_value, old_value);

SET VARIABLE as_of = (SELECT coalesce(getvariable('as_of')::DATE, max(order_date)) FROM restaurant_silver.orders);

CREATE OR REPLACE TEMP TABLE sales_orders AS
SELECT *, getvariable('as_of')::DATE AS as_of
FROM restaurant_silver.orders
WHERE order_date <= getvariable('as_of')::DATE;

-- Lines carry the user, currency and date of their order, so that sums over lines equal sums over orders.
CREATE OR REPLACE TEMP TABLE sales_lines AS
SELECT o.order_id, o.user_id, o.currency, o.order_date, o.as_of,
       l.item_category, l.item_name, l.item_price, l.item_quantity, l.net_amount
FROM restaurant_silver.order_lines AS l
JOIN sales_orders AS o USING (order_id);

CREATE OR REPLACE TEMP TABLE customers AS
SELECT user_id, currency, as_of,
       min(order_date) AS first_order_date,
       max(order_date) AS last_order_date,
       count(*) AS order_count,
       count(DISTINCT order_date) AS order_day_count,
       sum(item_quantity)::BIGINT AS item_quantity,
       sum(item_amount)::DECIMAL(18, 2) AS item_amount,
       sum(option_amount)::DECIMAL(18, 2) AS option_amount,
       sum(gross_amount)::DECIMAL(18, 2) AS gross_amount,
       sum(discount_amount)::DECIMAL(18, 2) AS discount_amount,
       sum(refund_amount)::DECIMAL(18, 2) AS refund_amount,
       sum(net_amount)::DECIMAL(18, 2) AS net_amount,
       bool_or(is_loyalty) AS is_loyalty_member,
       coalesce(sum(net_amount) FILTER (order_date > as_of - 90), 0)::DECIMAL(18, 2) AS spend_last_90d,
       coalesce(sum(net_amount) FILTER (order_date > as_of - 180 AND order_date <= as_of - 90), 0)::DECIMAL(18, 2)
           AS spend_prior_90d,
       coalesce(sum(net_amount) FILTER (order_date >= date_trunc('year', as_of)), 0)::DECIMAL(18, 2)
           AS current_year_amount,
       coalesce(sum(net_amount) FILTER (
           order_date >= date_trunc('year', as_of) - INTERVAL 1 YEAR AND order_date <= as_of - INTERVAL 1 YEAR),
           0)::DECIMAL(18, 2) AS previous_year_amount
FROM sales_orders
WHERE user_id IS NOT NULL
GROUP BY user_id, currency, as_of;

CREATE OR REPLACE TEMP TABLE order_days AS
SELECT user_id, currency, order_date, sum(net_amount)::DECIMAL(18, 2) AS net_amount,
       min(order_date) OVER (PARTITION BY user_id, currency) AS first_order_date
FROM sales_orders
WHERE user_id IS NOT NULL
GROUP BY user_id, currency, order_date;

CREATE OR REPLACE TEMP TABLE repeats AS
SELECT user_id, currency,
       (count(*) - 1)::INTEGER AS repeat_day_count,
       (max(order_date) - min(order_date))::INTEGER AS first_to_last_days,
       (getvariable('as_of')::DATE - min(order_date))::INTEGER AS tenure_days,
       ratio(sum(net_amount) FILTER (order_date > first_order_date), count(*) - 1) AS repeat_day_value
FROM order_days
GROUP BY user_id, currency;

CREATE OR REPLACE TABLE restaurant.clv_model AS
WITH spans AS (
    SELECT currency, max(tenure_days) AS days, floor(max(tenure_days) * 0.7 + 1e-9)::INTEGER AS calibration_days,
           count(*) AS customer_count,
           count(*) FILTER (repeat_day_count > 0) AS repeat_customer_count,
           count(DISTINCT (repeat_day_count, first_to_last_days, tenure_days)) AS cell_count,
           count(*) FILTER (repeat_day_value > 0) AS spend_customer_count,
           CASE WHEN min(repeat_day_value) < max(repeat_day_value)
                 AND min(repeat_day_count) FILTER (repeat_day_count > 0) < max(repeat_day_count)
                THEN corr(repeat_day_count, repeat_day_value) END AS repeat_value_correlation
    FROM repeats
    GROUP BY currency
), held_out AS (
    SELECT currency, count(DISTINCT user_id) AS holdout_customer_count,
           count(*) FILTER (order_date > getvariable('as_of')::DATE - (days - calibration_days))
               AS holdout_actual_orders
    FROM order_days
    JOIN spans USING (currency)
    WHERE first_order_date <= getvariable('as_of')::DATE - (days - calibration_days)
    GROUP BY currency
)
SELECT currency, getvariable('as_of')::DATE AS as_of, customer_count, repeat_customer_count, cell_count,
       spend_customer_count, repeat_value_correlation,
       days - calibration_days AS holdout_days, holdout_customer_count, holdout_actual_orders
FROM spans
JOIN held_out USING (currency);

CREATE OR REPLACE TABLE restaurant.customer_lifetime_value AS
WITH ranked AS (
    SELECT *,
           rank() OVER (PARTITION BY currency ORDER BY net_amount DESC) AS revenue_rank,
           sum(net_amount) OVER (PARTITION BY currency ORDER BY net_amount DESC
                                 RANGE BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS cumulative_amount,
           sum(net_amount) OVER (PARTITION BY currency) AS currency_amount,
           count(*) OVER (PARTITION BY currency) AS currency_customer_count
    FROM customers
)
SELECT user_id, currency, as_of, first_order_date, last_order_date, order_count, item_quantity,
       item_amount AS total_items_value, option_amount AS total_options_value,
       (item_amount + option_amount)::DECIMAL(18, 2) AS customer_lifetime_value,
       gross_amount, discount_amount, refund_amount,
       ratio(net_amount, order_count) AS average_order_value,
       (as_of - first_order_date)::INTEGER AS tenure_days,
       revenue_rank,
       ratio(cumulative_amount, currency_amount) AS cumulative_revenue_share,
       CASE WHEN revenue_rank * 100 <= currency_customer_count * 20 THEN 'High'
            WHEN revenue_rank * 100 <= currency_customer_count * 80 THEN 'Medium'
            ELSE 'Low' END AS value_tier,
       repeat_day_count, first_to_last_days, repeat_day_value
FROM ranked
JOIN repeats USING (user_id, currency);

CREATE OR REPLACE TEMP TABLE favourites AS
WITH categories AS (
    SELECT user_id, currency, item_category
    FROM sales_lines
    WHERE user_id IS NOT NULL AND item_category IS NOT NULL
    GROUP BY user_id, currency, item_category
    QUALIFY row_number() OVER (PARTITION BY user_id, currency ORDER BY sum(net_amount) DESC, item_category) = 1
), restaurants AS (
    SELECT user_id, currency, restaurant_id
    FROM sales_orders
    WHERE user_id IS NOT NULL AND restaurant_id IS NOT NULL
    GROUP BY user_id, currency, restaurant_id
    QUALIFY row_number() OVER (PARTITION BY user_id, currency ORDER BY sum(net_amount) DESC, restaurant_id) = 1
)
SELECT user_id, currency, item_category AS favourite_category, restaurant_id AS favourite_restaurant_id
FROM categories
FULL JOIN restaurants USING (user_id, currency);

CREATE OR REPLACE TABLE restaurant.customer_segments AS
WITH measured AS (
    SELECT *, (as_of - last_order_date)::INTEGER AS recency_days FROM customers
), cut_points AS (
    SELECT currency,
           list_transform(quantile_cont(recency_days::DOUBLE, [0.2, 0.4, 0.6, 0.8]), lambda x: round(x, 6)) AS recency,
           list_transform(quantile_cont(order_count::DOUBLE, [0.2, 0.4, 0.6, 0.8]), lambda x: round(x, 6)) AS frequency,
           list_transform(quantile_cont(net_amount::DOUBLE, [0.2, 0.4, 0.6, 0.8]), lambda x: round(x, 6)) AS monetary
    FROM measured
    GROUP BY currency
), scored AS (
    SELECT m.*,
           5 - len(list_filter(c.recency, lambda x: x < m.recency_days::DOUBLE))::INTEGER AS r_score,
           1 + len(list_filter(c.frequency, lambda x: x < m.order_count::DOUBLE))::INTEGER AS f_score,
           1 + len(list_filter(c.monetary, lambda x: x < m.net_amount::DOUBLE))::INTEGER AS m_score
    FROM measured AS m
    JOIN cut_points AS c USING (currency)
)
SELECT s.user_id, s.currency, s.as_of, s.recency_days, s.order_count AS frequency, s.net_amount AS monetary_amount,
       s.r_score, s.f_score, s.m_score,
       concat(s.r_score, s.f_score, s.m_score) AS rfm_code,
       CASE WHEN s.r_score <= 2 AND s.f_score <= 2 THEN 'Hibernating'
            WHEN s.r_score <= 2 AND s.f_score <= 4 THEN 'At Risk'
            WHEN s.r_score <= 2 THEN 'Can''t Lose'
            WHEN s.r_score = 3 AND s.f_score <= 2 THEN 'About To Sleep'
            WHEN s.r_score = 3 AND s.f_score = 3 THEN 'Need Attention'
            WHEN s.r_score <= 4 AND s.f_score >= 4 THEN 'Loyal'
            WHEN s.r_score = 4 AND s.f_score = 1 THEN 'Promising'
            WHEN s.r_score = 5 AND s.f_score = 1 THEN 'New'
            WHEN s.f_score <= 3 THEN 'Potential Loyalist'
            ELSE 'Champions' END AS segment,
       date_trunc('month', s.first_order_date)::DATE AS cohort_month,
       f.favourite_category, f.favourite_restaurant_id,
       ratio(s.item_quantity, s.order_count) AS average_basket_quantity,
       s.is_loyalty_member
FROM scored AS s
LEFT JOIN favourites AS f USING (user_id, currency);

CREATE OR REPLACE TABLE restaurant.customer_cohorts AS
WITH members AS (
    SELECT user_id, currency, date_trunc('month', first_order_date)::DATE AS cohort_month FROM customers
), cohorts AS (
    SELECT cohort_month, currency, count(*) AS customer_count FROM members GROUP BY cohort_month, currency
), months AS (
    SELECT cohort_month, currency, customer_count,
           unnest(generate_series(0, datediff('month', cohort_month, getvariable('as_of')::DATE))) AS month_number
    FROM cohorts
), activity AS (
    SELECT m.cohort_month, m.currency, datediff('month', m.cohort_month, o.order_date) AS month_number,
           count(DISTINCT o.user_id) AS active_customer_count, sum(o.net_amount) AS net_amount
    FROM sales_orders AS o
    JOIN members AS m USING (user_id, currency)
    GROUP BY ALL
), filled AS (
    SELECT months.*, coalesce(active_customer_count, 0) AS active_customer_count,
           coalesce(net_amount, 0)::DECIMAL(18, 2) AS net_amount
    FROM months
    LEFT JOIN activity USING (cohort_month, currency, month_number)
)
SELECT cohort_month, month_number::INTEGER AS month_number, currency, getvariable('as_of')::DATE AS as_of,
       customer_count, active_customer_count,
       ratio(active_customer_count, customer_count) AS retention_rate,
       net_amount,
       ratio(sum(net_amount) OVER (PARTITION BY cohort_month, currency ORDER BY month_number), customer_count)
           AS cumulative_net_amount_per_customer,
       last_day(cohort_month + to_months(month_number::INTEGER)) <= getvariable('as_of')::DATE AS is_complete
FROM filled;

CREATE OR REPLACE TABLE restaurant.churn_indicators AS
WITH days AS (
    SELECT DISTINCT user_id, currency, order_date FROM sales_orders WHERE user_id IS NOT NULL
), gaps AS (
    SELECT user_id, currency,
           lead(order_date) OVER (PARTITION BY user_id, currency ORDER BY order_date) - order_date AS gap_days
    FROM days
), rhythms AS (
    SELECT user_id, currency, median(gap_days::DOUBLE) AS median_days_between_orders FROM gaps GROUP BY user_id, currency
), measured AS (
    SELECT *, (as_of - last_order_date)::INTEGER AS days_since_last_order,
           ratio(last_order_date - first_order_date, order_day_count - 1) AS average_days_between_orders
    FROM customers
    JOIN rhythms USING (user_id, currency)
)
SELECT user_id, currency, as_of, last_order_date,
       days_since_last_order, order_day_count, average_days_between_orders, median_days_between_orders,
       CASE WHEN as_of - last_order_date > 45 THEN 'at risk' ELSE 'active' END AS churn_status,
       ratio(days_since_last_order, average_days_between_orders) AS gap_ratio,
       CASE WHEN order_day_count = 1 THEN 'one day'
            WHEN days_since_last_order > 45 AND days_since_last_order / average_days_between_orders > 4 THEN 'lost'
            WHEN days_since_last_order > 14 AND days_since_last_order / average_days_between_orders > 2 THEN 'overdue'
            ELSE 'active' END AS rhythm_status,
       spend_last_90d, spend_prior_90d,
       change_pct(spend_last_90d, spend_prior_90d) AS spend_change_pct,
       current_year_amount, previous_year_amount,
       change_pct(current_year_amount, previous_year_amount) AS yoy_percentage_change
FROM measured;
