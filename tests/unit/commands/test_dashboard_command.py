"""`medallion dashboard`: what it starts, and what it refuses."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest
from outcome import Medallion


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    """The commands that took this process's place."""
    found: list[list[str]] = []
    monkeypatch.setattr(os, "execv", lambda program, command: found.append(command))
    return found


def test_it_starts_streamlit_on_the_home(medallion: Medallion, started: list[list[str]], folder: Path) -> None:
    outcome = medallion("dashboard", "--home", str(folder), "--port", "8600")
    (command,) = started
    assert command[1:4] == ["-m", "streamlit", "run"]
    assert Path(command[4]).is_file()
    assert command[5:] == ["--server.address", "127.0.0.1", "--server.port", "8600", "--", "--home", str(folder)]
    assert "http://localhost:8600" in outcome.out


def test_a_bad_setting_is_said_before_anything_starts(
    medallion: Medallion, started: list[list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MEDALLION_KEEP_VERSIONS", "none")
    outcome = medallion("dashboard")
    assert (outcome.code, started) == (2, [])
    assert "keep_versions" in outcome.err


def test_without_its_packages_it_says_how_to_get_them(
    medallion: Medallion, started: list[list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "altair", None)
    outcome = medallion("dashboard")
    assert (outcome.code, started) == (2, [])
    assert outcome.err == (
        "error: dashboard: needs streamlit and altair; install them with: pip install 'medallion[dashboard]'\n"
    )
