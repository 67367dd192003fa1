"""`medallion catalog build`: a site of what is on record, without personal data, the same for the same state."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from outcome import Medallion, contents

from medallion.catalog import PRODUCTS, product
from medallion.commands.catalog_facts import facts_of
from medallion.warehouse import control, ddl
from medallion.warehouse.control_tables import create_control_tables
from medallion.warehouse.duckdb import DuckDbWarehouse
from medallion.warehouse.input_versions import InputVersion, record_inputs
from medallion.warehouse.records import (
    Checkpoint,
    CheckpointStatus,
    QualityResult,
    Run,
    RunStatus,
    Version,
    replace_records,
)

PUBLISHED_AT = datetime(2024, 6, 1, 6, 0, tzinfo=UTC)
SIGNED_UP = datetime(2024, 1, 1, 8, 0, tzinfo=UTC).replace(tzinfo=None)  # the warehouse has UTC without saying so
EPOCH = str(int(datetime(2024, 6, 2, 5, 0, tzinfo=UTC).timestamp()))
CRM, MARKETING = product("sales_crm"), product("marketing_360")
PLANTED = ("Zebulonia", "Quackenbush", "zq.planted@personal.example", "73519064")


@pytest.fixture
def moment(monkeypatch: pytest.MonkeyPatch) -> None:
    """Built 23 hours after the products were published."""
    monkeypatch.setenv("SOURCE_DATE_EPOCH", EPOCH)


@pytest.fixture
def home(folder: Path) -> Path:
    """Customers and what they did, published, and a check that names the customer by key."""
    (folder / ".medallion").mkdir()
    warehouse = DuckDbWarehouse(folder / ".medallion" / "warehouse.duckdb")
    customer = (73519064, "Zebulonia", "Quackenbush", "zq.planted@personal.example", SIGNED_UP)
    activity = (73519064, "Zebulonia Quackenbush", "zq.planted@personal.example", 152, 11, 5, 3, "Delivered")
    with warehouse.write() as session:
        create_control_tables(session)
        for owner, table, row in (
            (CRM, "customers", customer),
            (CRM, "crm_customers", (*customer, date(2024, 1, 1))),
            (MARKETING, "customer_activity", activity),
        ):
            contract = owner.step(table).table
            relation = f"{owner.schema(contract.layer)}.{table}"
            session.execute(ddl.create_schema(owner.schema(contract.layer)))
            session.execute(ddl.create_table(relation, replace(contract, source=None), session.dialect))
            session.insert(relation, contract, [row])
            version = Version(
                product=owner.name,
                version=4,
                layer=contract.layer.value,
                run_id=f"{owner.name} r2",
                table_name=table,
                relation=relation,
                as_of=date(2024, 6, 1),
                row_count=1,
                published_at=PUBLISHED_AT,
            )
            replace_records(session, [version])
        for owner in (CRM, MARKETING):
            name = f"{owner.name} r2"
            run = Run(run_id=name, product=owner.name, status=RunStatus.SUCCEEDED, started_at=PUBLISHED_AT)
            control.start_run(session, run)
            control.record_quality(session, [quality(owner.name, "r1", "customers", "customers_seen_before")])
        control.record_quality(session, [quality(CRM.name, "r2", "customers", "emails_are_real", severity="warn")])
        control.record_checkpoints(session, [checkpoint("r1", rows_in=9), checkpoint("r2", rows_in=7)])
        control.record_checkpoints(session, [replace(checkpoint("r3"), status=CheckpointStatus.SKIPPED)])
        record_inputs(session, [read("r1", version=2), read("r2", version=4)])
    return folder / ".medallion"


def quality(owner: str, run_id: str, table: str, check: str, severity: str = "fail") -> QualityResult:
    return QualityResult(
        run_id=f"{owner} {run_id}",
        product=owner,
        table_name=table,
        check_name=check,
        severity=severity,
        passed=severity == "fail",
        failed_count=1,
        detail="keys (73519064)",
        description="it is real",
        checked_at=PUBLISHED_AT.replace(hour=6 if run_id == "r2" else 1),
    )


def checkpoint(run_id: str, **rows: int) -> Checkpoint:
    return Checkpoint(
        run_id=f"{CRM.name} {run_id}",
        product=CRM.name,
        table_name="customers",
        layer="gold",
        status=CheckpointStatus.PUBLISHED,
        rows_in=rows.get("rows_in"),
        rows_rejected=2,
        started_at=PUBLISHED_AT,
        finished_at=PUBLISHED_AT.replace(minute=int(run_id[1])),
    )


def read(run_id: str, version: int) -> InputVersion:
    return InputVersion(
        run_id=run_id,
        product=MARKETING.name,
        table_name="customer_activity",
        input_product=CRM.name,
        input_table="customers",
        version=version,
        relation="any.customers",
        read_at=PUBLISHED_AT.replace(minute=version),
    )


@pytest.mark.usefixtures("moment")
def test_nothing_personal_is_in_any_byte_of_the_site(medallion: Medallion, home: Path) -> None:
    outcome = medallion("catalog", "build", "--no-lineage")

    site = contents(home / "catalog")
    assert outcome.code == 0
    assert "•••••".encode() in site["tables/sales_crm.customers.html"]
    assert b"Delivered" in site["tables/marketing_360.customer_activity.html"]
    assert [(path, word) for path, data in site.items() for word in PLANTED if word.encode() in data] == []


@pytest.mark.usefixtures("moment")
def test_the_site_shows_what_is_on_record(medallion: Medallion, home: Path) -> None:
    medallion("catalog", "build", "--no-lineage")

    crm = (home / "catalog" / "products" / "sales_crm.html").read_text()
    marketing = (home / "catalog" / "products" / "marketing_360.html").read_text()
    assert ">fresh</span>" in crm
    assert "emails_are_real" in crm
    assert "customers_seen_before" not in crm  # an earlier run's
    assert "the keys of these rows are personal data and not shown" in crm
    assert '<td class="number">7</td>' in crm  # rows read by the run that built it last
    assert "2024-06-01 06:04 UTC" in marketing  # when version 4 was read


@pytest.mark.usefixtures("moment", "home")
def test_the_same_state_gives_the_same_bytes(medallion: Medallion, folder: Path) -> None:
    for name in ("one", "two"):
        medallion("catalog", "build", "--no-lineage", "--output", name)

    assert contents(folder / "one") == contents(folder / "two")


def test_a_service_level_that_is_not_kept_any_more_is_stale(
    medallion: Medallion, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", str(int(EPOCH) + 2 * 3600))

    medallion("catalog", "build", "--no-lineage")

    assert ">stale</span>" in (home / "catalog" / "products" / "sales_crm.html").read_text()


def test_without_a_warehouse_the_contracts_are_shown_and_nothing_else_is_made(
    medallion: Medallion, folder: Path
) -> None:
    outcome = medallion("catalog", "build", "--no-lineage")

    assert outcome.code == 0
    assert "never published" in (folder / ".medallion" / "catalog" / "index.html").read_text()
    assert [path.name for path in (folder / ".medallion").iterdir()] == ["catalog"]


def test_the_columns_are_followed_unless_that_is_left_out(
    medallion: Medallion, folder: Path, engine_name: str, spark: object
) -> None:
    if engine_name != "embedded":
        pytest.skip("plans are read on the embedded engine alone")

    medallion("catalog", "build")

    page = (folder / ".medallion" / "catalog" / "tables" / "marketing_360.customer_activity.html").read_text()
    assert "sources.erp_orders.order_date" in page
    assert "not known" not in page


def test_people_are_told_what_was_written_and_how_to_open_it(medallion: Medallion, folder: Path) -> None:
    first, second = medallion("catalog", "build", "--no-lineage", "--output", "site").out.splitlines()

    tables, ports = sum(len(one.steps) for one in PRODUCTS), sum(len(one.governance.output_ports) for one in PRODUCTS)
    domains = {one.governance.domain.name for one in PRODUCTS}
    pages = len(("start", "lineage")) + len(domains) + len(PRODUCTS) + tables
    assert first.startswith(f"site: {pages} pages and {ports} contracts, ")
    assert second == f"open it with a browser: {(folder / 'site' / 'index.html').as_uri()}"


def test_machines_are_told_every_file_with_its_size(medallion: Medallion, folder: Path) -> None:
    document = medallion("catalog", "build", "--no-lineage", "--output", "site", "--json").document

    written = {path: len(data) for path, data in contents(folder / "site").items() if not path.startswith(".")}
    assert {one["path"]: one["bytes"] for one in document["files"]} == written
    assert (document["folder"], document["bytes"]) == ("site", sum(written.values()))
    assert document["note"] == "Column lineage was left out (--no-lineage)."


@pytest.mark.parametrize("given", ["yesterday", "", "99999999999999999999"])
def test_a_moment_that_is_none_is_refused(medallion: Medallion, given: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", given)

    outcome = medallion("catalog", "build", "--no-lineage", "--output", "site")

    line = f"error: SOURCE_DATE_EPOCH={given}: is no number of seconds since 1970; correct or unset it\n"
    assert (outcome.code, outcome.err) == (2, line)


def test_a_product_page_lists_who_asked_for_its_ports_and_what_became_of_it(
    home: Path, folder: Path, medallion: Medallion
) -> None:
    for consumer in ("mailing_tool", "analysts"):
        medallion("access", "request", "sales_crm.customers", "--for", consumer, "--purpose", "x", "--by", "carl")
    medallion("access", "approve", "sales_crm.customers", "--for", "mailing_tool", "--by", "ana")

    medallion("catalog", "build", "--no-lineage", "--output", "site")

    page = " ".join((folder / "site" / "products" / "sales_crm.html").read_text(encoding="utf-8").split())
    assert '<th scope="row">analysts</th>' in page
    assert '<span class="badge good">approved</span>' in page
    assert '<span class="badge quiet">requested</span>' in page


def test_a_table_whose_contract_has_grown_is_sampled_as_it_was_published(home: Path) -> None:
    contract = CRM.step("customers").table
    grown = replace(contract, columns=(*contract.columns, replace(contract.columns[1], name="nickname")))
    steps = tuple(replace(one, table=grown) if one.table is contract else one for one in CRM.steps)

    (found,) = facts_of(DuckDbWarehouse(home / "warehouse.duckdb"), (replace(CRM, steps=steps),), PUBLISHED_AT)

    assert found.tables["customers"].sample_columns == contract.column_names
