"""All figures of the pipeline in one command, printed as a table: `make bench`, or `python benchmarks/run.py --help`.

Every figure is of a whole process on this machine, as a user would start it. Machines differ and are shared, so read
the ratios: what they compare is measured in turn, in one run.
"""

from __future__ import annotations

import argparse
import csv
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from statistics import median

from measure import MEDALLION, Measured, measure, middle

HERE = Path(__file__).parent
# Name, what is to be reached (None: only reported), its unit.
Row = tuple[str, str, str]


class Bench:
    """Inputs are generated once below `folder` and kept; homes are made anew for each run."""

    def __init__(self, folder: Path, orders: int, runs: int) -> None:
        self.folder, self.orders, self.runs = folder, orders, runs
        folder.mkdir(parents=True, exist_ok=True)

    def sample(self, orders: int) -> Path:
        target = self.folder / f"orders_{orders}"
        if not (target / "planted.json").exists():
            command = [MEDALLION, "generate", "restaurant", "--orders", str(orders), "--seed", "1", "--dirty", "0.1"]
            measure([*command, "--output", str(target)])
        return target

    def history_and_days(self, orders: int) -> tuple[Path, Path, Path]:
        """Five years of orders but for the last day; that day; and that day with the corrections that came with it."""
        history, day, corrected = (self.folder / f"{name}_{orders}" for name in ("history", "day", "day_corrected"))
        if not day.exists():
            command = [MEDALLION, "generate", "restaurant", "--orders", str(orders), "--seed", "1", "--dirty", "0.1"]
            measure([*command, "--days", "1826", "--days-late", "1", "--output", str(history)])
            corrected.mkdir(exist_ok=True)
            for file in history.glob("*_late_*.csv"):
                file.rename(corrected / file.name)
            day.mkdir()
            _last_day(corrected, day)
        return history, day, corrected

    def pipeline(self, sample: Path, *options: str, fresh: bool = True) -> Measured:
        home = self.folder / "home"
        if fresh:
            shutil.rmtree(home, ignore_errors=True)
        return measure([MEDALLION, "run", "restaurant", "--input", str(sample), "--home", str(home), *options])

    def plain(self, sample: Path) -> Measured:
        database = self.folder / "plain.duckdb"
        database.unlink(missing_ok=True)
        script = str(HERE / "plain_duckdb.py")
        return measure([sys.executable, script, "--input", str(sample), "--database", str(database)])


def against_plain_sql(bench: Bench) -> Iterator[Row]:
    """The full load beside a plain DuckDB script that computes the same core columns."""
    sample = bench.sample(bench.orders)
    pairs = [(bench.pipeline(sample), bench.plain(sample)) for _ in range(bench.runs)]
    ours, plain = middle([pair[0] for pair in pairs]), middle([pair[1] for pair in pairs])
    ratio = median(one.wall / other.wall for one, other in pairs)
    yield f"{bench.orders:,} orders, embedded engine", "", _figures(ours)
    yield f"{bench.orders:,} orders, plain DuckDB script", "", _figures(plain)
    yield "ratio of wall time", "≤ 2.0", f"{ratio:.2f}"
    yield "peak memory", "≤ 6 GB", f"{ours.peak_gb:.1f} GB"


def nothing_to_do(bench: Bench) -> Iterator[Row]:
    """The same command once more."""
    sample = bench.sample(bench.orders)
    bench.pipeline(sample)
    again = middle([bench.pipeline(sample, fresh=False) for _ in range(max(bench.runs, 5))])
    yield f"nothing new to do ({bench.orders:,} orders)", "≤ 1.0 s", f"{again.wall:.2f} s"


def small_and_cold(bench: Bench) -> Iterator[Row]:
    """What a newcomer waits for."""
    sample = bench.sample(20_000)
    cold = middle([bench.pipeline(sample) for _ in range(bench.runs)])
    yield "20,000 orders, cold", "≤ 8 s", _figures(cold)


def spark_engine(bench: Bench) -> Iterator[Row]:
    """The reference engine beside the embedded one."""
    sample = bench.sample(bench.orders)
    embedded, spark = bench.pipeline(sample), bench.pipeline(sample, "--engine", "spark")
    yield f"{bench.orders:,} orders, Spark engine", "", _figures(spark)
    yield "ratio to the embedded engine", "≤ 5", f"{spark.wall / embedded.wall:.2f}"


def ten_times_the_rows(bench: Bench) -> Iterator[Row]:
    """How time grows with size."""
    small, large = bench.sample(bench.orders), bench.sample(10 * bench.orders)
    one, ten = bench.pipeline(small), bench.pipeline(large)
    yield f"{10 * bench.orders:,} orders, embedded engine", "", _figures(ten)
    yield "ratio to a tenth of the rows", "≤ 10.5", f"{ten.wall / one.wall:.2f}"


