"""What becomes of each delivered row of a table that keeps one row a key: the newest good delivery of it counts."""

from __future__ import annotations

from medallion.lineage import DISPOSITION, REASONS, Disposition
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
