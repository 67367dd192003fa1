"""What a Lambda function is told by its event and its environment; the event wins."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from medallion.errors import UsageError


@dataclass(frozen=True)
class FunctionSettings:
    """Texts by name: `product` in the event, PRODUCT in the environment. No secret is among them, only their names."""

    event: Mapping[str, Any]
    environment: Mapping[str, str]

    def optional(self, name: str) -> str | None:
        """The value; None where there is none, or an empty one."""
        return str(self.event.get(name) or "") or self.environment.get(name.upper()) or None

    def required(self, name: str) -> str:
        """The value; raises UsageError where there is none."""
        found = self.optional(name)
        if found is None:
            raise UsageError(
                f"setting {name.upper()}: is missing; set it in the function's environment, or '{name}' in the event"
            )
        return found
