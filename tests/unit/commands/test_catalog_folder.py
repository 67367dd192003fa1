"""`medallion catalog build`, its folder: written whole or not at all, and what others put into it stays."""

from __future__ import annotations

from pathlib import Path

import pytest
from outcome import Medallion, contents

from medallion.commands.site_folder import write_site
from medallion.errors import StorageError, UsageError


def test_a_folder_with_something_else_is_refused_and_left_alone(medallion: Medallion, folder: Path) -> None:
    (folder / "thesis").mkdir()
    (folder / "thesis" / "chapter.txt").write_text("years of work")

    outcome = medallion("catalog", "build", "--no-lineage", "--output", "thesis")

    assert outcome.code == UsageError.exit_code
    assert outcome.err == "error: thesis: is not empty and holds no catalogue; give --output an empty or new folder\n"
    assert contents(folder / "thesis") == {"chapter.txt": b"years of work"}


def test_a_file_in_the_place_of_the_folder_is_refused(medallion: Medallion, folder: Path) -> None:
    (folder / "site").write_text("mine")

    outcome = medallion("catalog", "build", "--no-lineage", "--output", "site")

    assert (outcome.code, outcome.err) == (2, "error: site: is a file; give --output another folder\n")


def test_an_older_site_gives_way_and_what_others_put_beside_it_stays(folder: Path) -> None:
    write_site(folder / "site", {"index.html": "old", "tables/gone.html": "old"})
    (folder / "site" / "tables" / "notes.txt").write_text("mine")

    write_site(folder / "site", {"index.html": "new"})

    found = contents(folder / "site")
    assert {name: data for name, data in found.items() if not name.startswith(".")} == {
        "index.html": b"new",
        "tables/notes.txt": b"mine",
    }
    assert sorted(path.name for path in folder.iterdir()) == ["site"]


def test_a_folder_that_is_a_link_stays_one(folder: Path) -> None:
    (folder / "disk").mkdir()
    (folder / "site").symlink_to(folder / "disk")

    write_site(folder / "site", {"index.html": "new"})

    assert (folder / "site").is_symlink()
    assert (folder / "disk" / "index.html").read_text() == "new"


def test_a_build_that_fails_leaves_the_site_as_it_was(folder: Path) -> None:
    write_site(folder / "site", {"index.html": "old"})

    with pytest.raises(StorageError):
        write_site(folder / "site", {"index.html": "new", "index.html/below.html": "impossible"})

    assert (folder / "site" / "index.html").read_text() == "old"
    assert sorted(path.name for path in folder.iterdir()) == ["site"]


def test_a_place_that_cannot_be_written_is_one_line(medallion: Medallion, folder: Path) -> None:
    (folder / "file").write_text("")

    outcome = medallion("catalog", "build", "--no-lineage", "--output", "file/site")

    assert outcome.code == StorageError.exit_code
    assert outcome.err.count("\n") == 1
    assert outcome.err.startswith("error: file/site: ")
