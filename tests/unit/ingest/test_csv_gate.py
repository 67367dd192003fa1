"""What the gate makes of one file; the three-column source has the columns a, b, c."""

import gzip
import hashlib
import io
from datetime import UTC, datetime

import pyarrow as pa
import pytest
from gate_runs import ABC, INGESTED_AT, gate_bytes

from medallion.errors import InputError
from medallion.ingest.csv_gate import CsvGate, Delivery, bronze_schema
from medallion.ingest.csv_rejects import GateReject
from medallion.products.restaurant.sources import ORDER_ITEMS


def test_rows_carry_their_file_number_batch_and_time_of_reading() -> None:
    run = gate_bytes(b"a,b,c\n1,2,3\n")

    assert run.batches[0].to_pylist() == [
        {
            "a": "1",
            "b": "2",
            "c": "3",
            "_source_file": "abc.csv",
            "_row_number": 1,
            "_batch_id": "0001",
            "_ingested_at": INGESTED_AT,
        }
    ]


def test_batches_have_the_bronze_schema_of_their_source() -> None:
    header = ",".join(ORDER_ITEMS.column_names).encode()

    run = gate_bytes(header + b"\n" + b"," * 12 + b"\n", source=ORDER_ITEMS)

    assert run.batches[0].schema == bronze_schema(ORDER_ITEMS)
    assert run.batches[0].schema.names == list(ORDER_ITEMS.bronze.column_names)
    assert run.batches[0].schema.field("_ingested_at").type == pa.timestamp("us", "UTC")


def test_what_looks_like_a_number_a_null_or_a_date_stays_text() -> None:
    run = gate_bytes(b"a,b,c\n007,NULL,2024-01-01\n1e3,NaN,\n")

    assert run.cells == [["007", "NULL", "2024-01-01"], ["1e3", "NaN", ""]]


@pytest.mark.parametrize("quoted", [b'""', b""])
def test_empty_text_is_empty_text_and_never_null(quoted: bytes) -> None:
    run = gate_bytes(b"a,b,c\n1,%b,3\n" % quoted)

    assert run.batches[0].column("b").to_pylist() == [""]


def test_quotes_keep_commas_newlines_and_doubled_quotes_as_text() -> None:
    run = gate_bytes(b'a,b,c\n"x, y","line 1\r\nline 2","say ""hi"""\n')

    assert run.cells == [["x, y", "line 1\r\nline 2", 'say "hi"']]


@pytest.mark.parametrize("newline", [b"\n", b"\r\n", b"\r"])
def test_every_kind_of_newline_ends_a_record(newline: bytes) -> None:
    run = gate_bytes(newline.join([b"a,b,c", b"1,2,3", b"4,5,6"]))

    assert run.cells == [["1", "2", "3"], ["4", "5", "6"]]


def test_columns_are_found_by_name_in_any_case_and_order_with_blanks_around() -> None:
    run = gate_bytes(b'"C", B ,A\n3,2,1\n')

    assert run.cells == [["1", "2", "3"]]


def test_a_byte_order_mark_is_no_part_of_the_first_name() -> None:
    run = gate_bytes(b"\xef\xbb\xbfa,b,c\n1,2,3\n", block_size=1)

    assert run.cells == [["1", "2", "3"]]


def test_extra_columns_are_left_out_and_reported() -> None:
    run = gate_bytes(b"a,Note,b,c,\n1,x,2,3,\n")

    assert run.cells == [["1", "2", "3"]]
    assert run.report.extra_columns == ("Note", "(field 5)")


def test_blank_lines_are_not_counted() -> None:
    run = gate_bytes(b"\n\r\na,b,c\n\n1,2,3\n\r\n\n4,5,6\n\n")

    assert run.row_numbers == [1, 2]
    assert run.report.record_count == 2


def test_a_file_with_only_a_header_has_no_rows() -> None:
    run = gate_bytes(b"a,b,c")

    assert (run.batches, run.report.record_count) == ([], 0)


def test_a_ragged_record_is_rejected_with_its_number_and_text_and_the_others_keep_theirs() -> None:
    run = gate_bytes(b'a,b,c\n1,2,3\n"4\n4",5\n6,7,8,9\n10,11,12\n')

    assert run.rejects == [
        GateReject(2, "ragged", "expected 3 fields, found 2", '"4\n4",5'),
        GateReject(3, "ragged", "expected 3 fields, found 4", "6,7,8,9"),
    ]
    assert run.row_numbers == [1, 4]


def test_only_the_record_that_is_not_utf8_is_rejected() -> None:
    run = gate_bytes("a,b,c\n1,é,3\n".encode() + b"4,caf\xe9,6\n7,8,9\n")

    detail = "byte 0xe9 at position 5 of the record is not UTF-8"
    assert run.rejects == [GateReject(2, "undecodable", detail, r"4,caf\xe9,6")]
    assert run.cells == [["1", "é", "3"], ["7", "8", "9"]]


def test_only_the_record_with_a_nul_byte_is_rejected() -> None:
    run = gate_bytes(b"a,b,c\n1,2,3\n4,x\0y,6\n7,8,9\n")

    assert run.rejects == [GateReject(2, "nul_byte", "NUL byte at position 3 of the record", r"4,x\x00y,6")]
    assert run.row_numbers == [1, 3]


