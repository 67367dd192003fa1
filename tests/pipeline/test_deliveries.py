from __future__ import annotations

import hashlib
import os
from dataclasses import replace
from pathlib import Path

import pytest
from kiosk import NOW, PRODUCT

from medallion.errors import UsageError
from medallion.ingest.delivered_files import find_deliveries
from medallion.pipeline.deliveries import Arrivals, find_arrivals
from medallion.warehouse.records import Batch, BatchStatus


@pytest.fixture
def inbox(tmp_path: Path) -> Path:
    folder = tmp_path / "inbox"
    folder.mkdir()
    return folder


def put(folder: Path, name: str, content: str, minute: int = 0) -> Path:
    """A file last changed at `minute`."""
    path = folder / name
    path.write_text(content, encoding="utf-8")
    os.utime(path, ns=(0, minute * 60 * 10**9))
    return path


def arrivals(folder: Path, *known: Batch) -> Arrivals:
    files = find_deliveries(folder, PRODUCT).files
    return find_arrivals(PRODUCT, files, known, run_id="run-1", now=NOW, by_name=False)


def arrivals_by_name(folder: Path, *known: Batch) -> Arrivals:
    return find_arrivals(PRODUCT, find_deliveries(folder, PRODUCT).files, known, run_id="run-1", now=NOW)


def loaded(found: Arrivals) -> tuple[Batch, ...]:
    """What is on record once a run has read the new files; reading takes the hash of each."""
    read = (replace(batch, status=BatchStatus.LOADED, sha256=_sha256(batch)) for batch in found.new)
    return (*read, *found.replays)


def _sha256(batch: Batch) -> str:
    return hashlib.sha256(Path(str(batch.file_path)).read_bytes()).hexdigest()


def summary(found: Arrivals) -> tuple[list[tuple[str, str]], list[tuple[str, str | None]]]:
    return [(b.batch_id, b.file_name) for b in found.new], [(b.file_name, b.replay_of) for b in found.replays]


def test_new_files_are_numbered_in_the_order_of_sources_and_names(inbox: Path) -> None:
    for name in ("tickets_10.csv", "prices.csv", "tickets_2.csv"):
        put(inbox, name, f"content of {name}")

    assert summary(arrivals(inbox)) == (
        [("00000001", "tickets_2.csv"), ("00000002", "tickets_10.csv"), ("00000003", "prices.csv")],
        [],
    )


def test_a_file_that_was_read_and_not_touched_since_is_no_arrival(inbox: Path) -> None:
    put(inbox, "tickets.csv", "id\n1\n")
    before = loaded(arrivals(inbox))

    assert summary(arrivals(inbox, *before)) == ([], [])


def test_a_file_that_was_registered_but_never_read_is_new_again(inbox: Path) -> None:
    put(inbox, "tickets.csv", "id\n1\n")
    (unread,) = arrivals(inbox).new

    assert summary(arrivals(inbox, unread)) == ([("00000002", "tickets.csv")], [])


def test_numbers_go_on_after_the_last_known_delivery(inbox: Path) -> None:
    put(inbox, "tickets_1.csv", "id\n1\n")
    before = replace(loaded(arrivals(inbox))[0], batch_id="00000041")
    put(inbox, "tickets_2.csv", "id\n2 and 3\n")

    assert summary(arrivals(inbox, before)) == ([("00000042", "tickets_2.csv")], [])


def test_the_same_content_under_another_name_is_a_replay(inbox: Path) -> None:
    put(inbox, "tickets_1.csv", "id\n1\n")
    before = loaded(arrivals(inbox))
    put(inbox, "tickets_2.csv", "id\n1\n")

    found = arrivals(inbox, *before)

    assert summary(found) == ([], [("tickets_2.csv", "00000001")])
    assert found.replays[0].status is BatchStatus.REPLAY


def test_a_file_that_was_only_touched_is_a_replay_of_itself(inbox: Path) -> None:
    put(inbox, "tickets.csv", "id\n1\n", minute=0)
    before = loaded(arrivals(inbox))
    put(inbox, "tickets.csv", "id\n1\n", minute=5)

    assert summary(arrivals(inbox, *before)) == ([], [("tickets.csv", "00000001")])


def test_a_replay_is_recognised_at_once_the_next_time(inbox: Path) -> None:
    put(inbox, "tickets_1.csv", "id\n1\n")
    first = loaded(arrivals(inbox))
    put(inbox, "tickets_2.csv", "id\n1\n")
    second = loaded(arrivals(inbox, *first))

    assert summary(arrivals(inbox, *first, *second)) == ([], [])


