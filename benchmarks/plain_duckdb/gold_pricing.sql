-- Gold, part 3: pricing and discounts. Uses sales_orders and sales_lines of part 1.

CREATE OR REPLACE TABLE restaurant.pricing_discount_effectiveness AS
WITH classified AS (
    SELECT *,
           CASE WHEN discount_amount > 0 THEN 'discounted' ELSE 'full_price' END AS order_class,
           user_id IS NOT NULL AND order_date <= as_of - 30 AS is_observed_30d,
           -- Another order of the same customer on one of the next thirty days.
           count(*) OVER (PARTITION BY user_id, currency ORDER BY order_date
                          RANGE BETWEEN INTERVAL 1 DAY FOLLOWING AND INTERVAL 30 DAY FOLLOWING) > 0 AS has_repeat_30d
    FROM sales_orders
), sums AS (
    SELECT order_class, currency, count(*) AS order_count, count(DISTINCT user_id) AS customer_count,
           sum(item_quantity) AS item_quantity, sum(gross_amount) AS gross_amount,
           sum(discount_amount) AS discount_amount, sum(net_amount) AS net_amount,
           count(*) FILTER (is_observed_30d) AS observed_order_count,
           count(*) FILTER (is_observed_30d AND has_repeat_30d) AS repeat_order_count
    FROM classified
    GROUP BY order_class, currency
), classes(order_class) AS (
    VALUES ('discounted'), ('full_price')
), filled AS (
    SELECT order_class, currency,
           coalesce(order_count, 0) AS order_count,
           coalesce(customer_count, 0) AS customer_count,
           coalesce(item_quantity, 0)::BIGINT AS item_quantity,
           coalesce(gross_amount, 0)::DECIMAL(18, 2) AS gross_amount,
           coalesce(discount_amount, 0)::DECIMAL(18, 2) AS discount_amount,
           coalesce(net_amount, 0)::DECIMAL(18, 2) AS net_amount,
           observed_order_count, repeat_order_count
    FROM (FROM classes, (SELECT DISTINCT currency FROM sales_orders))
    LEFT JOIN sums USING (order_class, currency)
)
SELECT order_class, currency, getvariable('as_of')::DATE AS as_of, order_count,
       ratio(order_count, sum(order_count) OVER (PARTITION BY currency)) AS order_share,
       customer_count, item_quantity, gross_amount, discount_amount, net_amount,
       ratio(discount_amount, gross_amount) AS discount_rate,
       ratio(net_amount, order_count) AS average_order_value,
       ratio(gross_amount, order_count) AS average_gross_order_value,
       ratio(item_quantity, order_count) AS items_per_order,
       ratio(repeat_order_count, observed_order_count) AS repeat_30d_rate
FROM filled;

CREATE OR REPLACE TABLE restaurant.pricing_by_discount_depth AS
WITH classified AS (
    SELECT *,
           CASE WHEN discount_amount = 0 OR gross_amount = 0 THEN '0'
                WHEN discount_amount * 100 <= gross_amount * 10 THEN '0-10'
                WHEN discount_amount * 100 <= gross_amount * 20 THEN '10-20'
                WHEN discount_amount * 100 <= gross_amount * 30 THEN '20-30'
                WHEN discount_amount * 100 <= gross_amount * 50 THEN '30-50'
                ELSE '50+' END AS bucket
    FROM sales_orders
)
SELECT bucket, currency, as_of, count(*) AS order_count, count(DISTINCT user_id) AS customer_count,
       sum(gross_amount)::DECIMAL(18, 2) AS gross_amount,
       sum(discount_amount)::DECIMAL(18, 2) AS discount_amount,
       sum(net_amount)::DECIMAL(18, 2) AS net_amount,
       ratio(sum(net_amount), count(*)) AS average_order_value
FROM classified
GROUP BY bucket, currency, as_of;

CREATE OR REPLACE TABLE restaurant.pricing_by_item AS
SELECT coalesce(item_name, '(unknown)') AS item_name, currency, as_of,
       count(DISTINCT order_id) AS order_count,
       sum(item_quantity)::BIGINT AS item_quantity,
       ratio(sum(item_price), count(*)) AS average_unit_price,
       min(item_price)::DECIMAL(18, 2) AS lowest_unit_price,
       max(item_price)::DECIMAL(18, 2) AS highest_unit_price,
       sum(net_amount)::DECIMAL(18, 2) AS net_amount
FROM sales_lines
GROUP BY ALL;
