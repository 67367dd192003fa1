"""Consumers: the principals of the warehouse that ask for output ports, by names that are safe anywhere."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

from medallion.errors import UsageError
from medallion.warehouse.ddl import quote

# Lower case: Redshift folds names. A colon is in the names of roles that come from an identity provider.
_NAME = re.compile(r"[a-z][a-z0-9_.:@/+-]*", re.ASCII)
_LONGEST_NAME = 127  # bytes, which are characters here; Redshift's own limit
# `public` is everybody, quoted or not; the others are never the name of somebody.
_NOT_NAMES = ("public", "none", "user", "current_user", "session_user")
_NOT_PREFIXES = ("sys:", "ds:", "role:", "user:", "group:")  # of Redshift itself, or of principals written here
_USER, _ROLE = "user:", "role:"


class ConsumerKind(StrEnum):
    """What a consumer is in the warehouse."""

    ROLE = "role"
    USER = "user"


@dataclass(frozen=True)
class Consumer:
    """A role, as which services and teams (and people, through it) read, or a single user."""

    kind: ConsumerKind
    name: str

    @classmethod
    def parse(cls, text: str) -> Consumer:
        """From `campaign_tool` (a role) or `user:ana`. Raises UsageError for a name that is none."""
        found = cls.recorded(text.removeprefix(_ROLE))
        if found.is_reserved:
            raise UsageError(f"consumer '{found.name}': is a name of the warehouse itself; name one role or user")
        if not found.is_safe:
            raise UsageError(
                f"consumer {text[:_LONGEST_NAME]!r}: is no safe name; write a role, or user:NAME: a lower-case letter,"
                f" then a-z, 0-9 and _ . : @ / + -, {_LONGEST_NAME} at most"
            )
        return found

    @classmethod
    def recorded(cls, text: str) -> Consumer:
        """As it stands in the control tables, not looked at again."""
        is_user = text.startswith(_USER)
        return cls(ConsumerKind.USER if is_user else ConsumerKind.ROLE, text.removeprefix(_USER))

    def __str__(self) -> str:
        return f"{_USER}{self.name}" if self.kind is ConsumerKind.USER else self.name

    @property
    def is_reserved(self) -> bool:
        """Whether the name means everybody, or somebody of the warehouse's own."""
        return self.name in _NOT_NAMES or self.name.startswith(_NOT_PREFIXES)

    @property
    def is_safe(self) -> bool:
        """Whether it can be granted anything; a name that somebody wrote into the record by hand may be anything."""
        return bool(_NAME.fullmatch(self.name)) and len(self.name) <= _LONGEST_NAME and not self.is_reserved

    @property
    def principal(self) -> str:
        """As Redshift's GRANT and REVOKE name it."""
        return f"ROLE {quote(self.name)}" if self.kind is ConsumerKind.ROLE else quote(self.name)
