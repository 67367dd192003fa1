"""The site's facts with what follows from them: domains, consumers, graphs, and lineage in both directions."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

from medallion.column_lineage.origins import ROWS
from medallion.contracts import BRONZE_PREFIX
from medallion.documentation.site.addresses import product_page, slug, table_page
from medallion.documentation.site.graph import Graph, key_of, product_graph, table_graph
from medallion.governance import Domain

if TYPE_CHECKING:
    from datetime import datetime

    from medallion.column_lineage.builds import TableLineage
    from medallion.column_lineage.origins import ColumnRef, Origin
    from medallion.data_product import DataProduct
    from medallion.documentation.site.facts import CheckFacts, ProductFacts, SiteFacts
    from medallion.governance import Concept

# Products that nobody has put into a domain yet.
NO_DOMAIN = Domain("No domain", "Products that no domain answers for yet.")


class ColumnPlace(NamedTuple):
    """A column of a source or published table: who has it, and the address where it is described."""

    owner: str
    name: str
    page: str
    is_source: bool

    @property
    def text(self) -> str:
        return f"rows of {self.owner}" if self.name == ROWS else f"{self.owner}.{self.name}"


@dataclass(frozen=True)
class Site:
    """All that pages are made of."""

    facts: SiteFacts

    @property
    def products(self) -> tuple[ProductFacts, ...]:
        return self.facts.products

    @property
    def built_at(self) -> datetime:
        return self.facts.built_at

    @cached_property
    def domains(self) -> tuple[Domain, ...]:
        """The domains that own products, in the order of these."""
        return tuple(dict.fromkeys(domain_of(one.product) for one in self.products))

    def products_of(self, domain: Domain) -> list[ProductFacts]:
        """The products of a domain."""
        return [one for one in self.products if domain_of(one.product) == domain]

    def concepts_of(self, domain: Domain) -> tuple[Concept, ...]:
        """What a domain's products are about."""
        return tuple(dict.fromkeys(c for one in self.products_of(domain) for c in one.product.governance.concepts))

    def product(self, name: str) -> ProductFacts | None:
        """The product of that name, if it is on the site."""
        return next((one for one in self.products if one.name == name), None)

    def consumers_of(self, product: DataProduct) -> list[tuple[ProductFacts, list[str]]]:
        """The products that read this one, with the tables that they read."""
        found = []
        for one in self.products:
            tables = [read.table for read in one.product.inputs if read.product == product.name]
            if tables:
                found.append((one, list(dict.fromkeys(tables))))
        return found

    @cached_property
    def tables(self) -> Graph:
        return table_graph([one.product for one in self.products])

    def page_of(self, product: DataProduct, table: str) -> str:
        """The page of a table that builds of the product call so."""
        return self.tables.by_key[key_of(product, table)].page

    @cached_property
    def sources_and_products(self) -> Graph:
        return product_graph([one.product for one in self.products])

    def lineage_of(self, product: DataProduct, table: str) -> TableLineage | None:
        """The column lineage of a table; None where none was read."""
        return self.facts.lineage.get(product.name, {}).get(table)

    def place(self, product: DataProduct, ref: ColumnRef) -> ColumnPlace:
        """What a build of the product means by a reference: its own column, its source's, or another product's."""
        anchor = "" if ref.column == ROWS else f"#column-{slug(ref.column)}"
        if ref.table.startswith(BRONZE_PREFIX):
            name = ref.table.removeprefix(BRONZE_PREFIX)
            page = f"{product_page(product.name)}#source-{slug(name)}"
            return ColumnPlace(product.source(name).origin, ref.column, page, is_source=True)
        read = next((one for one in product.versions_read if one.name == ref.table), None)
        owner, table = (read.product, read.table) if read else (product.name, ref.table)
        return ColumnPlace(f"{owner}.{table}", ref.column, table_page(owner, table) + anchor, is_source=False)

    @cached_property
    def _computed_from(self) -> dict[tuple[str, str], list[ColumnPlace]]:
        return self._places(lambda origin: origin.values)

    @cached_property
    def _decided_by(self) -> dict[tuple[str, str], list[ColumnPlace]]:
        return self._places(lambda origin: origin.decided - origin.values)

    def _places(self, chosen: Callable[[Origin], Collection[ColumnRef]]) -> dict[tuple[str, str], list[ColumnPlace]]:
        """Of each published column those of its origin that are chosen."""
        found: dict[tuple[str, str], list[ColumnPlace]] = {}
        for one in self.products:
            for table, lineage in self.facts.lineage.get(one.name, {}).items():
                for column, origin in lineage.columns.items():
                    places = (self.place(one.product, ref) for ref in sorted(chosen(origin)))
                    found[f"{one.name}.{table}", column] = list(places)
        return found

    @cached_property
    def _used_by(self) -> dict[tuple[str, str], list[ColumnPlace]]:
        found: dict[tuple[str, str], list[ColumnPlace]] = defaultdict(list)
        for (owner, column), places in self._computed_from.items():
            page = f"{table_page(*owner.split('.', 1))}#column-{slug(column)}"
            for place in places:
                found[place.owner, place.name].append(ColumnPlace(owner, column, page, is_source=False))
        return found

    def computed_from(self, owner: str, column: str) -> list[ColumnPlace]:
        """The columns that a published column is computed from; `owner` is `product.table`."""
        return self._computed_from.get((owner, column), [])

    def decided_by(self, owner: str, column: str) -> list[ColumnPlace]:
        """The columns that only decide which value a published column has."""
        return self._decided_by.get((owner, column), [])

    def used_by(self, owner: str, column: str) -> list[ColumnPlace]:
        """The published columns that are computed from a column."""
        return self._used_by.get((owner, column), [])

    def at_the_source(self, owner: str, column: str) -> list[ColumnPlace]:
        """The delivered columns that a published column goes back to, through all tables between.

        A column whose values are constants goes back to what decides which of them it has.
        """
        seen: set[tuple[str, str]] = set()
        found: dict[ColumnPlace, None] = {}
        waiting = [(owner, column)]
        while waiting:
            key = waiting.pop(0)
            if key in seen:
                continue
            seen.add(key)
            for place in self.computed_from(*key) or self.decided_by(*key):
                if place.is_source:
                    found[place] = None
                else:
                    waiting.append((place.owner, place.name))
        return sorted(found)


def domain_of(product: DataProduct) -> Domain:
    """The domain that owns a product."""
    return product.governance.domain or NO_DOMAIN


@dataclass(frozen=True)
class Outcome:
    """How many checks passed, warned and failed, and those that did not pass."""

    passed: int
    warnings: tuple[CheckFacts, ...]
    failures: tuple[CheckFacts, ...]

    @property
    def total(self) -> int:
        return self.passed + len(self.warnings) + len(self.failures)


def outcome_of(checks: Sequence[CheckFacts]) -> Outcome:
    """The outcome of checks."""
    missed = [one for one in checks if not one.passed]
    return Outcome(
        len(checks) - len(missed),
        tuple(one for one in missed if one.severity == "warn"),
        tuple(one for one in missed if one.severity != "warn"),
    )