def test_a_replay_of_a_replay_names_the_first_delivery(inbox: Path) -> None:
    put(inbox, "tickets_1.csv", "id\n1\n")
    first = loaded(arrivals(inbox))
    put(inbox, "tickets_2.csv", "id\n1\n")
    second = loaded(arrivals(inbox, *first))
    put(inbox, "tickets_3.csv", "id\n1\n")

    assert summary(arrivals(inbox, *first, *second)) == ([], [("tickets_3.csv", "00000001")])


def test_of_two_equal_new_files_the_second_is_a_replay(inbox: Path) -> None:
    put(inbox, "tickets_1.csv", "id\n1\n")
    put(inbox, "tickets_2.csv", "id\n1\n")

    assert summary(arrivals(inbox)) == ([("00000001", "tickets_1.csv")], [("tickets_2.csv", "00000001")])


@pytest.mark.parametrize("content", ["id\n2\n", "id\n1\n2\n"])  # of the same size, and longer
def test_changed_content_under_the_same_name_is_a_new_delivery(inbox: Path, content: str) -> None:
    put(inbox, "tickets.csv", "id\n1\n", minute=0)
    before = loaded(arrivals(inbox))
    put(inbox, "tickets.csv", content, minute=5)

    assert summary(arrivals(inbox, *before)) == ([("00000002", "tickets.csv")], [])


def test_equal_content_of_two_sources_is_two_deliveries(inbox: Path) -> None:
    put(inbox, "tickets.csv", "id\n1\n")
    put(inbox, "prices.csv", "id\n1\n")

    assert summary(arrivals(inbox)) == ([("00000001", "tickets.csv"), ("00000002", "prices.csv")], [])


def test_a_file_of_a_size_never_seen_is_not_read_to_be_known_as_new(inbox: Path) -> None:
    put(inbox, "tickets_1.csv", "id\n1\n")
    before = loaded(arrivals(inbox))
    put(inbox, "tickets_2.csv", "id\n1 and 2\n")

    assert [batch.sha256 for batch in arrivals(inbox, *before).new] == [None]


def test_an_arrival_is_on_record_with_all_that_recognises_it(inbox: Path) -> None:
    path = put(inbox, "tickets.csv", "id\n1\n", minute=3)

    (batch,) = arrivals(inbox).new

    assert (batch.product, batch.source, batch.run_id, batch.status) == ("kiosk", "tickets", "run-1", "registered")
    assert (batch.file_path, batch.byte_count, batch.modified_ns) == (str(path), 5, 3 * 60 * 10**9)


def test_deliveries_by_name_sort_as_their_names_whenever_they_arrive(inbox: Path) -> None:
    put(inbox, "tickets_10.csv", "id\n10\n")
    before = loaded(arrivals_by_name(inbox))
    put(inbox, "Tickets_9.csv.gz", "id\nnine\n")
    put(inbox, "tickets.csv", "id\nnone at all\n")

    found = [*before, *arrivals_by_name(inbox, *before).new]

    assert [batch.file_name for batch in sorted(found, key=lambda one: one.batch_id)] == [
        "tickets.csv",
        "Tickets_9.csv.gz",
        "tickets_10.csv",
    ]


def test_of_two_deliveries_of_one_name_the_later_sorts_after(inbox: Path) -> None:
    put(inbox, "tickets.csv", "id\n1\n", minute=0)
    before = loaded(arrivals_by_name(inbox))
    put(inbox, "tickets.csv", "id\n2\n", minute=5)

    (again,) = arrivals_by_name(inbox, *before).new

    assert again.batch_id > before[0].batch_id


def test_content_that_comes_again_under_a_name_that_sorts_before_counts_from_there(inbox: Path) -> None:
    put(inbox, "tickets_2.csv", "id\n1\n")
    before = loaded(arrivals_by_name(inbox))
    put(inbox, "tickets_1.csv", "id\n1\n")

    found = arrivals_by_name(inbox, *before)

    assert [batch.file_name for batch in found.new] == ["tickets_1.csv"]
    assert [(batch.file_name, batch.replay_of) for batch in found.replaced] == [
        ("tickets_2.csv", found.new[0].batch_id)
    ]


def test_deliveries_ordered_by_name_and_by_arrival_do_not_mix(inbox: Path) -> None:
    put(inbox, "tickets_1.csv", "id\n1\n")
    before = loaded(arrivals(inbox))

    with pytest.raises(UsageError, match=r"'delivery_order': file_name is refused, .* set it to arrival"):
        arrivals_by_name(inbox, *before)
