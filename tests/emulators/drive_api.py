"""A small HTTP server that speaks as much of Google Drive, version 3, as the client uses, and fails when told to.

As Google does it: the service account's signed assertion is checked and exchanged for a token that is then asked for;
`fields` are the only ones returned; pages, shared drives, ranges, exports with their limit, errors with Google's
bodies. Not emulated: rights finer than "shared with the account", revisions, Google's own rate limits and speeds.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from http.server import ThreadingHTTPServer
from threading import Thread
from typing import Any

from cryptography.hazmat.primitives import serialization
from drive_answers import DriveAnswers
from drive_files import ACCOUNT, FOLDER_TYPE, ROOT, Asked, Fault, StoredFile, private_key


@dataclass
class DriveApi:
    """The server while a `with` block runs. Files can be changed at any time."""

    files: dict[str, StoredFile] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)
    asked: list[Asked] = field(default_factory=list)
    largest_page: int = 1000
    bytes_a_second: float | None = None

    def __enter__(self) -> DriveApi:
        handler = type("Bound", (DriveAnswers,), {"api": self})
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        self._server.daemon_threads = True
        self._thread = Thread(target=self._server.serve_forever, args=(0.01,), daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    @property
    def endpoint(self) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def reset(self) -> None:
        """An empty shared folder, no faults, nothing asked."""
        self.files = {ROOT: StoredFile(ROOT, "Exports", mime_type=FOLDER_TYPE, parent="")}
        self.faults, self.asked, self.largest_page, self.bytes_a_second = [], [], 1000, None

    def key_document(self, key: str = "current", email: str = ACCOUNT) -> dict[str, str]:
        """A service account's key as Google's console hands it out."""
        text = private_key(key).private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        return {
            "type": "service_account", "project_id": "project", "private_key_id": key, "private_key": text.decode(),
            "client_email": email, "client_id": "1", "token_uri": f"{self.endpoint}/token",
        }  # fmt: skip

    def add(self, file_id: str, name: str, content: bytes = b"", **more: Any) -> StoredFile:
        self.files[file_id] = StoredFile(file_id, name, content, **more)
        return self.files[file_id]

    def change(self, file_id: str, content: bytes) -> None:
        self.files[file_id].content = content
        self.files[file_id].version += 1

    def fail(self, kind: str, status: int = 0, reason: str = "", **more: Any) -> None:
        self.faults.append(Fault(kind, status, reason, **more))

    def media(self, file_id: str) -> list[Asked]:
        return [one for one in self.asked if one.kind == "media" and one.file_id == file_id]

    def take_fault(self, kind: str, file_id: str) -> Fault | None:
        for fault in self.faults:
            if fault.kind == kind and fault.times > 0 and fault.file_id in (None, file_id):
                fault.times -= 1
                return fault
        return None
