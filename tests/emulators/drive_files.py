"""What Google Drive holds and is asked: files, the service account's keys, requests, and how they are to fail."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any

from cryptography.hazmat.primitives.asymmetric import rsa

ACCOUNT = "etl@project.iam.gserviceaccount.com"
NATIVE = "application/vnd.google-apps."
FOLDER_TYPE, SHEET_TYPE = f"{NATIVE}folder", f"{NATIVE}spreadsheet"
EXPORT_LIMIT = 10 << 20
ROOT = "root-folder"


@dataclass
class StoredFile:
    """A file, folder or document; of a Google Sheet `content` is its CSV. `md5` is claimed in place of the real one."""

    id: str
    name: str
    content: bytes = b""
    mime_type: str = "text/csv"
    parent: str = ROOT
    version: int = 1
    is_shared: bool = True
    is_trashed: bool = False
    is_downloadable: bool = True
    drive_id: str | None = None
    md5: str | None = None

    def document(self) -> dict[str, Any]:
        found: dict[str, Any] = {
            "kind": "drive#file", "id": self.id, "name": self.name, "mimeType": self.mime_type,
            "version": str(self.version), "trashed": self.is_trashed,
        }  # fmt: skip
        if not self.mime_type.startswith(NATIVE):
            md5 = self.md5 or hashlib.md5(self.content, usedforsecurity=False).hexdigest()
            found |= {"md5Checksum": md5, "size": str(len(self.content))}
        return found | ({"driveId": self.drive_id} if self.drive_id else {})


@dataclass
class Fault:
    """What happens to the next `times` requests of a kind (token, list, get, media, export), of one file or any.

    Either an error answer, or the connection is cut after so many bytes of the body. `when` is called before.
    """

    kind: str
    status: int = 0
    reason: str = ""
    times: int = 1
    file_id: str | None = None
    retry_after: str | None = None
    cut_after: int | None = None
    when: Callable[[], None] = lambda: None


@dataclass(frozen=True)
class Asked:
    """A request that was answered; `start` is the first byte asked for, `sent` how many of the body were sent."""

    kind: str
    file_id: str
    start: int
    sent: int
    status: int
    parameters: dict[str, str]


@cache
def private_key(name: str) -> rsa.RSAPrivateKey:
    """A key of a service account; another `name` is another key."""
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)
