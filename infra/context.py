"""What may differ between deployments, read from the context (cdk.json, `-c name=value`) and checked."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from ipaddress import IPv4Network
from typing import Any, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from infra.regions import supported
from infra.schedules import checked_schedule, checked_timezone
from medallion.catalog import PRODUCTS
from medallion.errors import UsageError

Read = Callable[[str], Any]
Model = TypeVar("Model", bound=BaseModel)


class OpenIdConnect(BaseModel):
    """Who knows the people that may look at the dashboards, where that is not a user pool of AWS."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    issuer: str = Field(pattern=r"^https://")
    authorization_endpoint: str = Field(pattern=r"^https://")
    token_endpoint: str = Field(pattern=r"^https://")
    user_info_endpoint: str = Field(pattern=r"^https://")
    client_id: str = Field(min_length=1)
    client_secret: str = Field(pattern=r"^[\w/+=.@:-]+$", description="Name or ARN of the secret that holds it.")


class DashboardSettings(BaseModel):
    """Where the dashboards are, and who may reach the page on which people sign in."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    domain: str = Field(pattern=r"^[a-z0-9-]+(\.[a-z0-9-]+)+$", description="Name for which the certificate is.")
    certificate: str = Field(
        pattern=r"^arn:aws[\w-]*:acm:[\w-]+:\d{12}:certificate/[\w-]+$", description="Of Certificate Manager, its ARN."
    )
    networks: tuple[str, ...] = Field(("0.0.0.0/0",), min_length=1, description="CIDRs that reach the sign-in.")
    tasks: int = Field(1, ge=1, le=20, description="Copies of the app.")
    provider: OpenIdConnect | None = Field(None, description="Who knows the people; default: a user pool made for it.")

    @field_validator("networks")
    @classmethod
    def _are_networks(cls, given: tuple[str, ...]) -> tuple[str, ...]:
        for one in given:
            IPv4Network(one)
        return given


class Sizes(BaseModel):
    """One environment: everything in which dev and prod may differ. Each may be set by `-c name=value` as well."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    region: str = Field(description="Where it is deployed.")
    glue_workers: int = Field(2, ge=2, le=100, description="Most G.1X workers of a job; it scales within them.")
    glue_timeout_minutes: int = Field(60, ge=5, le=480, description="After which a job is stopped.")
    run_timeout_minutes: int = Field(360, ge=30, le=1440, description="After which a run is stopped, waiting included.")
    database_class: str = Field("t4g.micro", pattern=r"^[a-z0-9]+\.[a-z0-9]+$", description="Of RDS.")
    database_storage_gb: int = Field(20, ge=20, le=65536)
    database_multi_az: bool = False
    backup_days: int = Field(1, ge=1, le=35)
    warehouse_rpu: int = Field(8, ge=8, le=512, multiple_of=8, description="Base capacity of Redshift Serverless.")
    warehouse_max_rpu: int = Field(16, ge=8, le=512, multiple_of=8)
    database_ca: str = Field(
        "", description="File with RDS's certificates, by which the database's is checked; empty: encrypted only."
    )
    reader_role: str = Field("", pattern=r"^\w*$", description="Role of Redshift that may read all marts; empty: none.")
    dashboard: DashboardSettings | None = Field(None, description="Dashboards; on the command line JSON. None: none.")
    nat_gateways: int = Field(0, ge=0, le=3)
    endpoint_zones: int = Field(1, ge=1, le=3, description="Availability zones with interface endpoints.")
    deletion_protection: bool = False
    schedules_enabled: bool = True
    alarm_email: str = Field("", pattern=r"^$|^[^@\s]+@[^@\s]+\.[^@\s]+$", description="Who is told; empty: nobody.")
    alarm_grace_hours: int = Field(2, ge=1, le=24, description="Beyond a product's service level before the alarm.")
    alarm_run_minutes: int = Field(120, ge=1, le=1440, description="A longer run raises an alarm.")
    alarm_rejected_rows: int = Field(1000, ge=1, description="More rejected rows in a run raise an alarm.")
    log_days: Literal[7, 14, 30, 60, 90, 180, 365] = 30
    staging_days: int = Field(7, ge=2, le=90, description="After which what interrupted runs staged is removed.")
    old_version_days: int = Field(30, ge=1, le=3650, description="How long overwritten objects can be got back.")

    @field_validator("dashboard", mode="before")
    @classmethod
    def _as_object(cls, given: Any) -> Any:
        return _mapping(given, "dashboard") if isinstance(given, str) else given

    @model_validator(mode="after")
    def _fits_together(self) -> Sizes:
        if self.warehouse_max_rpu < self.warehouse_rpu:
            raise ValueError("warehouse_max_rpu is below warehouse_rpu")
        if self.run_timeout_minutes <= self.glue_timeout_minutes:
            raise ValueError("run_timeout_minutes is not above glue_timeout_minutes")
        if self.deletion_protection and not self.alarm_email:
            raise ValueError("alarm_email is empty where deletion_protection is on; say who is told")
        if self.deletion_protection and not self.database_ca:
            raise ValueError("database_ca is empty where deletion_protection is on; name the file with certificates")
        if self.dashboard and not self.reader_role:
            raise ValueError("reader_role is empty where there is a dashboard; name the role of Redshift that it has")
        if self.dashboard and self.dashboard.certificate.split(":")[3] != self.region:
            raise ValueError(
                f"dashboard.certificate is of another region; the load balancer needs one of {self.region}"
            )
        return self


