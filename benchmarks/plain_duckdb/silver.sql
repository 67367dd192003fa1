-- Silver: typed, deduplicated, reconciled. Reads the views csv_order_items, csv_order_item_options and csv_date_dim
-- (text columns as in the files, and `delivery`, the number of the file in file-name order) made by plain_duckdb.py.

CREATE SCHEMA IF NOT EXISTS restaurant_silver;

-- Text without its surrounding spaces; blank is missing.
CREATE OR REPLACE TEMP MACRO clean(raw) AS nullif(trim(raw), '');

-- Some exports write NULL for a missing user: a guest, not a customer of that name.
CREATE OR REPLACE TEMP MACRO known_user(raw) AS CASE WHEN upper(clean(raw)) <> 'NULL' THEN clean(raw) END;

-- Plain decimal notation that fits decimal(8,2) exactly; anything else is NULL (`1e3`, `1.005`, `1000000`).
CREATE OR REPLACE TEMP MACRO parse_price(raw) AS
    CASE WHEN regexp_full_match(raw, '[+-]?(\d+(\.\d{0,2}0*)?|\.\d{1,2}0*)') THEN try_cast(raw AS DECIMAL(8, 2)) END;

-- A whole number that fits smallint (`2`, `2.0`); anything else is NULL (`2.5`, `40000`).
CREATE OR REPLACE TEMP MACRO parse_quantity(raw) AS
    CASE WHEN regexp_full_match(raw, '[+-]?(\d+(\.0*)?|\.0+)') THEN try_cast(raw AS SMALLINT) END;

CREATE OR REPLACE TEMP MACRO parse_timestamp(raw) AS
    CASE WHEN regexp_full_match(raw, '\d{4}-\d{2}-\d{2}[T ]([01]\d|2[0-3]):\d{2}:\d{2}(\.\d{1,6})?Z?')
         THEN try_cast(raw AS TIMESTAMP) END;

CREATE OR REPLACE TEMP MACRO parse_date(raw) AS
    CASE WHEN regexp_full_match(raw, '\d{2}-\d{2}-\d{4}') THEN try_strptime(raw, '%d-%m-%Y')::DATE
         WHEN regexp_full_match(raw, '\d{4}-\d{2}-\d{2}') THEN try_cast(raw AS DATE) END;

CREATE OR REPLACE TEMP MACRO parse_boolean(raw) AS
    CASE WHEN lower(raw) IN ('true', 't', 'yes', 'y', '1') THEN true
         WHEN lower(raw) IN ('false', 'f', 'no', 'n', '0') THEN false END;

-- Missing text fits every width; widths are bytes of UTF-8.
CREATE OR REPLACE TEMP MACRO fits(value, width) AS coalesce(strlen(value) <= width, true);

-- All rows of all deliveries, typed; NULL where the text does not parse. A table keeps insertion order, so rowid is the
-- order in the file.
CREATE OR REPLACE TEMP TABLE typed_order_items AS
SELECT clean(app_name) AS app_name, clean(restaurant_id) AS restaurant_id,
       parse_timestamp(clean(creation_time_utc)) AS creation_time_utc, clean(order_id) AS order_id,
       known_user(user_id) AS user_id, clean(printed_card_number) AS printed_card_number,
       parse_boolean(clean(is_loyalty)) AS is_loyalty, clean(is_loyalty) IS NULL AS is_loyalty_missing,
       upper(clean(currency)) AS currency, clean(lineitem_id) AS lineitem_id, clean(item_category) AS item_category,
       clean(item_name) AS item_name, parse_price(clean(item_price)) AS item_price,
       parse_quantity(clean(item_quantity)) AS item_quantity, delivery
FROM csv_order_items;

-- Of the accepted rows one a line: the newest delivery, then the later creation time, then the later row of the file.
CREATE OR REPLACE TABLE restaurant_silver.order_items AS
WITH kept AS (
    SELECT last(rowid ORDER BY delivery, creation_time_utc, rowid) AS row_id
    FROM typed_order_items
    WHERE order_id IS NOT NULL AND lineitem_id IS NOT NULL AND creation_time_utc IS NOT NULL
      AND item_price IS NOT NULL AND item_quantity IS NOT NULL
      AND (is_loyalty IS NOT NULL OR is_loyalty_missing)
      AND regexp_full_match(currency, '[A-Z]{3}')
      AND fits(app_name, 50) AND fits(restaurant_id, 255) AND fits(order_id, 255) AND fits(user_id, 255)
      AND fits(printed_card_number, 20) AND fits(lineitem_id, 255) AND fits(item_category, 50)
      AND fits(item_name, 255)
    GROUP BY order_id, lineitem_id
)
SELECT app_name, restaurant_id, creation_time_utc, order_id, user_id,
       nullif(regexp_extract(printed_card_number, '[0-9]{4}$'), '') AS printed_card_number,
       is_loyalty, currency, lineitem_id, item_category, item_name, item_price, item_quantity
FROM typed_order_items
WHERE typed_order_items.rowid IN (SELECT row_id FROM kept);

CREATE OR REPLACE TEMP TABLE typed_options AS
SELECT clean(order_id) AS order_id, clean(lineitem_id) AS lineitem_id,
       coalesce(clean(option_group_name), '') AS option_group_name, coalesce(clean(option_name), '') AS option_name,
       parse_price(clean(option_price)) AS option_price, parse_quantity(clean(option_quantity)) AS option_quantity,
       delivery
FROM csv_order_item_options;

