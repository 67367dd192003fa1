"""The card payments tables by plain SQL over the CSV files, to hold the pipeline's tables against.

Written from the definitions; it shares no code with the pipeline and reads files with DuckDB's own CSV reader, record
by record. Rules have their defaults.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import duckdb

if TYPE_CHECKING:
    from datetime import date
    from pathlib import Path

CARD_TEXT = r"^([0-9][0-9 .-]{10,}[0-9]|[0-9]\.[0-9]+E\+[0-9]+|[*xX. -]*[0-9]{4}|[^0-9]*)$"
TIMESTAMP = r"^[0-9]{1,2}/[0-9]{1,2}/[0-9]{4} [0-9]{1,2}:[0-9]{2}:[0-9]{2}$"
FIELDS = {
    "stores": ("store_id", "store_name", "address", "city", "country", "created_at", "typology", "customer_id"),
    "devices": ("device_id", "device_type", "store_id"),
    "transactions": (
        "transaction_id", "device_id", "product_name", "product_sku", "product_name_2", "amount", "status",
        "card_number", "cvv", "created_at", "happened_at",
    ),
}  # fmt: skip

SILVER = f"""
CREATE MACRO instant(t) AS
    CASE WHEN regexp_matches(t, '{TIMESTAMP}') THEN try_strptime(t, '%m/%d/%Y %H:%M:%S') END;
CREATE MACRO digits(t) AS regexp_replace(t, '[^0-9A-Za-z]', '', 'g');

CREATE SCHEMA card_payments_silver; CREATE SCHEMA card_payments;

CREATE TABLE card_payments_silver.stores AS
SELECT store_id, store_name, address, city, country, instant(created_at) AS created_at, typology, customer_id
FROM raw_stores WHERE store_id IS NOT NULL AND (created_at IS NULL OR instant(created_at) IS NOT NULL)
QUALIFY row_number() OVER (PARTITION BY store_id ORDER BY delivery DESC, record DESC) = 1;

CREATE TABLE card_payments_silver.devices AS
SELECT device_id, device_type, store_id FROM raw_devices SEMI JOIN card_payments_silver.stores USING (store_id)
WHERE device_id IS NOT NULL
QUALIFY row_number() OVER (PARTITION BY device_id ORDER BY delivery DESC, record DESC) = 1;

CREATE TABLE card_payments_silver.transactions AS
WITH typed AS (
    SELECT transaction_id, device_id, regexp_replace(product_name, '[0-9][0-9 ]{{10,}}[0-9]', '(number withheld)')
            AS product_name, regexp_replace(product_sku, '^[vV]([0-9])', '\\1') AS product_sku, product_name_2,
        CASE WHEN regexp_matches(amount, '^[0-9]+$') THEN CAST(amount AS DECIMAL(18, 2)) END AS amount,
        lower(status) AS status,
        CASE WHEN regexp_matches(digits(card_number), '[0-9]{{4}}$') THEN right(digits(card_number), 4) END
            AS card_last4,
        instant(created_at) AS created_at, instant(happened_at) AS happened_at,
        CAST(instant(happened_at) AS DATE) AS happened_date, delivery, record
    FROM raw_transactions
    WHERE (created_at IS NULL OR instant(created_at) IS NOT NULL)
        AND coalesce(length(cvv), 0) <= 4 AND regexp_matches(coalesce(card_number, ''), '{CARD_TEXT}'))
SELECT * EXCLUDE (delivery, record) FROM typed
WHERE transaction_id IS NOT NULL AND device_id IS NOT NULL AND amount IS NOT NULL AND happened_at IS NOT NULL
    AND status IN ('accepted', 'refused', 'cancelled')
QUALIFY row_number() OVER (PARTITION BY transaction_id ORDER BY delivery DESC, record DESC) = 1;
"""
MARTS = """
CREATE TABLE accepted AS
SELECT t.*, d.store_id, d.device_type FROM card_payments_silver.transactions t
LEFT JOIN card_payments_silver.devices d USING (device_id) WHERE status = 'accepted' AND happened_date <= $as_of;

CREATE TABLE card_payments.store_ranking AS
SELECT store_id, store_name, coalesce(typology, '(unknown)') AS typology, coalesce(country, '(unknown)') AS country,
    customer_id, $as_of AS as_of, count(*) AS transaction_count,
    CAST(sum(amount) AS DECIMAL(18, 2)) AS transacted_amount, rank() OVER (ORDER BY sum(amount) DESC) AS amount_rank
