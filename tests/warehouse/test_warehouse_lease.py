"""One run a product at a time."""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from shop import NOW

from medallion.errors import BusyError
from medallion.warehouse.lease import Holder, acquire_lease, confirm, process_start, release, renew
from medallion.warehouse.records import Run, insert_records

ELSEWHERE = Holder("another-machine", 4711, "boot.1")


@pytest.fixture
def neighbour():
    """A live process of this machine."""
    process = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    yield process
    process.kill()
    process.wait()


def take(session, holder, after_seconds=0):
    now = NOW + timedelta(seconds=after_seconds)
    return acquire_lease(session, "shop", holder, run_id="run-1", ttl_seconds=60, now=now)


def test_a_free_lease_is_taken_and_confirmed(session):
    lease = take(session, Holder.current())
    confirm(session, lease)
    assert lease.expires_at == NOW + timedelta(seconds=60)


def test_a_held_lease_names_the_holder_and_since_when(session):
    take(session, ELSEWHERE)
    message = (
        r"shop: another run holds it \(process 4711 on another-machine, since 2025-03-01 12:00:00 UTC\);"
        r" wait for it to end, or until 2025-03-01 12:01:00 UTC if it is gone"
    )
    with pytest.raises(BusyError, match=message):
        take(session, Holder.current(), after_seconds=59)


def test_of_many_that_want_a_free_lease_at_once_one_gets_it(warehouse):
    together = threading.Barrier(6)

    def try_to_take(number):
        together.wait(10)
        try:
            with warehouse.write() as session:
                take(session, Holder(f"machine-{number}", number, "boot.1"))
                time.sleep(0.05)  # what the others do meanwhile is the question
        except BusyError as error:
            return "another run holds it" in str(error)
        return "taken"

    with ThreadPoolExecutor(together.parties) as threads:
        outcomes = list(threads.map(try_to_take, range(together.parties)))
    assert sorted(outcomes, key=str) == [True] * 5 + ["taken"]


def test_a_lease_of_another_product_is_no_hindrance(session):
    take(session, ELSEWHERE)
    lease = acquire_lease(session, "bank", Holder.current(), ttl_seconds=60, now=NOW)
    assert lease.product == "bank"


def test_an_expired_lease_is_taken_over(session):
    take(session, ELSEWHERE)
    assert take(session, Holder.current(), after_seconds=60).holder == str(Holder.current())


def test_a_live_process_of_this_machine_keeps_its_lease(session, neighbour):
    host = Holder.current().host
    take(session, Holder(host, neighbour.pid, process_start(neighbour.pid)))
    with pytest.raises(BusyError, match=f"process {neighbour.pid} on {host}"):
        take(session, Holder.current())


def test_the_lease_of_a_killed_process_is_free_at_once(session, neighbour):
    holder = Holder(Holder.current().host, neighbour.pid, process_start(neighbour.pid))
    take(session, holder)
    neighbour.kill()
    neighbour.wait()
    assert take(session, Holder.current()).holder == str(Holder.current())


def test_a_process_that_got_the_id_of_a_dead_holder_is_not_taken_for_it(session, neighbour):
    take(session, Holder(Holder.current().host, neighbour.pid, "earlier.1"))
    assert take(session, Holder.current()).holder == str(Holder.current())


def test_a_renewed_lease_lasts_for_as_long_again(session):
    lease = renew(session, take(session, ELSEWHERE), NOW + timedelta(seconds=50))
    with pytest.raises(BusyError, match="12:01:50"):
        take(session, Holder.current(), after_seconds=109)
    assert lease.heartbeat_at == NOW + timedelta(seconds=50)


def test_a_holder_that_lost_its_lease_learns_it_when_it_renews_or_publishes(session):
    lost = take(session, ELSEWHERE)
    take(session, Holder.current(), after_seconds=61)
    for check in (lambda: confirm(session, lost), lambda: renew(session, lost, NOW)):
        with pytest.raises(BusyError, match="another run holds it"):
            check()


def test_a_released_lease_is_free(session):
    release(session, take(session, ELSEWHERE))
    assert take(session, Holder.current()).host == Holder.current().host


def test_a_lease_that_somebody_gave_back_is_gone_for_its_holder_when_it_renews_or_publishes(session):
    lease = take(session, ELSEWHERE)
    release(session, lease)
    for check in (lambda: confirm(session, lease), lambda: renew(session, lease, NOW)):
        with pytest.raises(BusyError) as caught:
            check()
        assert str(caught.value) == "shop: the lease of process 4711 on another-machine is gone; run again"


def test_releasing_a_lost_lease_does_not_take_it_from_its_new_holder(session):
    lost = take(session, ELSEWHERE)
    current = take(session, Holder.current(), after_seconds=61)
    release(session, lost)
    confirm(session, current)


def test_a_heartbeat_during_a_long_publish_does_not_disturb_it(warehouse):
    with warehouse.write() as session:
        lease = take(session, Holder.current())
    with warehouse.write() as publishing:
        confirm(publishing, lease)
        with warehouse.write() as heartbeat:
            renewed = renew(heartbeat, lease, NOW + timedelta(seconds=30))
        insert_records(publishing, [Run(run_id="run-1", product="shop", started_at=NOW)])
    with warehouse.read() as session:
        assert session.rows("SELECT run_id, (SELECT max(expires_at) FROM control.lease) FROM control.run") == [
            ("run-1", renewed.expires_at.replace(tzinfo=None))
        ]
