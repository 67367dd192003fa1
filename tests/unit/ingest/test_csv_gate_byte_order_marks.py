"""A byte order mark inside a file, as files put together have it: what the parser would swallow is refused."""

import pytest
from gate_runs import gate_bytes

MARK = b"\xef\xbb\xbf"
BLOCK = 12
WHOLE_BLOCKS = b"a,b,c\n1,2,3\n4,5,6\n7,8,9\n"


@pytest.mark.parametrize(
    ("rest", "line"),
    [
        pytest.param(
            MARK, "abc.csv: cannot be parsed from record 4 on (Empty CSV file); correct it", id="nothing but a mark"
        ),
        pytest.param(
            MARK + b'"x\ny",,\n',
            "abc.csv: from record 4 on, 2 records were found, but 1 accepted and 0 rejected;"
            " correct the quotes of these records",
            id="a quote after a mark",
        ),
    ],
)
def test_a_mark_where_a_piece_of_the_file_begins_is_refused_with_its_place(rest: bytes, line: str) -> None:
    run = gate_bytes(WHOLE_BLOCKS + rest, block_size=BLOCK, allow_error=True)

    assert (run.error, run.row_numbers) == (line, [1, 2, 3])
