"""The lease: one run a product at a time, over all processes and machines that share a warehouse."""

from __future__ import annotations

import os
import socket
import subprocess
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from medallion.errors import BusyError
from medallion.warehouse import control_tables
from medallion.warehouse.records import insert_records, select_records, to_parameter

if TYPE_CHECKING:
    from medallion.contracts import Table
    from medallion.warehouse.base import Session

_START_TIME_FIELD = 19  # of /proc/<pid>/stat, counted after the command's closing bracket


@dataclass(frozen=True)
class Holder:
    """A process: its machine, its id, and when it started, as ids are used again."""

    host: str
    pid: int
    started: str

    @classmethod
    def current(cls) -> Holder:
        """This process."""
        return cls(socket.gethostname(), os.getpid(), process_start(os.getpid()) or "")

    def __str__(self) -> str:
        return f"{self.host}/{self.pid}/{self.started}"

    @property
    def is_dead(self) -> bool:
        """Whether it ran on this machine and is no more; of other machines nothing is known, so False."""
        return self.host == socket.gethostname() and process_start(self.pid) != self.started


@dataclass(frozen=True, kw_only=True)
class Lease:
    """A row of `control.lease`."""

    table: ClassVar[Table] = control_tables.LEASE
    product: str
    holder: str
    host: str
    pid: int
    run_id: str | None = None
    acquired_at: datetime
    heartbeat_at: datetime
    expires_at: datetime


def acquire_lease(
    session: Session, product: str, holder: Holder, *, run_id: str | None = None, ttl_seconds: float, now: datetime
) -> Lease:
    """Take the lease where it is free, expired, left by a dead process of this machine, or the holder's own.

    Raises BusyError that names the holder otherwise. `now` is UTC.
    """
    session.lock("control.lease")
    current = _current(session, product)
    if current is not None and current.holder != str(holder) and current.expires_at > now:
        pid_started = current.holder.rsplit("/", 1)[-1]
        if not Holder(current.host, current.pid, pid_started).is_dead:
            raise _held_by(current)
    lease = Lease(
        product=product,
        holder=str(holder),
        host=holder.host,
        pid=holder.pid,
        run_id=run_id,
        acquired_at=now,
        heartbeat_at=now,
        expires_at=now + timedelta(seconds=ttl_seconds),
    )
    session.execute("DELETE FROM control.lease WHERE product = ?", (product,))
    insert_records(session, [lease])
    return lease


def renew(session: Session, lease: Lease, now: datetime) -> Lease:
    """A sign of life: the lease runs from `now` for as long again. Raises BusyError where another took it over.

    Not for the transaction that publishes: two updates of one row, there and in the heartbeat, would collide.
    """
    confirm(session, lease)
    renewed = replace(lease, heartbeat_at=now, expires_at=now + (lease.expires_at - lease.heartbeat_at))
    session.execute(
        "UPDATE control.lease SET heartbeat_at = ?, expires_at = ? WHERE product = ? AND holder = ?",
        (to_parameter(now), to_parameter(renewed.expires_at), lease.product, lease.holder),
    )
    return renewed


def confirm(session: Session, lease: Lease) -> None:
    """Raises BusyError unless the lease is still held: for the transaction that publishes."""
    current = _current(session, lease.product)
    if current is None:
        raise BusyError(f"{lease.product}: the lease of process {lease.pid} on {lease.host} is gone; run again")
    if current.holder != lease.holder:
        raise _held_by(current)


def release(session: Session, lease: Lease) -> None:
    """Give the lease back; nothing happens where another has it by now."""
    session.execute("DELETE FROM control.lease WHERE product = ? AND holder = ?", (lease.product, lease.holder))


def process_start(pid: int) -> str | None:
    """A mark that no two processes of this machine share: boot and start time. None where no such process runs."""
    stat = Path(f"/proc/{pid}/stat")
    if Path("/proc/self/stat").exists():
        try:
            fields = stat.read_text().rpartition(")")[2].split()
        except OSError:
            return None
        if fields[0] in "ZX":  # killed, and only its parent has not looked yet
            return None
        boot = Path("/proc/sys/kernel/random/boot_id").read_text()[:8]
        return f"{boot}.{fields[_START_TIME_FIELD]}"
    listed = subprocess.run(
        ["ps", "-o", "lstart=", "-p", str(pid)], capture_output=True, text=True, check=False, env={"LC_ALL": "C"}
    )
    return "-".join(listed.stdout.split()) or None


def _current(session: Session, product: str) -> Lease | None:
    return next(iter(select_records(session, Lease, "product = ?", (product,))), None)


def _held_by(lease: Lease) -> BusyError:
    since, until = (f"{one.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC" for one in (lease.acquired_at, lease.expires_at))
    return BusyError(
        f"{lease.product}: another run holds it (process {lease.pid} on {lease.host}, since {since});"
        f" wait for it to end, or until {until} if it is gone"
    )
