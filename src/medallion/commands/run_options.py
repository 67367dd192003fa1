"""The options of commands that run a product, declared once: each command takes all of them but those it names."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Collection
from dataclasses import dataclass, fields
from functools import wraps
from typing import Any, get_type_hints

from medallion.commands import options

Command = Callable[..., None]


@dataclass(frozen=True, kw_only=True)
class RunOptions:
    """What a command that runs a product was given."""

    input_folder: options.Input = None
    home: options.Home = None
    warehouse: options.WarehouseUrl = None
    lake: options.LakeUri = None
    engine: options.Engine = None
    source: options.SourceKind = None
    source_dsn: options.SourceDsn = None
    as_of: options.AsOf = None
    rules: options.Rules = None
    config: options.Config = None
    select: options.Select = None
    full_refresh: options.FullRefresh = False
    through: options.Through = None
    spark_master: options.SparkMaster = None
    as_json: options.Json = False
    verbose: options.Verbose = False
    quiet: options.Quiet = False


def taking_run_options(*, without: Collection[str] = ()) -> Callable[[Command], Command]:
    """Let a command whose parameter `given` is a `RunOptions` be called with its fields as options in its place."""
    hints = get_type_hints(RunOptions, include_extras=True)
    offered = [field for field in fields(RunOptions) if field.name not in without]
    as_parameters = [
        inspect.Parameter(one.name, inspect.Parameter.KEYWORD_ONLY, default=one.default, annotation=hints[one.name])
        for one in offered
    ]

    def decorate(command: Command) -> Command:
        own = [one for one in inspect.signature(command, eval_str=True).parameters.values() if one.name != "given"]

        @wraps(command)
        def called(**values: Any) -> None:
            given = RunOptions(**{one.name: values.pop(one.name) for one in offered})
            command(given=given, **values)

        # What typer makes options of: the command's own parameters first.
        parameters = [*(one.replace(kind=inspect.Parameter.KEYWORD_ONLY) for one in own), *as_parameters]
        called.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
        called.__annotations__ = {one.name: one.annotation for one in parameters}
        return called

    return decorate
