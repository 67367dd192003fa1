"""What fails and passes by itself is waited out; what is cut off is gone on with; nothing half done is ever visible."""

from __future__ import annotations

import pytest
from aws_services import before
from drive_bench import MIB, Clock, DriveBench
from drive_cases import ITEMS, KEY, LARGE, PART
from drive_files import SHEET_TYPE

from medallion.errors import StorageError


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
