"""Samples that several tests read; they are generated once."""

from __future__ import annotations

import pytest
from generated_sample import Sample, make


@pytest.fixture(scope="module")
def clean(tmp_path_factory: pytest.TempPathFactory) -> Sample:
    return make(tmp_path_factory.mktemp("clean"))


@pytest.fixture(scope="module")
def dirty(tmp_path_factory: pytest.TempPathFactory) -> Sample:
    return make(tmp_path_factory.mktemp("dirty"), dirty=1.0)


@pytest.fixture(scope="module")
def late(tmp_path_factory: pytest.TempPathFactory) -> Sample:
    return make(tmp_path_factory.mktemp("late"), dirty=1.0, days_late=3)
