-- Gold, part 4: effects of loyalty and discounts, and elasticities. Uses sales_orders and sales_lines of part 1.

CREATE OR REPLACE TEMP TABLE order_days AS
SELECT user_id, currency, order_date, count(*) AS orders, sum(net_amount) AS net,
       bool_or(is_loyalty) AS is_loyal, bool_or(discount_amount > 0) AS is_discounted,
       min(order_date) OVER own AS first_date, row_number() OVER by_day AS number,
       order_date - lag(order_date) OVER by_day AS days_since, lead(order_date) OVER by_day - order_date AS days_to_next
FROM sales_orders
WHERE user_id IS NOT NULL
GROUP BY user_id, currency, order_date
WINDOW own AS (PARTITION BY user_id, currency), by_day AS (PARTITION BY user_id, currency ORDER BY order_date);

CREATE OR REPLACE TABLE restaurant.loyalty_effect AS
WITH people AS (
    SELECT currency, is_member, unnest([{metric: 'customer_lifetime_value', x: clv},
                                        {metric: 'average_order_value', x: round(clv / orders, 8)}], recursive := true)
    FROM (SELECT currency, bool_or(is_loyal) AS is_member, sum(net)::DOUBLE AS clv, sum(orders)::DOUBLE AS orders
          FROM order_days GROUP BY user_id, currency)
), membership AS (
    SELECT 'members_and_others' AS comparison, metric, currency,
           avg(x) FILTER (is_member) AS first_mean, avg(x) FILTER (NOT is_member) AS second_mean,
           count(*) FILTER (is_member) AS first_count, count(*) FILTER (NOT is_member) AS second_count,
           var_samp(x) FILTER (is_member) / first_count AS a, var_samp(x) FILTER (NOT is_member) / second_count AS b
    FROM people GROUP BY metric, currency
), customers_joined AS (
    SELECT user_id, currency, min(order_date) FILTER (is_loyal) AS joined_date FROM order_days GROUP BY ALL
), known AS (
    SELECT currency, min(order_date) FILTER (is_loyal) AS launch_date,
           count(*) FILTER (number > 1 AND order_date <= getvariable('as_of')::DATE - 90) AS later
    FROM order_days GROUP BY currency
), lots AS (
    SELECT *, (d * 48271 + f * 69621) % 65537 AS mixed, mixed * mixed % 65537 AS lot
    FROM (SELECT *, (order_date - DATE '1970-01-01')::BIGINT AS d, (first_date - DATE '1970-01-01')::BIGINT AS f
          FROM order_days)
), index_days AS (
    SELECT user_id, currency, first_date, order_date AS index_date, order_date IS NOT DISTINCT FROM joined_date AS is_joiner
    FROM lots JOIN customers_joined USING (user_id, currency) JOIN known USING (currency)
    WHERE number > 1 AND order_date <= getvariable('as_of')::DATE - 90
      AND (order_date IS NOT DISTINCT FROM joined_date
           OR (order_date >= launch_date AND order_date < coalesce(joined_date, DATE '9999-12-31')
               AND lot::DOUBLE < 65537 * 50000.0 / greatest(later, 1)))
), windows AS (
    SELECT i.user_id, i.currency, i.is_joiner, i.first_date, i.index_date - i.first_date <= 90 AS is_new,
           coalesce(sum(net) FILTER (order_date - index_date BETWEEN -90 AND -1), 0) AS net_before,
           coalesce(sum(net) FILTER (order_date - index_date BETWEEN 1 AND 90), 0) AS net_after,
           coalesce(sum(orders) FILTER (order_date - index_date BETWEEN -90 AND -1), 0) AS orders_before,
           coalesce(sum(orders) FILTER (order_date - index_date BETWEEN 1 AND 90), 0) AS orders_after,
           coalesce(min(index_date - order_date) FILTER (order_date - index_date BETWEEN -90 AND -1), 91) AS pause
    FROM index_days AS i LEFT JOIN order_days AS o
         ON o.user_id = i.user_id AND o.currency = i.currency
            AND o.order_date BETWEEN i.index_date - 90 AND i.index_date + 90
    GROUP BY i.user_id, i.currency, i.index_date, i.is_joiner, i.first_date
), changes AS (
    SELECT user_id, currency, is_joiner, date_trunc('quarter', first_date) AS cohort,
           (pause > 7)::INTEGER + (pause > 30)::INTEGER + (pause > 90)::INTEGER AS recency_class,
           CASE WHEN net_before > 0 THEN floor(log2(net_before::DOUBLE * 100) + 1e-9) ELSE -1 END AS spend_class, is_new,
           unnest([{metric: 'net_amount', x: (net_after - net_before)::DOUBLE},
                   {metric: 'order_count', x: (orders_after - orders_before)::DOUBLE}], recursive := true)
    FROM windows
), strata AS (
    SELECT currency, metric, cohort, is_new, recency_class, spend_class, count(*) FILTER (is_joiner) AS joiners,
           count(*) FILTER (NOT is_joiner) AS others, avg(x) FILTER (is_joiner) AS joiners_mean,
           avg(x) FILTER (NOT is_joiner) AS others_mean
    FROM changes GROUP BY ALL
), influences AS (
    SELECT currency, metric,
           sum(CASE WHEN is_joiner THEN sqrt(joiners / (joiners - 1)) * (x - joiners_mean)
                    ELSE joiners / others * sqrt(others / (others - 1)) * (others_mean - x) END) AS influence
    FROM changes JOIN strata USING (currency, metric, cohort, is_new, recency_class, spend_class)
    WHERE least(joiners, others) >= 2
    GROUP BY user_id, currency, metric
), errors AS (
    SELECT currency, metric, sum(influence ** 2) AS v, sum(influence ** 4) AS squares FROM influences GROUP BY ALL
), summed AS (
    SELECT currency, metric, sum(joiners) AS n1, sum(others) AS n2, sum(joiners * joiners_mean) / n1 AS first_mean,
           sum(joiners * others_mean) / n1 AS second_mean
    FROM strata WHERE least(joiners, others) >= 2 GROUP BY currency, metric
), joining AS (
    SELECT currency, metric, coalesce(n1, 0) AS first_count, coalesce(n2, 0) AS second_count, first_mean, second_mean,
           v, squares,
           coalesce(unmatched, 0) AS unmatched_count
    FROM (SELECT DISTINCT currency FROM order_days) CROSS JOIN (VALUES ('net_amount'), ('order_count')) AS m(metric)
    LEFT JOIN summed USING (currency, metric)
    LEFT JOIN errors USING (currency, metric)
    LEFT JOIN (SELECT currency, metric, sum(joiners) AS unmatched FROM strata
               WHERE least(joiners, others) < 2 GROUP BY ALL)
        USING (currency, metric)
)
SELECT comparison, metric, currency, getvariable('as_of')::DATE AS as_of, first_mean - second_mean AS estimate,
       CASE WHEN a + b > 1e-9 THEN sqrt(a + b) END AS standard_error,
       CASE WHEN a + b > 1e-9 THEN (a + b) ** 2 / (a ** 2 / (first_count - 1) + b ** 2 / (second_count - 1)) END
           AS degrees_of_freedom,
       first_mean, second_mean, first_count, second_count, NULL::BIGINT AS unmatched_count, NULL::INTEGER AS window_days
