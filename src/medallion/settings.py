"""Typed settings, read once where a program starts. Order: `--set`, then the environment, then the file, then defaults.

The file is TOML: settings under `[medallion]`, a product's rules under `[rules.<product>]`. In the environment a
setting is `MEDALLION_HOME`, a rule `MEDALLION_RULES__RESTAURANT__CHURN_AFTER_DAYS`.
"""

from __future__ import annotations

import json
import os
import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Literal, TypeVar, get_args

from pydantic import BaseModel, ConfigDict, Field, SecretStr, ValidationError

from medallion.checks import DeletionLimit, RejectLimit
from medallion.data_product import DataProduct
from medallion.errors import UsageError

DEFAULT_FILE = "medallion.toml"
PREFIX, RULES_PREFIX = "MEDALLION_", "MEDALLION_RULES__"
_DAY_SECONDS = 86_400
Model = TypeVar("Model", bound=BaseModel)


class Settings(BaseModel):
    """How and where medallion runs; what it computes is in a product's rules."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    home: Path = Field(Path(".medallion"), description="Folder for warehouse, lake, source database and logs.")
    engine: Literal["embedded", "spark"] = Field("embedded", description="Engine that builds the tables.")
    source: Literal["files", "rds"] = Field("files", description="Whether files go to bronze through PostgreSQL.")
    source_dsn: SecretStr | None = Field(
        None, description="PostgreSQL with the tables that products read, and for source rds; default: an own one."
    )
    pii_key: SecretStr | None = Field(
        None,
        description="Secret with which the gate hashes columns whose contract says hmac; better in MEDALLION_PII_KEY.",
    )
    delivery_order: Literal["file_name", "arrival"] = Field(
        "file_name",
        description="Which of two deliveries of a row counts: the later one by file name, or by arrival.",
    )
    spark_master: str = Field("local[*]", description="Spark master for engine spark.")
    spark_memory: str = Field("6g", description="Memory of the Spark driver.")
    warehouse: str | None = Field(
        None, description="Redshift as redshift://USER@HOST:5439/DATABASE; default: a DuckDB file in home."
    )
    warehouse_password: SecretStr | None = Field(
        None, description="Password of the warehouse's user; only in MEDALLION_WAREHOUSE_PASSWORD."
    )
    warehouse_secret: str | None = Field(
        None, description="Name or ARN of the secret with the warehouse's username and password, in Secrets Manager."
    )
    warehouse_role: str | None = Field(None, description="ARN of the role that Redshift takes for COPY and UNLOAD.")
    reader_role: str | None = Field(
        None, description="Role of the warehouse that may read all marts, for dashboards; or user:NAME."
    )
    region: str | None = Field(None, description="AWS region of warehouse and lake; default: that of the environment.")
    lake: str | None = Field(None, description="Lake as s3://BUCKET/FOLDER; default: a folder in home.")
    warehouse_wait_seconds: float = Field(
        10.0, ge=0, le=_DAY_SECONDS, description="How long to wait for a warehouse that is in use."
    )
    lease_seconds: float = Field(
        60.0, ge=5, le=_DAY_SECONDS, description="After how long a silent run's lease may be taken over."
    )
    reject_limits: dict[str, RejectLimit] = Field(
        default_factory=dict,
        description="How many rows of a table may be rejected before a run stops, by `<product>.<table>`: a share"
        ' (`ratio`), a number (`count`), and from how many on the share counts (`at_least`); {"t": {"ratio": 0.2}}.',
    )
    deletion_limits: dict[str, DeletionLimit] = Field(
        default_factory=dict,
        description="How many rows of a database table may be gone since the last pull before a run stops, by"
        ' `<product>.<table>`, as reject_limits; {"t": {"ratio": null}} allows any number.',
    )
    approvers: dict[str, tuple[str, ...]] = Field(
        default_factory=dict,
        description="Who may approve access to the products of a team, by the team that owns them; for a team that is"
        ' not named here, anybody; {"Campaign team": ["ana"]}.',
    )
    keep_versions: int = Field(5, ge=1, description="How many published versions of the marts to keep.")


def load_settings(file: Path | None = None, **given: Any) -> Settings:
    """The settings; `given` (from the command line) wins, its None values count as not given. Raises UsageError."""
    fields = Settings.model_fields
    environment: dict[str, Any] = {}
    for name in fields:
        text = os.environ.get(PREFIX + name.upper())
        if text is None:
            continue
        if _is_secret(Settings, name):
            environment[name] = text  # to the letter: a password may look like JSON
        else:
            _put(environment, [name], text)
    merged = {
        **file_section(file, "medallion"),
        **environment,
        **{name: value for name, value in given.items() if value is not None},
    }
    return _validated(Settings, merged, "setting")


def load_rules(
    product: DataProduct,
    file: Path | None = None,
    overrides: Sequence[str] = (),
    *,
    given: Mapping[str, Any] | None = None,
) -> BaseModel:
    """The product's rules; `overrides` are `name=value`, `name.part=value` for nested ones. Raises UsageError.

    `given` are values by name, which win over file and environment.
    """
    merged: dict[str, Any] = dict(file_section(file, "rules", product.name))
    prefix = f"{RULES_PREFIX}{product.name.upper()}__"
    for name, value in os.environ.items():
        if name.startswith(prefix):
            _put(merged, name.removeprefix(prefix).lower().split("__"), value)
    merged |= given or {}
    for override in overrides:
        name, equals, value = override.partition("=")
        if not equals or not name.strip():
            raise UsageError(f"--set {override}: is not name=value; write for example --set churn_after_days=60")
        _put(merged, name.strip().split("."), value)
    return _validated(product.rules, merged, "rule")


def file_section(file: Path | None, *names: str) -> Mapping[str, Any]:
    """What the file says in the section `[first.second]`; nothing where there is none. Raises UsageError."""
    path = file or Path(DEFAULT_FILE)
    if file is None and not path.exists():
        return {}
    try:
        document = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise UsageError(f"{path}: cannot be read ({error.strerror}); check the name given with --config") from error
    except ValueError as error:
        raise UsageError(f"{path}: is not valid TOML ({error}); correct it") from error
    unknown = sorted(set(document) - {"medallion", "rules"})
    if unknown:
        raise UsageError(f"{path}: section [{unknown[0]}] is unknown; use [medallion] and [rules.<product>]")
    found: dict[str, Any] = document
    for depth, name in enumerate(names, 1):
        found = found.get(name, {})
        if not isinstance(found, dict):
            raise UsageError(
                f"{path}: {'.'.join(names[:depth])} is no section; write [{'.'.join(names)}] above its lines"
            )
    return found


def _put(target: dict[str, Any], path: Sequence[str], text: str) -> None:
    """Set a nested value; text that is JSON (a list, an object) is read as such, other text stays as it is."""
    for part in path[:-1]:
        inner = target.get(part)
        target[part] = dict(inner) if isinstance(inner, Mapping) else {}
        target = target[part]
    try:
        target[path[-1]] = json.loads(text) if text.strip()[:1] in ("[", "{") else text
    except ValueError:
        target[path[-1]] = text


def _validated(model: type[Model], values: Mapping[str, Any], kind: str) -> Model:
    """The values as a model. Raises UsageError, without pydantic's error as its cause: that one quotes secrets, too."""
    try:
        return model.model_validate(values)
    except ValidationError as error:
        first = error.errors()[0]
        name = ".".join(str(part) for part in first["loc"]) or "values"
        if first["type"] == "extra_forbidden":
            known = ", ".join(_fields_at(model, first["loc"][:-1]))
            raise UsageError(f"{kind} '{name}' is unknown; choose one of: {known}") from None
        message = first["msg"].removeprefix("Value error, ")
        value = "its value" if _is_secret(model, name.partition(".")[0]) else repr(first["input"])
        raise UsageError(f"{kind} '{name}': {value} is refused: {message}; correct the value") from None


def _is_secret(model: type[BaseModel], name: str) -> bool:
    """Whether the model has a field of this name whose value may not be shown."""
    field = model.model_fields.get(name)
    return field is not None and SecretStr in (field.annotation, *get_args(field.annotation))


def _fields_at(model: type[BaseModel], path: Sequence[int | str]) -> list[str]:
    """The fields of a model, or of the one nested in it at `path`."""
    for part in path:
        inner = model.model_fields[str(part)].annotation
        model = inner if isinstance(inner, type) and issubclass(inner, BaseModel) else model
    return list(model.model_fields)
