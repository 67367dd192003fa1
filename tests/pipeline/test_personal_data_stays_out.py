"""No card number and no card verification value is anywhere in the home folder, however badly it was delivered."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from command_line import CommandLine
from every_byte import cards_in, found_in
from warehouse_contents import rejected_rows, rows

from medallion import cli
from medallion.samples.card_payments import CardPaymentsSample, generate

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

SEED = Path(__file__).parents[3] / "shared" / "data" / "card_payments"
HEADER = "id,device_id,product_name,product_sku,product_name,amount,status,card_number,cvv,created_at,happened_at"
STORES = "id,name,address,city,country,created_at,typology,customer_id\ns1,One,A,B,Spain,03/24/2022 4:52:21,Hotel,c1\n"
DEVICES = "id,type,store_id\nd1,1,s1\n"
TRANSACTIONS = "card_payments_silver.transactions"
WHEN = "01/06/2023 3:52:35,01/05/2023 8:10:46"
GOOD = "{id},d1,neque vitae,3770009015048,magna,100,accepted,{card},{cvv}," + WHEN
# How a record may be delivered: `{card}` and `{cvv}` are other ones each time. The second number: is it accepted?
DELIVERED = {
    "good": (GOOD, True),
    "good, in groups": (GOOD.replace("{card}", "{card:g}"), True),
    "good, with dashes": (GOOD.replace("{card}", "{card:-}"), True),
    "good, quoted": (GOOD.replace("{card}", '"{card}"').replace("{cvv}", '"{cvv}"'), True),
    "good, the card in a name too": (GOOD.replace("neque vitae", "card {card:g} of A"), True),
    "repeated": (GOOD + "\n" + GOOD, True),
    "an unknown status": (GOOD.replace("accepted", "pending"), False),
    "the card as status": (GOOD.replace("accepted", "{card}"), False),
    "the card as amount": (GOOD.replace("100", "{card}"), False),
    "the card as device": (GOOD.replace("d1", "{card:-}"), False),
    "an impossible time": (GOOD.replace("8:10:46", "8:61:46"), False),
    "a field too few": (GOOD.replace(",100", ""), False),
    "a field too many": (GOOD.replace("magna", "magna, parva"), False),
    "slipped to the left": (GOOD.replace(",100", "") + ",", False),
    "slipped to the right": (GOOD.replace("neque", "neque,").rpartition(",")[0], False),
    "bytes that are no text": (GOOD.replace("magna", "\udcff"), False),
    "a NUL byte": (GOOD.replace("magna", "\0"), False),
    "card and code swapped": (GOOD.replace("{card},{cvv}", "{cvv},{card}"), False),
    "code and name swapped": (GOOD.replace("neque vitae", "-").replace("{cvv}", "neque vitae 2023/01"), False),
}


class Card(str):
    """A card number, formatted `:g` in groups and `:-` with dashes."""

    def __format__(self, notation: str) -> str:
        groups = [self[start : start + 4] for start in range(0, 16, 4)]
        return {"": str(self), "g": " ".join(groups), "-": "-".join(groups)}[notation]


def planted(number: int) -> tuple[Card, str]:
    """A card number of its own, and a code that no other bytes are like by chance."""
    return Card(f"45565968{15473496 + 7919 * number:08d}"), f"Q{number % 10}Z7W1"


CARDS, CODES = zip(*(planted(number) for number in range(len(DELIVERED))), strict=True)
SECRETS = [*CODES, *(f"{card:{notation}}" for card in CARDS for notation in ("", "g", "-"))]


def records() -> list[str]:
    return [
        template.format(id=number, card=CARDS[number], cvv=CODES[number])
        for number, (template, _) in enumerate(DELIVERED.values())
    ]


def write_input(folder: Path) -> None:
    folder.mkdir()
    stray = GOOD.format(id="stray", card=CARDS[1], cvv=CODES[1])
    (folder / "stores.csv").write_text(f"{STORES}{stray}\n")
    (folder / "devices.csv").write_text(f"{DEVICES}{stray}\n")
    text = "\n".join([HEADER, *records()]) + "\n"
    (folder / "transactions.csv").write_bytes(text.encode(errors="surrogateescape"))


@pytest.fixture(scope="module", params=["files", pytest.param("rds", marks=pytest.mark.slow)])
def home(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, engine_name: str, spark: SparkSession
) -> Path:
    """After a run on all of it, and failed runs on files without a header and without an end."""
    folder = tmp_path_factory.mktemp("planted")
    write_input(folder / "input")
    command = CommandLine(folder / "home", engine_name, source=request.param, product="card_payments")
    command.run("--input", str(folder / "input"))
    good = GOOD.format(id="a", card=CARDS[0], cvv=CODES[0])
    wrong = {"headless": good, "renamed": f"{HEADER},{CARDS[0]}\n{good},x", "open": f'{HEADER}\n"{good}'}
    for name, text in wrong.items():
        (folder / name).mkdir()
        (folder / name / f"transactions_{name}.csv").write_text(f"{text}\n")
        child = command.start("--input", str(folder / name), "--verbose")
        output = "".join(child.communicate(timeout=120))
        assert not [secret for secret in SECRETS if secret in output], name
    (folder / "open" / "transactions_open.csv").write_text(f"{HEADER}\n")
    command.run("--input", str(folder / "open"))
    return folder / "home"


def test_what_is_looked_for_is_found_where_it_is(tmp_path: Path) -> None:
    write_input(tmp_path / "input")

    assert len(found_in(tmp_path, SECRETS)["input/transactions.csv"]) >= 2 * len(DELIVERED)


def test_no_byte_of_a_card_number_or_code_is_in_the_home_folder(home: Path) -> None:
    assert found_in(home, SECRETS) == {}


def test_accepted_transactions_keep_four_digits(home: Path) -> None:
    accepted = [number for number, (_, is_accepted) in enumerate(DELIVERED.values()) if is_accepted]

    found = rows(
        home / "warehouse.duckdb", f"SELECT transaction_id, card_last4 FROM {TRANSACTIONS} WHERE transaction_id <> 'a'"
    )

    assert sorted(found) == sorted((str(number), CARDS[number][-4:]) for number in accepted)


def test_every_other_record_is_in_quarantine_with_its_file_number_and_reasons(home: Path) -> None:
    found = [row for row in rejected_rows(home / "warehouse.duckdb") if row[1] == "transactions.csv"]

    names = dict(enumerate(DELIVERED, start=1))
    place = {name: number + (number > 6) for number, name in names.items()}  # one is delivered twice
    refused = {place[name] for name, (_, is_accepted) in DELIVERED.items() if not is_accepted}
    assert {row[2] for row in found} == refused
    for _, _, _, reasons, text in found:
        assert "withheld" not in reasons or text.startswith("(withheld: in a malformed record")


def test_a_correction_leaves_out_what_was_withheld_and_says_so(
    home: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    target = tmp_path / "transactions_corrected.csv"

    where = ["--table", "transactions", "--output", str(target), "--home", str(home)]
    code = cli.main(["quarantine", "export", "card_payments", *where])

    assert code == 0
    assert "more are not in it: their text was withheld" in capfd.readouterr().out
    with target.open(newline="") as file:
        header, *exported = csv.reader(file)
    assert header == HEADER.replace("cvv,", "").split(",")
    assert {len(record) for record in exported} == {len(header)}
    reasons = json.loads((tmp_path / "transactions_corrected.reasons.json").read_text())
    assert sum(one["line"] is None for one in reasons) == len(reasons) - len(exported) > 0
    assert found_in(tmp_path, SECRETS) == {}


def test_a_correction_can_be_delivered_as_it_was_exported(home: Path, tmp_path: Path, engine_name: str) -> None:
    if (home / "postgres").exists():
        pytest.skip("how bronze was filled plays no part")
    target = tmp_path / "in" / "transactions_corrected.csv"
    where = ["--table", "transactions", "--reason", "unknown_status", "--home", str(home)]
    assert cli.main(["quarantine", "export", "card_payments", *where, "--output", str(target)]) == 0
    target.write_text(target.read_text().replace("pending", "accepted"))
    command = CommandLine(home, engine_name, product="card_payments")

    command.run("--input", str(target.parent))

    number = list(DELIVERED).index("an unknown status")
    query = f"SELECT status, card_last4 FROM {TRANSACTIONS} WHERE transaction_id = '{number}'"
    assert rows(home / "warehouse.duckdb", query) == [("accepted", CARDS[number][-4:])]
    assert found_in(home, SECRETS) == {}


def cards_of(folder: Path) -> set[str]:
    """The card numbers of whole records of all files."""
    files = folder.glob("transactions*.csv")
    return set().union(*(cards_in(path.read_text(encoding="utf-8", errors="replace")) for path in files))


@pytest.mark.parametrize("name", ["seed", "generated"])
def test_none_of_the_many_cards_of_whole_files_is_in_the_home_folder(
    name: str, tmp_path: Path, engine_name: str, spark: SparkSession
) -> None:
    if name == "seed" and not SEED.is_dir():
        pytest.skip(f"{SEED} is not here")
    sample = CardPaymentsSample(transactions=400, dirty=1.0, days_late=2)
    folder = SEED if name == "seed" else generate(sample, tmp_path / "input").folder
    command = CommandLine(tmp_path / "home", engine_name, product="card_payments")

    command.run("--input", str(folder))

    cards = cards_of(folder)
    assert len(cards) >= 400
    assert found_in(command.home, cards) == {}
