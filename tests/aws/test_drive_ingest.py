"""What is new in a Drive folder lands once, encrypted and verified, and says where it came from."""

from __future__ import annotations

import hashlib
import random

import pytest
from drive_bench import MIB, DriveBench
from drive_cases import ITEMS
from drive_files import FOLDER_TYPE, NATIVE, SHEET_TYPE

from medallion.ingest.landing import delivered_name

OPTIONS = b"order_id,option\no1,cheese\n"
LARGE = random.Random(1).randbytes(9 * MIB + 5)


def test_a_new_file_lands_as_it_is(ingest: DriveBench) -> None:
    ingest.drive.add("f1", "order_items.csv", ITEMS)

    answer = ingest.run()

    assert ingest.landed() == {"landing/restaurant/f1/order_items.csv": ITEMS}
    assert answer == {
        "product": "restaurant",
        "done": True,
        "landed": 1,
        "landed_bytes": len(ITEMS),
        "keys": ["landing/restaurant/f1/order_items.csv"],
        "unchanged": 0,
        "skipped": [],
    }


@pytest.mark.parametrize("content", [ITEMS, b"", LARGE], ids=["small", "empty", "large"])
def test_an_object_says_where_it_came_from_and_is_encrypted_with_the_key(ingest: DriveBench, content: bytes) -> None:
    ingest.drive.add("f1", "order_items.csv", content, version=7)

    ingest.run()

    found = ingest.head("landing/restaurant/f1/order_items.csv")
    assert (found["ServerSideEncryption"], found["SSEKMSKeyId"]) == ("aws:kms", ingest.aws.kms_key)
    assert found["Metadata"] == {
        "drive-id": "f1",
        "drive-md5": hashlib.md5(content, usedforsecurity=False).hexdigest(),
        "drive-version": "7",
        "drive-name": "order_items.csv",
    }


@pytest.mark.parametrize("content", [ITEMS, LARGE], ids=["small", "large"])
def test_a_file_that_landed_is_not_pulled_again(ingest: DriveBench, content: bytes) -> None:
    ingest.drive.add("f1", "order_items.csv", content)
    ingest.run()
    ingest.drive.asked.clear()

    answer = ingest.run()

    assert (answer["landed"], answer["unchanged"], ingest.drive.media("f1")) == (0, 1, [])
    assert ingest.versions("landing/") == 1


@pytest.mark.parametrize("size", [100, 9 * MIB], ids=["small", "large"])
def test_only_the_file_that_changed_is_pulled_again(ingest: DriveBench, size: int) -> None:
    ingest.drive.add("f1", "order_items.csv", b"a" * size)
    ingest.drive.add("f2", "order_item_options.csv", OPTIONS)
    ingest.run()
    ingest.drive.asked.clear()
    ingest.drive.change("f1", b"b" * size)

    answer = ingest.run()

    assert answer["keys"] == ["landing/restaurant/f1/order_items.csv"]
    assert (ingest.landed()["landing/restaurant/f1/order_items.csv"], ingest.drive.media("f2")) == (b"b" * size, [])
    assert ingest.versions("landing/restaurant/f1/") == 2


def test_a_file_whose_metadata_alone_changed_is_not_pulled_again(ingest: DriveBench) -> None:
    ingest.drive.add("f1", "order_items.csv", ITEMS)
    ingest.run()
    ingest.drive.files["f1"].version += 1

    assert ingest.run()["landed"] == 0


def test_a_renamed_file_is_a_new_delivery(ingest: DriveBench) -> None:
    ingest.drive.add("f1", "order_items.csv", ITEMS)
    ingest.run()
    ingest.drive.files["f1"].name = "order_items_2.csv"

    ingest.run()

    assert list(ingest.landed()) == [
        "landing/restaurant/f1/order_items.csv",
        "landing/restaurant/f1/order_items_2.csv",
    ]


def test_a_folder_is_read_page_by_page(ingest: DriveBench) -> None:
    ingest.drive.largest_page = 2
    for number in range(5):
        ingest.drive.add(f"f{number}", f"order_items_{number}.csv", ITEMS)

    assert ingest.run()["landed"] == 5
    assert [one.parameters.get("pageToken") for one in ingest.drive.asked if one.kind == "list"] == [None, "2", "4"]


def test_files_of_a_shared_drive_are_files_like_any_other(ingest: DriveBench) -> None:
    ingest.drive.add("shared", "Exports", mime_type=FOLDER_TYPE, drive_id="0AShared")
    ingest.drive.add("f1", "order_items.csv", ITEMS, parent="shared", drive_id="0AShared")

    assert ingest.run(folder_id="shared")["landed"] == 1


