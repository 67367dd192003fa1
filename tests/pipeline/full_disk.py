"""A real file system of a few megabytes, so that a disk can really be full."""

from __future__ import annotations

import shutil
import subprocess
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

SIZE = "64m"


@contextmanager
def mounted(disk: Path) -> Iterator[Path]:
    """The disk, there as long as the block; skips the test where this user may not mount one."""
    disk.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", f"size={SIZE}", "tmpfs", str(disk)]
    if not shutil.which("mount") or subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("only who may mount a tmpfs can have a disk that is full")
    try:
        yield disk
    finally:
        subprocess.run(["umount", "--lazy", str(disk)], check=True)


def fill(file: Path) -> None:
    """Write until nothing more goes onto the disk."""
    with file.open("wb", buffering=0) as stream, suppress(OSError):
        while stream.write(bytes(1 << 20)):
            pass
    with file.open("ab", buffering=0) as stream, suppress(OSError):
        while stream.write(bytes(512)):
            pass
