"""Business rules of the restaurant product: every number or choice that somebody may want otherwise."""

from typing import Annotated, Literal
from zoneinfo import available_timezones

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

_CENTURY = 36_500  # in days: dates so far away are still dates
Share = Annotated[float, Field(ge=0, le=1)]


class ValueTiers(BaseModel):
    """Which shares of the customers, by revenue rank, are called `High` and `Low`; the rest is `Medium`."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    high: Share = 0.20
    low: Share = 0.20

    @model_validator(mode="after")
    def _leave_room(self) -> "ValueTiers":
        if self.high + self.low > 1:
            raise ValueError("high and low add up to more than 1; lower one of them")
        return self


class RestaurantRules(BaseModel):
    """The rules with their defaults; set by a file, the environment or `--set name=value`."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    item_price_semantics: Literal["unit", "line_total"] = Field(
        "unit",
        description="`unit`: a line's amount is item_price × item_quantity, as in the source's SQL; "
        "`line_total`: item_price is the whole line's.",
    )
    option_price_applies: Literal["per_line", "per_unit"] = Field(
        "per_line",
        description="`per_line`: option_price × option_quantity, as in the source's SQL; "
        "`per_unit`: × item_quantity as well.",
    )
    business_timezone: str = Field("UTC", description="Time zone (IANA name) that days and hours of the marts are in.")
    churn_after_days: int = Field(
        45, ge=1, le=_CENTURY, description="A customer silent for more days than this is at risk."
    )
    overdue_gap_ratio: float = Field(
        2.0,
        ge=1,
        description="A customer silent for more than so many of the own average gaps is overdue: of customers who come "
        "at a steady rate 13.5 % are silent for longer than twice their mean gap by chance.",
    )
    lost_gap_ratio: float = Field(
        4.0,
        ge=1,
        description="A customer silent for more than so many of the own average gaps is lost: at a steady rate only "
        "1.8 % are silent for longer than four mean gaps. Nobody is lost before churn_after_days.",
    )
    overdue_after_days: int = Field(
        14,
        ge=0,
        le=_CENTURY,
        description="Nobody is overdue after fewer or as many days of silence, however short the own gaps: two weeks "
        "hold every weekday twice.",
    )
    value_tiers: ValueTiers = Field(
        ValueTiers(), description="Top and bottom shares of customers; the brief says 20, 60 and 20 %."
    )
    loyalty_window_days: int = Field(
        90,
        ge=1,
        le=_CENTURY,
        description="Days before and after joining that are compared: long enough for several orders of a regular "
        "customer, short enough that most members have both.",
    )
    gross_margin_rate: float = Field(
        0.65,
        gt=0,
        le=1,
        description="Share of the full price that is left after the cost of the goods, for break-even volumes; food "
        "and packaging cost restaurants about 35 %, a rule of thumb: put in your own.",
    )
    annual_discount_rate: float = Field(
        0.10,
        ge=0,
        description="What a year of waiting takes off the worth of money to come; 10 % is usual in lifetime values.",
    )
    excluded_app_names: tuple[str, ...] = Field(
        (), description="Apps whose lines are left out (test apps); they count as rejected."
    )
    category_aliases: dict[str, str] = Field(
        default_factory=dict, description="Spelling repairs of item_category, from (any letter case) to; counted."
    )

    @model_validator(mode="after")
    def _are_overdue_before_lost(self) -> "RestaurantRules":
        if self.lost_gap_ratio < self.overdue_gap_ratio:
            raise ValueError(
                f"lost_gap_ratio {self.lost_gap_ratio:g} is less than overdue_gap_ratio {self.overdue_gap_ratio:g}; "
                "raise it, or lower overdue_gap_ratio"
            )
        return self

    @field_validator("business_timezone")
    @classmethod
    def _is_known_timezone(cls, value: str) -> str:
        if value not in available_timezones():
            raise ValueError(f"'{value}' is no IANA time zone; write one like America/New_York")
        return value
