"""Whatever Google refuses, of folders, files and keys, is one line: subject, value, remedy."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from drive_cases import ITEMS, line
from drive_files import ACCOUNT, EXPORT_LIMIT, FOLDER_TYPE, NATIVE, ROOT, SHEET_TYPE

from medallion.errors import InputError, MedallionError, StorageError, UsageError

if TYPE_CHECKING:
    from drive_bench import DriveBench

FILE = "order_items.csv (Drive file f1)"
SHARE = f"does not exist, or is not shared with {ACCOUNT}; share it with that address as a viewer, or correct the id"


def test_a_folder_that_does_not_exist(ingest: DriveBench) -> None:
    assert line(ingest, InputError, folder_id="nowhere") == f"Drive folder nowhere: {SHARE}"


def test_a_folder_that_is_not_shared_with_the_service_account(ingest: DriveBench) -> None:
    ingest.drive.files[ROOT].is_shared = False

    assert line(ingest, InputError) == f"Drive folder {ROOT}: {SHARE}"


def test_a_folder_that_google_forbids(ingest: DriveBench) -> None:
    ingest.drive.fail("list", 403, "insufficientFilePermissions")

    assert line(ingest, InputError) == f"Drive folder {ROOT}: {SHARE}"


@pytest.mark.parametrize(
    ("folder_id", "message"),
    [
        ("f1", "is a file ('order_items.csv'); name the folder that it lies in"),
        ("s1", "is a shortcut ('Exports'); name the folder that it leads to"),
        ("old", "'Exports' is in the bin; restore it, or name another folder"),
        (
            "https://drive.google.com/drive/folders/f1",
            "is no id; take what follows folders/ in the folder's web address",
        ),
    ],
)
def test_a_folder_id_of_something_else(ingest: DriveBench, folder_id: str, message: str) -> None:
    ingest.drive.add("f1", "order_items.csv", ITEMS)
    ingest.drive.add("s1", "Exports", mime_type=f"{NATIVE}shortcut")
    ingest.drive.add("old", "Exports", mime_type=FOLDER_TYPE, is_trashed=True)

    assert line(ingest, InputError, folder_id=folder_id) == f"Drive folder {folder_id}: {message}"


def test_a_file_that_may_not_be_downloaded(ingest: DriveBench) -> None:
    ingest.drive.add("f1", "order_items.csv", ITEMS, is_downloadable=False)

    assert line(ingest, InputError) == (
        f"{FILE}: {ACCOUNT} may not download it (cannotDownloadFile); share it with that address as a viewer, and allow"
        " viewers to download"
    )


def test_a_file_that_was_deleted_after_it_was_listed(ingest: DriveBench) -> None:
    ingest.drive.add("f1", "order_items.csv", ITEMS)
    ingest.drive.fail("media", 404, "notFound")

    assert line(ingest, InputError) == (
        f"{FILE}: was deleted, moved or unshared from {ACCOUNT} after it was listed; if that was meant run again, if"
        " not put it back"
    )


def test_a_google_sheet_beyond_the_limit_of_exports(ingest: DriveBench) -> None:
    ingest.drive.add("f1", "order_items.csv", b"x" * (EXPORT_LIMIT + 1), mime_type=SHEET_TYPE)

    assert line(ingest, InputError) == (
        f"{FILE}: is larger than the 10 MB that Google exports of a Sheet; download it as CSV and put that file into"
        " the folder, or split it"
    )


@pytest.mark.parametrize(
    ("status", "reason", "kind", "message"),
    [
        (
            *(403, "dailyLimitExceeded", StorageError),
            "Drive's quota is used up (dailyLimitExceeded); run again tomorrow, or raise it",
        ),
        (
            *(403, "accessNotConfigured", UsageError),
            f"the Drive API is not enabled in the project of {ACCOUNT}; enable it there",
        ),
        (
            *(403, "cannotDownloadAbusiveFile", InputError),
            "Google takes it for malware and does not hand it out; replace it",
        ),
        (
            *(400, "invalid", StorageError),
            "Drive answers 400 invalid (The request failed because it was told to); run again, and report it if it"
            " stays",
        ),
    ],
)
def test_what_google_refuses_for_other_reasons(
    ingest: DriveBench, status: int, reason: str, kind: type[MedallionError], message: str
) -> None:
    ingest.drive.add("f1", "order_items.csv", ITEMS)
    ingest.drive.fail("media", status, reason)

    assert line(ingest, kind) == f"{FILE}: {message}"
    assert ingest.waits == []


def test_a_token_that_drive_never_takes(ingest: DriveBench) -> None:
    ingest.drive.fail("get", 401, "authError", times=2)

    assert line(ingest, UsageError).startswith(f"Drive folder {ROOT}: Drive takes no token of {ACCOUNT} (")


# The service account's key


@pytest.mark.parametrize(
    ("key", "account", "reason"),
    [
        ("revoked", ACCOUNT, "invalid_grant: Invalid JWT Signature"),
        ("current", "gone@project.iam.gserviceaccount.com", "invalid_grant: Invalid grant: account not found"),
    ],
)
def test_a_key_that_google_no_longer_takes(ingest: DriveBench, key: str, account: str, reason: str) -> None:
    secret = ingest.aws.new_secret(ingest.drive.key_document(key, account))

    assert line(ingest, UsageError, drive_secret=secret) == (
        f"service account {account}: Google refuses its key ({reason}); make a new key in the Google Cloud console and"
        f" store its JSON in secret {secret}"
    )


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("no json", "is not a JSON document; store the JSON key of a Google service account in it"),
        ("[1]", "is not a JSON document; store the JSON key of a Google service account in it"),
        ('{"a": 1}', "is not the JSON key of a Google service account; store the file that Google made"),
        (
            '{"client_email": "a", "token_uri": "b", "private_key": "S3CRET"}',
            "is not the JSON key of a Google service account; store the file that Google made",
        ),
    ],
)
def test_a_secret_that_holds_something_else(ingest: DriveBench, content: str, message: str) -> None:
    secret = ingest.aws.new_secret(content)

    assert line(ingest, UsageError, drive_secret=secret) == f"secret {secret}: {message}"


def test_a_secret_that_does_not_exist(ingest: DriveBench) -> None:
    assert line(ingest, UsageError, drive_secret="nothing") == (
        "secret nothing: does not exist in this account and region; create it"
    )


def test_the_log_holds_the_line_and_no_secret(ingest: DriveBench, caplog: pytest.LogCaptureFixture) -> None:
    secret = ingest.aws.new_secret(ingest.drive.key_document("revoked"))

    found = line(ingest, UsageError, drive_secret=secret)

    assert [one.getMessage() for one in caplog.records if one.name == "drive_ingest"] == [found]
    assert "PRIVATE KEY" not in caplog.text
