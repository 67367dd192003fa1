from __future__ import annotations

import json
from dataclasses import replace
from datetime import date

from kiosk import NOW, PRODUCT, Rules

from medallion.contracts import Layer
from medallion.pipeline.decision import Wish
from medallion.pipeline.deliveries import Arrivals
from medallion.pipeline.fingerprint import definition_of, table_fingerprint
from medallion.pipeline.plan import Plan, make_plan, source_fingerprints
from medallion.pipeline.running import Request
from medallion.warehouse.contract_shape import contract_shape
from medallion.warehouse.records import Batch, BatchStatus, Run, Version

AS_OF = date(2024, 5, 31)
NO_NEWS = Arrivals(new=(), replays=())
UP_TO_DATE = dict.fromkeys(("tickets", "prices", "sales", "price_list"), "up to date")


def batch(source: str, batch_id: str = "00000001", status: BatchStatus = BatchStatus.LOADED) -> Batch:
    return Batch(
        product="kiosk", source=source, batch_id=batch_id, file_name=f"{source}.csv", sha256=f"hash of {source}",
        status=status, registered_at=NOW,
    )  # fmt: skip


LOADED = (batch("tickets"), batch("prices", "00000002"))


def published(rules: Rules | None = None, as_of: date = AS_OF) -> dict[str, Version]:
    """Every table as a run with these rules and this date would have published it."""
    known = source_fingerprints(PRODUCT, LOADED)
    versions = {}
    for step in PRODUCT.steps:
        name = step.table.name
        definition = definition_of(PRODUCT, step, rules or Rules(), as_of)
        inputs = {one: known[one] for one in PRODUCT.published_inputs(step)}
        known[name] = table_fingerprint(definition, inputs)
        versions[name] = Version(
            product="kiosk",
            version=1,
            layer=step.table.layer,
            run_id="run-1",
            table_name=name,
            relation=f"kiosk.{name}",
            fingerprint=known[name],
            definition=definition,
            inputs=json.dumps(inputs),
            contract=contract_shape(step.table),
            as_of=as_of if step.table.layer is Layer.GOLD else None,
            row_count=7,
            published_at=NOW,
        )
    return versions


def plan(
    versions: dict[str, Version] | None = None,
    *,
    arrivals: Arrivals = NO_NEWS,
    known: tuple[Batch, ...] = LOADED,
    rules: Rules | None = None,
    as_of: date | None = AS_OF,
    resumed: Run | None = None,
    wish: Wish | None = None,
) -> Plan:
    versions = published() if versions is None else versions
    return make_plan(
        Request(product=PRODUCT, rules=rules or Rules()), arrivals, known, versions,
        wish=wish or Wish(), newest=AS_OF if versions else None, as_of=as_of, resumed=resumed,
    )  # fmt: skip


def reasons(found: Plan) -> dict[str, str]:
    assert all(table.is_built == (table.reason != "up to date") for table in found.tables)
    return {table.name: table.reason for table in found.tables}


def test_where_nothing_changed_nothing_is_built() -> None:
    found = plan()

    assert reasons(found) == UP_TO_DATE
    assert found.is_empty
    assert [table.rows for table in found.tables] == [7, 7, 7, 7]


def test_the_first_run_builds_everything() -> None:
    found = plan({}, known=(), as_of=None)

    assert reasons(found) == dict.fromkeys(UP_TO_DATE, "was never published")
    assert [table.rows for table in found.tables] == [None] * 4
    assert not found.is_empty


def test_new_files_concern_the_tables_made_of_them_and_what_follows() -> None:
    found = plan(arrivals=Arrivals(new=(batch("tickets", "00000003", BatchStatus.REGISTERED),), replays=()))

    assert reasons(found) == UP_TO_DATE | {
        "tickets": "new files of tickets",
        "sales": "its input tickets is built anew",
    }


def test_a_replay_asks_for_nothing() -> None:
    replay = replace(batch("tickets", "00000003", BatchStatus.REPLAY), replay_of="00000001")

    found = plan(arrivals=Arrivals(new=(), replays=(replay,)))

    assert found.is_empty


def test_a_rule_concerns_the_tables_that_read_it() -> None:
    found = plan(rules=Rules(dearest=50))

    assert reasons(found) == UP_TO_DATE | {
        "tickets": "its code, contract or rules changed",
        "sales": "its input tickets is built anew",
    }


def test_a_rule_that_no_build_reads_concerns_no_table() -> None:
    assert plan(rules=Rules(sleepy_hour=3)).is_empty


def test_another_date_concerns_the_tables_that_look_at_a_day() -> None:
    found = plan(as_of=date(2024, 6, 1))

    assert reasons(found) == UP_TO_DATE | {"sales": "as_of goes from 2024-05-31 to 2024-06-01"}


def test_a_table_that_is_missing_is_built_whatever_the_others_are() -> None:
    versions = published()
    del versions["price_list"]

    assert reasons(plan(versions)) == UP_TO_DATE | {"price_list": "was never published"}


def test_a_delivery_loaded_since_the_publish_concerns_its_tables() -> None:
    found = plan(known=(*LOADED, batch("prices", "00000003")))

    assert reasons(found) == UP_TO_DATE | {
        "prices": "new files of prices",
        "price_list": "its input prices is built anew",
    }


def test_deliveries_that_were_not_loaded_do_not_count() -> None:
    others = [status for status in BatchStatus if status is not BatchStatus.LOADED]

    found = plan(known=(*LOADED, *(batch("prices", f"0000001{n}", status) for n, status in enumerate(others))))

    assert found.is_empty


def test_a_full_refresh_builds_everything_and_says_who_asked() -> None:
    assert reasons(plan(wish=Wish(is_full=True))) == dict.fromkeys(UP_TO_DATE, "--full-refresh asks for it")


def test_a_run_to_resume_is_never_nothing_to_do() -> None:
    run = Run(run_id="run-1", product="kiosk", started_at=NOW)

    found = plan(resumed=run)

    assert (found.is_empty, found.resumed) == (False, run)
