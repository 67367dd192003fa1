"""The packages that are uploaded: the versions that all tests run with, and an error line where they cannot be had."""

from __future__ import annotations

import re
import zipfile
from collections import Counter
from importlib.metadata import requires, version
from pathlib import Path

import pytest
from packaging.markers import default_environment
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from infra import packages

# For which requirements of a package hold on AWS, whatever Python and machine this is.
ON_AWS = default_environment() | {
    "implementation_name": "cpython",
    "os_name": "posix",
    "platform_machine": "x86_64",
    "platform_python_implementation": "CPython",
    "platform_system": "Linux",
    "python_full_version": "3.13.0",
    "python_version": "3.13",
    "sys_platform": "linux",
}


def pinned(lock: str) -> dict[str, str]:
    text = (packages.REQUIREMENTS / lock).read_text(encoding="utf-8")
    return dict(re.findall(r"^([a-z0-9._-]+)==([^ ;\\]+)", text, re.MULTILINE))


@pytest.mark.parametrize("lock", ["lambda.lock", "glue.lock"])
def test_packages_on_aws_are_those_of_the_tests(lock: str) -> None:
    tested, uploaded = pinned("dev.lock"), pinned(lock)
    assert len(uploaded) > 20
    assert {name: version for name, version in uploaded.items() if tested.get(name) != version} == {}


def several_in_dev_lock() -> set[str]:
    """Packages of which another Python than 3.13 has another version."""
    names = re.findall(r"^([a-z0-9._-]+)==", (packages.REQUIREMENTS / "dev.lock").read_text("utf-8"), re.MULTILINE)
    return {name for name, count in Counter(names).items() if count > 1}


def unmet(lock: str) -> set[str]:
    """What packages of a lock file require, as they are installed here, and no version that is pinned there meets."""
    pins = pinned(lock)
    here = {name for name, pin in pins.items() if version(name) == pin}
    assert pins.keys() - here <= several_in_dev_lock()
    asked = (packages.REQUIREMENTS / lock).with_suffix(".in").read_text("utf-8").splitlines()
    waiting = [Requirement(line.partition("#")[0]) for line in asked if not line.startswith("#")]
    waiting += [Requirement(name) for name in here]
    missing, done = set(), set()
    while waiting:
        one = waiting.pop()
        name = canonicalize_name(one.name)
        if name not in pins or not one.specifier.contains(pins[name], prereleases=True):
            missing.add(str(one))
        for extra in {"", *one.extras} if name in here else ():
            if (name, extra) not in done:
                done.add((name, extra))
                required = [Requirement(text) for text in requires(name) or ()]
                waiting += [it for it in required if not it.marker or it.marker.evaluate(ON_AWS | {"extra": extra})]
    return missing


def test_glue_installs_the_wheels_whichever_packages_it_has_itself() -> None:
    assert unmet("glue.lock") == set()


def test_functions_lack_only_what_lambda_has() -> None:
    assert {Requirement(one).name for one in unmet("lambda.lock")} <= {"boto3", "botocore"}


def test_what_lambda_has_is_not_uploaded() -> None:
    assert {"boto3", "botocore"} & pinned("lambda.lock").keys() == set()


def test_spark_is_glues_own() -> None:
    assert {"pyspark", "py4j"} & pinned("glue.lock").keys() == set()


def test_packages_that_cannot_be_fetched_are_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "glue.lock").write_text("no-such-package-anywhere==1.0 --hash=sha256:" + "0" * 64)
    monkeypatch.setattr(packages, "REQUIREMENTS", tmp_path)
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    with pytest.raises(SystemExit, match=r"error: glue\.lock: its packages could not be fetched for Python 3\.13"):
        packages.wheels(tmp_path / "out")
    assert "no-such-package-anywhere" in capfd.readouterr().err


def test_wheels_are_beside_the_list_of_what_to_install(tmp_path: Path) -> None:
    wheel = tmp_path / "rich-15.0.0-py3-none-any.whl"
    wheel.write_bytes(b"wheel")
    packages.zip_wheels([wheel], tmp_path / "out.zip")
    with zipfile.ZipFile(tmp_path / "out.zip") as archive:
        assert archive.namelist() == ["wheels/requirements.txt", "wheels/rich-15.0.0-py3-none-any.whl"]
        assert archive.read("wheels/requirements.txt") == b"rich==15.0.0\n"


def test_of_the_layers_packages_only_what_functions_need_is_kept(tmp_path: Path) -> None:
    kept = {"pyarrow/lib.so", "pyarrow/libarrow.so.2600", "numpy/_core/numeric.py", "numpy/testing/__init__.py"}
    left_out = {"pyarrow/libarrow_flight.so.2600", "pyarrow/include/arrow/api.h", "numpy/_core/tests/tests/test_a.py"}
    for name in (*kept, *left_out, "numpy/__init__.pyi"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    packages.leave_out(tmp_path)
    assert {str(file.relative_to(tmp_path)) for file in tmp_path.rglob("*") if file.is_file()} == kept
