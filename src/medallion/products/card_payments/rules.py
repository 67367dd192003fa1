"""Business rules of the card payments product: every number or choice that somebody may want otherwise."""

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator

Status = Literal["accepted", "refused", "cancelled"]


class CardPaymentsRules(BaseModel):
    """The rules with their defaults; set by a file, the environment or `--set name=value`."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    counted_statuses: tuple[Status, ...] = Field(
        ("accepted",),
        description="Transactions that rankings, averages and shares count; seed 004 asks whether accepted ones only.",
    )
    activation_statuses: tuple[Status, ...] = Field(
        ("accepted", "refused", "cancelled"),
        description="Transactions that make a store active: all, as in the code of seed 004.",
    )
    stripped_sku_prefixes: tuple[str, ...] = Field(
        ("v",), description="Prefixes of product_sku that stand for no product of their own; counted."
    )
    sku_aliases: dict[str, str] = Field(
        default_factory=dict, description="Codes that stand for another product, from (without prefix) to; counted."
    )

    @field_validator("counted_statuses", "activation_statuses")
    @classmethod
    def _is_not_empty(cls, value: tuple[Status, ...]) -> tuple[Status, ...]:
        if not value:
            raise ValueError("no status is left; name at least one of accepted, refused, cancelled")
        return value

    @field_validator("stripped_sku_prefixes")
    @classmethod
    def _are_prefixes(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        if any(not prefix.isalpha() for prefix in value):
            raise ValueError("a prefix must be letters; digits belong to the code itself")
        return value