def test_two_files_of_one_name_both_land(ingest: DriveBench) -> None:
    ingest.drive.add("f1", "order_items.csv", ITEMS)
    ingest.drive.add("f2", "order_items.csv", OPTIONS)

    ingest.run()

    assert list(ingest.landed().values()) == [ITEMS, OPTIONS]


def test_what_is_in_the_bin_is_not_pulled(ingest: DriveBench) -> None:
    ingest.drive.add("f1", "order_items.csv", ITEMS, is_trashed=True)

    assert ingest.run()["landed"] == 0


@pytest.mark.parametrize(
    ("name", "key"),
    [
        ("order_items/2024/März.csv", "order_items_2024_März.csv"),
        ("order_items_Ma\u0308rz.csv", "order_items_März.csv"),
        ("order_items 日本 \U0001f355.csv", "order_items_日本__.csv"),
        ("order_items\"?*'\\ \n.csv", "order_items_______.csv"),
        ("order_items.CSV.GZ", "order_items.CSV.GZ"),
    ],
)
def test_an_odd_name_becomes_a_safe_key_and_is_kept_beside_it(ingest: DriveBench, name: str, key: str) -> None:
    ingest.drive.add("f1", name, ITEMS)

    ingest.run()

    found = f"landing/restaurant/f1/{key}"
    assert list(ingest.landed()) == [found]
    assert delivered_name(found, ingest.head(found)["Metadata"]) == name.replace("\\", "/").rpartition("/")[2]


def test_two_very_long_names_get_keys_of_their_own_that_s3_takes(ingest: DriveBench) -> None:
    for number in (1, 2):
        ingest.drive.add("f1", "order_items_" + "ß" * 2000 + f"{number}_" + "x" * 40 + ".csv", ITEMS)
        ingest.run()

    keys = list(ingest.landed())
    assert (len(keys), max(len(key.encode()) for key in keys) <= 250) == (2, True)
    assert {key[-4:] for key in keys} == {".csv"}
    assert [delivered_name(key, ingest.head(key)["Metadata"]) for key in keys] == [key.split("/")[-1] for key in keys]


# Google's own documents


def test_a_google_sheet_lands_as_csv(ingest: DriveBench) -> None:
    ingest.drive.add("s1", "order_items 2024", ITEMS, mime_type=SHEET_TYPE)

    ingest.run()

    assert ingest.landed() == {"landing/restaurant/s1/order_items_2024.csv": ITEMS}
    assert ingest.run()["unchanged"] == 1
    assert len([one for one in ingest.drive.asked if one.kind == "export"]) == 1


def test_a_sheet_that_was_touched_but_not_changed_gets_no_new_version(ingest: DriveBench) -> None:
    ingest.drive.add("s1", "order_items", ITEMS, mime_type=SHEET_TYPE)
    ingest.run()
    ingest.drive.files["s1"].version += 1

    assert (ingest.run()["landed"], ingest.versions("landing/")) == (0, 1)


def test_a_sheet_that_changed_lands_again(ingest: DriveBench) -> None:
    ingest.drive.add("s1", "order_items", ITEMS, mime_type=SHEET_TYPE)
    ingest.run()
    ingest.drive.change("s1", OPTIONS)

    ingest.run()

    assert list(ingest.landed().values()) == [OPTIONS]


@pytest.mark.parametrize(
    ("name", "mime_type", "reason"),
    [
        (
            "order_items",
            f"{NATIVE}document",
            "is a Google document, which is no table; export it as CSV into the folder",
        ),
        ("order_items", f"{NATIVE}form", "is a Google form, which is no table; export it as CSV into the folder"),
        ("order_items.csv", f"{NATIVE}shortcut", "is a shortcut; put the file itself into the folder"),
        ("order_items", FOLDER_TYPE, "is a folder; the files in it are not looked at"),
        (
            "holiday.mp4",
            "video/mp4",
            "belongs to no source of restaurant (order_items*.csv, order_item_options*.csv, date_dim*.csv); rename it"
            " if it should",
        ),
    ],
)
def test_what_is_no_delivery_is_left_out_and_told(ingest: DriveBench, name: str, mime_type: str, reason: str) -> None:
    ingest.drive.add("d1", name, ITEMS, mime_type=mime_type)

    answer = ingest.run()

    assert answer["skipped"] == [f"{name} (Drive file d1): {reason}"]
    assert (answer["done"], ingest.landed()) == (True, {})
