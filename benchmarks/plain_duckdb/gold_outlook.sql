-- Gold, part 5: holidays, comparable locations and the next four weeks, in six decimals. Uses sales_trends and sales_by_location.

CREATE OR REPLACE TEMP TABLE trading_days AS
SELECT currency, period_start AS day, net_amount, coalesce(is_holiday, false) AS on_holiday,
       coalesce(holiday_name, '(unknown)') AS holiday_name, net_amount_avg_28d
FROM restaurant.sales_trends
WHERE period = 'day';

CREATE OR REPLACE TABLE restaurant.holiday_uplift AS
WITH compared AS (
    SELECT d.currency, d.day, d.on_holiday, d.holiday_name, d.net_amount, avg(o.net_amount::DOUBLE) AS ordinary
    FROM trading_days AS d
    LEFT JOIN trading_days AS o
        ON o.currency = d.currency AND NOT o.on_holiday
        AND o.day IN (d.day - 28, d.day - 21, d.day - 14, d.day - 7, d.day + 7, d.day + 14, d.day + 21, d.day + 28)
    GROUP BY ALL
), changed AS (
    SELECT *, CASE WHEN ordinary > 0 THEN net_amount::DOUBLE / ordinary - 1 END AS change FROM compared
), spread AS (
    SELECT currency, stddev_samp(change) AS spread, count(change) AS ordinary_day_count
    FROM changed
    WHERE NOT on_holiday
    GROUP BY currency
), holidays AS (
    SELECT holiday_name, currency, count(*) AS day_count, count(change) AS compared_day_count,
           coalesce(sum(net_amount) FILTER (change IS NOT NULL), 0)::DECIMAL(18, 2) AS net_amount,
           sum(ordinary) FILTER (change IS NOT NULL) AS ordinary_net_value
    FROM changed
    WHERE on_holiday
    GROUP BY ALL
), measured AS (
    SELECT h.*, coalesce(s.ordinary_day_count, 0) AS ordinary_day_count,
           change_pct(h.net_amount::DOUBLE, h.ordinary_net_value) AS uplift_pct,
           CASE WHEN s.ordinary_day_count >= 28 AND h.compared_day_count > 0 THEN
               100 * s.spread * greatest(h.net_amount::DOUBLE / h.ordinary_net_value, 1) / sqrt(h.compared_day_count) END
               AS standard_error_pct
    FROM holidays AS h
    LEFT JOIN spread AS s USING (currency)
)
SELECT holiday_name, currency, getvariable('as_of')::DATE AS as_of, day_count, compared_day_count, net_amount,
       round(ordinary_net_value, 6) AS ordinary_net_value, round(uplift_pct, 6) AS uplift_pct,
       round(standard_error_pct, 6) AS standard_error_pct,
       round(uplift_pct - 1.959963984540054::DOUBLE * standard_error_pct, 6) AS uplift_pct_low,
       round(uplift_pct + 1.959963984540054::DOUBLE * standard_error_pct, 6) AS uplift_pct_high,
       ordinary_day_count,
       CASE WHEN compared_day_count = 0 THEN 'no ordinary day of the same weekday with sales within 4 weeks'
            WHEN ordinary_day_count < 28 THEN 'fewer than 28 ordinary days to measure their spread' END AS reason
FROM measured;

