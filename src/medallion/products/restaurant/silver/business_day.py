"""Which day and hour an instant is in, where the business is."""

from __future__ import annotations

from medallion.products.restaurant.rules import RestaurantRules
from medallion.spark import F, SparkColumn


def business_day(instant: SparkColumn, rules: RestaurantRules) -> SparkColumn:
    """The day of an instant, in rule business_timezone."""
    return F.to_date(F.from_utc_timestamp(instant, rules.business_timezone))


def business_hour(instant: SparkColumn, rules: RestaurantRules) -> SparkColumn:
    """The hour (0 to 23) of an instant, in rule business_timezone."""
    return F.hour(F.from_utc_timestamp(instant, rules.business_timezone))
