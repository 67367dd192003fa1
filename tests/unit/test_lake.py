import errno
import json
import os
import re
import threading
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from pyspark.sql import SparkSession

from medallion.contracts import Column, Layer, Table
from medallion.errors import StorageError
from medallion.lake import Lake, LakeFile, storage_message

GREETINGS = Table(
    name="greetings",
    layer=Layer.SILVER,
    grain=("name",),
    description="Greetings.",
    columns=(Column("name", "varchar(10)", "Whom."), Column("amount", "decimal(18,2)", "How much.")),
)


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    return Lake(str(tmp_path / "lake"))


def put(lake: Lake, path: str, content: bytes = b"x") -> None:
    target = Path(lake.root) / path
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_bytes(content)


def write_names(lake: Lake, path: str, *names: str) -> None:
    schema = pa.schema([("extra", pa.int64()), ("amount", pa.decimal128(18, 2)), ("name", pa.string())])
    rows = [{"extra": 1, "amount": None, "name": name} for name in names]
    with lake.parquet_writer(path, schema) as writer:
        writer.write_table(pa.Table.from_pylist(rows, schema))


def test_files_are_listed_by_path_with_their_sizes_however_deep(lake: Lake) -> None:
    put(lake, "bronze/b.parquet", b"22")
    put(lake, "bronze/a/deep/c.parquet", b"333")

    assert lake.files("bronze") == [LakeFile("bronze/a/deep/c.parquet", 3), LakeFile("bronze/b.parquet", 2)]


def test_hidden_files_and_files_of_other_kinds_are_left_out(lake: Lake) -> None:
    for name in ("_part.parquet", ".part.parquet", "part.parquet.crc", "_SUCCESS", "part.parquet"):
        put(lake, f"bronze/{name}")

    assert [file.path for file in lake.files("bronze")] == ["bronze/part.parquet"]


def test_a_folder_that_is_not_there_holds_nothing(lake: Lake) -> None:
    assert (lake.files("nowhere"), lake.folders("nowhere")) == ([], [])


def test_folders_are_those_directly_below(lake: Lake) -> None:
    put(lake, "staging/run-2/table/x.parquet")
    put(lake, "staging/run-1/x.parquet")
    put(lake, "staging/x.parquet")

    assert lake.folders("staging") == ["run-1", "run-2"]


def test_a_document_comes_back_as_it_was_written(lake: Lake) -> None:
    lake.write_json("staging/run/manifest.json", {"rows": 3, "name": "Café"})

    assert lake.read_json("staging/run/manifest.json") == {"rows": 3, "name": "Café"}


def test_a_document_is_replaced_whole_and_leaves_no_other_file(lake: Lake) -> None:
    lake.write_json("manifest.json", {"rows": 3})

    lake.write_json("manifest.json", {"rows": 4})

    assert lake.read_json("manifest.json") == {"rows": 4}
    assert [file.name for file in Path(lake.root).iterdir()] == ["manifest.json"]


def test_a_document_that_cannot_be_written_leaves_the_old_one(lake: Lake) -> None:
    lake.write_json("manifest.json", {"rows": 3})

    with pytest.raises(TypeError):
        lake.write_json("manifest.json", {("no", "name"): 4})

    assert lake.read_json("manifest.json") == {"rows": 3}


@pytest.mark.parametrize("content", [b"", b'{"rows": 3', b"[1, 2]", b"\xff\xfe\x00"])
def test_a_document_that_was_not_written_to_its_end_is_none(lake: Lake, content: bytes) -> None:
    put(lake, "manifest.json", content)

    assert lake.read_json("manifest.json") is None


def test_a_document_that_is_not_there_is_none(lake: Lake) -> None:
    assert lake.read_json("manifest.json") is None


def test_a_footer_is_read_of_each_file(lake: Lake) -> None:
    write_names(lake, "bronze/1.parquet", "anna", "bob")
    write_names(lake, "bronze/2.parquet", "cleo")

    assert [footer.num_rows for footer in lake.footers(lake.files("bronze"))] == [2, 1]


@pytest.mark.parametrize("content", [b"", b"PAR1", b"no Parquet at all, but text\nin lines", bytes(100)])
def test_a_damaged_file_whose_footer_is_read_is_named(lake: Lake, content: bytes) -> None:
    put(lake, "bronze/1.parquet", content)

    with pytest.raises(StorageError) as failure:
        lake.footers(lake.files("bronze"))

    assert re.fullmatch(
        rf"{lake.root}/bronze/1\.parquet: is damaged \(.+\); run again to build it, .+", str(failure.value)
    )


