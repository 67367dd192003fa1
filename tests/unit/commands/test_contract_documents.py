"""Contracts as documents: written, and found stale."""

from __future__ import annotations

from pathlib import Path

import yaml
from outcome import Medallion

from medallion.catalog import PRODUCTS


def test_the_contract_of_a_product_is_exported_as_yaml(medallion: Medallion, folder: Path) -> None:
    outcome = medallion("contracts", "export", "restaurant", "--output", "contracts")

    document = yaml.safe_load((folder / "contracts/restaurant.odcs.yaml").read_text(encoding="utf-8"))
    assert (outcome.code, document["kind"], document["dataProduct"]) == (0, "DataContract", "restaurant")


def test_without_an_output_every_contract_goes_to_standard_output(medallion: Medallion) -> None:
    documents = yaml.safe_load_all(medallion("contracts", "export").out)

    assert [document["dataProduct"] for document in documents] == [product.name for product in PRODUCTS]


def test_the_contract_of_an_output_port_has_the_tables_it_offers(medallion: Medallion) -> None:
    document = yaml.safe_load(medallion("contracts", "export", "card_payments", "--port", "activation").out)

    assert document["id"] == "medallion.card_payments.activation"
    assert [table["name"] for table in document["schema"]] == ["store_activation", "store_activation_summary"]


def test_every_port_has_a_document_of_its_own(medallion: Medallion, folder: Path) -> None:
    medallion("contracts", "export", "--port", "all", "--output", "contracts")

    ports = {f"{one.name}.{port.name}.odcs.yaml" for one in PRODUCTS for port in one.governance.output_ports}
    assert {path.name for path in (folder / "contracts").iterdir()} == ports


def test_a_port_that_is_none_is_refused(medallion: Medallion) -> None:
    outcome = medallion("contracts", "export", "card_payments", "--port", "marts")

    assert (outcome.code, outcome.out) == (2, "")
    assert "--port marts: is no output port of card_payments; choose one of: rankings, activation, all" in outcome.err


def test_a_contract_says_what_the_gate_does_to_personal_data(medallion: Medallion) -> None:
    document = yaml.safe_load(medallion("contracts", "export", "card_payments").out)

    assert document["customProperties"] == [
        {
            "property": "personalDataAtTheGate",
            "value": [
                {"source": "transactions", "column": "card_number", "action": "last4"},
                {"source": "transactions", "column": "cvv", "action": "drop"},
            ],
        }
    ]


def test_a_dictionary_that_is_current_passes_the_check(medallion: Medallion) -> None:
    medallion("contracts", "dictionary", "--output", "words.md")

    assert medallion("contracts", "dictionary", "--output", "words.md", "--check").code == 0


def test_a_dictionary_edited_by_hand_fails_the_check_and_stays(medallion: Medallion, folder: Path) -> None:
    (folder / "words.md").write_text("my own words")

    outcome = medallion("contracts", "dictionary", "--output", "words.md", "--check")

    assert (outcome.code, outcome.err) == (
        4,
        "error: words.md: is not what the contracts say; run: medallion contracts dictionary\n",
    )
    assert (folder / "words.md").read_text() == "my own words"


def test_metrics_that_are_current_pass_the_check_and_others_fail_it(medallion: Medallion, folder: Path) -> None:
    medallion("contracts", "metrics", "--output", "metrics.md")
    current = medallion("contracts", "metrics", "--output", "metrics.md", "--check")
    (folder / "metrics.md").write_text("my own words")

    outcome = medallion("contracts", "metrics", "--output", "metrics.md", "--check")

    assert current.code == 0
    assert (outcome.code, outcome.err) == (
        4,
        "error: metrics.md: is not what the contracts say; run: medallion contracts metrics\n",
    )
