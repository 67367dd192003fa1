"""Which delivered files are new, and which bring content that came before; how deliveries are numbered."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING

from medallion.errors import UsageError
from medallion.ingest.delivered_files import delivery_order
from medallion.ingest.delivered_places import open_delivery
from medallion.warehouse.records import Batch, BatchStatus

if TYPE_CHECKING:
    from medallion.data_product import DataProduct
    from medallion.ingest.delivered_files import DeliveredFile

_ID_DIGITS = 8
_CHUNK = 1 << 20


@dataclass(frozen=True)
class Arrivals:
    """Files to read, as registered batches, and replays of content that was read before.

    `replaced` are loaded deliveries whose content a new file brings under a name that sorts before; there it counts.
    """

    new: tuple[Batch, ...] = ()
    replays: tuple[Batch, ...] = ()
    replaced: tuple[Batch, ...] = ()


def find_arrivals(
    product: DataProduct,
    files: Sequence[DeliveredFile],
    known: Sequence[Batch],
    *,
    run_id: str,
    now: datetime,
    by_name: bool = True,
) -> Arrivals:
    """Sort delivered files into new ones and replays; files seen before, by path, size and time, are neither.

    Content is only read where it could be a replay: where another file of the source has the same size. Batch ids sort
    as deliveries count: `by_name` by file name and then by arrival, else by arrival alone. Raises UsageError where the
    known ones were ordered the other way.
    """
    _check_order(product, known, by_name=by_name)
    settled = [batch for batch in known if batch.status in (BatchStatus.LOADED, BatchStatus.REPLAY)]
    seen = {(batch.source, batch.file_path, batch.byte_count, batch.modified_ns) for batch in settled}
    unseen = [file for file in files if (file.source.name, file.location, file.size, file.modified_ns) not in seen]
    sizes = Counter((file.source.name, file.size) for file in unseen)
    sizes.update({(batch.source, batch.byte_count or 0) for batch in settled})
    by_content = {(batch.source, batch.sha256): batch for batch in settled if not batch.replay_of}
    found = Arrivals()
    for number, file in enumerate(unseen, last_number(known) + 1):
        source = file.source.name
        digest = _sha256(file.location) if sizes[source, file.size] > 1 else None
        batch = Batch(
            product=product.name,
            source=source,
            batch_id=batch_id_of(number, file.name if by_name else None),
            file_name=file.name,
            file_path=file.location,
            byte_count=file.size,
            modified_ns=file.modified_ns,
            sha256=digest,
            run_id=run_id,
            registered_at=now,
        )
        original = by_content.get((source, digest)) if digest else None
        if original and original.batch_id < batch.batch_id:
            replay = replace(batch, status=BatchStatus.REPLAY, replay_of=original.batch_id)
            found = replace(found, replays=(*found.replays, replay))
        else:
            found = replace(found, new=(*found.new, batch))
            if digest:
                by_content[source, digest] = batch
    return replace(found, replaced=replaced_by(found.new, settled))


def renewed(
    own: Sequence[Batch], files: Sequence[DeliveredFile], *, is_failed: bool
) -> tuple[list[Batch], tuple[DeliveredFile, ...]]:
    """What a run that goes on registered before, and the files that it did not.

    After a failure a registered file that was changed since is registered as it is now: that may be the remedy. After
    a kill it stays as it was found; what was changed since is a delivery of its own.
    """
    by_path = {file.location: file for file in files}
    kept, taken = [], set()
    for batch in own:
        file = by_path.get(str(batch.file_path))
        is_same = file is not None and (file.size, file.modified_ns) == (batch.byte_count, batch.modified_ns)
        if file is not None and (is_same or is_failed):
            taken.add(str(batch.file_path))
        if file is not None and is_failed and not is_same:
            batch = replace(batch, byte_count=file.size, modified_ns=file.modified_ns, sha256=None)
        kept.append(batch)
    return kept, tuple(file for path, file in by_path.items() if path not in taken)


def replaced_by(new: Sequence[Batch], known: Sequence[Batch]) -> tuple[Batch, ...]:
    """Loaded deliveries that bring the same content as a new one that counts before them: replays from now on."""
    brought: dict[tuple[str, str | None], Batch] = {(one.source, one.sha256): one for one in new if one.sha256}
    return tuple(
        replace(
            batch,
            status=BatchStatus.REPLAY,
            replay_of=brought[batch.source, batch.sha256].batch_id,
            published_count=None,
            refused_count=None,
            duplicate_count=None,
        )
        for batch in known
        if batch.status is BatchStatus.LOADED and (batch.source, batch.sha256) in brought
    )


def batch_id_of(number: int, file_name: str | None) -> str:
    """The id of a delivery; `file_name` is None where deliveries count by arrival alone."""
    digits = f"{number:0{_ID_DIGITS}d}"
    return f"{delivery_order(file_name)}.{digits}" if file_name else digits


def _check_order(product: DataProduct, known: Iterable[Batch], *, by_name: bool) -> None:
    other = next((batch for batch in known if ("." in batch.batch_id) is not by_name), None)
    if other:
        is_now, was = ("file_name", "arrival") if by_name else ("arrival", "file_name")
        raise UsageError(
            f"setting 'delivery_order': {is_now} is refused, as {product.name}'s deliveries so far are ordered by {was}"
            f" (batch {other.batch_id}); set it to {was}, or load all files into a new --home"
        )


def last_number(known: Iterable[Batch]) -> int:
    """The number of the newest delivery."""
    numbers = (batch.batch_id.rpartition(".")[2] for batch in known)
    return max((int(number) for number in numbers if number.isdecimal()), default=0)


def _sha256(location: str) -> str:
    digest = hashlib.sha256()
    with open_delivery(location) as stream:
        while chunk := stream.read(_CHUNK):
            digest.update(chunk)
    return digest.hexdigest()
