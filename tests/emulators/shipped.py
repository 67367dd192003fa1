"""Processes that find what is uploaded to AWS and what its runtimes have, and nothing else of this environment.

The library is the one that is shipped, a zip or a folder; packages are those of a lock file of requirements/.
"""

from __future__ import annotations

import os
import re
from importlib.metadata import packages_distributions
from pathlib import Path

ROOT = Path(__file__).parents[2]
# What the runtimes have by themselves, of what our code uses.
OF_LAMBDA = frozenset({"boto3", "botocore", "s3transfer", "jmespath", "python-dateutil", "urllib3", "six"})
OF_GLUE = frozenset({"pyspark", "py4j"})
# What stands in for Glue's Spark where a job is run by the embedded engine.
OF_THE_EMBEDDED_ENGINE = frozenset(
    {"pysail", "grpcio", "grpcio-status", "googleapis-common-protos", "protobuf", "zstandard"}
)
_KEEP_OUT = """
import sys
from importlib.machinery import PathFinder

sys.path[:] = [one for one in sys.path if one != {checkout!r}]
found = PathFinder.find_spec


def find_spec(name, path=None, target=None):
    return None if name.partition(".")[0] in {modules!r} else found(name, path, target)


PathFinder.find_spec = find_spec
"""


def not_on_aws(lock: str, of_runtime: frozenset[str]) -> set[str]:
    """The modules of this environment whose package is neither in the lock file nor the runtime's own."""
    text = (ROOT / "requirements" / lock).read_text(encoding="utf-8")
    there = {_plain(name) for name in re.findall(r"^([\w.-]+)==", text, re.MULTILINE)} | of_runtime | {"medallion"}
    named = packages_distributions().items()
    return {module for module, names in named if not {_plain(name) for name in names} & there}


def shipped(folder: Path, library: Path, lock: str, of_runtime: frozenset[str]) -> dict[str, str]:
    """The environment of such a process. `library`: what `medallion` is imported from; `folder` is written to."""
    folder.mkdir(parents=True, exist_ok=True)
    text = _KEEP_OUT.format(checkout=str(ROOT / "src"), modules=not_on_aws(lock, of_runtime))
    (folder / "sitecustomize.py").write_text(text, encoding="utf-8")
    return {"PYTHONPATH": os.pathsep.join((str(folder), str(library)))}


def _plain(name: str) -> str:
    return name.replace("_", "-").lower()
