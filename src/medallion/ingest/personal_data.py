"""What contracts say about personal data, done to delivered records before anything of them is written.

Values are only ever looked at in memory. What cannot be taken apart into its columns for certain is withheld whole.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass, replace

import pyarrow as pa
import pyarrow.compute as pc

from medallion.contracts import Column, PiiAction
from medallion.data_product import Source
from medallion.errors import UsageError
from medallion.ingest.csv_records import Positions
from medallion.ingest.csv_rejects import WITHHELD, GateReject
from medallion.lineage import CUT_OUT

WITHHELD_TEXT = "(withheld: in a malformed record personal data cannot be told from the rest; see the delivered file)"
# Twelve digits or more, with no more than signs between them that are not those of dates and times.
_LONG_NUMBER = "[0-9](?:[^0-9A-Za-z/:]{0,3}[0-9]){11,}"
_NOT_ALPHANUMERIC, _LETTER_OR_DIGIT = "[^0-9A-Za-z]", r"[\pL\pN]"
_LAST_FOUR_DIGITS = "^.*?([0-9]{4})$|^.*$"
Columns = Mapping[str, pa.Array]


@dataclass(frozen=True)
class Protection:
    """The actions of one source's contract. `key` is what values of columns with action `hmac` are hashed with."""

    source: Source
    key: bytes | None = None

    def __post_init__(self) -> None:
        """Raise UsageError where a key is needed and there is none."""
        needing = [column.name for column in self.source.columns if column.pii_action is PiiAction.HMAC]
        if needing and not self.key:
            raise UsageError(
                f"setting 'pii_key' is missing: {self.source.name}.{needing[0]} is kept as a keyed hash only;"
                " set MEDALLION_PII_KEY, and keep it: another key gives other hashes"
            )

    @property
    def is_needed(self) -> bool:
        return self.source.may_hold_secrets

    def reject(self, reject: GateReject) -> GateReject:
        """A record kept out, as it may be written: without its text where that may hold personal data."""
        if not self.is_needed:
            return reject
        return replace(reject, reason=f"{reject.reason},{WITHHELD}", raw_text=WITHHELD_TEXT)

    def slipped(self, columns: Columns) -> dict[int, str]:
        """The records, counted from 0, with an unexpected value in a column that is acted on; and why, by column."""
        reasons: dict[int, list[str]] = {}
        for column in self.source.columns:
            if column.pii_action and column.shape and column.name in columns:
                fits = _has_shape(columns[column.name], column.shape)
                for place in pc.indices_nonzero(pc.invert(fits)).to_pylist():
                    reasons.setdefault(place, []).append(f"unexpected_{column.name}")
        return {place: ",".join(found) for place, found in reasons.items()}

    def applied(self, columns: Columns) -> tuple[pa.Array, ...]:
        """The columns that are kept, in the source's order, with what may be kept of them."""
        return tuple(self._applied(column, columns[column.name]) for column in self.source.kept_columns)

    def applied_to(self, name: str, values: pa.Array) -> pa.Array:
        """The values of one column, with what may be kept of them."""
        return self._applied(next(column for column in self.source.kept_columns if column.name == name), values)

    def _applied(self, column: Column, values: pa.Array) -> pa.Array:
        if column.pii_action is PiiAction.LAST4:
            return last_four_digits(values)
        if column.pii_action is PiiAction.MASK:
            return pc.replace_substring_regex(values, _LETTER_OR_DIGIT, "*")
        if column.pii_action is PiiAction.HMAC:
            return keyed_hashes(values, self.key or b"")
        if any(one.pii_action is PiiAction.LAST4 for one in self.source.columns):
            return _without_long_numbers(values, column.shape)
        return values


def last_four_digits(values: pa.Array) -> pa.Array:
    """The last four digits of card numbers, whatever separates their digits; empty where there are no four."""
    plain = pc.replace_substring_regex(values, _NOT_ALPHANUMERIC, "")
    return pc.replace_substring_regex(plain, _LAST_FOUR_DIGITS, r"\1")


def keyed_hashes(values: pa.Array, key: bytes) -> pa.Array:
    """HMAC-SHA256 of each value without surrounding blanks, hexadecimal; empty of nothing."""
    encoded = pc.utf8_trim_whitespace(values).dictionary_encode()
    hashes = [
        hmac.new(key, value.encode(), hashlib.sha256).hexdigest() if value else ""
        for value in encoded.dictionary.to_pylist()
    ]
    return pa.array(hashes, pa.string()).take(encoded.indices)


def _without_long_numbers(values: pa.Array, shape: str | None) -> pa.Array:
    """A card number in a column where none belongs is cut out; values of the column's own shape stay."""
    is_long = pc.match_substring_regex(values, _LONG_NUMBER)
    if not pc.any(is_long).as_py():
        return values
    cut = pc.replace_substring_regex(values, _LONG_NUMBER, CUT_OUT)
    if shape:
        is_long = pc.and_(is_long, pc.invert(_has_shape(values, shape)))
    return pc.if_else(is_long, cut, values)


def _has_shape(values: pa.Array, shape: str) -> pa.Array:
    return pc.match_substring_regex(pc.utf8_trim_whitespace(values), rf"\A(?:{shape})\z")


def slipped_rejects(slipped: Mapping[int, str], positions: Positions) -> list[GateReject]:
    """The rejects for slipped records, where `positions` say which numbers they have in their chunk."""
    return [
        GateReject(int(positions[place]), f"{reason},{WITHHELD}", "a value is not of its column's shape", WITHHELD_TEXT)
        for place, reason in slipped.items()
    ]