FROM membership
UNION ALL
SELECT 'before_and_after_joining', metric, currency, getvariable('as_of')::DATE, first_mean - second_mean,
       CASE WHEN v > 1e-9 THEN sqrt(v) / first_count END, CASE WHEN v > 1e-9 THEN v ** 2 / squares END,
       first_mean, second_mean, first_count::BIGINT, second_count::BIGINT, unmatched_count::BIGINT, 90
FROM joining;

CREATE OR REPLACE TABLE restaurant.discount_repeat_effect AS
WITH watched AS (
    SELECT user_id, currency, is_discounted, repeat_days,
           coalesce(days_to_next <= repeat_days, false)::INTEGER AS y,
           (number > 1)::INTEGER + (number > 2)::INTEGER + (number > 3)::INTEGER + (number > 5)::INTEGER
               + (number > 10)::INTEGER AS number_class,
           CASE WHEN days_since IS NULL THEN -1 WHEN days_since <= 7 THEN 0 WHEN days_since <= 14 THEN 1
                WHEN days_since <= 30 THEN 2 WHEN days_since <= 60 THEN 3 WHEN days_since <= 90 THEN 4 ELSE 5 END
               AS recency_class
    FROM order_days CROSS JOIN (VALUES (30), (60), (90)) AS r(repeat_days)
    WHERE order_date <= getvariable('as_of')::DATE - 90
), classes AS (
    SELECT currency, repeat_days, number_class, recency_class, count(*) FILTER (is_discounted) AS n1,
           count(*) FILTER (NOT is_discounted) AS n2, avg(y) FILTER (is_discounted) AS m1,
           avg(y) FILTER (NOT is_discounted) AS m2
    FROM watched GROUP BY ALL
), compared AS (
    FROM classes WHERE least(n1, n2) >= 2
), influences AS (
    SELECT currency, repeat_days, bool_or(is_discounted) AS is_first, bool_or(NOT is_discounted) AS is_second,
           sum(CASE WHEN is_discounted THEN sqrt(n1 / (n1 - 1)) * (y - m1)
                    ELSE n1 / n2 * sqrt(n2 / (n2 - 1)) * (m2 - y) END) AS influence
    FROM watched JOIN compared USING (currency, repeat_days, number_class, recency_class)
    GROUP BY user_id, currency, repeat_days
), errors AS (
    SELECT currency, repeat_days, count(*) AS g, count(*) FILTER (is_first) AS g1, count(*) FILTER (is_second) AS g2,
           sum(influence ** 2) AS squares, sum(influence ** 4) AS fourths
    FROM influences GROUP BY ALL
), rates AS (
    SELECT currency, repeat_days, sum(n1) AS n1, sum(n2) AS n2, sum(n1 * m1) / sum(n1) AS p1,
           sum(n1 * m2) / sum(n1) AS p2, sum(m1 * (1 - m1)) > 0 AND sum(m2 * (1 - m2)) > 0 AS both_vary
    FROM compared GROUP BY ALL
), measured AS (
    SELECT *, coalesce(n1, 0) AS first_count, coalesce(n2, 0) AS second_count,
           coalesce(least(n1, n2) >= 20 AND least(g1, g2) >= 8 AND both_vary AND squares > 1e-12, false) AS is_known
    FROM (SELECT DISTINCT currency FROM order_days) CROSS JOIN (VALUES (30), (60), (90)) AS r(repeat_days)
    LEFT JOIN rates USING (currency, repeat_days)
    LEFT JOIN errors USING (currency, repeat_days)
    LEFT JOIN (SELECT currency, repeat_days, sum(n1) AS unmatched FROM classes WHERE least(n1, n2) < 2 GROUP BY ALL)
        USING (currency, repeat_days)
)
SELECT repeat_days, currency, getvariable('as_of')::DATE AS as_of, p1 - p2 AS estimate,
       CASE WHEN is_known THEN sqrt(squares) / n1 END AS standard_error,
       CASE WHEN is_known THEN squares ** 2 / fourths END AS degrees_of_freedom,
       p1 AS discounted_repeat_rate, p2 AS full_price_repeat_rate, first_count::BIGINT AS discounted_count,
       second_count::BIGINT AS full_price_count, coalesce(g, 0) AS customer_count,
       coalesce(unmatched, 0)::BIGINT AS unmatched_count
