"""Pages as AppTest shows them, and what stands on them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import duckdb
from streamlit.testing.v1 import AppTest

SECONDS = 60


def _script(name: str, home: str, config: str | None) -> None:
    from pathlib import Path

    from medallion.dashboard import frame
    from medallion.dashboard.entry.app import open_source
    from medallion.dashboard.pages import PAGES

    frame.show(
        next(page for page in PAGES if page.name == name), open_source(Path(home), Path(config) if config else None)
    )


def opened(name: str, home: Path, *, config: Path | None = None, **address: str) -> AppTest:
    """A page, shown once in a session of its own with these values in its address."""
    page = AppTest.from_function(
        _script, args=(name, str(home), str(config) if config else None), default_timeout=SECONDS
    )
    for key, value in address.items():
        page.query_params[key] = value
    return page.run()


def figure(page: AppTest, label: str) -> str:
    """The headline figure of that label."""
    found = [one.value for one in page.metric if one.label == label]
    assert len(found) == 1, [one.label for one in page.metric]
    return str(found[0])


def words(page: AppTest) -> str:
    """All that is written on a page, outside figures and charts."""
    kinds = (page.title, page.subheader, page.markdown, page.caption, page.info)
    return "\n".join(str(one.value) for kind in kinds for one in kind).replace("\\", "")


def errors(page: AppTest) -> list[str]:
    return [str(one.value) for one in (*page.exception, *page.error)]


def asked(home: Path, sql: str, *parameters: Any) -> Any:
    """The first value of a query's first row, asked of the warehouse without the dashboard."""
    with duckdb.connect(str(home / "warehouse.duckdb"), read_only=True) as connection:
        return connection.execute(sql, list(parameters)).fetchall()[0][0]
