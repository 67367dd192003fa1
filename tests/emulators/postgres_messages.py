"""Messages of PostgreSQL's protocol, as bytes and read from a socket: errors, rows and descriptions of columns."""

from __future__ import annotations

import socket
import struct
from collections.abc import Iterator
from dataclasses import dataclass

Message = tuple[bytes, bytes]


@dataclass(frozen=True)
class Column:
    """A column of a result: its type's number, and what the type is restricted to (-1: nothing)."""

    name: str
    type_number: int
    modifier: int


def as_message(kind: bytes, body: bytes) -> bytes:
    return kind + struct.pack("!i", len(body) + 4) + body


def read_message(source: socket.socket) -> Message:
    kind = exactly(source, 1)
    (length,) = struct.unpack("!i", exactly(source, 4))
    return kind, exactly(source, length - 4)


def exactly(source: socket.socket, length: int) -> bytes:
    """The next bytes; raises EOFError where the other side has gone."""
    parts = []
    while length:
        part = source.recv(min(length, 1 << 20))
        if not part:
            raise EOFError
        parts.append(part)
        length -= len(part)
    return b"".join(parts)


def error_fields(body: bytes) -> dict[str, str]:
    return {part[:1].decode(): part[1:].decode() for part in body.split(b"\0") if part}


def error_message(fields: dict[str, str]) -> bytes:
    return b"".join(name.encode() + text.encode() + b"\0" for name, text in fields.items() if text) + b"\0"


def fields_of(body: bytes) -> Iterator[str | None]:
    (count,) = struct.unpack("!h", body[:2])
    at = 2
    for _ in range(count):
        (length,) = struct.unpack("!i", body[at : at + 4])
        at += 4
        yield None if length < 0 else body[at : at + length].decode()
        at += max(length, 0)


def columns_of(body: bytes) -> Iterator[Column]:
    (count,) = struct.unpack("!h", body[:2])
    at = 2
    for _ in range(count):
        end = body.index(b"\0", at)
        _, _, type_number, _, modifier, _ = struct.unpack("!ihihih", body[end + 1 : end + 19])
        yield Column(body[at:end].decode(), type_number, modifier)
        at = end + 19
