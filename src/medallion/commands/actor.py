"""Who types a command, for what is put on record."""

from __future__ import annotations

import os
import socket

from medallion.errors import UsageError
from medallion.warehouse.access_steps import Actor

_LONGEST = 255  # bytes, as the record has them


def actor_of(by: str | None) -> Actor:
    """The name given with --by, or the account's; and always the account. Raises UsageError for a name that is none."""
    account = _account()
    name = account if by is None else by.strip()
    if not name or not name.isprintable() or len(name.encode()) > _LONGEST:
        raise UsageError(f"--by {by!r}: is no name; say who acts, for example --by ana")
    return Actor(name, f"{account}@{socket.gethostname()}")


def _account() -> str:
    """The account by its number, since variables like USER say what somebody wrote into them."""
    import pwd

    try:
        return pwd.getpwuid(os.getuid()).pw_name
    except KeyError:  # containers run as numbers without a name
        return f"uid {os.getuid()}"
