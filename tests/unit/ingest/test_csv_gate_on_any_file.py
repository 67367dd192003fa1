"""Properties of the gate on generated files, with blocks so small that their boundaries fall everywhere."""

import csv
import gzip
import io

import pyarrow as pa
import pyarrow.csv as pa_csv
import pytest
from gate_runs import gate_bytes
from hypothesis import given, settings
from hypothesis import strategies as st

WIDTH = 3
CELL = st.text(
    st.one_of(st.sampled_from('",\r\n "é€\U0001f355'), st.characters(codec="utf-8", exclude_characters="\0")),
    max_size=8,
)
ROW = st.lists(CELL, min_size=WIDTH, max_size=WIDTH)
BLOCK_SIZE = st.sampled_from([1, 2, 3, 5, 7, 16, 64, 4096])
NEWLINE = st.sampled_from(["\n", "\r\n"])
HEADER = "a,b,c"


def encode_row(cells: list[str], quoting: int = csv.QUOTE_MINIMAL) -> bytes:
    text = io.StringIO(newline="")
    # Python quotes cells with its line terminator's own characters; naming both makes it quote either newline
    csv.writer(text, lineterminator="\r\n", quoting=quoting).writerow(cells)
    return text.getvalue().removesuffix("\r\n").encode()


@settings(deadline=None)
@given(
    rows=st.lists(ROW, max_size=12),
    newline=NEWLINE,
    block_size=BLOCK_SIZE,
    quoting=st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL]),
    ends_with_newline=st.booleans(),
    has_mark=st.booleans(),
    is_gzip=st.booleans(),
)
def test_any_table_of_text_comes_back_exactly(
    rows: list[list[str]],
    newline: str,
    block_size: int,
    quoting: int,
    ends_with_newline: bool,
    has_mark: bool,
    is_gzip: bool,
) -> None:
    lines = [HEADER.encode(), *(encode_row(row, quoting) for row in rows)]
    content = (b"\xef\xbb\xbf" if has_mark else b"") + newline.encode().join(lines)
    content += newline.encode() if ends_with_newline else b""

    run = gate_bytes(gzip.compress(content) if is_gzip else content, block_size=block_size)

    assert (run.cells, run.rejects) == (rows, [])
    assert run.row_numbers == list(range(1, len(rows) + 1))


def _ragged(cells: list[str]) -> tuple[bytes, str | None]:
    return encode_row(cells), "ragged"


GOOD = ROW.map(lambda cells: (encode_row(cells), None))
RAGGED = st.one_of(
    st.lists(CELL, min_size=1, max_size=WIDTH - 1).map(_ragged),
    st.lists(CELL, min_size=WIDTH + 1, max_size=WIDTH + 2).map(_ragged),
)
BAD_BYTES = st.sampled_from([b"\xff", b"\xc3", b"\xe2\x82", b"\xed\xa0\x80", b"\xc0\x80"])
UNDECODABLE = st.tuples(st.one_of(GOOD, RAGGED), BAD_BYTES).map(lambda made: (made[0][0] + made[1], "undecodable"))
NUL = st.one_of(GOOD, RAGGED).map(lambda made: (made[0] + b"\0", "nul_byte"))
BLANK_LINES = st.integers(0, 2)


@settings(deadline=None)
@given(
    records=st.lists(st.tuples(st.one_of(GOOD, GOOD, RAGGED, UNDECODABLE, NUL), BLANK_LINES), max_size=14),
    newline=NEWLINE,
    block_size=BLOCK_SIZE,
)
def test_every_record_is_accepted_or_rejected_with_its_number_and_text(
    records: list[tuple[tuple[bytes, str | None], int]], newline: str, block_size: int
) -> None:
    end = newline.encode()
    content = HEADER.encode() + end + b"".join(text + end * (1 + blanks) for (text, _), blanks in records)

    run = gate_bytes(content, block_size=block_size)

    reasons = [(number, text, reason) for number, ((text, reason), _) in enumerate(records, 1)]
    rejected = [
        (number, reason, text.decode(errors="backslashreplace").replace("\0", "\\x00"))
        for number, text, reason in reasons
        if reason
    ]
    assert [(reject.row_number, reject.reason, reject.raw_text) for reject in run.rejects] == rejected
    assert run.row_numbers == [number for number, _, reason in reasons if not reason]
    assert run.report.record_count == len(records) == run.report.accepted_count + run.report.rejected_count


@settings(deadline=None)
@given(content=st.text(st.sampled_from('ab",\r\n')).map(str.encode), block_size=BLOCK_SIZE)
def test_any_jumble_of_quotes_and_newlines_reads_as_pyarrow_reads_it(content: bytes, block_size: int) -> None:
    expected = pa_csv.read_csv(
        io.BytesIO(content or b"\n"),
        pa_csv.ReadOptions(column_names=list("abc")),
        pa_csv.ParseOptions(newlines_in_values=True, invalid_row_handler=lambda _: "skip"),
        pa_csv.ConvertOptions(column_types=dict.fromkeys("abc", pa.string())),
    )

    run = gate_bytes(b"a,b,c\n" + content, block_size=block_size, allow_error=True)

    rows = [list(row.values()) for row in expected.to_pylist()]
    # where the last quote is never closed, pyarrow takes the rest of the file for its field, the gate refuses it
    assert run.cells == rows[: len(run.cells)]
    assert "never closed" in run.error if run.error else run.cells == rows


@pytest.mark.parametrize("block_size", [1, 7, 30, 4096])
def test_stray_quotes_inside_fields_are_ordinary_characters(block_size: int) -> None:
    run = gate_bytes(b'a,b,c\n12" pizza,x"y,"q\nr"\n"a"b"c, "d",e\n', block_size=block_size)

    assert run.cells == [['12" pizza', 'x"y', "q\nr"], ['ab"c', ' "d"', "e"]]
