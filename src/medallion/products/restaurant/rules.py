"""Business rules of the restaurant product: every number or choice that somebody may want otherwise."""

from typing import Annotated, Literal
from zoneinfo import available_timezones

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

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
    churn_after_days: int = Field(45, ge=1, description="A customer silent for more days than this is at risk.")
    value_tiers: ValueTiers = Field(
        ValueTiers(), description="Top and bottom shares of customers; the brief says 20, 60 and 20 %."
    )
    excluded_app_names: tuple[str, ...] = Field(
        (), description="Apps whose lines are left out (test apps); they count as rejected."
    )
    category_aliases: dict[str, str] = Field(
        default_factory=dict, description="Spelling repairs of item_category, from (any letter case) to; counted."
    )

    @field_validator("business_timezone")
    @classmethod
    def _is_known_timezone(cls, value: str) -> str:
        if value not in available_timezones():
            raise ValueError(f"'{value}' is no IANA time zone; write one like America/New_York")
        return value
