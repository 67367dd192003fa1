"""The dashboards on Redshift, as a user who has the readers' role and nothing else: pages are as on one machine."""

from __future__ import annotations

import json
import math
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from redshift_emulator import ROLE
from redshift_place import Place, redshift_place
from streamlit.testing.v1 import AppTest

sys.path.append(str(Path(__file__).parents[1] / "dashboard"))

from odd_marts import other_rows, publish_others, publish_rows
from shown import asked, errors, figure, opened, words

from medallion import catalog
from medallion.commands.standing import newest_by_right, standing_of
from medallion.dashboard.entry.app import open_source
from medallion.dashboard.pages import PAGES
from medallion.dashboard.queries import customer_segments
from medallion.dashboard.reading import Marts, Source, Unavailable
from medallion.warehouse import redshift

pytestmark = pytest.mark.slow
READERS, VIEWER = "readers_of_pages", "viewer_of_pages"
RESTAURANT = catalog.product("restaurant")
# Pages as they open, and with what their address may say.
VIEWS: list[tuple[str, dict[str, str]]] = [
    *((page.name, {"range": "all"}) for page in PAGES if page.name != "pipeline"),
    ("sales-trends", {"range": "28d", "period": "week", "location": "LOCATION"}),
    ("sales-trends", {"range": "all", "period": "month", "location": "none"}),
    ("overview", {"range": "ytd", "location": "LOCATION"}),
    ("segments", {"segment": "Champions", "size": "customer_count"}),
    ("customer-lifetime-value", {"tier": "High"}),
    ("customer-activity", {"status": "Delivered"}),
]
_NAMES = re.compile(r'("(?:param|view|data))[_-][0-9a-f]+"')
OF_THEIR_OWN = {"published_at", "started_at", "seconds", "run", "label", "_color"}  # what no two runs have in common
ARRESTING = ("is being written", "cannot be reached", "may not read what", "Nothing is published", "does not have")


@dataclass(frozen=True)
class Published:
    """The same files in a home on one machine, and on Redshift; `config` leads there as the user of the dashboards."""

    home: Path
    place: Place
    config: Path

    def local(self, name: str, **address: str) -> AppTest:
        return opened(name, self.home, **address)

    def remote(self, name: str, **address: str) -> AppTest:
        return opened(name, self.config.parent, config=self.config, **address)

    @property
    def source(self) -> Source:
        return open_source(self.config.parent, self.config)


def medallion(*arguments: object, **environment: str) -> None:
    found = subprocess.run(
        [Path(sys.executable).with_name("medallion"), *map(str, arguments)],
        env=os.environ | environment, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert found.returncode == 0, found.stderr


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Published]:
    folder = tmp_path_factory.mktemp("pages")
    files = ("--input", folder / "files")
    medallion("generate", "restaurant", "--orders", 150, "--seed", 3, "--dirty", 0.1, "--output", folder / "files")
    medallion("run", "restaurant", *files, "--home", folder / "home", "--quiet")
    publish_others(folder / "home")
    with redshift_place() as place, pytest.MonkeyPatch.context() as patch:
        place.as_administrator(f"CREATE ROLE {READERS}")
        place.as_administrator(
            "SET password_encryption = 'md5';"  # which the driver knows
            f"CREATE USER {VIEWER} PASSWORD '{place.emulator.password}' IN ROLE {READERS}"
        )
        patch.setenv("MEDALLION_WAREHOUSE_PASSWORD", place.emulator.password)
        s3 = {"AWS_ENDPOINT": os.environ["AWS_ENDPOINT_URL"], "AWS_ALLOW_HTTP": "true"}
        roles = {"MEDALLION_WAREHOUSE_ROLE": ROLE, "MEDALLION_READER_ROLE": READERS}
        where = ("--home", folder / "aws", "--lake", place.lake, "--warehouse", place.url, "--quiet")
        medallion("run", "restaurant", *files, *where, **s3, **roles)
        for name, rows in other_rows().items():
            publish_rows(place.warehouse, place.folder, catalog.product(name), rows, READERS)
        config = folder / "aws" / "medallion.toml"
        url = place.url.replace(place.emulator.user, VIEWER)
        config.write_text(f'[medallion]\nwarehouse = "{url}"\nlake = "{place.lake}"\n')
        yield Published(folder / "home", place, config)
        place.as_administrator(f"DROP OWNED BY {READERS}")
        place.as_administrator(f"DROP ROLE {VIEWER}, {READERS}")


def told(value: Any) -> Any:
    """A value as people see it: whether a number is a decimal or a double is the warehouse's own affair."""
    if isinstance(value, dict):
        return {name: told(one) for name, one in value.items() if name not in OF_THEIR_OWN}
    if isinstance(value, list | tuple):
        return [told(one) for one in value]
    if isinstance(value, bool) or value is None:
        return value
    if isinstance(value, int | float | Decimal):
        return None if math.isnan(value) else f"{float(value):.9g}"
    return str(value)


