"""The cost model as Markdown: the bill for both environments at three volumes, what switches save, prices."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from infra.context import DashboardSettings, Deployment
from infra.costs import prices, workload
from infra.costs.bill import Line, bill, dashboards, total
from infra.costs.workload import Volume

SCALES = (1, 10, 100)
SHOWN = "prod"  # the environment whose switches are shown, at the seed's volume
SWITCHES: tuple[Mapping[str, Any], ...] = (
    {"warehouse_rpu": 8},
    {"database_class": "t4g.medium"},
    {"database_multi_az": False},
    {"endpoint_zones": 1},
    {"database_storage_gb": 20},
)


def document(deployments: Sequence[Deployment]) -> str:
    """All tables. Raises UsageError where a price is not known."""
    parts = (
        _volumes(),
        _bills(deployments),
        _dashboards(deployments),
        _switches(deployments),
        _whole_files(deployments),
        _prices(deployments),
    )
    return "\n\n".join(parts) + "\n"


def dollars(amount: float) -> str:
    """Whole dollars from ten on, cents below."""
    return f"{amount:,.0f}" if amount >= 10 else f"{amount:.2f}"


def _table(header: Sequence[str], rows: Sequence[Sequence[str]], numbers: Sequence[int] | None = None) -> str:
    """A Markdown table; columns with `numbers`, by default all but the first, are aligned to the right."""
    aligned = range(1, len(header)) if numbers is None else numbers
    rule = ["---:" if column in aligned else "---" for column in range(len(header))]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in (header, rule, *rows))


def _volumes() -> str:
    rows = [
        (
            f"{scale}×",
            f"{scale * workload.SEED_LINES:,}",
            f"{scale * workload.SEED_OPTIONS:,}",
            f"{volume.gigabytes:,.2f}",
            f"{volume.rows / workload.SEED_DAYS:,.0f}",
        )
        for scale, volume in ((scale, Volume(scale=scale)) for scale in SCALES)
    ]
    return _table(("volume", "order lines", "options", "GB of CSV", "rows a day"), rows)


def _bills(deployments: Sequence[Deployment]) -> str:
    header = ["a month, in dollars"]
    columns: list[tuple[Line, ...]] = []
    for deployment in deployments:
        for scale in SCALES:
            header.append(f"{deployment.environment} {scale}×")
            columns.append(bill(deployment, Volume(scale=scale)))
    rows = [(_name(line), *(_amount(column[number]) for column in columns)) for number, line in enumerate(columns[0])]
    fixed = sum(line.is_fixed for line in columns[0])
    subtotal = ("**while nothing runs**", *(f"**{dollars(total(one, fixed_only=True))}**" for one in columns))
    sums = ("**in all**", *(f"**{dollars(total(one))}**" for one in columns))
    return _table(header, [*rows[:fixed], subtotal, *rows[fixed:], sums])


def _name(line: Line) -> str:
    return f"{line.name} ({line.unit})" if line.unit else line.name


def _amount(line: Line) -> str:
    """`36 (5)` where a quantity is shown, `–` where there is nothing to pay."""
    if not line.dollars:
        return "–"
    if line.quantity is None:
        return dollars(line.dollars)
    is_shown_whole = line.quantity >= 10 or line.quantity == int(line.quantity)
    return f"{dollars(line.dollars)} ({line.quantity:,.{0 if is_shown_whole else 1}f})"


def _switches(deployments: Sequence[Deployment]) -> str:
    """What each switch saves alone, and all together."""
    (shown,) = (one for one in deployments if one.environment == SHOWN)
    smallest, rows = Volume(scale=SCALES[0]), []
    before = total(bill(shown, smallest))
    together = {name: value for change in SWITCHES for name, value in change.items()}
    for change in (*SWITCHES, together):
        after = total(bill(_changed(shown, change), smallest))
        named = ", ".join(f"`{name}` {str(value).lower()}" for name, value in change.items())
        rows.append((named if len(change) == 1 else "all of these", dollars(before - after), dollars(after)))
    return _table((f"in cdk.json, of {SHOWN} at {SCALES[0]}×", "saves a month", "leaves"), rows)


def _dashboards(deployments: Sequence[Deployment]) -> str:
    """What context `dashboard` adds, with one task."""
    shown = DashboardSettings.model_validate(
        {"domain": "a.b", "certificate": "arn:aws:acm:r:000000000000:certificate/c"}
    )
    added = {one.environment: dashboards(one.sizes.model_copy(update={"dashboard": shown})) for one in deployments}
    sums = ", ".join(f"{dollars(amount)} in {environment}" for environment, amount in added.items())
    return f"Context `dashboard` adds the dashboards, with one task, in dollars a month: {sums}."


def _changed(deployment: Deployment, change: Mapping[str, Any]) -> Deployment:
    return Deployment(
        environment=deployment.environment,
        sizes=deployment.sizes.model_copy(update=dict(change)),
        products=deployment.products,
    )


def _whole_files(deployments: Sequence[Deployment]) -> str:
    rows = []
    for deployment in deployments:
        for scale in SCALES:
            daily, whole = (total(bill(deployment, Volume(scale=scale, whole_files=one))) for one in (False, True))
            rows.append((f"{deployment.environment} {scale}×", dollars(daily), dollars(whole), dollars(whole - daily)))
    return _table(("", "each run gets a day's files", "each run gets all files anew", "more"), rows)


def _prices(deployments: Sequence[Deployment]) -> str:
    classes = dict.fromkeys(deployment.sizes.database_class for deployment in deployments)
    listed = (*prices.GENERAL, *(prices.database_hour(one) for one in classes))
    rows = [
        (
            price.name,
            f"{price.dollars:.10f}".rstrip("0").rstrip("."),
            price.unit,
            f"**{price.source}: check**" if price.is_to_be_checked else price.source,
            price.page,
        )
        for price in listed
    ]
    header = (f"price ({prices.REGION}, {prices.READ_IN})", "dollars", "for a", "source", "AWS's page")
    return _table(header, rows, numbers=(1,))
