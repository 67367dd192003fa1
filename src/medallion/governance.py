"""Who answers for a data product, what it offers to whom, and on which terms: data beside its contracts."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum


class ProductType(StrEnum):
    """Whose view of the world a product takes: its source's, several sources' together, or its consumers'."""

    SOURCE_ALIGNED = "source-aligned"
    AGGREGATE = "aggregate"
    CONSUMER_ALIGNED = "consumer-aligned"


class Lifecycle(StrEnum):
    """A `draft` may change at any time; a `ready` product keeps its contracts and its service level."""

    DRAFT = "draft"
    READY = "ready"


@dataclass(frozen=True)
class Domain:
    """A part of the business that owns products."""

    name: str
    description: str


@dataclass(frozen=True)
class Concept:
    """A thing that the business talks about; products say which of them they are about."""

    name: str
    description: str


@dataclass(frozen=True, kw_only=True)
class OutputPort:
    """Marts that consumers ask for, and get, together."""

    name: str
    description: str
    tables: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Governance:
    """What is agreed about a product. Without any of it the product is a draft that nobody answers for.

    `owner` is a team. `freshness` is the service level: how old what is published may be; None promises nothing. A
    run that finds nothing new publishes nothing, and does not renew it.
    """

    domain: Domain | None = None
    owner: str = ""
    type: ProductType = ProductType.SOURCE_ALIGNED
    lifecycle: Lifecycle = Lifecycle.DRAFT
    concepts: tuple[Concept, ...] = ()
    output_ports: tuple[OutputPort, ...] = ()
    tags: tuple[str, ...] = ()
    terms_of_use: str = ""
    freshness: timedelta | None = None

    def __post_init__(self) -> None:
        missing = [
            name for name in ("domain", "owner", "output_ports", "terms_of_use", "freshness") if not getattr(self, name)
        ]
        if self.lifecycle is Lifecycle.READY and missing:
            raise ValueError(f"a product that is ready has to say its {', '.join(missing)}")
