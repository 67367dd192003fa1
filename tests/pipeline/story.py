"""What a product is tried with: deliveries one after the other, and what its marts then agree about.

A story is three small deliveries: ordinary rows among bad ones; what changes them (new rows, a correction, a late row;
in a table an update, an insert, a delete); and one row more.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

MANY = 150  # bad rows, more than any product lets pass


@dataclass(frozen=True)
class Delivery:
    """Files by name, header first, and statements for the tables of operational systems."""

    files: Mapping[str, str] = field(default_factory=dict)
    sql: str = ""


@dataclass(frozen=True, kw_only=True)
class Story:
    """What is delivered to a product, and a total that marts of one version agree about, as SQL by mart.

    `spoilt` has too many bad rows, `mended` is what its sender puts in its place. `reasons` are those of rows that are
    in quarantine after the second delivery, `secrets` are texts that are delivered and must be kept nowhere.
    """

    first: Delivery
    second: Delivery
    third: Delivery
    spoilt: Delivery
    mended: Delivery
    totals: Mapping[str, str]
    reasons: frozenset[str] = frozenset()
    secrets: frozenset[str] = frozenset()

    @property
    def deliveries(self) -> tuple[Delivery, Delivery, Delivery]:
        return self.first, self.second, self.third
