"""What fails and passes by itself is waited out; what is cut off is gone on with; nothing half done is ever visible."""

from __future__ import annotations

import random
from typing import Any

import pytest
from aws_services import answer, before
from drive_api import SHEET_TYPE
from drive_bench import MIB, Clock, DriveBench

from medallion.errors import BusyError, InputError, StorageError

ITEMS = b"order_id,line\no1,l1\n"
KEY = "landing/restaurant/f1/order_items.csv"
PART = 8 * MIB
LARGE = random.Random(2).randbytes(17 * MIB)


@pytest.mark.parametrize(
    ("kind", "status", "reason"),
    [
        ("media", 403, "rateLimitExceeded"),
        ("media", 403, "userRateLimitExceeded"),
        ("media", 429, "rateLimitExceeded"),
        ("media", 500, "backendError"),
        ("media", 503, ""),
        ("list", 429, "rateLimitExceeded"),
        ("get", 500, "backendError"),
        ("export", 403, "userRateLimitExceeded"),
    ],
)
def test_what_passes_by_itself_is_asked_for_again(ingest: DriveBench, kind: str, status: int, reason: str) -> None:
    mime_type = SHEET_TYPE if kind == "export" else "text/csv"
    ingest.drive.add("f1", "order_items.csv", ITEMS, mime_type=mime_type)
    ingest.drive.fail(kind, status, reason, times=3)

    ingest.run()

    assert ingest.landed() == {KEY: ITEMS}
    assert len(ingest.waits) == 3
    assert all(0 <= wait <= 2**number for number, wait in enumerate(ingest.waits))


def test_a_listing_that_breaks_off_is_asked_for_again(ingest: DriveBench) -> None:
    ingest.drive.add("f1", "order_items.csv", ITEMS)
    ingest.drive.fail("list", cut_after=10)
    ingest.drive.fail("get", cut_after=10)

    assert ingest.run()["landed"] == 1


def test_a_token_that_google_cannot_make_right_now_is_asked_for_again(ingest: DriveBench) -> None:
    ingest.drive.add("f1", "order_items.csv", ITEMS)
    ingest.drive.fail("token", 503, "internal_failure", times=4)  # google-auth itself asks three times

    assert (ingest.run()["landed"], len(ingest.waits)) == (1, 1)


def test_google_is_left_alone_for_as_long_as_it_asks(ingest: DriveBench) -> None:
    ingest.drive.add("f1", "order_items.csv", ITEMS)
    ingest.drive.fail("media", 429, "rateLimitExceeded", retry_after="17")

    ingest.run()

    assert ingest.waits == [17.0]


def test_a_token_that_expired_is_replaced(ingest: DriveBench) -> None:
    ingest.drive.add("f1", "order_items.csv", ITEMS)
    ingest.drive.fail("media", 401, "authError")

    assert ingest.run()["landed"] == 1
    assert [one.status for one in ingest.drive.asked if one.kind == "token"] == [200, 200]


def test_what_does_not_pass_is_given_up_in_one_line(ingest: DriveBench) -> None:
    ingest.drive.add("f1", "order_items.csv", ITEMS)
    ingest.drive.fail("media", 503, "backendError", times=100)

    with pytest.raises(StorageError) as failed:
        ingest.run()

    assert str(failed.value) == (
        "order_items.csv (Drive file f1): Google Drive still answers 503 backendError after 8 attempts; run again"
        " later, it goes on"
    )
    assert ingest.is_clean()


def test_a_wait_that_would_outlast_the_invocation_is_left_to_the_next(ingest: DriveBench) -> None:
    ingest.drive.add("f1", "order_items.csv", ITEMS)
    ingest.drive.fail("media", 429, "rateLimitExceeded", retry_after="1000")

    assert (ingest.run()["done"], ingest.waits, ingest.run()["done"]) == (False, [], True)


def test_a_broken_connection_is_gone_on_from_the_byte_it_came_to(ingest: DriveBench) -> None:
    ingest.drive.add("f1", "order_items.csv", LARGE)
    ingest.drive.fail("media", cut_after=3 * MIB)
    ingest.drive.fail("media", cut_after=9 * MIB)

    ingest.run()

    asked = ingest.drive.media("f1")
    assert [one.start for one in asked] == [0, 3 * MIB, 12 * MIB]
    assert sum(one.sent for one in asked) == len(LARGE)
    assert ingest.landed() == {KEY: LARGE}


def test_out_of_time_nothing_is_visible_and_the_next_invocation_goes_on(ingest: DriveBench) -> None:
    ingest.drive.add("f1", "order_items.csv", LARGE)
    clock, s3 = Clock(), ingest.client()
    before(s3, "UploadPart", clock.use_up, nth=2)

    first = ingest.run(s3, clock)

    assert (first["done"], first["landed"], ingest.landed()) == (False, 0, {})
    ingest.drive.asked.clear()
    second = ingest.run()
    [asked] = ingest.drive.media("f1")
    assert (asked.start, asked.sent) == (2 * PART, len(LARGE) - 2 * PART)
    assert (second["done"], ingest.landed(), ingest.left_over()) == (True, {KEY: LARGE}, [])


