-- Gold, part 4: how long customers stay, and how they move between segments. Uses sales_orders of part 1.

CREATE OR REPLACE TABLE restaurant.customer_survival AS
WITH days AS (
    SELECT DISTINCT user_id, currency, order_date FROM sales_orders WHERE user_id IS NOT NULL
), silences AS (
    SELECT user_id, currency, order_date,
           coalesce(lead(order_date) OVER (PARTITION BY user_id, currency ORDER BY order_date),
                    getvariable('as_of')::DATE) - order_date AS silent_days
    FROM days
), observed AS (
    SELECT user_id, currency, min(order_date) AS first_date,
           min(order_date + 46) FILTER (silent_days > 45) AS churn_date
    FROM silences
    GROUP BY user_id, currency
), lives AS (
    SELECT date_trunc('month', first_date)::DATE AS cohort_month, currency, churn_date IS NOT NULL AS is_churned,
           (coalesce(churn_date, getvariable('as_of')::DATE) - first_date)::INTEGER AS days_since_first_order
    FROM observed
), steps AS (
    SELECT cohort_month, currency, 0 AS days_since_first_order FROM lives
    UNION SELECT cohort_month, currency, days_since_first_order FROM lives WHERE is_churned
), counted AS (
    SELECT s.cohort_month, s.currency, s.days_since_first_order,
           count(*) FILTER (l.days_since_first_order >= s.days_since_first_order) AS at_risk_count,
           count(*) FILTER (l.days_since_first_order = s.days_since_first_order AND l.is_churned) AS churned_count
    FROM steps AS s
    JOIN lives AS l USING (cohort_month, currency)
    GROUP BY ALL
), rated AS (
    SELECT *, product(1 - churned_count / at_risk_count) OVER curve AS survival_rate,
           sum(churned_count / (at_risk_count * (at_risk_count - churned_count))::DOUBLE) OVER curve AS greenwood
    FROM counted
    WINDOW curve AS (PARTITION BY cohort_month, currency ORDER BY days_since_first_order)
), spread AS (
    SELECT *, 1.959963984540054::DOUBLE * sqrt(greenwood) / abs(ln(nullif(survival_rate, 0))) AS width,
           survival_rate > 0 AND survival_rate < 1 AS has_interval
    FROM rated
)
SELECT cohort_month, currency, days_since_first_order, getvariable('as_of')::DATE AS as_of, at_risk_count, churned_count,
       survival_rate,
       CASE WHEN has_interval THEN pow(survival_rate, exp(width)) END AS survival_rate_low,
       CASE WHEN has_interval THEN pow(survival_rate, exp(-width)) END AS survival_rate_high
FROM spread;

-- A first load has nothing to compare with: all customers come from nowhere.
CREATE OR REPLACE TABLE restaurant.customer_segment_changes AS
SELECT currency, '(none)' AS from_segment, segment AS to_segment, NULL::DATE AS from_as_of, as_of,
       count(*) AS customer_count, sum(monetary_amount)::DECIMAL(18, 2) AS net_amount,
       0::DECIMAL(18, 2) AS earlier_net_amount, sum(monetary_amount)::DECIMAL(18, 2) AS net_amount_change
FROM restaurant.customer_segments
GROUP BY ALL;
