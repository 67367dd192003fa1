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
from medallion.dashboard import charts, frame, theme
from medallion.dashboard.pages import PAGES, SECTIONS
from medallion.dashboard.reading import Source
from medallion.settings import load_settings

# How long a page waits for a warehouse that is being written before it shows what it showed last.
_WAIT_SECONDS = 1.0


@st.cache_resource(show_spinner=False)
def open_source(home: Path | None, config: Path | None) -> Source:
    """The warehouse of the settings, shared by all sessions of the process."""
    # What one page needs of SciPy takes a second to load: done while people still look at another.
    threading.Thread(target=importlib.import_module, args=("scipy.special",), daemon=True).start()
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
    start = PAGES[0]
    shown = {
        page.name: st.Page(
            partial(frame.show, page, source),
            title=page.title,
            icon=page.icon,
            url_path="start" if page is start else page.name,  # of the default page Streamlit shows none
            default=page is start,
        )
        for page in PAGES
    }
    sections = {title: [shown[page.name] for page in pages] for title, pages in SECTIONS.items()}
    named = st.Page(
        partial(_go_to, shown[start.name]), title=start.title, url_path=start.name, visibility="hidden"
    )  # links that name the start page as they name the others
    sections[next(iter(SECTIONS))].append(named)
    with charts.checked_once():
        st.navigation(sections).run()


def _go_to(page: st.Page) -> None:
    """The page in place of another address of it, with the filters that the address carries."""
    st.switch_page(page, query_params={name: st.query_params.get_all(name) for name in st.query_params})


if __name__ == "__main__":
    main(sys.argv[1:])