def test_a_file_put_together_but_not_yet_copied_is_not_brought_again(ingest: DriveBench) -> None:
    ingest.drive.add("f1", "order_items.csv", LARGE)
    clock, s3 = Clock(), ingest.client()
    before(s3, "CompleteMultipartUpload", clock.use_up)

    assert (ingest.run(s3, clock)["done"], ingest.landed()) == (False, {})
    ingest.drive.asked.clear()
    ingest.run()

    assert (ingest.drive.media("f1"), ingest.landed(), ingest.left_over()) == ([], {KEY: LARGE}, [])


def test_a_file_too_large_to_be_verified_in_one_invocation_is_told(ingest: DriveBench) -> None:
    ingest.drive.add("f1", "order_items.csv", LARGE)
    clock, s3 = Clock(), ingest.client()
    before(s3, "CompleteMultipartUpload", clock.use_up)
    ingest.run(s3, clock)
    clock, s3 = Clock(), ingest.client()
    before(s3, "GetObject", clock.use_up)

    with pytest.raises(StorageError) as failed:
        ingest.run(s3, clock)

    assert str(failed.value) == (
        "order_items.csv (Drive file f1): 17,825,792 bytes cannot be verified within one invocation (8,388,608 were);"
        " give the function more memory (it then reads faster), or deliver the file in parts"
    )
    assert ingest.landed() == {}


def test_files_that_landed_before_the_time_was_up_stay(ingest: DriveBench) -> None:
    ingest.drive.add("f1", "order_items.csv", ITEMS)
    ingest.drive.add("f2", "order_items_2.csv", ITEMS)
    clock, s3 = Clock(), ingest.client()
    before(s3, "PutObject", clock.use_up)

    first, second = ingest.run(s3, clock), ingest.run()

    assert (first["done"], first["landed"], second["landed"], second["unchanged"]) == (False, 1, 1, 1)


# Files that change, disappear or arrive damaged


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


# S3


def put_by_another(ingest: DriveBench, content: bytes, md5: str) -> Any:
    return lambda: ingest.s3.put_object(
        Bucket=ingest.bucket, Key=KEY, Body=content, Metadata={"drive-id": "f1", "drive-md5": md5}
    )


@pytest.mark.parametrize(
    ("content", "operation"), [(ITEMS, "PutObject"), (LARGE, "CompleteMultipartUpload")], ids=["small", "large"]
)
@pytest.mark.parametrize("earlier", [None, b"earlier"], ids=["new", "changed"])
def test_what_another_invocation_landed_meanwhile_is_not_written_twice(
    ingest: DriveBench, content: bytes, operation: str, earlier: bytes | None
) -> None:
    if earlier:
        ingest.drive.add("f1", "order_items.csv", earlier)
        ingest.run()
    file = ingest.drive.add("f1", "order_items.csv", content)
    s3 = ingest.client()
    action = put_by_another(ingest, content, file.document()["md5Checksum"])
    before(s3, operation, action, nth=2 if operation.startswith("Complete") else 1)

    answer_ = ingest.run(s3)

    assert (answer_["landed"], answer_["unchanged"], ingest.versions(KEY)) == (0, 1, 2 if earlier else 1)


@pytest.mark.parametrize(
    ("content", "operation"), [(ITEMS, "PutObject"), (LARGE, "CompleteMultipartUpload")], ids=["small", "large"]
)
def test_what_somebody_else_wrote_meanwhile_is_not_overwritten(
    ingest: DriveBench, content: bytes, operation: str
) -> None:
    ingest.drive.add("f1", "order_items.csv", content)
    s3 = ingest.client()
    before(s3, operation, put_by_another(ingest, b"theirs", "x"), nth=2 if operation.startswith("Complete") else 1)

    with pytest.raises(BusyError) as failed:
        ingest.run(s3)

    assert str(failed.value) == (
        f"s3://{ingest.bucket}/{KEY}: another process wrote it at the same time, nothing was overwritten; run again"
    )
    assert ingest.landed() == {KEY: b"theirs"}


@pytest.mark.parametrize(
    ("content", "operation"),
    [
        (ITEMS, "PutObject"),
        (ITEMS, "HeadObject"),
        (LARGE, "CreateMultipartUpload"),
        (LARGE, "UploadPart"),
        (LARGE, "UploadPartCopy"),
        (LARGE, "CompleteMultipartUpload"),
    ],
)
def test_an_overloaded_s3_is_asked_again_and_then_left_to_the_next_invocation(
    ingest: DriveBench, content: bytes, operation: str
) -> None:
    ingest.drive.add("f1", "order_items.csv", content)
    once, always = ingest.client(), ingest.client()
    answer(always, operation, 503, "SlowDown", times=100)
    with pytest.raises(StorageError, match="AWS is overloaded, repeated attempts failed; run again, it goes on"):
        ingest.run(always)
    assert ingest.landed() == {}
    answer(once, operation, 503, "SlowDown")

    assert ingest.run(once)["landed"] == 1
    assert (ingest.landed() == {KEY: content}, ingest.left_over()) == (True, [])
