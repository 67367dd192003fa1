"""How much there is to do in a month: the seed's volume, and times taken from benchmarks/README.md or assumed."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from infra.context import Deployment, ProductSettings
from medallion.catalog import PRODUCTS
from medallion.data_product import DataProduct

# The seed's volume: the published profile of the files that seed 003 is about. Bytes by what 20 of their rows take.
SEED_LINES, SEED_OPTIONS, SEED_DAYS = 203_519, 193_017, 5 * 365
LINE_BYTES, OPTION_BYTES = 193, 95

# Measured, engine Spark on 2 cores: 2.5 M lines and 4.0 M options in 163 s, of which 15 s are the start.
CORE_SECONDS_A_ROW = 2 * (163 - 15) / 6_500_000
INCREMENT_SHARE = 0.13  # measured: one day more takes 11 to 13 % of the full load's time
LAYER_SHARES = {"bronze": 0.13, "silver": 0.65, "gold": 0.22}  # of the CPU time, measured

# Assumed; only an account shows them.
START_SECONDS = 90  # of every job: packages, Spark, connections, control tables, small COPYs
OF_WHICH_WITHOUT_WAREHOUSE = 30
AWS_FACTOR = 2  # S3, COPY and UNLOAD instead of a local disk and file
CORES_A_WORKER = 4  # G.1X
WAREHOUSE_MINIMUM = 60
SCALE_OUT_SECONDS = 60  # auto scaling adds workers until the work of a job would take as long
FULL_LOADS = 1  # a month: a rule is changed, or everything is built anew
NIGHTS, RUNS_BY_HAND = 30.4, 10  # a month, where schedules are on, and where not
READING_HOURS, READING_HOURS_BY_HAND = 22, 4  # Redshift awake for people: an hour a working day


@dataclass(frozen=True, kw_only=True)
class Volume:
    """The seed's files, `scale` times. With `whole_files` each night brings all of them anew, not one day's."""

    scale: int
    whole_files: bool = False

    @property
    def rows(self) -> int:
        return self.scale * (SEED_LINES + SEED_OPTIONS)

    @property
    def gigabytes(self) -> float:
        """Of CSV."""
        return self.scale * (SEED_LINES * LINE_BYTES + SEED_OPTIONS * OPTION_BYTES) / 1e9

    @property
    def nightly_gigabytes(self) -> float:
        return self.gigabytes if self.whole_files else self.gigabytes / SEED_DAYS

    @property
    def nightly_share(self) -> float:
        """Of a full load's work."""
        return 1 if self.whole_files else INCREMENT_SHARE


@dataclass(frozen=True)
class Compute:
    """Hours that are paid for: data processing units of Glue, Redshift awake."""

    dpu_hours: float
    warehouse_hours: float

    def times(self, number: float) -> Compute:
        """The same so many times."""
        return Compute(self.dpu_hours * number, self.warehouse_hours * number)

    def __add__(self, other: Compute) -> Compute:
        return Compute(self.dpu_hours + other.dpu_hours, self.warehouse_hours + other.warehouse_hours)


def runs_a_round(settings: Mapping[str, ProductSettings]) -> Counter[str]:
    """How often each product runs when every schedule fires once; what a product reads runs before it."""
    runs: Counter[str] = Counter()
    by_name = {product.name: product for product in PRODUCTS}

    def run(product: DataProduct) -> None:
        for name in dict.fromkeys(one.product for one in product.inputs):
            run(by_name[name])
        runs[product.name] += 1

    for product in PRODUCTS:
        if settings[product.name].schedule:
            run(product)
    return runs


def jobs_a_round(settings: Mapping[str, ProductSettings]) -> int:
    """Glue jobs of all those runs: three a product, two where it has no sources of its own."""
    with_sources = {product.name: bool(product.sources) for product in PRODUCTS}
    return sum(count * (3 if with_sources[name] else 2) for name, count in runs_a_round(settings).items())


def job(core_seconds: float, workers: int) -> Compute:
    """One job with so much work beside its start, on one driver and as many executors as the work is worth."""
    executors = math.ceil(core_seconds / CORES_A_WORKER / SCALE_OUT_SECONDS)
    executors = min(max(executors, 1), workers - 1)
    work = core_seconds / CORES_A_WORKER / executors
    dpu_seconds = 2 * START_SECONDS + (1 + executors) * work
    # The lease's heartbeat, every 20 seconds, keeps the warehouse awake as long as a job is at work.
    awake = max(START_SECONDS - OF_WHICH_WITHOUT_WAREHOUSE + work, WAREHOUSE_MINIMUM)
    return Compute(dpu_seconds / 3600, awake / 3600)


def load(volume: Volume, share: float, workers: int) -> Compute:
    """The three jobs of the restaurant for so large a share of a full load."""
    total = volume.rows * CORE_SECONDS_A_ROW * AWS_FACTOR * share
    jobs = [job(total * part, workers) for part in LAYER_SHARES.values()]
    return sum(jobs, Compute(0, 0))


def rounds_a_month(deployment: Deployment) -> float:
    """How often all scheduled products run; by hand where schedules are asleep."""
    return NIGHTS if deployment.sizes.schedules_enabled else RUNS_BY_HAND


def jobs_compute(deployment: Deployment, volume: Volume) -> Compute:
    """All jobs of a month. Products other than the restaurant are small: they take their jobs' start."""
    workers, rounds = deployment.sizes.glue_workers, rounds_a_month(deployment)
    others = job(0, workers).times(jobs_a_round(deployment.products) - len(LAYER_SHARES))
    nightly = load(volume, volume.nightly_share, workers) + others
    return nightly.times(rounds) + load(volume, 1, workers).times(FULL_LOADS)


def reading_hours(deployment: Deployment) -> float:
    """Hours of a month in which Redshift is awake for people."""
    return READING_HOURS if deployment.sizes.schedules_enabled else READING_HOURS_BY_HAND
