"""Which delivered files are new, and which bring content that came before."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from medallion.ingest.delivered_bytes import open_delivery
from medallion.warehouse.records import Batch, BatchStatus

if TYPE_CHECKING:
    from medallion.data_product import DataProduct
    from medallion.ingest.delivered_files import DeliveredFile

_ID_DIGITS = 8
_CHUNK = 1 << 20


@dataclass(frozen=True)
class Arrivals:
    """Files to read, as registered batches, and replays of content that was read before."""

    new: tuple[Batch, ...]
    replays: tuple[Batch, ...]


def find_arrivals(
    product: DataProduct, files: Sequence[DeliveredFile], known: Sequence[Batch], *, run_id: str, now: datetime
) -> Arrivals:
    """Sort delivered files into new ones and replays; files seen before, by path, size and time, are neither.

    Content is only read where it could be a replay: where another file of the source has the same size.
    """
    settled = [batch for batch in known if batch.status in (BatchStatus.LOADED, BatchStatus.REPLAY)]
    seen = {(batch.source, batch.file_path, batch.byte_count, batch.modified_ns) for batch in settled}
    unseen = [
        file for file in files if (file.source.name, str(file.path.absolute()), file.size, file.mtime_ns) not in seen
    ]
    sizes = Counter((file.source.name, file.size) for file in unseen)
    sizes.update({(batch.source, batch.byte_count or 0) for batch in settled})
    by_content = {(batch.source, batch.sha256): batch.batch_id for batch in settled if not batch.replay_of}
    new: list[Batch] = []
    replays: list[Batch] = []
    for number, file in enumerate(unseen, _last_number(known) + 1):
        source = file.source.name
        digest = _sha256(file.path) if sizes[source, file.size] > 1 else None
        batch = Batch(
            product=product.name,
            source=source,
            batch_id=f"{number:0{_ID_DIGITS}d}",
            file_name=file.name,
            file_path=str(file.path.absolute()),
            byte_count=file.size,
            modified_ns=file.mtime_ns,
            sha256=digest,
            run_id=run_id,
            registered_at=now,
        )
        original = by_content.get((source, digest)) if digest else None
        if original:
            replays.append(replace(batch, status=BatchStatus.REPLAY, replay_of=original))
        else:
            new.append(batch)
            if digest:
                by_content[source, digest] = batch.batch_id
    return Arrivals(tuple(new), tuple(replays))


def _last_number(known: Iterable[Batch]) -> int:
    return max((int(batch.batch_id) for batch in known), default=0)


def _sha256(path: Path) -> str:
    digest = hashlib.sha256()
    with open_delivery(path) as stream:
        while chunk := stream.read(_CHUNK):
            digest.update(chunk)
    return digest.hexdigest()
