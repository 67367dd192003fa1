"""A byte order mark inside a file, as files put together have it, is text like any other."""

import pytest
from gate_runs import gate_bytes

MARK = b"\xef\xbb\xbf"


@pytest.mark.parametrize("block_size", [12, 13, 14, 18, 1 << 20])
@pytest.mark.parametrize(
    ("rest", "cells"),
    [
        pytest.param(MARK + b"7,8,9\n", ["\ufeff7", "8", "9"], id="before a value"),
        pytest.param(MARK + MARK + b"7,8,9\n", ["\ufeff\ufeff7", "8", "9"], id="twice"),
    ],
)
def test_a_mark_inside_a_file_stays_wherever_the_reader_cuts_it(rest: bytes, cells: list[str], block_size: int) -> None:
    run = gate_bytes(b"a,b,c\n1,2,3\n4,5,6\n" + rest, block_size=block_size, allow_error=True)

    assert (run.error, run.cells) == (None, [["1", "2", "3"], ["4", "5", "6"], cells])


@pytest.mark.parametrize("block_size", [12, 18, 1 << 20])
def test_a_mark_alone_on_a_line_is_a_field_too_few(block_size: int) -> None:
    run = gate_bytes(b"a,b,c\n1,2,3\n4,5,6\n" + MARK + b"\n", block_size=block_size, allow_error=True)

    assert (run.error, [(one.row_number, one.reason) for one in run.rejects]) == (None, [(3, "ragged")])