CREATE OR REPLACE TABLE restaurant.sales_forecast AS
WITH weeks(week_ahead) AS (
    VALUES (1), (2), (3), (4)
), tried AS (
    SELECT d.currency, d.day, w.week_ahead, d.net_amount::DOUBLE AS came,
           avg(u.net_amount::DOUBLE) FILTER (NOT u.on_holiday) AS forecast,
           any_value(u.net_amount_avg_28d) FILTER (u.day = d.day - 7 * w.week_ahead) AS level_then
    FROM trading_days AS d
    CROSS JOIN weeks AS w
    JOIN trading_days AS u
        ON u.currency = d.currency
        AND u.day IN (d.day - 7 * w.week_ahead, d.day - 7 * w.week_ahead - 7, d.day - 7 * w.week_ahead - 14,
                      d.day - 7 * w.week_ahead - 21)
    WHERE d.day > getvariable('as_of')::DATE - 364
    GROUP BY ALL
    HAVING count(*) = 4
), missed AS (
    SELECT *, came - forecast AS missed FROM tried WHERE forecast IS NOT NULL AND level_then > 0
), errors AS (
    SELECT currency, week_ahead, count(*) AS backtest_day_count,
           round(quantile_cont(missed / level_then, 0.025), 6) AS low,
           round(quantile_cont(missed / level_then, 0.975), 6) AS high,
           avg(abs(missed)) AS backtest_mean_absolute_error,
           100 * ratio(sum(abs(missed)), sum(came)) AS backtest_error_pct,
           100 * ratio(sum(missed), sum(came)) AS backtest_bias_pct
    FROM missed
    GROUP BY ALL
), recent AS (
    SELECT * FROM trading_days WHERE day > getvariable('as_of')::DATE - 28
), currencies AS (
    SELECT currency, count(*) AS known_days, avg(net_amount::DOUBLE) AS level_now FROM recent GROUP BY currency
), expected AS (
    SELECT currency, isodow(day) AS weekday, avg(net_amount::DOUBLE) FILTER (NOT on_holiday) AS expected
    FROM recent
    GROUP BY ALL
), ahead AS (
    SELECT *, getvariable('as_of')::DATE + number::INTEGER AS forecast_date, (number - 1) // 7 + 1 AS week_ahead
    FROM currencies, generate_series(1, 28) AS numbers(number)
), forecast AS (
    SELECT a.*, e.* EXCLUDE (currency, week_ahead), x.expected,
           CASE WHEN a.known_days = 28 THEN x.expected END AS forecast_value,
           coalesce(e.backtest_day_count, 0) >= 28 AS is_tried
    FROM ahead AS a
    LEFT JOIN errors AS e USING (currency, week_ahead)
    LEFT JOIN expected AS x ON x.currency = a.currency AND x.weekday = isodow(a.forecast_date)
)
SELECT currency, forecast_date, getvariable('as_of')::DATE AS as_of, week_ahead::SMALLINT AS week_ahead,
       round(forecast_value, 6) AS forecast_value,
       CASE WHEN is_tried THEN round(greatest(forecast_value + low * level_now, least(forecast_value, 0)), 6) END
           AS forecast_value_low,
       CASE WHEN is_tried THEN round(forecast_value + high * level_now, 6) END AS forecast_value_high,
       coalesce(backtest_day_count, 0) AS backtest_day_count,
       round(backtest_mean_absolute_error, 6) AS backtest_mean_absolute_error,
       round(backtest_error_pct, 6) AS backtest_error_pct, round(backtest_bias_pct, 6) AS backtest_bias_pct,
       CASE WHEN known_days < 28 THEN 'fewer than 28 days since the first order'
            WHEN expected IS NULL THEN 'all four days of the weekday were holidays'
            WHEN NOT is_tried THEN 'fewer than 28 past days to try the method on' END AS reason
FROM forecast;

CREATE OR REPLACE TABLE restaurant.comparable_sales AS
WITH own AS (
    SELECT date_trunc('month', order_date)::DATE AS month_start, currency, restaurant_id,
           sum(order_count) AS order_count, sum(net_amount) AS net_amount
    FROM restaurant.sales_by_location
    GROUP BY ALL
), year_ago AS (
    SELECT (date_trunc('month', order_date) + INTERVAL 1 YEAR)::DATE AS month_start, currency, restaurant_id,
           sum(order_count) AS year_ago_order_count, sum(net_amount) AS year_ago_net_amount
    FROM restaurant.sales_by_location
    WHERE date_trunc('month', order_date) + INTERVAL 1 YEAR <> date_trunc('month', getvariable('as_of')::DATE)
        OR day(order_date) <= day(getvariable('as_of')::DATE)
        OR getvariable('as_of')::DATE = last_day(getvariable('as_of')::DATE)
    GROUP BY ALL
), summed AS (
    SELECT month_start, currency, count(*) AS location_count,
           sum(order_count)::BIGINT AS order_count, sum(year_ago_order_count)::BIGINT AS year_ago_order_count,
           sum(net_amount)::DECIMAL(18, 2) AS net_amount, sum(year_ago_net_amount)::DECIMAL(18, 2) AS year_ago_net_amount
    FROM own
    JOIN year_ago USING (month_start, currency, restaurant_id)
    WHERE restaurant_id <> '(unknown)'
        AND month_start - INTERVAL 1 YEAR >=
            (SELECT min(order_date) FROM restaurant.sales_by_location AS every WHERE every.currency = own.currency)
    GROUP BY ALL
), averaged AS (
    SELECT *, ratio(net_amount, order_count) AS average_order_value,
           ratio(year_ago_net_amount, year_ago_order_count) AS year_ago_average_order_value,
           (net_amount - year_ago_net_amount)::DECIMAL(18, 2) AS net_amount_change
    FROM summed
), split AS (
    SELECT *, (floor((order_count - year_ago_order_count)::DOUBLE
                     * (average_order_value + year_ago_average_order_value) * 50 + 0.5) / 100)::DECIMAL(18, 2)
           AS traffic_amount
    FROM averaged
)
SELECT month_start, currency, getvariable('as_of')::DATE AS as_of,
       last_day(month_start) <= getvariable('as_of')::DATE AS is_complete,
       location_count, order_count, year_ago_order_count, net_amount, year_ago_net_amount,
       average_order_value, year_ago_average_order_value, net_amount_change, traffic_amount,
       (net_amount_change - traffic_amount)::DECIMAL(18, 2) AS ticket_amount,
       change_pct(net_amount, year_ago_net_amount) AS change_pct,
       change_pct(order_count, year_ago_order_count) AS order_count_change_pct,
       change_pct(average_order_value, year_ago_average_order_value) AS average_order_value_change_pct,
       ratio(net_amount, (SELECT sum(o.net_amount) FROM own AS o
                          WHERE o.month_start = split.month_start AND o.currency = split.currency)) AS net_amount_share
FROM split;
