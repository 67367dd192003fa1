-- The predictions of customer_lifetime_value anew, from the parameters of clv_model, by the formulas of its columns.
-- E[(1 - (1 + p t)^-s) / p] over beta distributed p is the sum over steps of the logit of p.
WITH parameters AS (
    SELECT currency, model, r, alpha, a, b, p AS shape, q, v,
           CASE model WHEN 'MBG/NBD' THEN 1 ELSE 0 END AS first_stops
    FROM restaurant.clv_model
), known AS (
    SELECT c.*, m.* EXCLUDE (currency, model), c.repeat_day_count AS x, c.tenure_days AS age,
           c.repeat_day_count + m.first_stops AS stays,
           greatest(coalesce(c.repeat_day_value, 0), 0) AS mean
    FROM restaurant.customer_lifetime_value AS c
    JOIN parameters AS m USING (currency)
), steps AS (
    SELECT 1 / (1 + exp(-n * 0.1)) AS p, 1 / (1 + exp(n * 0.1)) AS not_p FROM generate_series(-600, 600) AS t (n)
), beta AS (
    SELECT DISTINCT currency, x, age, r, alpha, a, b + stays AS b,
           lgamma(a) + lgamma(b + stays) - lgamma(a + b + stays) AS log_beta
    FROM known
    WHERE r IS NOT NULL
), days AS (
    SELECT unnest([30, 90, 180, 270, 365]) AS day
), until_stop AS (
    SELECT currency, x, age, day,
           sum(0.1 * exp(a * ln(p) + b * ln(not_p) - log_beta) * (r + x) * day / (alpha + age)
               -- Where p is next to nothing, 1 - (1 + p t)^-s has no digits left, and is s p t
               * CASE WHEN p * (r + x) * day / (alpha + age) < 1e-9 THEN 1
                      ELSE (1 - pow(1 + p * day / (alpha + age), -(r + x))) / (p * (r + x) * day / (alpha + age)) END)
               AS orders
    FROM beta, days, steps
    GROUP BY currency, x, age, day
), discounted AS (
    SELECT *, (orders - lag(orders, 1, 0) OVER by_day)
              * pow(1.1, -(day + lag(day, 1, 0) OVER by_day) / 2.0 / 365) AS worth
    FROM until_stop
    WINDOW by_day AS (PARTITION BY currency, x, age ORDER BY day)
), expected AS (
    SELECT currency, x, age, sum(worth) AS discounted_365d,
           max(orders) FILTER (day = 30) AS expected_30d,
           max(orders) FILTER (day = 90) AS expected_90d,
           max(orders) FILTER (day = 365) AS expected_365d
    FROM discounted
    GROUP BY currency, x, age
), anew AS (
    SELECT k.*, e.* EXCLUDE (currency, x, age),
           CASE WHEN stays = 0 AND r IS NOT NULL THEN 1
                ELSE 1 / (1 + a / (b + stays - 1) * pow((alpha + age) / (alpha + first_to_last_days), r + x)) END
               AS alive,
           shape * (v + x * mean) / (shape * x + q - 1) AS order_value,
           rank() OVER (PARTITION BY currency ORDER BY predicted_clv_365d DESC) AS place,
           count(*) OVER (PARTITION BY currency) AS customers
    FROM known AS k
    LEFT JOIN expected AS e USING (currency, x, age)
)
SELECT count(p_alive) AS predicted,
       count(*) FILTER ((p_alive IS NULL) <> (r IS NULL) OR abs(p_alive - alive) > 1e-6) AS wrong_alive,
       count(*) FILTER (abs(expected_orders_30d - alive * expected_30d) > 1e-6 * greatest(1, expected_30d)
                        OR abs(expected_orders_90d - alive * expected_90d) > 1e-6 * greatest(1, expected_90d)
                        OR abs(expected_orders_365d - alive * expected_365d) > 1e-6 * greatest(1, expected_365d))
           AS wrong_orders,
       count(*) FILTER (abs(discounted_orders_365d - alive * discounted_365d) > 1e-6 * greatest(1, discounted_365d))
           AS wrong_discounted,
       count(*) FILTER (abs(expected_average_order_value - order_value) > 1e-4) AS wrong_order_value,
       count(*) FILTER (abs(predicted_clv_365d - discounted_orders_365d * expected_average_order_value) > 0.00501)
           AS wrong_worth,
       count(*) FILTER (predicted_tier IS DISTINCT FROM
           CASE WHEN predicted_clv_365d IS NULL THEN NULL WHEN place * 100 <= customers * 20 THEN 'High'
                WHEN place * 100 <= customers * 80 THEN 'Medium' ELSE 'Low' END) AS wrong_tier
FROM anew
