"""Fetch the packages that functions and jobs need on AWS: `python -m infra.packages FOLDER`.

    FOLDER/lambda-layer/python/…                  a layer of the functions, unpacked
    FOLDER/glue-wheels/medallion.gluewheels.zip  wheels for the jobs, which have no internet to fetch them from

Versions and hashes are those of requirements/lambda.lock and requirements/glue.lock. Nothing is built: a package
without a wheel for Amazon Linux stops it.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import zipfile
from collections.abc import Sequence
from pathlib import Path

REQUIREMENTS = Path(__file__).parents[1] / "requirements"
WHEELS = "medallion.gluewheels.zip"
LAYER_PYTHON = "3.13"
GLUE_PYTHON = "3.13"  # of Glue 6.0; another Glue needs other pins
MOST_LAYER_BYTES = 250_000_000  # Lambda takes 262,144,000 with a function's own code, which is four million
_PLATFORMS = ("manylinux_2_28_x86_64", "manylinux_2_17_x86_64", "manylinux2014_x86_64", "any")
_EPOCH = (1980, 1, 1, 0, 0, 0)  # the same wheels give the same zip
# What is for those who build or test these packages, and Arrow's way over the network: an eighth of the limit.
_NOT_NEEDED: tuple[str, ...] = (
    "pyarrow/include",
    "pyarrow/tests",
    "pyarrow/src",
    "pyarrow/*flight*",
    "numpy/f2py",
    "**/tests",
    "bin",
)
_NOT_NEEDED += ("**/*.pyi", "**/*.pyx", "**/*.pxd", "**/*.pxi")


def layer(folder: Path) -> None:
    """Unpack the functions' packages into `folder/lambda-layer`. Exits where they are too big for a layer."""
    target = folder / "lambda-layer" / "python"
    shutil.rmtree(target.parent, ignore_errors=True)
    # pip would ask the Python that it runs on, although it is told another one.
    options = ("--target", str(target), "--no-compile", "--ignore-requires-python")
    _pip("install", LAYER_PYTHON, REQUIREMENTS / "lambda.lock", *options)
    leave_out(target)
    size = sum(file.stat().st_size for file in target.rglob("*") if file.is_file())
    if size > MOST_LAYER_BYTES:
        shutil.rmtree(target.parent)
        sys.exit(f"error: requirements/lambda.lock: {size:,} bytes are too many for a layer; leave a package out")


def leave_out(packages: Path) -> None:
    """Remove what no function needs from a folder of unpacked packages."""
    for part in _NOT_NEEDED:
        for path in [*packages.glob(part)]:
            if path.is_dir():
                shutil.rmtree(path)
            else:
                path.unlink(missing_ok=True)


def wheels(folder: Path) -> None:
    """Write the zip of wheels for Glue's jobs into `folder/glue-wheels`."""
    target = folder / "glue-wheels"
    fetched = folder / "wheels"
    for old in (target, fetched):
        shutil.rmtree(old, ignore_errors=True)
    _pip("download", GLUE_PYTHON, REQUIREMENTS / "glue.lock", "--dest", str(fetched))
    target.mkdir(parents=True)
    zip_wheels(sorted(fetched.glob("*.whl")), target / WHEELS)
    shutil.rmtree(fetched)


def zip_wheels(files: Sequence[Path], target: Path) -> None:
    """Put wheels into a zip as Glue reads it: one folder with them and a requirements.txt that names them."""
    pinned = "".join("{}=={}\n".format(*file.name.split("-")[:2]) for file in files)
    with zipfile.ZipFile(target, "w", zipfile.ZIP_STORED) as archive:
        archive.writestr(zipfile.ZipInfo("wheels/requirements.txt", _EPOCH), pinned)
        for file in files:
            archive.writestr(zipfile.ZipInfo(f"wheels/{file.name}", _EPOCH), file.read_bytes())


def _pip(command: str, python: str, lock: Path, *options: str) -> None:
    platforms = [part for platform in _PLATFORMS for part in ("--platform", platform)]
    target = ["--python-version", python, "--implementation", "cp", "--only-binary=:all:", *platforms]
    given = [sys.executable, "-m", "pip", command, "--quiet", "--no-deps", "--require-hashes", "-r", str(lock)]
    if subprocess.run([*given, *target, *options], check=False).returncode:
        sys.exit(f"error: {lock.name}: its packages could not be fetched for Python {python}; see pip's message above")


if __name__ == "__main__":
    layer(Path(sys.argv[1]))
    wheels(Path(sys.argv[1]))
