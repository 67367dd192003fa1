"""Business rules of the marketing product: what somebody may want otherwise."""

from pydantic import BaseModel, ConfigDict, Field


class Marketing360Rules(BaseModel):
    """The rules with their defaults; set by a file, the environment or `--set name=value`."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    arrived_status: str = Field("Delivered", description="Status of a shipment that is no longer under way.")