class ProductSettings(BaseModel):
    """How a product is run. Without a schedule it runs by hand, and before products that read it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    schedule: str = ""
    timezone: str = "UTC"
    drive_folder: str = Field("", pattern=r"^[\w-]*$", description="Id of the Google Drive folder with its files.")
    rules: dict[str, Any] = Field({}, description="Rules of the product that differ from their defaults.")


@dataclass(frozen=True, kw_only=True)
class Deployment:
    """One environment of the whole: its name, sizes, and how each product of the catalogue is run."""

    environment: str
    sizes: Sizes
    products: Mapping[str, ProductSettings]


def read_deployment(read: Read) -> Deployment:
    """The deployment that the context describes; `read` gives a context value or None. Raises UsageError."""
    environments = _mapping(read("environments"), "environments")
    name = str(read("environment") or "")
    if name not in environments:
        raise UsageError(f"context environment '{name}': is unknown; choose one of: {', '.join(sorted(environments))}")
    given = {**_mapping(environments[name], f"environments.{name}")}
    given |= {field: value for field in Sizes.model_fields if (value := read(field)) is not None}
    sizes = _validated(Sizes, given, name)
    supported(sizes.region)
    return Deployment(environment=name, sizes=sizes, products=_products(_mapping(read("products") or {}, "products")))


def _products(given: Mapping[str, Any]) -> dict[str, ProductSettings]:
    known = [product.name for product in PRODUCTS]
    for name in given:
        if name not in known:
            raise UsageError(f"context products.{name}: is no product of the catalogue; choose of: {', '.join(known)}")
    found = {name: _validated(ProductSettings, given.get(name, {}), f"products.{name}") for name in known}
    for name, settings in found.items():
        checked_timezone(name, settings.timezone)
        if settings.schedule:
            checked_schedule(name, settings.schedule)
    for product in PRODUCTS:
        _validated(product.rules, found[product.name].rules, f"products.{product.name}.rules")
        if found[product.name].drive_folder and not product.file_sources:
            raise UsageError(f"context products.{product.name}.drive_folder: it reads no files; remove the line")
    return found


def _mapping(value: Any, subject: str) -> Mapping[str, Any]:
    """A section of the context; on the command line it is JSON. Raises UsageError on anything else."""
    if isinstance(value, str):
        try:
            value = json.loads(value)
        except ValueError:
            raise UsageError(f"context {subject}: is not JSON ('{value}'); write an object") from None
    if not isinstance(value, Mapping):
        raise UsageError(f"context {subject}: is missing or no object; see cdk.json and docs/deployment.md")
    return value


def _validated(model: type[Model], given: Mapping[str, Any], subject: str) -> Model:
    try:
        return model.model_validate(given)
    except ValidationError as error:
        first = error.errors()[0]
        name = ".".join(str(part) for part in first["loc"])
        if first["type"] == "extra_forbidden":
            known = ", ".join(model.model_fields)
            raise UsageError(f"context {subject}.{name}: is unknown; choose one of: {known}") from error
        value = f" '{first['input']}'" if name and first["type"] != "missing" else ""
        message = first["msg"].removeprefix("Value error, ")
        line = f"context {subject}{'.' if name else ''}{name}{value}: {message}; correct it in cdk.json or with -c"
        raise UsageError(line) from error
