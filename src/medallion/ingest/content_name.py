"""What the source database calls the rows that the gate makes of one file's content, whoever loads them."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import TYPE_CHECKING, TypeVar

from medallion.ingest.delivered_places import open_delivery

if TYPE_CHECKING:
    from medallion.data_product import Source

_PREFIX = "sha256:"
_RULES_LENGTH = 16
_HASHED_AT_ONCE = 1 << 20
Held = TypeVar("Held")


def content_name(source: Source, sha256: str, pii_key: bytes | None) -> str:
    """The name of a content, by the hash of the delivered file's bytes.

    The same bytes under another contract, or with another key for personal data, give other rows and another name.
    """
    return f"{_PREFIX}{sha256}.{gate_rules(source, pii_key)}"


def gate_rules(source: Source, pii_key: bytes | None) -> str:
    """A short hash of what the gate does to the source's files."""
    columns = [(one.name, one.delivered_name, str(one.pii_action), one.shape) for one in source.columns]
    return hashlib.sha256(repr(columns).encode() + b"\0" + (pii_key or b"")).hexdigest()[:_RULES_LENGTH]


def held_content(loaded: Mapping[str, Held], source: Source, location: str, pii_key: bytes | None) -> Held | None:
    """What is loaded under a file's content; the file is only read where anything is loaded by content."""
    if not any(name.startswith(_PREFIX) for name in loaded):
        return None
    digest = hashlib.sha256()
    with open_delivery(location) as stream:
        while chunk := stream.read(_HASHED_AT_ONCE):
            digest.update(chunk)
    return loaded.get(content_name(source, digest.hexdigest(), pii_key))
