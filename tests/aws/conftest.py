"""What tests of the flow on AWS share."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from redshift_place import Place, redshift_place


@pytest.fixture
def place() -> Iterator[Place]:
    """An emulated database and a folder in S3."""
    with redshift_place() as found:
        yield found
