"""A TCP server that lets redshift-connector in to PostgreSQL: one thread a connection, one batch of messages at a time.

The client's messages up to Sync are taken as a whole. A statement in them may be rewritten, or carried out here through
the same PostgreSQL session (so in the same transaction), or answered with an error. PostgreSQL's own errors are told in
Redshift's words where the warehouse has to tell them apart.
"""

from __future__ import annotations

import socket
import struct
import threading
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass, field

from postgres_messages import (
    Column,
    Message,
    as_message,
    columns_of,
    error_fields,
    error_message,
    exactly,
    fields_of,
    read_message,
)

_STARTUP, _SSL_REQUEST = 196608, 80877103
_KNOWN_PARAMETERS = {"user", "database", "application_name", "options", "client_encoding"}
_PARSE, _QUERY, _SYNC, _TERMINATE = b"P", b"Q", b"S", b"X"


class RefusedError(Exception):
    """An error to be told to the client as Redshift would: (SQLSTATE, message, detail)."""

    def __init__(self, message: str, detail: str = "", code: str = "XX000") -> None:
        super().__init__(message)
        self.fields = {"S": "ERROR", "C": code, "M": message, "D": detail}


class CutError(Exception):
    """The connection is to end here and now."""


@dataclass
class Backend:
    """The PostgreSQL session behind a connection, for statements of the emulator's own."""

    socket: socket.socket
    columns: list[Column] = field(default_factory=list)

    def rows(self, sql: str) -> list[list[str | None]]:
        """The rows of a statement as text; `columns` describe them. Raises RefusedError with PostgreSQL's error."""
        self._send(_QUERY, sql.encode() + b"\0")
        return [list(fields_of(body)) for kind, body in self._answers() if kind == b"D"]

    def copied_out(self, query: str) -> bytes:
        """A query's rows in PostgreSQL's text format."""
        self._send(_QUERY, f"COPY ({query}) TO STDOUT".encode() + b"\0")
        return b"".join(body for kind, body in self._answers() if kind == b"d")

    def copy_in(self, target: str, lines: Iterable[bytes]) -> None:
        """Add rows, in PostgreSQL's text format."""
        self._send(_QUERY, f"COPY {target} FROM STDIN".encode() + b"\0")
        kind, body = read_message(self.socket)
        while kind not in b"GE":
            kind, body = read_message(self.socket)
        if kind == b"G":
            for line in lines:
                self._send(b"d", line)
            self._send(b"c", b"")
        self._raise_first([(kind, body), *self._answers(is_raised=False)])

    def break_transaction(self) -> None:
        """Leave the transaction as a statement that failed leaves it."""
        self._send(_QUERY, b"DO $$ BEGIN RAISE EXCEPTION 'refused by the emulator'; END $$\0")
        list(self._answers(is_raised=False))

    def _send(self, kind: bytes, body: bytes) -> None:
        self.socket.sendall(as_message(kind, body))

    def _answers(self, *, is_raised: bool = True) -> list[Message]:
        found = []
        while True:
            kind, body = read_message(self.socket)
            if kind == b"Z":
                break
            if kind == b"T":
                self.columns = list(columns_of(body))
            found.append((kind, body))
        if is_raised:
            self._raise_first(found)
        return found

    @staticmethod
    def _raise_first(answers: Iterable[Message]) -> None:
        for kind, body in answers:
            if kind == b"E":
                told = error_fields(body)
                raise RefusedError(told["M"], told.get("D", ""), told["C"])


# What to do with a statement: the SQL to run in its place. May raise RefusedError or CutError.
Handler = Callable[[str, Backend], str]


class RedshiftWire:
    """Serves on 127.0.0.1 and a free port; every statement goes through `handle`, every error through `translate`."""

    def __init__(
        self, address: tuple[str, int], handle: Handler, translate: Callable[[dict[str, str]], dict[str, str]]
    ) -> None:
        self._address, self._handle, self._translate = address, handle, translate
        self._server = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._server.getsockname()[1])
        threading.Thread(target=self._serve, name="redshift", daemon=True).start()

    def close(self) -> None:
        self._server.close()

    def _serve(self) -> None:
        while True:
            try:
                client, _ = self._server.accept()
            except OSError:
                return
            threading.Thread(target=self._connection, args=(client,), daemon=True).start()

    def _connection(self, client: socket.socket) -> None:
        with client, suppress(EOFError, OSError, CutError):
            client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            start = self._start_of(client)  # before anything else: some only look whether somebody answers
            with socket.create_connection(self._address) as server:
                server.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                server.sendall(start)
                self._log_in(client, server)
                while self._batch(client, server):
                    pass

    @staticmethod
    def _start_of(client: socket.socket) -> bytes:
        """The start-up message without what PostgreSQL does not know."""
        while True:
            length, code = struct.unpack("!ii", exactly(client, 8))
            body = exactly(client, length - 8)
            if code != _SSL_REQUEST:
                break
            client.sendall(b"N")
        parts = body.split(b"\0")
        pairs = [(name, value) for name, value in zip(parts[::2], parts[1::2], strict=False) if name]
        kept = b"".join(n + b"\0" + v + b"\0" for n, v in pairs if n.decode() in _KNOWN_PARAMETERS) + b"\0"
        return struct.pack("!ii", len(kept) + 8, _STARTUP) + kept

    def _log_in(self, client: socket.socket, server: socket.socket) -> None:
        """Pass on the exchange of the password, until the session is ready."""
        while True:
            kind, body = read_message(server)
            if kind == b"S" and body.startswith(b"server_version\0"):
                body = b"server_version\x008.0.2\0"
            self._pass_on(client, kind, body)
            if kind == b"R" and struct.unpack("!i", body[:4])[0] in (3, 5, 10, 11):
                kind, body = read_message(client)
                server.sendall(as_message(kind, body))
            elif kind == b"Z":
                return
            elif kind == b"E":
                raise EOFError

    def _batch(self, client: socket.socket, server: socket.socket) -> bool:
        """One batch of the client's messages and the answers to it; False where the client leaves."""
        batch: list[Message] = []
        refusal: RefusedError | None = None
        while not batch or batch[-1][0] not in (_SYNC, _QUERY):
            kind, body = read_message(client)
            if kind == _TERMINATE:
                return False
            if kind in (_PARSE, _QUERY) and refusal is None:
                backend = Backend(server)
                try:
                    body = self._rewritten(kind, body, backend)
                except RefusedError as error:
                    refusal = error
            batch.append((kind, body))
        if refusal is not None:
            Backend(server).break_transaction()
            self._pass_on(client, b"E", error_message(refusal.fields))
            client.sendall(as_message(b"Z", b"E"))
            return True
        server.sendall(b"".join(as_message(*message) for message in batch))
        while True:
            kind, body = read_message(server)
            self._pass_on(client, kind, body)
            if kind == b"Z":
                return True

    def _rewritten(self, kind: bytes, body: bytes, backend: Backend) -> bytes:
        name, rest = body.split(b"\0", 1) if kind == _PARSE else (None, body)
        sql, tail = rest.split(b"\0", 1)
        changed = self._handle(sql.decode(), backend).encode() + b"\0" + tail
        return changed if name is None else name + b"\0" + changed

    def _pass_on(self, client: socket.socket, kind: bytes, body: bytes) -> None:
        if kind == b"E":
            body = error_message(self._translate(error_fields(body)))
        client.sendall(as_message(kind, body))
