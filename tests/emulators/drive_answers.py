"""How the emulated Google Drive answers a request: tokens, listings with pages, ranges, exports, errors as Google's."""

from __future__ import annotations

import json
import re
import socket
import time
from contextlib import suppress
from http.server import BaseHTTPRequestHandler
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

from cryptography.hazmat.primitives import serialization
from drive_files import ACCOUNT, EXPORT_LIMIT, NATIVE, Asked, StoredFile, private_key
from google.auth import jwt

if TYPE_CHECKING:
    from drive_api import DriveApi

SENT_AT_ONCE = 1 << 16


class _RefusedError(Exception):
    def __init__(self, status: int, reason: str, message: str) -> None:
        self.status, self.reason, self.message = status, reason, message


class DriveAnswers(BaseHTTPRequestHandler):
    """A connection to the emulated Drive, whose files and faults are those of `api`."""

    api: DriveApi
    protocol_version = "HTTP/1.1"

    def log_message(self, *_: object) -> None:
        pass

    def do_POST(self) -> None:
        body = parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode())
        if (fault := self.api.take_fault("token", "")) and fault.status:
            self._note("token", "", 0, 0, fault.status, {})
            self._send_json(fault.status, {"error": fault.reason, "error_description": fault.reason})
            return
        status, answer = self._token(body["assertion"][0])
        self._note("token", "", 0, 0, status, {})
        self._send_json(status, answer)

    def do_GET(self) -> None:
        parts = urlsplit(self.path)
        parameters = {name: values[0] for name, values in parse_qs(parts.query).items()}
        kind, file_id = _kind(parts.path, parameters)
        fault = self.api.take_fault(kind, file_id)
        if fault:
            fault.when()
        try:
            if fault and fault.status:
                raise _RefusedError(fault.status, fault.reason, "The request failed because it was told to.")
            self._authorise()
            cut = fault.cut_after if fault else None
            if kind == "list":
                self._note(kind, "", 0, 0, 200, parameters)
                self._send_json(200, self._list(parameters), cut)
                return
            file = self._file(file_id, parameters)
            if kind == "get":
                self._note(kind, file_id, 0, 0, 200, parameters)
                self._send_json(200, _chosen(file.document(), parameters), cut)
            else:
                self._send_content(kind, file, parameters, cut)
        except _RefusedError as error:
            self._note(kind, file_id, _start(self.headers), 0, error.status, parameters)
            detail = {"domain": "global", "reason": error.reason, "message": error.message}
            document = {"error": {"errors": [detail], "code": error.status, "message": error.message}}
            self._send_json(error.status, document, retry_after=fault.retry_after if fault else None)

    def _token(self, assertion: str) -> tuple[int, dict[str, Any]]:
        public = (
            private_key("current")
            .public_key()
            .public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
        )
        try:
            claims = jwt.decode(assertion, certs=public, audience="https://oauth2.googleapis.com/token")
        except ValueError:
            return 400, {"error": "invalid_grant", "error_description": "Invalid JWT Signature."}
        if claims["iss"] != ACCOUNT:
            return 400, {"error": "invalid_grant", "error_description": "Invalid grant: account not found"}
        return 200, {"access_token": "token-1", "expires_in": 3600, "token_type": "Bearer"}

    def _authorise(self) -> None:
        if self.headers.get("Authorization") != "Bearer token-1":
            raise _RefusedError(401, "authError", "Invalid Credentials")

    def _file(self, file_id: str, parameters: dict[str, str]) -> StoredFile:
        file = self.api.files.get(file_id)
        is_hidden = file is None or not file.is_shared
        if file is None or is_hidden or (file.drive_id and parameters.get("supportsAllDrives") != "true"):
            raise _RefusedError(404, "notFound", f"File not found: {file_id}.")
        return file

    def _list(self, parameters: dict[str, str]) -> dict[str, Any]:
        query = re.fullmatch(r"'([^']+)' in parents and trashed = false", parameters["q"])
        if query is None:
            raise _RefusedError(400, "invalid", "Invalid Value")
        folder = self._file(query[1], parameters)
        if folder.drive_id and parameters.get("includeItemsFromAllDrives") != "true":
            raise _RefusedError(404, "notFound", f"File not found: {folder.id}.")
        found = [one for one in self.api.files.values() if one.parent == folder.id and not one.is_trashed]
        found = [one for one in found if one.drive_id == folder.drive_id]
        start = int(parameters.get("pageToken", "0"))
        end = start + min(int(parameters.get("pageSize", "100")), self.api.largest_page)
        wanted = re.search(r"files\(([^)]*)\)", parameters.get("fields", "files(kind,id,name,mimeType)"))
        fields = {"fields": wanted[1] if wanted else ""}
        page: dict[str, Any] = {"files": [_chosen(one.document(), fields) for one in found[start:end]]}
        return page | ({"nextPageToken": str(end)} if end < len(found) else {})

    def _send_content(self, kind: str, file: StoredFile, parameters: dict[str, str], cut: int | None) -> None:
        if not file.is_downloadable:
            raise _RefusedError(403, "cannotDownloadFile", "This file cannot be downloaded by the user.")
        if kind == "export" and len(file.content) > EXPORT_LIMIT:
            raise _RefusedError(403, "exportSizeLimitExceeded", "This file is too large to be exported.")
        if kind == "media" and file.mime_type.startswith(NATIVE):
            raise _RefusedError(403, "fileNotDownloadable", "Only files with binary content can be downloaded.")
        content, start = file.content, _start(self.headers)
        if start and start >= len(content):
            raise _RefusedError(416, "requestedRangeNotSatisfiable", "Request range not satisfiable")
        self.send_response(206 if start else 200)
        if start:
            self.send_header("Content-Range", f"bytes {start}-{len(content) - 1}/{len(content)}")
        self.send_header("Content-Length", str(len(content) - start))
        self.end_headers()
        self._send_body(memoryview(content)[start:], cut, kind, file.id, start, parameters)

    def _send_body(
        self, body: memoryview, cut: int | None, kind: str, file_id: str, start: int, parameters: dict[str, str]
    ) -> None:
        limit, sent = len(body) if cut is None else min(cut, len(body)), 0
        with suppress(OSError):
            while sent < limit:
                piece = body[sent : min(sent + SENT_AT_ONCE, limit)]
                self.wfile.write(piece)
                sent += len(piece)
                if self.api.bytes_a_second:
                    time.sleep(len(piece) / self.api.bytes_a_second)
        self._note(kind, file_id, start, sent, 206 if start else 200, parameters)
        if sent < len(body):
            self._hang_up()

    def _send_json(
        self, status: int, document: dict[str, Any], cut: int | None = None, retry_after: str | None = None
    ) -> None:
        body = json.dumps(document).encode()
        self.send_response(status)
        if retry_after:
            self.send_header("Retry-After", retry_after)
        self.send_header("Content-Type", "application/json; charset=UTF-8")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body if cut is None else body[:cut])
        if cut is not None:
            self._hang_up()

    def _hang_up(self) -> None:
        self.close_connection = True
        with suppress(OSError):
            self.wfile.flush()
            self.connection.shutdown(socket.SHUT_RDWR)

    def _note(self, kind: str, file_id: str, start: int, sent: int, status: int, parameters: dict[str, str]) -> None:
        self.api.asked.append(Asked(kind, file_id, start, sent, status, parameters))


def _kind(path: str, parameters: dict[str, str]) -> tuple[str, str]:
    place = path.removeprefix("/drive/v3/files").strip("/").split("/")
    if not place[0]:
        return "list", ""
    if len(place) > 1:
        return place[1], place[0]
    return ("media" if parameters.get("alt") == "media" else "get"), place[0]


def _start(headers: Any) -> int:
    found = re.fullmatch(r"bytes=(\d+)-", headers.get("Range", ""))
    return int(found[1]) if found else 0


def _chosen(document: dict[str, Any], parameters: dict[str, str]) -> dict[str, Any]:
    wanted = parameters.get("fields", "kind,id,name,mimeType").split(",")
    return {name: value for name, value in document.items() if name in wanted}
