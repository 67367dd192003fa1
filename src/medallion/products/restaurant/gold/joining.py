"""Order days with which customers joined the loyalty programme, or did not though they might have, and what changed."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from functools import partial
from typing import TYPE_CHECKING, Any

from medallion.arithmetic import count_where
from medallion.contracts import Column
from medallion.grouped_arrays import GROUP, of_whole_groups
from medallion.products.restaurant import columns as shared
from medallion.products.restaurant.amounts import up_to
from medallion.spark import DataFrame, F, SparkColumn, Window

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    Days = npt.NDArray[np.int64]

METRICS = ("net_amount", "order_count")
UNIT = ("is_joiner", "stratum", "customer", *METRICS)
# Of more order days without joining an even share is compared: its own error is small beside that of the joiners.
MOST_OTHERS = 50_000
# Upper bounds, in days since the order day before, of what counts as alike. Who answers a letter with the next order
# joins with one after a longer pause, and more orders follow a pause than went before it.
RECENCY_DAYS = (7, 30, 90)
_EPOCH, _PRIME = date(1970, 1, 1), 65_537
_CUSTOMER = ("user_id", "currency")
_OF_DAY = ("day", "hundredths", "order_count", "is_loyal", "is_chosen")
_RESULT = (
    shared.USER_ID,
    shared.CURRENCY,
    Column("is_joiner", "integer", "1 on the day of joining, 0 on one before it.", nullable=False),
    Column("stratum", "bigint", "What is alike has the same.", nullable=False),
    Column("net_amount", "double", "Net amount of the window after less that of the window before.", "currency"),
    Column("order_count", "double", "Orders of the window after less those of the window before.", "count"),
)
# Each customer has so many days of a number line, any date near their middle: no window reaches another customer's.
_DAYS = 1 << 23
_NEVER = _DAYS


def joining_days(customer_days: DataFrame, *, as_of: date, window_days: int) -> DataFrame:
    """Order days after a customer's first: `is_joiner` 1 for the one of joining, 0 for those before it.

    Who had not joined by a day may join later, or never: what came afterwards has no say in who is compared. `customer`
    is a number for each, `stratum` one for the quarter of the first order, whether that lies in the window before, the
    class of days since the order day before, and that of spend in the window before (classes double); METRICS are those
    of the window after less those of the window before, the day itself in neither. Days before the currency's first
    loyal order, and windows after that have not ended by `as_of`, do not count. Grain: (currency, customer, day).
    """
    last_day = as_of - timedelta(days=window_days)
    days = _with_chosen(up_to(customer_days, as_of), last_day).select(
        *_CUSTOMER,
        _number(F.col("order_date")).alias("day"),
        (F.col("net_amount") * F.lit(100).cast("decimal(3,0)"))
        .cast("decimal(18,0)")
        .cast("bigint")
        .alias("hundredths"),
        "order_count",
        (F.col("loyalty_order_count") > 0).cast("int").alias("is_loyal"),
        "is_chosen",
    )
    function = partial(_changes, last_day=(last_day - _EPOCH).days, window_days=window_days)
    changes = of_whole_groups(days, _CUSTOMER, _OF_DAY, function, _RESULT)
    # A number for each customer that says nothing about them.
    customer = F.dense_rank().over(Window.partitionBy("currency").orderBy("user_id"))
    return changes.select("currency", "is_joiner", "stratum", customer.alias("customer"), *METRICS)


def _with_chosen(days: DataFrame, last_day: date) -> DataFrame:
    """Order days with `is_chosen`, 1 where it may be compared with a joining day.

    That is since the currency's first loyal order, and of more than MOST_OTHERS an even share.
    """
    is_later = (F.col("order_date") > F.col("first_order_date")) & (F.col("order_date") <= F.lit(last_day))
    launch = F.min(F.when(F.col("loyalty_order_count") > 0, F.col("order_date")))
    known = days.groupBy("currency").agg(launch.alias("launch_date"), count_where(is_later).alias("later_count"))
    share = F.lit(float(_PRIME * MOST_OTHERS)) / F.greatest(F.col("later_count"), F.lit(1)).cast("double")
    is_chosen = (F.col("order_date") >= F.col("launch_date")) & (_lot().cast("double") < share)
    # Many to one: `known` has one row a currency.
    return days.join(F.broadcast(known), "currency").withColumn(
        "is_chosen", F.coalesce(is_chosen, F.lit(False)).cast("int")
    )


def _number(day: SparkColumn) -> SparkColumn:
    return F.datediff(day, F.lit(_EPOCH))


def _lot() -> SparkColumn:
    """A number below the prime for each order day, spread evenly: of the day and the customer's first one alone."""
    day, first = (_number(F.col(name)).cast("bigint") for name in ("order_date", "first_order_date"))
    mixed = (day * 48_271 + first * 69_621) % _PRIME
    return mixed * mixed % _PRIME