def test_a_file_of_nothing_but_bad_records_loses_none_of_them() -> None:
    run = gate_bytes(b"a,b,c\n1\n\xff,,\n\0,,\n")

    assert [reject.reason for reject in run.rejects] == ["ragged", "undecodable", "nul_byte"]
    assert (run.report.record_count, run.report.accepted_count, run.report.rejected_count) == (3, 0, 3)


def test_the_report_has_the_digest_and_size_of_the_file_as_delivered() -> None:
    content = gzip.compress(b"a,b,c\n1,2,3\n", mtime=0)

    report = gate_bytes(content, file_name="abc.csv.gz").report

    assert (report.sha256, report.byte_count) == (hashlib.sha256(content).hexdigest(), len(content))


def test_there_is_no_report_before_all_batches_are_taken() -> None:
    delivery = Delivery("abc.csv", "0001", datetime(2024, 1, 1, tzinfo=UTC))
    gate = CsvGate(io.BytesIO(b"a,b,c\n1,2,3\n"), ABC, delivery, on_rejects=print)

    with pytest.raises(RuntimeError, match="before all batches"):
        gate.report()


def test_gzip_is_known_by_its_first_bytes_whatever_the_name() -> None:
    run = gate_bytes(gzip.compress(b"a,b,c\n1,2,3\n"), file_name="abc.csv")

    assert run.cells == [["1", "2", "3"]]


def test_gzip_of_several_members_padded_with_zeros_is_read_to_its_end() -> None:
    content = gzip.compress(b"a,b,c\n1,2,3\n") + gzip.compress(b"4,5,6\n") + bytes(1000)

    run = gate_bytes(content, block_size=5)

    assert run.cells == [["1", "2", "3"], ["4", "5", "6"]]
    assert run.report.byte_count == len(content)


COMPRESSED = gzip.compress(b"a,b,c\n" + b"1,2,3\n" * 100, mtime=0)


@pytest.mark.parametrize(
    ("content", "file_name", "line"),
    [
        (b"", "abc.csv", "abc.csv: has no header, no record at all"),
        (b"\xef\xbb\xbf\r\n\n", "abc.csv", "abc.csv: has no header, no record at all"),
        (gzip.compress(b"", mtime=0), "abc.csv.gz", "abc.csv.gz: has no header, no record at all"),
        (b"a,b,c\n", "abc.csv.gz", "abc.csv.gz: is not gzip although its name ends in .gz; rename it or compress it"),
        (COMPRESSED[:-9], "abc.csv.gz", "abc.csv.gz: the gzip data ends too early; deliver the whole file again"),
        (COMPRESSED[:-8] + b"12345678", "abc.csv.gz", "abc.csv.gz: the gzip data is damaged"),
        (COMPRESSED + b"more", "abc.csv.gz", "abc.csv.gz: the gzip data is damaged"),
        (b'a,b,c\n1,2,3\n4,"5,6\n7,8,9\n', "abc.csv", "abc.csv: record 2 opens a quote that is never closed"),
        (b'a,"b,c\n1,2,3\n', "abc.csv", "abc.csv: the header opens a quote that is never closed"),
        ("a,b,c\n1,2,3\n".encode("utf-16"), "abc.csv", "abc.csv: looks like UTF-16 or binary data; save it as CSV"),
        (b"a,b,c,\xe9\n", "abc.csv", "abc.csv: the header is not UTF-8"),
    ],
)
def test_a_file_that_cannot_be_read_is_refused_in_one_line(content: bytes, file_name: str, line: str) -> None:
    run = gate_bytes(content, file_name=file_name, allow_error=True)

    assert (run.error or "").startswith(line)
    assert "\n" not in (run.error or "")


@pytest.mark.parametrize("opening", [b'"', b""])
def test_a_record_longer_than_the_limit_is_refused_with_its_number(opening: bytes) -> None:
    content = b"a,b,c\n1,2,3\n4,5," + opening + b"x" * 5000 + b"\n7,8,9\n" * 3

    run = gate_bytes(content, block_size=64, max_record_size=1000, allow_error=True)

    assert (run.error or "").startswith("abc.csv: record 2 is longer than 1000 bytes")
    assert run.row_numbers == [1]


def test_a_field_bigger_than_the_block_is_read_whole() -> None:
    run = gate_bytes(b'a,b,c\n1,2,"' + b"x\n" * 5000 + b'"\n4,5,6\n', block_size=64)

    assert [len(cells[2]) for cells in run.cells] == [10000, 1]


def test_a_failing_disk_is_an_input_error_that_names_the_file() -> None:
    class FailingStream(io.BytesIO):
        def read(self, size: int | None = -1) -> bytes:
            raise OSError(5, "Input/output error")

    with pytest.raises(InputError, match=r"abc\.csv: cannot be read .*Input/output error"):
        CsvGate(FailingStream(), ABC, Delivery("abc.csv", "1", INGESTED_AT), on_rejects=print)


def test_batches_may_be_left_unfinished() -> None:
    gate = CsvGate(
        io.BytesIO(b"a,b,c\n" + b"1,2,3\n" * 1000),
        ABC,
        Delivery("abc.csv", "1", INGESTED_AT),
        on_rejects=print,
        block_size=100,
    )
    batches = gate.batches()

    first = next(batches)
    batches.close()

    assert first.column("_row_number")[0].as_py() == 1
