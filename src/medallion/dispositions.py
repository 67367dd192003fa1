"""What becomes of each delivered row of a table that keeps one row a key: the newest good delivery of it counts."""

from __future__ import annotations

from medallion.lineage import DISPOSITION, IS_DELETED, REASONS, Disposition
from medallion.spark import DataFrame, F, Window


def newest_accepted(typed: DataFrame, *key: str) -> DataFrame:
    """`typed` (delivered rows with their reasons) with a disposition each.

    Rows with a reason are rejected. Of the others with one key the newest delivery's is accepted, within a delivery the
    last record; the rest are duplicates. The row counts as a whole: what it leaves empty is empty from then on.
    """
    is_good = F.col(REASONS) == ""
    newest_first = Window.partitionBy(*key, is_good).orderBy(F.desc("_batch_id"), F.desc("_row_number"))
    disposition = (
        F.when(~is_good, F.lit(Disposition.REJECTED.value))
        .when(F.row_number().over(newest_first) > 1, F.lit(Disposition.DUPLICATE.value))
        .otherwise(F.lit(Disposition.ACCEPTED.value))
    )
    return typed.withColumn(DISPOSITION, disposition)


def newest_not_deleted(typed: DataFrame, *key: str) -> DataFrame:
    """As `newest_accepted`, for rows of a database table: the newest record of a key says what its row is now.

    Where that is gone, or cannot be accepted, no row is: what was read earlier, good or bad, is in the table no more
    and a duplicate, and a first pull would not find it. A row that says that its key is gone is `deleted` from then on,
    also where the key has come back since.
    """
    is_deleted, is_good = F.col(IS_DELETED), F.col(REASONS) == ""
    newest_first = Window.partitionBy(*key).orderBy(F.desc("_batch_id"), F.desc("_row_number"))
    is_outdated = F.row_number().over(newest_first) > 1
    for column in key:  # records whose key cannot be read are not of one key
        is_outdated = is_outdated & F.col(column).isNotNull()
    disposition = (
        F.when(is_deleted, F.lit(Disposition.DELETED.value))
        .when(is_outdated, F.lit(Disposition.DUPLICATE.value))
        .when(~is_good, F.lit(Disposition.REJECTED.value))
        .otherwise(F.lit(Disposition.ACCEPTED.value))
    )
    known = typed.withColumn(DISPOSITION, disposition)
    return known.withColumn(REASONS, F.when(is_deleted, F.lit("")).otherwise(F.col(REASONS)))
