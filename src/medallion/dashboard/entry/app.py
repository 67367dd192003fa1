"""The dashboard's entry point; started by `medallion dashboard`, with its options behind `--`."""

from __future__ import annotations

import argparse
import importlib
import sys
import threading
from functools import partial
from pathlib import Path

import streamlit as st

from medallion.commands.wiring import WAREHOUSE_FILE, open_warehouse
from medallion.dashboard import frame, theme
from medallion.dashboard.pages import SECTIONS
from medallion.dashboard.reading import Source
from medallion.settings import load_settings

# How long a page waits for a warehouse that is being written before it shows what it showed last.
_WAIT_SECONDS = 1.0


@st.cache_resource(show_spinner=False)
def open_source(home: Path | None, config: Path | None) -> Source:
    """The warehouse of the settings, shared by all sessions of the process."""
    # What one page needs of SciPy takes a second to load: done while people still look at another.
    threading.Thread(target=importlib.import_module, args=("medallion.models.mean_difference",), daemon=True).start()
    settings = load_settings(config, home=home).model_copy(update={"warehouse_wait_seconds": _WAIT_SECONDS})
    path = str(settings.home / WAREHOUSE_FILE)
    return Source(open_warehouse(settings), () if settings.warehouse else (path, f"{path}.wal"))


def main(arguments: list[str] | None = None) -> None:
    """One run of the script: the page that the address names."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--home", type=Path)
    parser.add_argument("--config", type=Path)
    given = parser.parse_args(arguments)
    theme.apply()
    source = open_source(given.home, given.config)
    sections = {
        title: [
            st.Page(
                partial(frame.show, page, source),
                title=page.title,
                icon=page.icon,
                url_path=page.name,
                default=page is next(iter(SECTIONS.values()))[0],
            )
            for page in pages
        ]
        for title, pages in SECTIONS.items()
    }
    st.navigation(sections).run()


if __name__ == "__main__":
    main(sys.argv[1:])