FROM accepted JOIN card_payments_silver.stores USING (store_id) GROUP BY ALL;

CREATE TABLE card_payments.product_ranking AS
SELECT coalesce(product_sku, '(unknown)') AS product_sku, $as_of AS as_of,
    count(DISTINCT product_name) AS product_name_count, count(*) AS transaction_count,
    CAST(sum(amount) AS DECIMAL(18, 2)) AS transacted_amount, rank() OVER (ORDER BY count(*) DESC) AS count_rank
FROM accepted GROUP BY 1;

CREATE TABLE card_payments.amount_by_typology_country AS
SELECT coalesce(typology, '(unknown)') AS typology, coalesce(country, '(unknown)') AS country, $as_of AS as_of,
    count(*) AS transaction_count, CAST(sum(amount) AS DECIMAL(18, 2)) AS transacted_amount,
    avg(CAST(amount AS DOUBLE)) AS average_transacted_amount
FROM accepted JOIN card_payments_silver.stores USING (store_id) GROUP BY 1, 2;

CREATE TABLE card_payments.device_type_share AS
SELECT device_type, $as_of AS as_of, count(*) AS transaction_count,
    count(*) / sum(count(*)) OVER () AS transaction_share
FROM accepted WHERE store_id IS NOT NULL GROUP BY device_type;

CREATE TABLE card_payments.store_activation AS
WITH numbered AS (
    SELECT store_id, happened_at, row_number() OVER (PARTITION BY store_id ORDER BY happened_at) AS place
    FROM card_payments_silver.transactions JOIN card_payments_silver.devices USING (device_id)
    WHERE happened_date <= $as_of)
SELECT store_id, customer_id, coalesce(typology, '(unknown)') AS typology, coalesce(country, '(unknown)') AS country,
    $as_of AS as_of, min(happened_at) AS first_transaction_at,
    min(happened_at) FILTER (place = 5) AS fifth_transaction_at,
    epoch(min(happened_at) FILTER (place = 5) - min(happened_at)) / 86400 AS days_to_five_transactions
FROM card_payments_silver.stores LEFT JOIN numbered USING (store_id) GROUP BY ALL;

CREATE TABLE card_payments.store_activation_summary AS
SELECT scope, $as_of AS as_of, count(*) AS store_count, count(days_to_five_transactions) AS activated_store_count,
    avg(days_to_five_transactions) AS average_days_to_five_transactions,
    median(days_to_five_transactions) AS median_days_to_five_transactions
FROM (SELECT 'all' AS scope, * FROM card_payments.store_activation
    UNION ALL SELECT typology, * FROM card_payments.store_activation) GROUP BY scope;
"""


def compute(input_folder: Path, database: Path, as_of: date | None = None) -> None:
    """Write schemas `card_payments_silver` and `card_payments` into the DuckDB file `database`."""
    with duckdb.connect(str(database)) as connection:
        for source, fields in FIELDS.items():
            _read(connection, input_folder, source, fields)
        connection.execute(SILVER)
        newest = "SELECT max(happened_date) FROM card_payments_silver.transactions"
        seen_from = as_of or (connection.execute(newest).fetchone() or [None])[0]
        connection.execute(MARTS.replace("$as_of", f"DATE '{seen_from}'"))


def _read(connection: duckdb.DuckDBPyConnection, folder: Path, source: str, fields: tuple[str, ...]) -> None:
    """All files of a source, blanks around values left out, nothing as NULL; records of other widths left out."""
    texts = ", ".join(f"nullif(trim({name}), '') AS {name}" for name in fields)
    columns = ", ".join(f"'{name}': 'VARCHAR'" for name in fields)
    parts = [
        f"SELECT {texts}, {number} AS delivery, row_number() OVER () AS record FROM read_csv('{path}',"
        f" columns={{{columns}}}, header=true, auto_detect=false, quote='\"', escape='\"', nullstr='\\N',"
        " ignore_errors=true, strict_mode=true)"
        for number, path in enumerate(sorted(folder.glob(f"{source}*.csv*"), key=_delivered))
    ]
    connection.execute(f"CREATE TABLE raw_{source} AS {' UNION ALL '.join(parts)}")


def _delivered(path: Path) -> tuple[int, str]:
    """`transactions.csv` before `transactions_late_2.csv` before `transactions_late_10.csv`."""
    return len(path.name), path.name
