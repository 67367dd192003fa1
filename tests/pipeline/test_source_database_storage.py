"""A disk too small for the source database."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from bad_input import refusal
from full_disk import mounted

from medallion.embedded.postgres import EmbeddedPostgres
from medallion.errors import StorageError

if TYPE_CHECKING:
    from pathlib import Path

MOST_OF_THE_DISK = 56 << 20


def test_a_disk_without_room_for_a_database_is_told_and_the_next_start_makes_it_once_there_is(tmp_path: Path) -> None:
    with mounted(tmp_path / "disk") as disk:
        ballast, folder = disk / "ballast", disk / "postgres"
        ballast.write_bytes(bytes(MOST_OF_THE_DISK))

        with refusal(StorageError) as said:
            EmbeddedPostgres(folder).start()

        assert re.fullmatch(
            rf"{folder}/data: cannot create the database \(.*No space left on device\);"
            " free space, or name another database with --source-dsn",
            said[0],
        )
        ballast.unlink()
        with EmbeddedPostgres(folder) as server:
            assert server.port
