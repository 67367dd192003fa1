"""The log of a run: every event, and errors with their traceback; never a secret."""

from __future__ import annotations

import logging
import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from medallion.errors import StorageError
from medallion.lake import storage_message

if TYPE_CHECKING:
    from medallion.pipeline.progress import Event
    from medallion.settings import Settings

LOGS_FOLDER = "logs"
_PASSWORD = re.compile(r"(?i)(password\s*=\s*|://[^\s:/@]*:)('[^']*'|[^\s@'\"]+)")


class RunLog:
    """A run's own log; `listener` takes its events."""

    def __init__(self, logger: logging.Logger) -> None:
        self._logger = logger

    def listener(self, event: Event) -> None:
        """Note an event."""
        rows = "" if event.rows is None else f", {event.rows:,} rows"
        seconds = "" if event.seconds is None else f", {event.seconds:.2f} s"
        self._logger.info("%s %s: %s%s%s", event.layer, event.step, event.stage, rows, seconds)

    def note(self, text: str) -> None:
        """Note a line."""
        self._logger.info("%s", text)


class LogFile(RunLog):
    """Writes to one file."""

    def __init__(self, logger: logging.Logger, path: Path) -> None:
        super().__init__(logger)
        self.path = path


@contextmanager
def printed_log(settings: Settings, title: str) -> Iterator[RunLog]:
    """A log on standard output, for whoever keeps that; what the block raises is noted as in a file."""
    with _logger(settings, title, logging.StreamHandler(sys.stdout)) as logger:
        yield RunLog(logger)


@contextmanager
def run_log(settings: Settings, title: str) -> Iterator[LogFile]:
    """A new log file under the home folder; what the block raises is noted with its traceback, then raised."""
    path = settings.home / LOGS_FOLDER / f"{datetime.now(UTC):%Y%m%dT%H%M%S_%f}.log"
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handler = logging.FileHandler(path, encoding="utf-8")
    except OSError as error:
        raise StorageError(storage_message(str(path), error)) from error
    with _logger(settings, title, handler) as logger:
        yield LogFile(logger, path)


@contextmanager
def _logger(settings: Settings, title: str, handler: logging.Handler) -> Iterator[logging.Logger]:
    handler.setFormatter(_WithoutSecrets(settings))
    logger = logging.Logger("medallion.run", logging.INFO)  # its own: other libraries' settings do not reach it
    logger.addHandler(handler)
    logger.info("%s", title)
    try:
        yield logger
    except BaseException:
        logger.exception("stopped")
        raise
    finally:
        handler.close()


class _WithoutSecrets(logging.Formatter):
    """Times in UTC; passwords, in connection strings and tracebacks too, are struck out."""

    def __init__(self, settings: Settings) -> None:
        super().__init__("%(asctime)s %(levelname)s %(message)s")
        self._dsn = settings.source_dsn.get_secret_value() if settings.source_dsn else ""

    def formatTime(self, record: logging.LogRecord, datefmt: str | None = None) -> str:  # noqa: N802 (logging's own name)
        """When, in UTC."""
        return datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")

    def format(self, record: logging.LogRecord) -> str:
        """The line (an error's with its traceback)."""
        text = super().format(record)
        return _PASSWORD.sub(r"\1***", text.replace(self._dsn, "***") if self._dsn else text)
