"""The only place that makes a SparkSession: `embedded` (Sail in this process) or `spark` (Spark, any master)."""

from __future__ import annotations

import logging
import os
import sys
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from medallion import interruption
from medallion.errors import EngineError

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

ENGINES = ("embedded", "spark")
# Both engines must read and write the same instants and the same session-dependent defaults.
_SESSION_SETTINGS = {
    "spark.sql.session.timeZone": "UTC",
    "spark.sql.ansi.enabled": "true",
    # Noting the calling line of every column expression takes a fifth of the time that a small run takes in Python.
    "spark.python.sql.dataFrameDebugging.enabled": "false",
}
_SPARK_SETTINGS = {
    "spark.ui.enabled": "false",
    "spark.ui.showConsoleProgress": "false",
    "spark.log.level": "ERROR",
    # Throughput is what counts, and on few cores the parallel collector has more of it than the default one.
    "spark.driver.extraJavaOptions": "-XX:+UseParallelGC "
    f"-Dlog4j2.configurationFile={Path(__file__).parent / 'embedded' / 'log4j2.xml'}",
}


# Timestamps as Sail writes them; Spark's own default, INT96, carries no statistics.
_SPARK_FORMATS = {"spark.sql.parquet.outputTimestampType": "TIMESTAMP_MICROS"}
# On one machine nothing listens to the network; executors elsewhere must be able to reach the driver.
_LOCAL_SETTINGS = {"spark.driver.bindAddress": "127.0.0.1", "spark.driver.host": "127.0.0.1"}


_kept: ExitStack | None = None


@contextmanager
def kept_open() -> Iterator[None]:
    """Sessions that are first asked for in the block serve until its end; for several runs one after the other."""
    global _kept
    with ExitStack() as stack:
        _kept = stack
        try:
            yield
        finally:
            _kept = None


@contextmanager
def session(
    engine: str, home: Path, *, master: str = "local[*]", memory: str = "6g", at_once: int = 1
) -> Iterator[SparkSession]:
    """A session of the engine named, stopped when the block ends.

    `home` is where the engine may keep files of its own. `master` and `memory` are Spark's; Sail has neither. `at_once`
    is how many queries Sail will be asked at a time, which share its cores; Spark finds out. A session that is there
    already is used and left as it is. Raises EngineError where the engine cannot start.
    """
    if engine not in ENGINES:
        raise EngineError(f"engine '{engine}' is unknown; choose one of: {', '.join(ENGINES)}")
    if _kept is not None:  # it will serve others, too
        yield _kept.enter_context(_embedded() if engine == "embedded" else _spark(home, master, memory))
        return
    with _embedded(at_once) if engine == "embedded" else _spark(home, master, memory) as spark:
        yield spark


def load_ahead(engine: str) -> threading.Thread:
    """Begin to load what the engine consists of, which takes a second, while other things are done; to be joined."""

    def load() -> None:
        if engine == "embedded":
            _prepare_environment()
            with suppress(ImportError):  # told in one line by the session that is made of it
                import_module("pysail.spark")
                import_module("pyspark.sql.connect.session")

    thread = threading.Thread(target=load, name="engine")
    thread.start()
    return thread


@contextmanager
def _embedded(at_once: int = 1) -> Iterator[SparkSession]:
    _prepare_environment()
    try:
        from pysail.spark import SparkConnectServer
        from pyspark.sql import SparkSession
        from pyspark.sql.connect.client.retries import DefaultPolicy
    except ImportError as error:
        raise EngineError(
            f"engine 'embedded' is not installed ({error}); pip install 'medallion[embedded]', or use --engine spark"
        ) from error
    given = SparkSession.getActiveSession()
    if given is not None:
        yield given
        return
    logging.getLogger("pyspark.sql.connect.logging").setLevel(logging.ERROR)
    with _share_of_cores(at_once):
        server = SparkConnectServer()
    server.start(background=True)
    _, port = server.listening_address
    spark = SparkSession.builder.remote(f"sc://127.0.0.1:{port}").getOrCreate()
    # The server is in this process: waiting minutes for it to come back would only make Ctrl-C seem to hang.
    cast("Any", spark).client.set_retry_policies([DefaultPolicy(max_retries=3)])
    for name, value in _SESSION_SETTINGS.items():
        spark.conf.set(name, value)
    # The server has answered, so it listens by now, and would stop at Ctrl-C while tables are built.
    interruption.keep()
    try:
        yield spark
    finally:
        if (
            not interruption.is_asked()
        ):  # the client waits for ever for a call that was broken off; the process ends soon
            spark.stop()
            server.stop()