-- A newer delivery of a line's options replaces its whole set; repeats within a delivery are numbered.
CREATE OR REPLACE TABLE restaurant_silver.order_item_options AS
WITH accepted AS (
    SELECT *, typed_options.rowid AS file_order
    FROM typed_options
    SEMI JOIN restaurant_silver.order_items USING (order_id, lineitem_id)
    WHERE option_price IS NOT NULL AND option_quantity IS NOT NULL
      AND fits(option_group_name, 100) AND fits(option_name, 100)
), newest AS (
    SELECT order_id, lineitem_id, max(delivery) AS delivery FROM accepted GROUP BY order_id, lineitem_id
)
SELECT order_id, lineitem_id, option_group_name, option_name,
       row_number() OVER (PARTITION BY order_id, lineitem_id, option_group_name, option_name
                          ORDER BY file_order)::INTEGER AS occurrence,
       option_price, option_quantity
FROM accepted
SEMI JOIN newest USING (order_id, lineitem_id, delivery);

CREATE OR REPLACE TABLE restaurant_silver.order_lines AS
WITH option_sums AS (
    SELECT order_id, lineitem_id,
           sum(option_price * option_quantity) AS option_amount,
           sum(greatest(option_price * option_quantity, 0)) AS surcharge_amount,
           -sum(least(option_price * option_quantity, 0)) AS discount_amount
    FROM restaurant_silver.order_item_options
    GROUP BY order_id, lineitem_id
), priced AS (
    SELECT *, (item_price * item_quantity)::DECIMAL(18, 2) AS item_amount FROM restaurant_silver.order_items
)
SELECT order_id, lineitem_id, app_name, restaurant_id, creation_time_utc, user_id, is_loyalty, currency,
       item_category, item_name, item_price, item_quantity,
       item_amount,
       coalesce(option_amount, 0)::DECIMAL(18, 2) AS option_amount,
       (greatest(item_amount, 0) + coalesce(surcharge_amount, 0))::DECIMAL(18, 2) AS gross_amount,
       coalesce(discount_amount, 0)::DECIMAL(18, 2) AS discount_amount,
       (-least(item_amount, 0))::DECIMAL(18, 2) AS refund_amount,
       (item_amount + coalesce(option_amount, 0))::DECIMAL(18, 2) AS net_amount
FROM priced
LEFT JOIN option_sums USING (order_id, lineitem_id);

-- The first user, restaurant, app and currency that an order's lines name; arg_min passes over missing ones.
CREATE OR REPLACE TABLE restaurant_silver.orders AS
WITH numbered AS (
    SELECT *, row_number() OVER (PARTITION BY order_id ORDER BY creation_time_utc, lineitem_id) AS line_number
    FROM restaurant_silver.order_lines
)
SELECT order_id,
       arg_min(user_id, line_number) AS user_id,
       arg_min(restaurant_id, line_number) AS restaurant_id,
       arg_min(app_name, line_number) AS app_name,
       arg_min(currency, line_number) AS currency,
       min(creation_time_utc) AS ordered_at,
       min(creation_time_utc)::DATE AS order_date,
       coalesce(bool_or(is_loyalty), false) AS is_loyalty,
       count(*) AS line_count,
       sum(item_quantity)::BIGINT AS item_quantity,
       sum(item_amount)::DECIMAL(18, 2) AS item_amount,
       sum(option_amount)::DECIMAL(18, 2) AS option_amount,
       sum(gross_amount)::DECIMAL(18, 2) AS gross_amount,
       sum(discount_amount)::DECIMAL(18, 2) AS discount_amount,
       sum(refund_amount)::DECIMAL(18, 2) AS refund_amount,
       sum(net_amount)::DECIMAL(18, 2) AS net_amount
FROM numbered
GROUP BY order_id;

CREATE OR REPLACE TEMP TABLE delivered_dates AS
WITH cleaned AS (
    SELECT parse_date(clean(date_key)) AS date_key, try_cast(clean(year) AS SMALLINT) AS year,
           try_cast(clean(month) AS SMALLINT) AS month, try_cast(clean(week) AS SMALLINT) AS week,
           clean(day_of_week) AS day_of_week, parse_boolean(clean(is_weekend)) AS is_weekend,
           parse_boolean(clean(is_holiday)) AS is_holiday, clean(holiday_name) AS holiday_name, delivery
    FROM csv_date_dim
)
SELECT * FROM cleaned WHERE date_key IS NOT NULL AND fits(day_of_week, 10) AND fits(holiday_name, 255);

-- The file's days, and every other day from the first to the last order.
CREATE OR REPLACE TABLE restaurant_silver.date_dim AS
WITH known AS (
    SELECT date_key, year, month, week, day_of_week, is_weekend, is_holiday, holiday_name, false AS is_generated
    FROM delivered_dates
    QUALIFY row_number() OVER (PARTITION BY date_key ORDER BY delivery DESC, delivered_dates.rowid DESC) = 1
), trading AS (
    SELECT unnest(generate_series(min(order_date), max(order_date), INTERVAL 1 DAY))::DATE AS date_key
    FROM restaurant_silver.orders
), generated AS (
    SELECT date_key, year(date_key)::SMALLINT AS year, month(date_key)::SMALLINT AS month,
           week(date_key)::SMALLINT AS week, dayname(date_key) AS day_of_week,
           isodow(date_key) >= 6 AS is_weekend, NULL::BOOLEAN AS is_holiday, NULL::VARCHAR AS holiday_name,
           true AS is_generated
    FROM trading
    ANTI JOIN known USING (date_key)
)
SELECT *, isoyear(date_key)::SMALLINT AS iso_year, week(date_key)::SMALLINT AS iso_week,
       quarter(date_key)::SMALLINT AS quarter
FROM (FROM known UNION ALL FROM generated);
