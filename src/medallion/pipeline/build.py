"""Building a table: its inputs, whole or within the affected values of its key, through its function into staging."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from medallion.contracts import BRONZE_PREFIX
from medallion.delivered_text import BLANKS
from medallion.ingest import bronze
from medallion.pipeline.affected import KeySet
from medallion.pipeline.engine_failure import engine_failures
from medallion.pipeline.fingerprint import definition_of, table_fingerprint
from medallion.pipeline.progress import Event
from medallion.pipeline.stage import StagedTable, stage, staged_before
from medallion.warehouse import increments, quarantine

if TYPE_CHECKING:
    import pyarrow as pa
    from pyspark.sql import DataFrame

    from medallion.contracts import Column
    from medallion.data_product import Step
    from medallion.lake import LakeFile
    from medallion.pipeline.running import Running


def build(running: Running, step: Step, fingerprint: str, *, is_update: bool) -> StagedTable:
    """Stage a table: all of it, or in an update its rows of the affected values of its key."""
    name = step.table.name
    running.tell(Event(step.table.layer.value, name, "updating" if is_update else "building"))
    began = datetime.now(UTC)
    try:
        with running.lock:  # what several tables need is prepared by the first
            keys = _keys(running, step) if is_update else None
            if keys and step.table.source:
                read_again(running, keys)
            for needed in step.inputs:
                _stage_intermediate(running, needed, keys)
        with engine_failures(name, "building"):
            rows = _rows(running, step, keys)
            before = _before(running, step, keys) if keys else ()
            return stage(running.lake, running.folder, step, fingerprint, rows, keys=keys, before=before)
    except BaseException:
        running.failed = running.failed or (step, began)
        raise


def _rows(running: Running, step: Step, keys: KeySet | None) -> DataFrame:
    """What the build makes of its inputs."""
    tables = running.tables
    given: Mapping[str, Any] = {"as_of": running.as_of, "cutoff": running.cutoff, "rules": running.rules}
    inputs = []
    for name in step.inputs:
        rows = tables.within(name, keys) if keys else tables[name]
        inputs.append(rows.select(*step.reads[name]) if name in step.reads else rows)
    return step.build(*inputs, **{name: given[name] for name in step.parameters})


def _stage_intermediate(running: Running, name: str, keys: KeySet | None) -> None:
    """Stage an intermediate result that a build asks for, once a run; nothing to do for other tables."""
    step = next((one for one in running.product.intermediates if one.table.name == name), None)
    if step is None or name in running.tables.staged:
        return
    definition = definition_of(running.product, step, running.rules, running.as_of, running.cutoff)
    inputs = {one: running.fingerprints[one] for one in running.product.published_inputs(step)}
    fingerprint = table_fingerprint(definition, inputs)
    staged = staged_before(running.lake, running.folder, step, fingerprint, is_update=keys is not None)
    if staged is None:
        running.tell(Event(step.table.layer.value, name, "building"))
        with engine_failures(name, "building"):
            staged = stage(running.lake, running.folder, step, fingerprint, _rows(running, step, keys), keys=keys)
    running.tables.add(staged)


def _keys(running: Running, step: Step) -> KeySet:
    """The affected values of the step's key, found once a run."""
    column = str(step.key)
    if column not in running.keys:
        contract = step.table.column(column)
        values = (_typed(one, contract) for one in (*_affected(running, column), *running.wish.again_values(column)))
        running.keys[column] = KeySet.write(running.lake, f"{running.folder}/_keys", contract, values)
    return running.keys[column]


def _affected(running: Running, column: str) -> Iterator[pa.ChunkedArray]:
    lake = running.lake
    for name in running.product.key(column).of:
        staged = running.tables.staged.get(name)
        if name.startswith(BRONZE_PREFIX):
            source = running.product.source(name.removeprefix(BRONZE_PREFIX))
            for batch in running.batches:
                if batch.source == source.name and batch.batch_id in running.new:
                    files = bronze.data_files(lake, running.product, source, batch.batch_id)
                    yield from map(_delivered_text, lake.columns([file.path for file in files], column))
        elif staged:
            yield from lake.columns([file.path for file in (*staged.before, *staged.table_files)], column)


def _typed(values: pa.ChunkedArray, column: Column) -> pa.ChunkedArray:
    """Values of a key, which bronze has as text, as the key's whole numbers where it is one."""
    import pyarrow as pa

    bits = {"smallint": 16, "integer": 32, "bigint": 64}.get(column.data_type.name)
    return values.cast(f"int{bits}") if bits and pa.types.is_string(values.type) else values


def _delivered_text(values: pa.ChunkedArray) -> pa.ChunkedArray:
    """As `medallion.delivered_text`, for a column in memory."""
    import pyarrow as pa
    import pyarrow.compute as pc

    from medallion.arrow_arrays import text_array

    trimmed = pc.utf8_trim(values, characters=BLANKS)
    return pc.if_else(pc.equal(trimmed, text_array([""])[0]), pa.nulls(1, pa.string())[0], trimmed)


def _before(running: Running, step: Step, keys: KeySet) -> Sequence[LakeFile]:
    """The published rows that the update replaces, with the columns from which other keys follow."""
    columns = [step.table.column(key.column) for key in running.product.keys if step.table.name in key.of]
    if not columns:
        return ()
    return running.tables.before(step.table.name, columns, keys)


def read_again(running: Running, keys: KeySet) -> None:
    """Fetch from bronze the records behind the rows of the affected values, published or in quarantine.

    For all tables with the key that account for a source, once a run. Records that lost against others before are not
    needed: they lose again.
    """
    column, product = keys.column.name, running.product
    tables = [step.table for step in product.steps if step.key == column and step.table.source]
    if all(table.source in running.tables.again for table in tables):
        return
    places: dict[str, dict[str, list[int]]] = {}
    with running.warehouse.read() as session:
        values = increments.load_keys(session, keys.column, [running.lake.uri(file.path) for file in keys.files])
        for table in tables:
            found = places.setdefault(str(table.source), defaultdict(list))
            relation = running.published[table.name].relation
            for batch_id, row in quarantine.origins(session, product.name, table.name, relation, column, values):
                found[batch_id].append(row)
    for source_name, found in places.items():
        loaded = {batch.batch_id for batch in running.batches if batch.source == source_name} - running.new
        wanted = {batch_id: rows for batch_id, rows in found.items() if batch_id in loaded}
        target = f"{running.folder}/_again/{source_name}.parquet"
        source = product.source(source_name)
        running.tables.again[source_name] = bronze.read_again(running.lake, product, source, wanted, target)