@contextmanager
def _spark(home: Path, master: str, memory: str) -> Iterator[SparkSession]:
    from medallion.embedded.java import java_home

    try:
        from pyspark.sql import SparkSession
    except ImportError as error:
        raise EngineError(
            f"engine 'spark' is not installed ({error}); pip install 'medallion[spark]', or use --engine embedded"
        ) from error
    # Within `spark-submit` master, memory and Java are decided already.
    is_given = SparkSession.getActiveSession() is not None or "SPARK_ENV_LOADED" in os.environ
    builder = SparkSession.builder.appName("medallion")
    if not is_given:
        # Left in the environment by a process that used the embedded engine and started this one.
        os.environ.pop("SPARK_CONNECT_MODE_ENABLED", None)
        made = java_home(home / "java")
        if made is not None:
            os.environ["JAVA_HOME"] = str(made)
        # Python workers must be this interpreter, with the packages of this environment.
        os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
        builder = builder.master(master).config("spark.driver.memory", memory)
        builder = builder.config("spark.local.dir", str(home / "tmp")).config("spark.sql.shuffle.partitions", _parts())
        local = _LOCAL_SETTINGS if master.startswith("local[") or master == "local" else {}
        for name, value in {**_SPARK_SETTINGS, **local}.items():
            builder = builder.config(name, value)
    for name, value in {**_SESSION_SETTINGS, **_SPARK_FORMATS}.items():
        builder = builder.config(name, value)
    try:
        spark = builder.getOrCreate()
    except Exception as error:
        raise EngineError(
            f"engine 'spark' did not start at master '{master}': {_cause(error)}; check spark_master, see --verbose"
        ) from error
    try:
        yield spark
    finally:
        if not is_given:
            spark.stop()


def _prepare_environment() -> None:
    """Sail, its log and its allocator read their settings from the environment when the module is loaded."""
    os.environ.setdefault("RUST_LOG", "error")
    # Of a huge page 2 MB are cleared when its first byte is written: a tenth of a small run's processor time.
    os.environ.setdefault("MIMALLOC_ALLOW_THP", "0")
    os.environ.setdefault("SAIL_PARQUET__COMPRESSION", "snappy")


@contextmanager
def _share_of_cores(at_once: int) -> Iterator[None]:
    """A server made in the block works on each of some queries at a time with its share of the cores.

    It splits tables into as many parts, and writes the columns of a file one after another: to hand rows and columns
    from core to core, where all are busy, takes a small run a sixth of its processor time.
    """
    settings = {
        "SAIL_EXECUTION__DEFAULT_PARALLELISM": str(max(1, _parts() // at_once)),
        "SAIL_PARQUET__ALLOW_SINGLE_FILE_PARALLELISM": "false",
    }
    own = {name: value for name, value in settings.items() if at_once > 1 and name not in os.environ}
    os.environ.update(own)
    try:
        yield
    finally:
        for name in own:
            del os.environ[name]


def cores() -> int:
    """The processors that this process may use; not every system says which these are."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _parts() -> int:
    """Into how many parts an engine splits its work: two at least."""
    return max(2, cores())


def _cause(error: BaseException) -> str:
    """The line of what Java says that names its exception; the first line where none does."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    named = [line for line in lines if "Exception: " in line]
    return named[-1] if named else next(iter(lines), type(error).__name__)
