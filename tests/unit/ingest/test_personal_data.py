"""Personal data at the gate: as much comes through as the contract says, and nothing of what cannot be told apart."""

from __future__ import annotations

import io
from typing import Any

import pytest
from gate_runs import INGESTED_AT, GateRun, gate_bytes

from medallion.contracts import TEXT, Column, PiiAction
from medallion.data_product import Source
from medallion.errors import InputError, UsageError
from medallion.ingest.csv_gate import CsvGate, Delivery
from medallion.ingest.personal_data import WITHHELD_TEXT

CARD, CODE = "4556596815473496", "5623"
PAYMENTS = Source(
    name="payments",
    file_pattern="payments*.csv",
    description="Payments by card.",
    columns=(
        Column("payment_id", TEXT, "Key.", header="id"),
        Column("sku", TEXT, "Product.", shape="v?[0-9]{13}"),
        Column("card", TEXT, "Card.", pii="card number", pii_action=PiiAction.LAST4, shape=r"[^0-9]*[0-9 -]{4,}"),
        Column("code", TEXT, "Code.", pii="card code", pii_action=PiiAction.DROP, shape="[0-9]{0,4}"),
        Column("email", TEXT, "Address.", pii="e-mail", pii_action=PiiAction.MASK),
    ),
)
HEADER = b"id,sku,card,code,email\n"


def read(content: bytes, source: Source = PAYMENTS, **options: Any) -> GateRun:
    return gate_bytes(content, file_name="payments.csv", source=source, **options)


def kept(run: GateRun) -> list[tuple[str, ...]]:
    """The rows' own columns."""
    names = run.batches[0].schema.names[:-4] if run.batches else []
    return [tuple(row[name] for name in names) for batch in run.batches for row in batch.to_pylist()]


def test_actions_leave_four_digits_of_a_card_no_code_and_a_masked_address() -> None:
    run = read(HEADER + b"1,3770009015048,4556 5968-1547 3496,5623,ann.B@x1.org\n")

    assert run.batches[0].schema.names[:-4] == ["payment_id", "sku", "card", "email"]
    assert kept(run) == [("1", "3770009015048", "3496", "***.*@**.***")]


@pytest.mark.parametrize(
    ("delivered", "left"),
    [
        ("4556596815473496", "3496"),
        ('"4556 5968 1547 3 4 9 6"', "3496"),
        ("4556-5968-1547-3496", "3496"),
        ("************3496", "3496"),
        ("3496", "3496"),  # what an export of corrections holds
        ("6.70937E+15", ""),
        ("n/a", ""),
        ("", ""),
    ],
)
def test_of_a_card_number_at_most_the_last_four_digits_are_left(delivered: str, left: str) -> None:
    source = Source(
        name="cards",
        file_pattern="cards*.csv",
        description="Cards.",
        columns=(Column("card", TEXT, "Card.", pii="card number", pii_action=PiiAction.LAST4), Column("n", TEXT, "N.")),
    )

    assert kept(read(f"card,n\n{delivered},1\n".encode(), source)) == [(left, "1")]


def test_actions_follow_the_header_in_any_order_of_columns() -> None:
    run = read(b"code,email,card,extra,sku,id\n5623,a@b.c,4556596815473496,9,3770009015048,1\n")

    assert kept(run) == [("1", "3770009015048", "3496", "*@*.*")]


def test_a_column_that_is_dropped_may_be_missing() -> None:
    assert kept(read(b"id,sku,card,email\n1,3770009015048,3496,a@b.c\n")) == [("1", "3770009015048", "3496", "*@*.*")]


@pytest.mark.parametrize(
    ("record", "reasons"),
    [
        ("1,3770009015048,4556596815473496,5623", "ragged,withheld"),
        ("1,3770009015048,4556596815473496,5623,a@b.c,more", "ragged,withheld"),
        ('1,3770009015048,"4556596815473496",5623,a\udcff', "undecodable,withheld"),
        ("1,3770009015048,4556596815473496,5623,a\0", "nul_byte,withheld"),
        # as many fields as the header has, but slipped by one
        ("1,4556596815473496,5623,a@b.c,", "unexpected_code,withheld"),
        ("1,3770009015048,,4556596815473496,5623", "unexpected_card,unexpected_code,withheld"),
    ],
)
def test_a_malformed_record_is_kept_out_without_a_byte_of_its_text(record: str, reasons: str) -> None:
    run = read(HEADER + record.encode(errors="surrogateescape") + b"\n2,3770009015048,3496,1,\n")

    assert [(reject.row_number, reject.reason, reject.raw_text) for reject in run.rejects] == [
        (1, reasons, WITHHELD_TEXT)
    ]
    assert not {part for part in (CARD, CODE) if part in repr(run)}
    assert run.row_numbers == [2]
    assert run.report is not None
    assert (run.report.record_count, run.report.accepted_count, run.report.rejected_count) == (2, 1, 1)


def test_a_card_number_where_none_belongs_is_cut_out_and_product_codes_stay() -> None:
    run = read(HEADER + f'a ({CARD}),v3770009015028,{CARD},1,\n2,"{CARD[:8]} {CARD[8:]} 5623",{CARD},1,\n'.encode())

    assert kept(run) == [
        ("a ((number withheld))", "v3770009015028", "3496", ""),
        ("2", "(number withheld)", "3496", ""),
    ]


def test_a_source_without_actions_keeps_the_text_of_malformed_records() -> None:
    run = gate_bytes(b"a,b,c\n1,2\n")

    assert [(reject.reason, reject.raw_text) for reject in run.rejects] == [("ragged", "1,2")]


@pytest.mark.parametrize("content", [b"1,3770009015048,4556596815473496,562,a@b.c\n", b"id,4556596815473496,562\n"])
def test_a_refused_header_shows_nothing_that_looks_like_data(content: bytes) -> None:
    with pytest.raises(InputError, match=r"missing \(found: .*\(withheld\)") as refused:
        read(content)

    assert "4556" not in str(refused.value)
    assert "562" not in str(refused.value)


def test_an_extra_column_that_looks_like_data_is_not_named() -> None:
    run = read(HEADER.strip() + b",4556596815473496\n1,3770009015048,3496,1,a,b\n")

    assert run.report is not None
    assert run.report.extra_columns == ("(withheld)",)


HASHED = Source(
    name="people",
    file_pattern="people*.csv",
    description="People.",
    columns=(Column("email", TEXT, "Address.", pii="e-mail", pii_action=PiiAction.HMAC),),
)


def test_equal_values_have_equal_keyed_hashes_and_nothing_stays_nothing() -> None:
    run = read(b'email\na@b.c\n" a@b.c "\nd@e.f\n""\n', HASHED, pii_key=b"secret")

    first, second, third, fourth = (row[0] for row in kept(run))
    # printf %s a@b.c | openssl dgst -sha256 -hmac secret
    assert first == second == "0ce3629b4ac1ef1367b15f9d7659135a1c8663659b98cfd72c175d86612f7879"
    assert third != first
    assert fourth == ""


def test_without_its_key_a_source_with_hashed_columns_is_not_read() -> None:
    with pytest.raises(UsageError, match=r"^setting 'pii_key' is missing: people\.email is kept as a keyed hash only"):
        CsvGate(io.BytesIO(b"email\na\n"), HASHED, Delivery("p.csv", "1", INGESTED_AT), on_rejects=lambda _: None)


def test_an_action_without_a_kind_of_personal_data_is_no_contract() -> None:
    with pytest.raises(ValueError, match="column code: has a pii_action, but pii does not say what it protects"):
        Column("code", TEXT, "Code.", pii_action=PiiAction.DROP)