def _changes(days: Mapping[str, Any], *, last_day: int, window_days: int) -> Mapping[str, Any]:
    """The rows of `joining_days` of customers' order days (GROUP and _OF_DAY), without the customers' numbers."""
    import numpy as np

    place = days[GROUP] * _DAYS + days["day"].astype(np.int64) + _DAYS // 2
    order = np.argsort(place)
    place, is_chosen, is_loyal = place[order], days["is_chosen"][order] == 1, days["is_loyal"][order] == 1
    customer, day = np.divmod(place, _DAYS)
    starts = np.flatnonzero(np.diff(customer, prepend=-1))
    counts = np.diff(starts, append=len(place))
    first = np.repeat(day[starts], counts)
    joined = np.repeat(np.minimum.reduceat(np.where(is_loyal, day, _NEVER), starts), counts)
    # Who is loyal from the first order on has no time before.
    is_later = (day > first) & (day <= last_day + _DAYS // 2)
    chosen = np.flatnonzero(is_later & ((day == joined) | (is_chosen & (day < joined))))
    hundredths, orders = (
        _around(days[name][order].astype(np.int64), place, chosen, window_days)
        for name in ("hundredths", "order_count")
    )
    since_first, since_last = (day[chosen] - one for one in (first[chosen], day[chosen - 1]))
    quarter = _quarter(first[chosen] - _DAYS // 2)
    recency = np.searchsorted(RECENCY_DAYS, np.where(since_last <= window_days, since_last, RECENCY_DAYS[-1] + 1))
    # Who is new has had less time to spend as much.
    is_new = since_first <= window_days
    return {
        GROUP: customer[chosen],
        "is_joiner": (day == joined)[chosen],
        "stratum": ((quarter * 10 + recency) * 10 + is_new) * 100 + _doublings(hundredths[0]),
        "net_amount": (hundredths[1] - hundredths[0]) / 100.0,
        "order_count": orders[1] - orders[0],
    }


def _around(values: Days, place: Days, chosen: Days, window_days: int) -> tuple[Days, Days]:
    """Sums over the windows before and after the chosen days."""
    import numpy as np

    # Whole numbers: the sums of windows are exact also where that of all is too large for one.
    so_far = np.concatenate(([0], np.cumsum(values)))
    begin = np.searchsorted(place, place[chosen] - window_days)
    end = np.searchsorted(place, place[chosen] + window_days, side="right")
    return so_far[chosen] - so_far[begin], so_far[end] - so_far[chosen + 1]


def _quarter(day: Days) -> Days:
    """The number of the calendar quarter of a day, from its number."""
    months: Days = day.astype("datetime64[D]").astype("datetime64[M]").astype("int64")
    return months // 3


def _doublings(hundredths: Days) -> Days:
    """How often 0.01 must be doubled to exceed an amount; 0 of none. Classes are one doubling wide."""
    import numpy as np

    doublings: Days = np.frexp(np.maximum(hundredths, 0).astype(np.float64))[1].astype(np.int64)
    return doublings
