"""What a consumer agrees to and is given: terms of use, tables, and the personal data in them."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

from medallion.errors import UsageError
from medallion.governance import Lifecycle, OutputPort

if TYPE_CHECKING:
    from medallion.data_product import DataProduct


@dataclass(frozen=True, kw_only=True)
class Agreement:
    """The terms of a product and what a port of it gives. `personal` is (table.column, kind of personal data)."""

    terms: str = ""
    tables: tuple[str, ...] = ()
    personal: tuple[tuple[str, str], ...] = ()

    @classmethod
    def recorded(cls, text: str | None) -> Agreement:
        """From JSON in the control tables; one that cannot be read agrees to nothing."""
        try:
            found = json.loads(text or "{}")
            personal = tuple((str(column), str(kind)) for column, kind in found["personal"])
            return cls(terms=str(found["terms"]), tables=tuple(map(str, found["tables"])), personal=personal)
        except (ValueError, TypeError, KeyError):
            return cls()

    def to_json(self) -> str:
        """The same agreement gives the same text."""
        return json.dumps(asdict(self), sort_keys=True, ensure_ascii=False)

    @property
    def hash(self) -> str:
        return hashlib.sha256(self.to_json().encode()).hexdigest()

    def changes_since(self, agreed: Agreement) -> tuple[str, ...]:
        """In which ways this is more or other than what was agreed; to be given less than that needs no consent."""
        changes = [] if self.terms == agreed.terms else ["the terms of use changed"]
        changes += [f"table {name} is new" for name in self.tables if name not in agreed.tables]
        changes += [
            f"{column} is personal data ({kind})"
            for column, kind in self.personal
            if (column, kind) not in agreed.personal and column.partition(".")[0] in agreed.tables
        ]
        return tuple(changes)


def output_port(product: DataProduct, name: str) -> OutputPort:
    """The product's port of that name. Raises UsageError that names those there are."""
    ports = product.governance.output_ports
    for port in ports:
        if port.name == name:
            return port
    known = ", ".join(f"{product.name}.{port.name}" for port in ports)
    remedy = f"choose one of: {known}" if known else "the product offers none, ask its owner"
    raise UsageError(f"port '{product.name}.{name}' is unknown; {remedy}")


def agreement_of(product: DataProduct, port: OutputPort) -> Agreement:
    """What is agreed to by asking for the port now. How the terms are broken into lines is no part of them."""
    tables = tuple(sorted(port.tables))
    return Agreement(
        terms=" ".join(product.governance.terms_of_use.split()),
        tables=tables,
        personal=tuple(
            (f"{table}.{column.name}", column.pii)
            for table in tables
            for column in product.step(table).table.columns
            if column.pii
        ),
    )


def is_offered(product: DataProduct) -> bool:
    """Whether anybody can have access: a draft's terms may change at any time, so there is nothing to agree to."""
    return product.governance.lifecycle is Lifecycle.READY
