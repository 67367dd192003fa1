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
    """As `newest_accepted`, for rows of a database table: of a key that is gone by now no row is accepted.

    A row that says that its key is gone is `deleted` from then on, also where the key has come back since.
    """
    is_deleted = F.col(IS_DELETED)
    known = typed.withColumn(REASONS, F.when(is_deleted, F.lit("")).otherwise(F.col(REASONS)))
    return newest_accepted(known, *key).withColumn(
        DISPOSITION, F.when(is_deleted, F.lit(Disposition.DELETED.value)).otherwise(F.col(DISPOSITION))
    )
