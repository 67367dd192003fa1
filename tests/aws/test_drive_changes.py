"""Files that change, disappear or arrive damaged: what lands is what Drive holds then, or nothing."""

from __future__ import annotations

import pytest
from aws_services import before
from drive_bench import MIB, Clock, DriveBench
from drive_cases import ITEMS, KEY, LARGE
from drive_files import SHEET_TYPE

from medallion.errors import InputError, StorageError


@pytest.mark.parametrize("size", [1000, 10 * MIB], ids=["small", "large"])
def test_a_file_that_changes_while_it_is_read_lands_as_it_is_then(ingest: DriveBench, size: int) -> None:
    ingest.drive.add("f1", "order_items.csv", b"a" * size)
    changed = b"b" * (size + 1)
    ingest.drive.fail("media", cut_after=size // 2, when=lambda: None)
    ingest.drive.fail("media", cut_after=size, when=lambda: ingest.drive.change("f1", changed))

    ingest.run()

    assert (ingest.landed(), ingest.left_over()) == ({KEY: changed}, [])


def test_a_file_that_changes_under_the_same_size_is_noticed(ingest: DriveBench) -> None:
    ingest.drive.add("f1", "order_items.csv", b"a" * 10 * MIB)
    changed = b"b" * 10 * MIB
    ingest.drive.fail("media", cut_after=9 * MIB)
    ingest.drive.fail("media", cut_after=10 * MIB, when=lambda: ingest.drive.change("f1", changed))

    ingest.run()

    assert (ingest.landed() == {KEY: changed}, ingest.left_over()) == (True, [])


def test_a_file_that_changed_between_two_invocations_is_brought_anew(ingest: DriveBench) -> None:
    ingest.drive.add("f1", "order_items.csv", LARGE)
    clock, s3 = Clock(), ingest.client()
    before(s3, "UploadPart", clock.use_up)
    ingest.run(s3, clock)
    ingest.drive.change("f1", LARGE[::-1])

    ingest.run()

    assert (ingest.landed() == {KEY: LARGE[::-1]}, ingest.left_over()) == (True, [])


def test_a_sheet_that_changes_while_it_is_exported_lands_as_it_is_then(ingest: DriveBench) -> None:
    ingest.drive.add("f1", "order_items.csv", ITEMS, mime_type=SHEET_TYPE)
    ingest.drive.fail("export", when=lambda: ingest.drive.change("f1", b"half"), cut_after=2)
    ingest.drive.fail("export", cut_after=4)

    ingest.run()

    assert (list(ingest.landed().values()), ingest.head(KEY)["Metadata"]["drive-version"]) == ([b"half"], "2")


def test_a_file_that_never_stands_still_is_told(ingest: DriveBench) -> None:
    ingest.drive.add("f1", "order_items.csv", ITEMS)
    for number in range(20):
        content = b"%d" % number * 40
        ingest.drive.fail("media", cut_after=1000, when=lambda content=content: ingest.drive.change("f1", content))

    with pytest.raises(InputError) as failed:
        ingest.run()

    assert str(failed.value) == (
        "order_items.csv (Drive file f1): changes whenever it is read; wait until it is written to its end, then run"
        " again"
    )
    assert ingest.is_clean()


@pytest.mark.parametrize("content", [ITEMS, LARGE], ids=["small", "large"])
def test_what_does_not_arrive_as_drive_says_it_is_never_lands(ingest: DriveBench, content: bytes) -> None:
    ingest.drive.add("f1", "order_items.csv", content, md5="0" * 32)

    with pytest.raises(StorageError) as failed:
        ingest.run()

    assert str(failed.value) == (
        f"order_items.csv (Drive file f1): what arrives is not what Drive says it is (MD5 {'0' * 32}, {len(content):,}"
        " bytes); run again, and if it stays upload the file to Drive again"
    )
    assert ingest.is_clean()


@pytest.mark.parametrize("size", [1000, 10 * MIB], ids=["small", "large"])
def test_a_file_deleted_while_it_is_read_leaves_nothing(ingest: DriveBench, size: int) -> None:
    ingest.drive.add("f1", "order_items.csv", b"a" * size)
    ingest.drive.fail("media", cut_after=size // 2)
    ingest.drive.fail("media", when=lambda: ingest.drive.files.pop("f1"))

    with pytest.raises(InputError, match="was deleted, moved or unshared from"):
        ingest.run()

    assert ingest.is_clean()
    assert ingest.run()["done"]


def test_a_file_that_fails_does_not_keep_the_others_back(ingest: DriveBench) -> None:
    for number in (1, 2, 3):
        ingest.drive.add(f"f{number}", f"order_items_{number}.csv", ITEMS, is_downloadable=number == 3)

    with pytest.raises(InputError) as failed:
        ingest.run()

    assert str(failed.value).startswith("order_items_1.csv (Drive file f1): ")
    assert str(failed.value).endswith(" (and 1 more files failed; see the log)")
    assert list(ingest.landed()) == ["landing/restaurant/f3/order_items_3.csv"]
