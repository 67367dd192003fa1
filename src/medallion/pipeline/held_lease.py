"""The right to run a product, held for the length of a block and kept alive by a heartbeat."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING

from medallion.warehouse import lease as leases
from medallion.warehouse.control_tables import create_control_tables
from medallion.warehouse.lease import Holder, Lease

if TYPE_CHECKING:
    from medallion.data_product import DataProduct
    from medallion.pipeline.running import Workspace
    from medallion.warehouse.base import Session

_BEATS_A_LEASE = 3


@contextmanager
def held_lease(workspace: Workspace, product: DataProduct) -> Iterator[Lease]:
    """The product's lease for the length of the block; raises BusyError that names the holder where another has it."""
    create_records(workspace)
    lease = workspace.warehouse.transact(lambda session: take_lease(session, workspace, product))
    with kept_lease(workspace, lease):
        yield lease


def create_records(workspace: Workspace) -> None:
    """Make sure of the control tables, in a transaction of its own: the lease's must begin with its lock.

    One that had asked for anything before would go on seeing the lease as it was then.
    """
    workspace.warehouse.transact(create_control_tables)


def take_lease(session: Session, workspace: Workspace, product: DataProduct) -> Lease:
    """The product's lease, ours once the session ends well; raises BusyError that names the holder.

    To be called first of all in a session, after `create_records`.
    """
    seconds = workspace.settings.lease_seconds
    return leases.acquire_lease(session, product.name, Holder.current(), ttl_seconds=seconds, now=datetime.now(UTC))


@contextmanager
def kept_lease(workspace: Workspace, lease: Lease) -> Iterator[None]:
    """Keep a lease alive for the length of the block, and give it back."""
    stop = threading.Event()
    interval = workspace.settings.lease_seconds / _BEATS_A_LEASE
    beat = threading.Thread(target=_keep_alive, args=(workspace, lease, stop, interval), name="lease", daemon=True)
    beat.start()
    try:
        yield
    finally:
        stop.set()
        beat.join()
        # A lease that cannot be given back now expires by itself, whatever was in the way.
        with suppress(Exception):
            workspace.warehouse.transact(lambda session: leases.release(session, lease))


def _keep_alive(workspace: Workspace, lease: Lease, stop: threading.Event, interval: float) -> None:
    current = lease
    while not stop.wait(interval):
        # A beat that fails, for whatever reason, is made up for by the next; a lease that was lost is noticed on
        # publishing. Without the thread a healthy run would lose it.
        with suppress(Exception):
            current = workspace.warehouse.transact(partial(leases.renew, lease=current, now=datetime.now(UTC)))
