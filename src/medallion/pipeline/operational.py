"""The PostgreSQL that a run reads or loads: the one configured, or an own one below the home folder."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from medallion.pipeline.running import Workspace

FOLDER = "postgres"


@contextmanager
def source_dsn(workspace: Workspace) -> Iterator[str]:
    """The connection string of the database, which runs while the block does; the own one is made if it is missing."""
    configured = workspace.settings.source_dsn
    if configured is not None:
        yield configured.get_secret_value()
        return
    from medallion.embedded.postgres import EmbeddedPostgres

    with EmbeddedPostgres(workspace.home / FOLDER) as server:
        yield server.dsn


def has_database(workspace: Workspace) -> bool:
    """Whether there is a database to look at: one is configured, or an own one was made before."""
    return workspace.settings.source_dsn is not None or (workspace.home / FOLDER / "data").is_dir()
