"""Where the records of a CSV text begin and end.

The rules are those of pyarrow's parser, byte by byte: a field is quoted if its first byte is a quote; inside, two
quotes are one quote and newlines are text; a quote anywhere else is an ordinary character. `\\n`, `\\r\\n` and `\\r`
end a record; blank lines are no records.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from medallion.ingest.delivered_bytes import DeliveredBytes

Positions = NDArray[np.int64]
_QUOTE = b'"'
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"
_FIELD_ENDS = b",\r\n"
_NO_EDGES = np.empty(0, dtype=np.int64)
_NEXT_TO_QUOTED = np.zeros(256, dtype=np.bool_)
_NEXT_TO_QUOTED[list(_FIELD_ENDS + _QUOTE)] = True


def quote_edges(text: bytes) -> Positions:
    """Where quoted fields open and close, in turn; an odd number of edges: the last field is still open.

    A doubled quote may count as a close and an open, or not at all: what lies between is empty.
    """
    if _QUOTE not in text:
        return _NO_EDGES
    array = np.frombuffer(text, dtype=np.uint8)
    quotes = np.flatnonzero(array == ord(_QUOTE))
    opening, closing = quotes[0::2], quotes[1::2]
    before = array[opening[opening > 0] - 1]
    after = array[closing[closing < len(array) - 1] + 1]
    is_well_formed = _NEXT_TO_QUOTED[before].all() and _NEXT_TO_QUOTED[after].all()
    return quotes if is_well_formed else _edges_among_stray_quotes(text)


def _edges_among_stray_quotes(text: bytes) -> Positions:
    """The same where some quotes are ordinary characters (`12" pizza`): one quote after the other."""
    edges: list[int] = []
    position = 0
    while (opening := text.find(_QUOTE, position)) >= 0:
        position = opening + 1
        if opening and text[opening - 1] not in _FIELD_ENDS:
            continue
        edges.append(opening)
        closing = text.find(_QUOTE, opening + 1)
        while closing >= 0 and text[closing + 1 : closing + 2] == _QUOTE:
            closing = text.find(_QUOTE, closing + 2)
        if closing < 0:
            break
        edges.append(closing)
        position = closing + 1
    return np.array(edges, dtype=np.int64)


def last_record_end(text: bytes, edges: Positions) -> int:
    """The position after the last newline that ends a record; 0 where there is none."""
    end = _last_newline(text, len(text))
    while end >= 0 and (edges_before := int(np.searchsorted(edges, end))) % 2:
        end = _last_newline(text, int(edges[edges_before - 1]))
    return end + 1


def _last_newline(text: bytes, end: int) -> int:
    line_feed = text.rfind(b"\n", 0, end)
    return max(line_feed, text.rfind(b"\r", line_feed + 1, end))


@dataclass(frozen=True)
class Records:
    """Whole records: their text, and where quoted fields open and close in it (maybe with edges beyond its end)."""

    text: bytes
    edges: Positions

    def spans(self) -> tuple[Positions, Positions]:
        """The start and end (exclusive, without its newline) of each record, found without parsing fields."""
        array = np.frombuffer(self.text, dtype=np.uint8)
        is_newline = array == ord("\n")
        if b"\r" in self.text:
            is_newline |= array == ord("\r")
        ends = np.flatnonzero(is_newline)
        if self.edges.size:
            ends = ends[np.searchsorted(self.edges, ends) % 2 == 0]
        if not ends.size or ends[-1] != len(self.text) - 1:
            ends = np.append(ends, len(self.text))
        starts = np.concatenate(([0], ends[:-1] + 1))
        # the nothing between \r and \n, and between the newlines of blank lines, is no record
        is_record = ends > starts
        return starts[is_record], ends[is_record]


class WholeRecords:
    """Cuts a delivered file into its first record, the header, and then chunks of whole records.

    A chunk is about `block_size` bytes. What is left when the iteration ends is `unfinished`: a record whose quote is
    never closed, or which is longer than `max_record_size` bytes; in a sound file it is empty.
    """

    def __init__(self, content: DeliveredBytes, block_size: int, max_record_size: int) -> None:
        self._content = content
        self._block_size = block_size
        self._max_record_size = max_record_size
        self._carried = b""
        self.unfinished = b""

    def header(self) -> bytes:
        """The first record, without its newline and a byte order mark; empty where there is no record."""
        text = self._read_block()
        while True:
            content = text.removeprefix(_BYTE_ORDER_MARK)
            starts, ends = Records(content, quote_edges(content)).spans()
            block = b"" if starts.size > 1 or len(text) > self._max_record_size else self._read_block()
            if not block:
                break
            text += block
        if not starts.size:
            return b""
        self._carried = content[ends[0] :]
        return content[starts[0] : ends[0]]

    def __iter__(self) -> Iterator[Records]:
        while block := self._read_block():
            text = self._carried + block
            edges = quote_edges(text)
            end = last_record_end(text, edges)
            self._carried = text[end:]
            if end:
                yield Records(text[:end], edges)
            if len(self._carried) > self._max_record_size:
                self.unfinished = self._carried
                return
        text, self._carried = self._carried, b""
        edges = quote_edges(text)
        end = last_record_end(text, edges) if edges.size % 2 else len(text)
        self.unfinished = text[end:]
        if end:
            yield Records(text[:end], edges)

    def _read_block(self) -> bytes:
        """The next `block_size` bytes; fewer only at the end of the file."""
        parts = [self._content.read(self._block_size)]
        size = len(parts[0])
        while parts[-1] and size < self._block_size:
            parts.append(self._content.read(self._block_size - size))
            size += len(parts[-1])
        return b"".join(parts)
