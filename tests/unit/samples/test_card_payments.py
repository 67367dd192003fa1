"""Generated card payments look like the seed's, hold the dirt that planted.json counts, and are the same every time."""

from __future__ import annotations

import csv
import json
import re
from collections import Counter
from typing import TYPE_CHECKING, Any

import pytest

from medallion.errors import UsageError
from medallion.samples.card_payments import CardPaymentsSample, generate

if TYPE_CHECKING:
    from pathlib import Path

HEADER = ["id", "device_id", "product_name", "product_sku", "product_name", "amount", "status", "card_number", "cvv"]


def records(folder: Path, name: str) -> list[list[str]]:
    with (folder / name).open(encoding="utf-8", newline="") as file:
        return list(csv.reader(file))[1:]


def planted(folder: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((folder / "planted.json").read_text(encoding="utf-8"))
    return found


@pytest.fixture(scope="module")
def clean(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return generate(CardPaymentsSample(), tmp_path_factory.mktemp("clean")).folder


@pytest.fixture(scope="module")
def dirty(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return generate(CardPaymentsSample(dirty=1.0, days_late=3, seed=5), tmp_path_factory.mktemp("dirty")).folder


def test_the_header_repeats_product_name_as_the_seeds_does(clean: Path) -> None:
    first = (clean / "transactions.csv").read_text(encoding="utf-8").splitlines()[0]

    assert first.split(",") == [*HEADER, "created_at", "happened_at"]


def test_a_clean_sample_has_as_many_sound_records_as_asked_for(clean: Path) -> None:
    found = records(clean, "transactions.csv")

    assert (len(found), {len(record) for record in found}) == (1500, {11})
    assert len({record[0] for record in found}) == 1500
    assert all(file["dirt"] == {} for file in planted(clean)["files"].values())


def test_times_have_hours_from_1_to_12_and_no_am_or_pm(clean: Path) -> None:
    times = [time for record in records(clean, "transactions.csv") for time in record[9:]]

    assert all(re.fullmatch(r"[01]\d/[0-3]\d/20\d\d (?:[1-9]|1[0-2]):[0-5]\d:[0-5]\d", time) for time in times)
    assert {int(time.split(" ")[1].split(":")[0]) for time in times} == set(range(1, 13))


def test_about_as_many_records_as_in_the_seed_were_made_before_they_happened(clean: Path) -> None:
    def moment(time: str) -> tuple[str, ...]:
        month, day, year = time.split(" ")[0].split("/")
        return year, month, day

    share = sum(moment(record[9]) < moment(record[10]) for record in records(clean, "transactions.csv")) / 1500
    assert 0.12 < share < 0.18


def test_cards_are_written_in_groups_whole_and_in_lossy_notation(clean: Path) -> None:
    notations = {re.sub(r"\d", "9", record[7]) for record in records(clean, "transactions.csv")}

    assert notations >= {"999999999999999", "9999 999999 99999", "9999 9999 9999 9999", "9.99999E+99"}


def test_one_product_has_a_prefix_and_some_stores_have_no_device(clean: Path) -> None:
    codes = {record[3] for record in records(clean, "transactions.csv")}
    stores = {record[0] for record in records(clean, "stores.csv")}

    assert (len(codes), sum(code.startswith("v") for code in codes)) == (20, 1)
    assert 0 < len(stores - {record[2] for record in records(clean, "devices.csv")}) < 30


def test_totals_by_status_are_written_beside_the_files(clean: Path) -> None:
    amounts: Counter[str] = Counter()
    for record in records(clean, "transactions.csv"):
        amounts[f"{record[6]}_count"] += 1
        amounts[f"{record[6]}_amount"] += int(record[5])

    assert planted(clean)["totals"] == amounts


@pytest.mark.parametrize(
    ("kind", "is_it"),
    [
        ("unknown_status", lambda r: r[6] == "pending"),
        ("thousands_separator", lambda r: r[5] == "1,234"),
        ("impossible_happened_at", lambda r: r[-1] == "02/30/2023 5:00:00"),
        ("missing_id", lambda r: r[0] == ""),
        ("too_few_fields", lambda r: len(r) == 9),
        ("too_many_fields", lambda r: len(r) == 12),
        ("slipped_fields", lambda r: len(r) == 11 and r[-1] == ""),
        ("unknown_device", lambda r: r[1] == "unheard-of"),
        ("card_as_name", lambda r: r[2].startswith("card ")),
    ],
)
def test_as_many_bad_records_are_found_as_were_planted(dirty: Path, kind: str, is_it: Any) -> None:
    files = {name: file for name, file in planted(dirty)["files"].items() if name.startswith("transactions")}

    for name, file in files.items():
        assert sum(map(is_it, records(dirty, name))) == file["dirt"][kind] > 0, name


def test_late_files_hold_what_was_recorded_late_and_change_earlier_statuses(dirty: Path) -> None:
    files = planted(dirty)["files"]
    known = {record[0] for record in records(dirty, "transactions.csv")}

    late = [name for name in files if "_late_" in name]
    assert late == [f"transactions_late_{number}.csv" for number in (1, 2, 3)]
    for name in late:
        again = sum(record[0] in known - {""} for record in records(dirty, name))
        assert again == files[name]["dirt"]["changed_status"] > 0


def test_the_same_settings_give_the_same_bytes_and_another_seed_others(tmp_path: Path) -> None:
    sample = {"transactions": 200, "dirty": 0.5, "days_late": 2}
    one, same, other = (
        generate(CardPaymentsSample(**sample, seed=seed), tmp_path / name).folder
        for name, seed in (("one", 1), ("same", 1), ("other", 2))
    )

    def content(folder: Path) -> dict[str, bytes]:
        return {path.name: path.read_bytes() for path in folder.iterdir()}

    assert content(one) == content(same)
    assert content(one) != content(other)


def test_files_of_an_earlier_sample_are_removed(tmp_path: Path) -> None:
    generate(CardPaymentsSample(transactions=300, days_late=3, gzip=True), tmp_path)

    generate(CardPaymentsSample(transactions=10), tmp_path)

    assert {path.name for path in tmp_path.iterdir()} == {
        "stores.csv", "devices.csv", "transactions.csv", "planted.json",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("setting", "line"),
    [
        ({"transactions": 0}, "transactions: 0 is less than 1; give 1 or more"),
        ({"seed": -1}, "seed: -1 is less than 0; give 0 or more"),
        ({"dirty": 1.5}, "dirty: 1.5 is outside 0 to 1; 0.1 is a lot"),
        ({"days": 3, "days_late": 3}, "days_late: 3 is outside 0 to 2; give fewer days than the history has"),
    ],
)
def test_a_setting_outside_its_range_is_refused(setting: dict[str, Any], line: str) -> None:
    with pytest.raises(UsageError) as refusal:
        CardPaymentsSample(**setting)

    assert str(refusal.value) == line