def tables(page: AppTest) -> Any:
    return [told(one.value.to_dict("records")) for one in page.dataframe]


def charts(page: AppTest) -> list[Any]:
    """What charts are drawn by, and their data; names that count through a process or hash data are left out."""
    return [
        (told(json.loads(_NAMES.sub(r'\1"', one.proto.spec))), [told(data) for data in _data(one.proto)])
        for one in page.get("vega_lite_chart")
    ]


def _data(chart: Any) -> list[Any]:
    given = [chart.data.data, *(one.data.data for one in chart.datasets)]
    return [pa.ipc.open_stream(data).read_all().to_pylist() for data in given if data]


def shown(page: AppTest) -> dict[str, Any]:
    """All that a page shows but when it was published."""
    texts = [line for line in words(page).splitlines() if "published" not in line]
    figures = [(one.label, one.value, one.delta) for one in page.metric]
    return {"words": texts, "figures": figures, "tables": tables(page), "charts": charts(page)}


@pytest.mark.parametrize(("name", "address"), VIEWS, ids=[f"{name}-{number}" for number, (name, _) in enumerate(VIEWS)])
def test_a_page_is_that_of_one_machine(published: Published, name: str, address: dict[str, str]) -> None:
    location = asked(published.home, "SELECT restaurant_id FROM restaurant.location_performance ORDER BY revenue_rank")
    address = {key: value.replace("LOCATION", location) for key, value in address.items()}
    page = published.remote(name, **address)
    assert errors(page) == []
    assert [one for one in ARRESTING if one in words(page)] == []
    assert page.metric
    assert shown(page) == shown(published.local(name, **address))


@pytest.mark.parametrize("part", ["runs", "tables", "checks", "quarantine", "lineage", "dictionary"])
def test_a_part_of_the_pipeline_page_is_that_of_one_machine(published: Published, part: str) -> None:
    page, local = published.remote("pipeline", part=part), published.local("pipeline", part=part)
    assert errors(page) == []
    assert [one for one in ARRESTING if one in words(page)] == []
    labels = ("Version", "As of", "Newest data", "In quarantine")
    assert {one: figure(page, one) for one in labels} == {one: figure(local, one) for one in labels}
    kept = 1 if part == "quarantine" else None  # below are the rows themselves
    assert tables(page)[:kept] == tables(local)[:kept]


def test_rejected_rows_are_counted_and_not_shown(published: Published) -> None:
    page = published.remote("pipeline", part="quarantine")
    assert int(figure(page, "In quarantine")) > 0
    assert len(page.dataframe) == 1
    assert [one.value for one in page.info] == [
        "This role may not read rejected rows, as they may hold personal data. Who may sees them with"
        " `medallion quarantine list restaurant` and `quarantine show restaurant`."
    ]


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT raw_text FROM quarantine.rejected_row",
        "SELECT row_key FROM quarantine.rejected_row",
        "SELECT user_id FROM restaurant_silver.orders",
        "SELECT consumer FROM control.access_request",
    ],
)
def test_the_role_reads_no_more_than_pages_show(published: Published, sql: str) -> None:
    with pytest.raises(Unavailable, match="permission denied") as refused:
        published.source.within(lambda session: session.rows(sql))
    assert refused.value.is_denied


def test_moves_between_versions_are_those_of_one_machine(published: Published) -> None:
    found = []
    for source in (published.source, open_source(published.home, None)):
        pinned = source.pinned(RESTAURANT)
        assert pinned is not None
        marts = Marts(source, replace(pinned, before=pinned))
        currency = marts.one("currency", "SELECT min(currency) FROM {customer_segments}")["currency"]
        found.append(told(customer_segments.moves(marts, currency)))
    assert found[0] == found[1]
    assert found[0]


def test_the_newest_day_is_known_where_no_catalogue_lists_its_table(published: Published) -> None:
    there = standing_of(published.source.warehouse, RESTAURANT)
    assert there.newest
    assert newest_by_right(published.source.warehouse, RESTAURANT) == there.newest


def test_a_page_takes_one_connection_whatever_it_asks(published: Published, monkeypatch: pytest.MonkeyPatch) -> None:
    opened_ones = []

    def counted(*arguments: Any) -> Any:
        opened_ones.append(arguments)
        return connect(*arguments)

    connect = redshift.connect
    monkeypatch.setattr(redshift, "connect", counted)
    page = published.remote("overview", range="90d")
    page.selectbox(key="choice range").select("28d").run()
    assert errors(page) == []
    assert len(opened_ones) <= 2


def test_what_was_revoked_is_said_to_be_refused(published: Published) -> None:
    published.place.as_administrator(f"REVOKE SELECT ON control.lease FROM {READERS}")
    try:
        published.source._live.clear()
        page = published.remote("pipeline")
    finally:
        published.place.as_administrator(f"GRANT SELECT ON control.lease TO {READERS}")
    assert errors(page) == []
    assert "The warehouse's user may not read what this page shows" in words(page)
