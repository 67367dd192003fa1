"""Objects of landing into the source database: through the gate, then by the server's own import from S3."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from medallion.data_product import DataProduct, Source
from medallion.errors import MedallionError, StorageError
from medallion.ingest.content_name import content_name, gate_rules
from medallion.ingest.csv_gate import Delivery, GateReport
from medallion.ingest.invocation import MOST_TOLD, Deadline, OutOfTimeError, raise_first
from medallion.ingest.landing import Landing, delivered_name
from medallion.ingest.s3_bucket import StoredObject
from medallion.ingest.s3_multipart import ObjectWriter
from medallion.ingest.source_csv import report_document, report_from, write_source_csv
from medallion.ingest.source_objects import LandedFile, S3Place, SourceObjects


@dataclass
class LoadOutcome:
    """What came of landing in one invocation, in files and rows. Not `done`: another one has to go on."""

    done: bool = False
    loaded: int = 0
    known: int = 0
    accepted_rows: int = 0
    rejected_rows: int = 0
    skipped: list[str] = field(default_factory=list)

    def document(self) -> dict[str, Any]:
        """For the state machine, whose documents have a limit."""
        return {**vars(self), "skipped": self.skipped[:MOST_TOLD]}


@dataclass
class SourceLoad:
    """Loads a product's delivered files. Errors are one line; nothing of a file that fails is in the database.

    The rows of a file wait below landing's `incoming` prefix, its rejects are kept below `rejects` (ends in `/`).
    """

    landing: Landing
    objects: SourceObjects
    product: DataProduct
    deadline: Deadline
    rejects: str
    pii_key: bytes | None = None
    _has_worked: bool = False

    def load_all(self, tell: Callable[[str], None] = lambda _: None) -> LoadOutcome:
        """Load what is not loaded yet; `tell` gets a line a file.

        A file that cannot be loaded does not keep the others back: its error is raised at the end.
        """
        outcome, failures = LoadOutcome(), []
        known = self.objects.known()
        try:
            for found in self.landing.objects():
                if (found.key, found.etag) in known:
                    outcome.known += 1
                    continue
                self.deadline.check()
                try:
                    tell(self._load_one(found, outcome))
                except MedallionError as error:
                    failures.append(error)
                    tell(str(error))
        except OutOfTimeError:
            return outcome
        raise_first(failures)
        outcome.done = True
        return outcome

    def _load_one(self, listed: StoredObject, outcome: LoadOutcome) -> str:
        found = self.landing.bucket.head(listed.key) or listed
        name = delivered_name(found.key, found.metadata)
        source = self.product.source_of_file(name)
        if source is None:
            outcome.skipped.append(f"{name} ({found.key}): belongs to no source of {self.product.name}")
            return outcome.skipped[-1]
        place = self._place(source, found)
        report = self._gated(source, found, name, place)
        file = LandedFile(found.key, found.etag, name, content_name(source, report.sha256, self.pii_key), report)
        bucket = self.landing.bucket
        rows = S3Place(bucket.name, f"{self.landing.incoming}{place}/rows.csv", bucket.client.meta.region_name)
        self.objects.load(source, file, rows, self.deadline.seconds)
        for left in ("report.json", "rows.csv"):  # in this order: rows without a report are made anew
            bucket.delete(f"{self.landing.incoming}{place}/{left}")
        self._has_worked = True
        outcome.loaded += 1
        outcome.accepted_rows += report.accepted_count
        outcome.rejected_rows += report.rejected_count
        extra = f"; columns left out: {', '.join(report.extra_columns)}" if report.extra_columns else ""
        return f"{name}: {report.accepted_count:,} rows loaded, {report.rejected_count:,} rejected{extra}"

    def _place(self, source: Source, found: StoredObject) -> str:
        """Where the rows and rejects of one content of one object lie, below either prefix."""
        identity = "\0".join((found.key, found.etag, gate_rules(source, self.pii_key)))
        return f"{source.name}/{hashlib.sha256(identity.encode()).hexdigest()}"

    def _gated(self, source: Source, found: StoredObject, name: str, place: str) -> GateReport:
        """What the gate says of the file; rows and rejects are written unless an earlier invocation did."""
        bucket, report_key = self.landing.bucket, f"{self.landing.incoming}{place}/report.json"
        earlier = bucket.head(report_key)
        if earlier:
            return report_from(json.loads(bucket.read(earlier, 0, earlier.size)))
        delivery = Delivery(name, f"landed {found.etag}", found.modified_at)
        try:
            with (
                ObjectWriter(bucket, f"{self.landing.incoming}{place}/rows.csv") as rows,
                ObjectWriter(bucket, f"{self.rejects}{place}.parquet") as rejects,
                bucket.open(found) as stream,
            ):
                report = write_source_csv(
                    stream, source, delivery, rows, rejects, pii_key=self.pii_key, on_batch=self.deadline.check
                )
        except OutOfTimeError:
            if self._has_worked:
                raise
            raise StorageError(
                f"{name}: {found.size:,} bytes cannot be read within one invocation; give the function more memory"
                " (it is then faster), or deliver the file in parts"
            ) from None
        bucket.put(report_key, json.dumps(report_document(report)).encode(), {}, None)
        return report
