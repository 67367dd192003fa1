"""The arguments of a layer's job: `--name value` pairs, typed and checked. Glue logs them, so none is a secret."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from datetime import date
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from medallion.errors import UsageError

LATEST = "latest"
_OWN_NAME = re.compile(r"--[a-z_]+")  # Glue's own have capital letters or hyphens, but for these:
_OF_GLUE = ("--debug", "--mode", "--endpoint")


def _as_of(text: Any) -> Any:
    return None if text == LATEST else text


def _rules(text: Any) -> Any:
    try:
        found = json.loads(text) if isinstance(text, str) else text
    except ValueError:
        raise ValueError("is no JSON") from None
    if not isinstance(found, dict):
        raise ValueError("is no JSON object")  # noqa: TRY004 (pydantic makes its own error of a ValueError)
    return found


class JobArguments(BaseModel):
    """What every layer's job is told. Secrets are named, by name or ARN in Secrets Manager, never given.

    `home` is a folder of this machine: for lake and warehouse where these are not named, else for temporary files.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    product: str
    environment: str = Field("local", description="Deployment, as metrics name it.")
    run_id: str | None = Field(None, pattern=r"^[\w.:-]{1,100}$", description="Id of a run that begins with this job.")
    as_of: Annotated[date | None, BeforeValidator(_as_of)] = Field(None, description="A date, or `latest`.")
    rules: Annotated[dict[str, Any], BeforeValidator(_rules)] = Field({}, description="Rules as a JSON object.")
    engine: Literal["spark", "embedded"] = "spark"
    home: Path | None = None
    aws_region: str | None = Field(None, description="Region of all that is used on AWS; default: the environment's.")
    lake: str | None = Field(None, pattern=r"^s3://[^/]+/.+", description="s3://BUCKET/FOLDER.")
    warehouse: str | None = Field(None, description="redshift://HOST:5439/DATABASE.")
    warehouse_secret: str | None = None
    copy_role: str | None = Field(None, description="ARN of the role that Redshift takes for COPY and UNLOAD.")
    reader_role: str | None = Field(None, description="Role of the warehouse that may read all marts.")
    metrics_namespace: str | None = Field(None, description="Of CloudWatch; without one no metric is put.")


class BronzeArguments(JobArguments):
    """What the bronze job is told beyond that: where deliveries are, and the source database."""

    input: str | None = Field(None, description="Folder of delivered files, or s3://BUCKET/FOLDER.")
    source: str | None = Field(
        None, pattern=r"^postgresql://[^/@]+/\w+(\?[\w=&-]+)?$", description="postgresql://HOST:5432/NAME."
    )
    source_secret: str | None = None
    source_ca: str | None = Field(None, description="File with the certificates that the database's is checked by.")
    pii_secret: str | None = None


def parse(model: type[JobArguments], given: Sequence[str]) -> JobArguments:
    """The arguments of a job. Those of Glue itself are left alone. Raises UsageError on any other that is not known."""
    values = dict(_pairs(given))
    try:
        found = model.model_validate(values)
    except ValidationError as error:
        first = error.errors()[0]
        name = f"argument --{first['loc'][0]}"
        if first["type"] == "missing":
            raise UsageError(f"{name}: is missing; add it to the job's arguments") from None
        if first["type"] == "extra_forbidden":
            raise UsageError(f"{name}: is unknown; choose of: --{', --'.join(model.model_fields)}") from None
        wanted = model.model_fields[str(first["loc"][0])].description
        message = first["msg"].removeprefix("Value error, ")
        raise UsageError(f"{name}: '{first['input']}' is refused: {message}; give: {wanted or name}") from None
    if found.warehouse is None and found.home is None:  # marts in a temporary folder would be gone with the job
        raise UsageError("argument --warehouse: is missing; name it and --lake, or --home for a folder of this machine")
    return found


def is_run_by_glue(given: Sequence[str]) -> bool:
    """Whether Glue started the job: it says which run of it this is."""
    return any(word.partition("=")[0] == "--JOB_RUN_ID" for word in given)


def _pairs(given: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Names and values of the arguments that are the script's own, written `--name value` or `--name=value`."""
    words = iter(given)
    for word in words:
        name, equals, value = word.partition("=")
        if name in _OF_GLUE or not _OWN_NAME.fullmatch(name):
            continue  # so is its value, which comes next
        if not equals:
            value = next(words, "--")
            if value.startswith("--"):
                raise UsageError(f"argument {name}: has no value; write {name} VALUE")
        yield name.removeprefix("--"), value