FROM measured;

CREATE OR REPLACE TEMP TABLE elasticities AS
WITH days AS (
    SELECT coalesce(item_name, '(unknown)') AS item_name, currency, date_trunc('month', order_date) AS month,
           sum(item_quantity) AS quantity, max(item_price) AS dearest,
           CASE WHEN min(item_price) > 0 THEN min(item_price) ELSE dearest END AS cheapest,
           ln(CASE WHEN min(item_price) > 0 THEN avg(item_price) ELSE dearest END)::DECIMAL(18, 12) AS log_price
    FROM sales_lines GROUP BY 1, 2, 3, order_date HAVING dearest > 0 AND quantity > 0
), points AS (
    SELECT item_name, currency, count(DISTINCT price) AS points
    FROM (SELECT item_name, currency, unnest([cheapest, dearest]) AS price FROM days) GROUP BY ALL
), traffic AS (
    SELECT currency, date_trunc('month', order_date) AS month, count(*) AS orders FROM sales_orders GROUP BY ALL
), months AS (
    SELECT item_name, currency, count(*) AS d, avg(log_price)::DECIMAL(18, 12) AS x,
           ln(sum(quantity)::DOUBLE / any_value(orders))::DECIMAL(18, 12) AS y, var_pop(log_price) * d AS rest
    FROM days JOIN traffic USING (currency, month)
    GROUP BY item_name, currency, month
), lines AS (
    SELECT item_name, currency, count(*) AS n, regr_sxx(y, x) AS sxx, regr_syy(y, x) AS syy,
           regr_slope(y, x) AS slope, var_samp(x) AS variance, sum(rest) / nullif(sum(d) - n, 0) AS variance_of_days,
           sum(d) / n AS days_a_month, avg(1 / d) AS chance, list({u: x - mx, v: y - my}) AS rests
    FROM (SELECT *, avg(x) OVER own AS mx, avg(y) OVER own AS my
          FROM months WINDOW own AS (PARTITION BY item_name, currency))
    GROUP BY item_name, currency, mx, my
), residuals AS (
    SELECT *, list_transform(rests, lambda r: r.v - slope * r.u) AS residual,
           list_sum(list_transform(residual, lambda e: e * e)) AS left_over
    FROM lines
)
SELECT item_name, currency, n AS month_count, points AS price_point_count,
       points >= 3 AND n > 2 AND days_a_month >= 2 AND sxx > 1e-18 AND variance >= variance_of_days
           AND variance >= 10 * variance_of_days * chance AND left_over > 1e-12 * syy AS is_known,
       CASE WHEN is_known THEN slope END AS price_elasticity,
       CASE WHEN is_known THEN greatest(
           sqrt(n / (n - 2) * list_sum([(r[1].u * r[2]) ** 2 FOR r IN list_zip(rests, residual)])) / sxx,
           sqrt(left_over / (n - 2) / sxx)) END AS price_elasticity_standard_error
FROM residuals JOIN points USING (item_name, currency);

CREATE OR REPLACE TABLE restaurant.pricing_by_item AS
SELECT i.*, price_elasticity, price_elasticity_standard_error, coalesce(month_count, 0) AS month_count,
       coalesce(price_point_count, 0) AS price_point_count
FROM restaurant.pricing_by_item AS i LEFT JOIN elasticities USING (item_name, currency);

CREATE OR REPLACE TABLE restaurant.pricing_by_discount_depth AS
SELECT *, ratio(discount_amount, gross_amount) AS discount_rate,
       CASE WHEN discount_rate < 0.65 THEN discount_rate / (0.65 - discount_rate) END AS break_even_volume_growth_rate
FROM restaurant.pricing_by_discount_depth;
