"""Where a delivered row came from and what became of it: the columns that bronze adds and silver builds return."""

from enum import StrEnum


class Disposition(StrEnum):
    """What became of a delivered row; every row of a source has exactly one. `GENERATED` rows were not delivered.

    `DELETED` rows say that a row of a database table is gone.
    """

    ACCEPTED = "accepted"
    REJECTED = "rejected"
    DUPLICATE = "duplicate"
    DELETED = "deleted"
    GENERATED = "generated"


# What a build of a table with a `source` adds to the contract's columns, one value a delivered row.
DISPOSITION = "_disposition"
REASONS = "_reasons"
RAW_TEXT = "_raw_text"
# Of rows that are not accepted only.
REFUSAL_COLUMNS = (REASONS, RAW_TEXT, "_source_file")
# What the gate leaves of a card number where none belongs, so that it can be told from what was delivered.
CUT_OUT = "(number withheld)"
# Of bronze rows of a database table: whether they say that the row with their key is gone there.
IS_DELETED = "_is_deleted"
