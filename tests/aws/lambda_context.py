"""What Lambda hands to a handler beside the event."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

PLENTY_MS = 900_000


@dataclass
class Context:
    """`remaining` says how many milliseconds are left."""

    remaining: Callable[[], int] = lambda: PLENTY_MS
    function_name: str = "function"
    memory_limit_in_mb: int = 512
    invoked_function_arn: str = "arn:aws:lambda:eu-central-1:123456789012:function:function"
    aws_request_id: str = "request"

    def get_remaining_time_in_millis(self) -> int:
        return self.remaining()