def test_files_are_read_as_the_columns_of_the_contract(lake: Lake, spark: SparkSession) -> None:
    write_names(lake, "bronze/1.parquet", "anna")
    write_names(lake, "bronze/2.parquet", "bob")

    found = lake.read_table(spark, GREETINGS, lake.files("bronze"))

    assert found.columns == ["name", "amount"]
    assert sorted(row["name"] for row in found.collect()) == ["anna", "bob"]


def test_no_files_are_a_table_without_rows(lake: Lake, spark: SparkSession) -> None:
    found = lake.read_table(spark, GREETINGS, [])

    assert dict(found.dtypes) == {"name": "string", "amount": "decimal(18,2)"}
    assert found.count() == 0


def test_a_deleted_folder_is_gone_with_all_it_holds(lake: Lake) -> None:
    put(lake, "staging/run/table/x.parquet")

    lake.delete("staging/run")
    lake.delete("staging/run")

    assert lake.folders("staging") == []


def test_a_file_where_a_folder_must_be_is_named(lake: Lake) -> None:
    put(lake, "staging")

    with pytest.raises(StorageError) as failure:
        lake.write_json("staging/run/manifest.json", {})

    message = str(failure.value)
    assert message.startswith(f"{lake.root}/staging/run/manifest.json: ")
    assert message.endswith("; check the storage and run the same command again")
    assert "\n" not in message


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="the device that is always full is Linux's")
def test_a_full_disk_is_said_to_be_full() -> None:
    with pytest.raises(OSError, match="No space left") as failure, Path("/dev/full").open("wb", buffering=0) as full:
        full.write(b"x")

    assert storage_message("lake/x", failure.value) == (
        "lake/x: no space left on the device; free some and run the same command again, it goes on"
    )


@pytest.mark.parametrize("number", [errno.EACCES, errno.EPERM])
def test_a_forbidden_folder_is_said_to_be_forbidden(number: int) -> None:
    assert storage_message("lake/x", OSError(number, os.strerror(number))) == (
        "lake/x: permission denied; allow this user to write there, or choose another --home"
    )


def test_of_any_other_failure_the_first_line_is_given() -> None:
    assert storage_message("lake/x", OSError("stale file handle\nand much more")) == (
        "lake/x: stale file handle; check the storage and run the same command again"
    )


def test_addresses_are_absolute_wherever_the_program_was_started(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)

    assert Lake("lake").uri("bronze/x") == f"{tmp_path}/lake/bronze/x"


def test_what_is_no_json_type_is_written_as_text(lake: Lake) -> None:
    lake.write_json("manifest.json", {"root": Path("a/b")})

    assert json.loads((Path(lake.root) / "manifest.json").read_text()) == {"root": "a/b"}


def test_a_small_table_that_is_written_again_is_whole_to_who_reads_it_meanwhile(lake: Lake) -> None:
    first = lake.write_parquet("keys/k.parquet", pa.table({"k": ["a", "b"]}))
    with Path(lake.uri(first.path)).open("rb") as reading:
        again = lake.write_parquet("keys/k.parquet", pa.table({"k": ["c"]}))
        assert pq.read_table(reading).column("k").to_pylist() == ["a", "b"]
    assert pq.read_table(lake.uri(again.path)).column("k").to_pylist() == ["c"]
    assert [file.path for file in lake.files("keys")] == ["keys/k.parquet"]


def test_a_bucket_is_asked_in_the_region_that_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []

    class Bucket(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.headers["Authorization"])
            self.send_error(404)

        def log_message(self, *_: object) -> None: ...

    server = HTTPServer(("127.0.0.1", 0), Bucket)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    for name in ("AWS_REGION", "AWS_DEFAULT_REGION"):
        monkeypatch.delenv(name, raising=False)
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "any")
    monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://127.0.0.1:{server.server_port}")
    try:
        Lake("s3://bucket/lake", "eu-west-3").files("bronze")
    finally:
        server.shutdown()
        server.server_close()
    assert [re.findall(r"/(\S+)/s3/", one) for one in asked] == [[f"{datetime.now(UTC):%Y%m%d}/eu-west-3"]]
