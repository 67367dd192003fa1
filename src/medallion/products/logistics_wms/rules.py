"""Business rules of the logistics product: what somebody may want otherwise."""

from pydantic import BaseModel, ConfigDict, Field


class LogisticsWmsRules(BaseModel):
    """The rules with their defaults; set by a file, the environment or `--set name=value`."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    delivery_statuses: tuple[str, ...] = Field(
        ("Shipped", "In Transit", "Delivered"),
        min_length=1,
        description="What a shipment's status may be, as written; seed 001 names these three as examples.",
    )
