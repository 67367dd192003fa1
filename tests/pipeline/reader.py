"""Somebody who does what a page says, in a copy of the project: files written, commands typed."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

ROOT = Path(__file__).parents[2]
BLOCK = re.compile(r"(?:`(?P<path>[^`\n]+)`:\n\n)?```(?P<kind>\w+)\n(?P<text>.*?)```", re.DOTALL)
MEDALLION = (sys.executable, "-c", "from medallion.__main__ import process; process()")
SECONDS = 300


class Reader:
    """Somebody with a copy of the project, who does what the page says."""

    def __init__(self, folder: Path, engine: str, copied: Iterable[str]) -> None:
        self.folder, self.shown = folder, ""
        for name in copied:
            target = folder / name
            target.parent.mkdir(parents=True, exist_ok=True)
            if (ROOT / name).is_dir():
                shutil.copytree(ROOT / name, target, ignore=shutil.ignore_patterns("__pycache__", "*.egg-info"))
            else:
                shutil.copy(ROOT / name, target)
        kept = {name: value for name, value in os.environ.items() if not name.startswith("MEDALLION_")}
        self.environment = kept | {
            "PYTHONPATH": str(folder / "src"),
            "MEDALLION_ENGINE": engine,
            "MEDALLION_TEST_ENGINE": engine,
        }

    def writes(self, path: str, text: str) -> None:
        target = self.folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, encoding="utf-8")

    def changes(self, path: str, difference: str) -> None:
        lines = difference.splitlines()
        before = "\n".join(line[1:] for line in lines if not line.startswith("+"))
        after = "\n".join(line[1:] for line in lines if not line.startswith("-"))
        text = (self.folder / path).read_text(encoding="utf-8")
        assert text.count(before) == 1, f"{path}: {before!r} is not there, or more than once"
        self.writes(path, text.replace(before, after))

    def types(self, line: str) -> None:
        program, *words = shlex.split(line)
        command = MEDALLION if program == "medallion" else (sys.executable, "-m", program)
        done = subprocess.run(
            [*command, *words],
            cwd=self.folder,
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=SECONDS,
            check=False,
        )
        self.shown = done.stdout
        assert done.returncode == 0, f"{line}: {done.stdout[-3000:]} {done.stderr[-2000:]}"

    def sees(self, text: str) -> None:
        shown = [" ".join(line.split()) for line in self.shown.splitlines()]
        for line in text.splitlines():
            assert any(line in one for one in shown), f"{line!r} is not shown in {shown}"

    def follows(self, page: str) -> dict[str, int]:
        """All blocks of the page in turn; how many of each kind there were."""
        done = {"python": 0, "diff": 0, "csv": 0, "sh": 0, "text": 0}
        for block in BLOCK.finditer(page):
            kind, path, text = block["kind"], block["path"], block["text"]
            done[kind] += 1
            if kind in ("python", "csv"):
                self.writes(path, text)
            elif kind == "diff":
                self.changes(path, text)
            elif kind == "sh":
                for line in text.splitlines():
                    self.types(line)
            else:
                self.sees(text)
        return done
