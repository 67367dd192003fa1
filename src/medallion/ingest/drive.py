"""Google Drive, version 3 of its API: what is in a folder, and what is in a file."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import requests

from medallion.errors import InputError, StorageError
from medallion.ingest.drive_errors import DriveRefusedError, file_refused, folder_refused
from medallion.ingest.drive_file import FILE_FIELDS, SHORTCUT, DriveFile
from medallion.ingest.drive_retry import Retries
from medallion.ingest.drive_session import BROKEN, DriveSession

_PAGE = "1000"
_READ = 1 << 20
_ID = re.compile(r"[A-Za-z0-9_-]+")
_ANY_DRIVE = {"supportsAllDrives": "true"}
_RANGE = re.compile(r"bytes (\d+)-\d+/(\d+)")


class ChangedWhileReadError(Exception):
    """The file in Drive is no longer the one that was listed; whoever reads it looks again."""


class Drive:
    """A service account's view of Google Drive; files of shared drives like any other. All errors are one line."""

    def __init__(self, session: DriveSession) -> None:
        self._session = session

    def files(self, folder_id: str) -> list[DriveFile]:
        """All that lies directly in a folder and is not in the bin, each once, by name and id.

        Raises InputError: no such folder for this account, or the id of something else.
        """
        subject = f"Drive folder {folder_id}"
        if not _ID.fullmatch(folder_id):
            raise InputError(f"{subject}: is no id; take what follows folders/ in the folder's web address")
        try:
            folder = self._document(subject, f"files/{folder_id}", {"fields": f"{FILE_FIELDS},driveId,trashed"})
            self._refuse_other(subject, folder)
            found = {file.id: file for page in self._pages(subject, folder) for file in page}
        except DriveRefusedError as error:
            raise folder_refused(folder_id, error.failure, self._session.account) from error
        return sorted(found.values(), key=lambda file: (file.name, file.id))

    def file(self, file: DriveFile) -> DriveFile:
        """The file as Drive has it now. Raises InputError where it is gone."""
        try:
            found = self._document(str(file), f"files/{file.id}", {"fields": f"{FILE_FIELDS},trashed"})
        except DriveRefusedError as error:
            raise file_refused(str(file), error.failure, self._session.account) from error
        return DriveFile.of(found)

    def exported(self, file: DriveFile) -> bytes:
        """A Google Sheet's first sheet as CSV, whole: Google exports 10 MB at the most. Raises InputError."""
        retries = Retries(str(file), self._session.patience)
        while True:
            try:
                with self._session.get(str(file), f"files/{file.id}/export", {"mimeType": "text/csv"}) as response:
                    return response.content
            except BROKEN as error:
                retries.wait(f"half an export ({type(error).__name__})")
            except DriveRefusedError as error:
                raise file_refused(str(file), error.failure, self._session.account) from error

    def content(self, file: DriveFile, start: int, block_size: int) -> Iterator[bytes]:
        """The file's bytes from `start` on in blocks, the last may be shorter; about two blocks are in memory.

        A connection that breaks is made anew from the byte it came to. Raises InputError (gone), StorageError (goes on
        failing), OutOfTimeError, ChangedWhileReadError where Drive has another size by now.
        """
        size, position, waiting = file.size or 0, start, bytearray()
        retries = Retries(str(file), self._session.patience)
        while position < size:
            try:
                with self._opened(file, position) as response:
                    for found in response.iter_content(_READ):
                        self._session.patience.deadline.check()
                        position += len(found)
                        waiting += found
                        retries.succeeded()
                        while len(waiting) >= block_size:
                            yield bytes(waiting[:block_size])
                            del waiting[:block_size]
                failure = "an answer that ends too early"
            except BROKEN as error:
                failure = f"half a file ({type(error).__name__})"
            if position > size:
                raise ChangedWhileReadError
            if position < size:
                retries.wait(failure)
        if waiting:
            yield bytes(waiting)

    def _opened(self, file: DriveFile, position: int) -> requests.Response:
        """The answer that brings the file from `position` on."""
        headers = {"Accept-Encoding": "identity"}  # positions are those of the file itself
        if position:
            headers["Range"] = f"bytes={position}-"
        try:
            response = self._session.get(str(file), f"files/{file.id}", {"alt": "media", **_ANY_DRIVE}, headers)
        except DriveRefusedError as error:
            if error.failure.status == 416:  # it is shorter by now
                raise ChangedWhileReadError from error
            raise file_refused(str(file), error.failure, self._session.account) from error
        if position:
            found = _RANGE.fullmatch(response.headers.get("Content-Range", ""))
            if not found or (int(found[1]), int(found[2])) != (position, file.size):
                response.close()
                raise ChangedWhileReadError
        return response

    def _pages(self, subject: str, folder: dict[str, Any]) -> Iterator[list[DriveFile]]:
        parameters = {
            "q": f"'{folder['id']}' in parents and trashed = false",
            "fields": f"nextPageToken,incompleteSearch,files({FILE_FIELDS})",
            "pageSize": _PAGE,
            "includeItemsFromAllDrives": "true",
        }
        if folder.get("driveId"):
            parameters |= {"corpora": "drive", "driveId": folder["driveId"]}
        while True:
            page = self._document(subject, "files", parameters)
            if page.get("incompleteSearch"):
                raise StorageError(f"{subject}: Drive listed it in part only; run again")
            yield [DriveFile.of(one) for one in page.get("files", [])]
            if not page.get("nextPageToken"):
                return
            parameters["pageToken"] = page["nextPageToken"]

    def _document(self, subject: str, path: str, parameters: dict[str, str]) -> dict[str, Any]:
        retries = Retries(subject, self._session.patience)
        while True:
            try:
                with self._session.get(subject, path, {**parameters, **_ANY_DRIVE}) as response:
                    found: dict[str, Any] = response.json()
                    return found
            except (*BROKEN, ValueError) as error:
                retries.wait(f"half a document ({type(error).__name__})")

    def _refuse_other(self, subject: str, folder: dict[str, Any]) -> None:
        found = DriveFile.of(folder)
        if found.mime_type == SHORTCUT:
            raise InputError(f"{subject}: is a shortcut ('{found.name}'); name the folder that it leads to")
        if not found.is_folder:
            raise InputError(f"{subject}: is a file ('{found.name}'); name the folder that it lies in")
        if folder.get("trashed"):
            raise InputError(f"{subject}: '{found.name}' is in the bin; restore it, or name another folder")