def one_day_more(bench: Bench) -> Iterator[Row]:
    """The last of five years' days, delivered after all others: alone, and with corrections of earlier orders."""
    history, day, corrected = bench.history_and_days(bench.orders)
    kept, home = bench.folder / "home_before", bench.folder / "home"
    full, back = [], []
    later: dict[str, list[Measured]] = {"one day more": [], "one day with corrections": []}
    for _ in range(bench.runs):  # in turn, as machines change from one minute to the next
        full.append(bench.pipeline(history))
        shutil.rmtree(kept, ignore_errors=True)
        home.rename(kept)
        for runs, delivered in zip(later.values(), (day, corrected), strict=True):
            shutil.copytree(kept, home)
            os.sync()  # what the copy left to be written must not slow down the run
            runs.append(bench.pipeline(delivered, fresh=False))
            if delivered is corrected:
                back.append(_rollback_seconds(home))
            shutil.rmtree(home)
    shutil.rmtree(kept)
    yield f"{bench.orders:,} orders of five years", "", _figures(middle(full))
    for title, runs in later.items():
        pairs = list(zip(runs, full, strict=True))
        yield title, "", _figures(middle(runs))
        yield (
            "share of the full load's wall time",
            "≤ 10 %",
            f"{median(one.wall / all_.wall for one, all_ in pairs):.1%}",
        )
        yield "share of the full load's CPU time", "", f"{median(one.cpu / all_.cpu for one, all_ in pairs):.1%}"
    yield "rollback of all marts", "< 1 s", f"{median(back):.2f} s"


def _rollback_seconds(home: Path) -> float:
    """What the command says its transaction took; starting Python comes on top."""
    command = [MEDALLION, "rollback", "restaurant", "--home", str(home), "--json"]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return float(json.loads(done.stdout)["seconds"])


def generator(bench: Bench) -> Iterator[Row]:
    """Sample files."""
    target = bench.folder / "generated"
    shutil.rmtree(target, ignore_errors=True)
    command = [MEDALLION, "generate", "restaurant", "--orders", str(bench.orders), "--output", str(target)]
    made = measure(command)
    shutil.rmtree(target)
    yield f"generate {bench.orders:,} orders", "≤ 20 s per million", _figures(made)


def gate_memory(bench: Bench) -> Iterator[Row]:
    """One file of 5 GB through the gate into bronze."""
    big = bench.folder / "order_items_big.csv"
    _repeat(bench.sample(bench.orders) / "order_items.csv", big, 5_000_000_000)
    try:
        read = measure([sys.executable, str(HERE / "gate.py"), str(big), str(bench.folder / "gate")])
    finally:
        big.unlink()
        shutil.rmtree(bench.folder / "gate", ignore_errors=True)
    yield "gate, one file of 5 GB", "", _figures(read)
    yield "gate, peak memory", "≤ 600 MB", f"{read.peak_gb * 1000:.0f} MB"


FIGURES: dict[str, Callable[[Bench], Iterator[Row]]] = {
    "plain": against_plain_sql,
    "nothing": nothing_to_do,
    "cold": small_and_cold,
    "day": one_day_more,
    "generator": generator,
    "gate": gate_memory,
    "spark": spark_engine,
    "ten": ten_times_the_rows,
}


def _figures(measured: Measured) -> str:
    return f"{measured.wall:.1f} s wall, {measured.cpu:.1f} s CPU, {measured.peak_gb:.1f} GB"


def _repeat(source: Path, target: Path, size: int) -> None:
    """Write the records of `source` again and again until `target` has `size` bytes.

    In pieces: what this process holds in memory would count as its children's peak as well.
    """
    with source.open("rb") as records, target.open("wb") as file:
        file.write(records.readline())
        first = records.tell()
        while file.tell() < size:
            records.seek(first)
            shutil.copyfileobj(records, file, 1 << 20)


def _last_day(delivered: Path, target: Path) -> None:
    """Of delivered lines and options only those of the newest day."""
    lines, options = (next(delivered.glob(f"{name}_late_*.csv")) for name in ("order_items", "order_item_options"))
    heads, *rows = _records(lines)
    created, order = heads.index("creation_time_utc"), heads.index("order_id")
    newest = max(row[created][:10] for row in rows if row[created][:2] == "20")
    kept = [row for row in rows if row[created].startswith(newest)]
    orders = {row[order] for row in kept}
    option_heads, *option_rows = _records(options)
    place = option_heads.index("order_id")
    for name, records in (
        (lines.name, [heads, *kept]),
        (options.name, [option_heads, *(row for row in option_rows if row[place] in orders)]),
    ):
        with (target / name).open("w", newline="", encoding="utf-8") as file:
            csv.writer(file).writerows(records)


def _records(file: Path) -> list[list[str]]:
    """The records with as many fields as the header, which comes first."""
    with file.open(newline="", encoding="utf-8", errors="replace") as opened:
        records = list(csv.reader(opened))
    return [record for record in records if len(record) == len(records[0])]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", nargs="*", choices=FIGURES, default=[], help="just these figures")
    parser.add_argument("--orders", type=int, default=1_000_000)
    parser.add_argument("--runs", type=int, default=3, help="runs of what is compared; the median counts")
    parser.add_argument("--folder", type=Path, default=Path(".bench"), help="where inputs and homes are kept")
    arguments = parser.parse_args()
    bench = Bench(arguments.folder, arguments.orders, arguments.runs)
    print(f"{'figure':50} {'goal':20} measured")
    for name in arguments.only or FIGURES:
        for figure, goal, measured in FIGURES[name](bench):
            print(f"{figure:50} {goal:20} {measured}", flush=True)
    shutil.rmtree(bench.folder / "home", ignore_errors=True)


if __name__ == "__main__":
    main()
