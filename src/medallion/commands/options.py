"""Arguments and options that several commands share."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

MOST = 1_000_000  # what options that say how many take at most: nobody reads that far

Product = Annotated[str, typer.Argument(metavar="PRODUCT", help="Data product, for example: restaurant.")]
Products = Annotated[
    list[str], typer.Argument(metavar="PRODUCT...", help="Data products, for example: restaurant; or all.")
]
AnyProduct = Annotated[str | None, typer.Argument(metavar="[PRODUCT]", help="Data product; all without a name.")]
Home = Annotated[
    Path | None,
    typer.Option(
        "--home",
        metavar="DIR",
        help="Folder of warehouse, lake, source database and logs. Default: ./.medallion, or MEDALLION_HOME.",
    ),
]
WarehouseUrl = Annotated[
    str | None,
    typer.Option(
        "--warehouse",
        metavar="URL",
        help="Redshift as redshift://USER@HOST:5439/DATABASE, without a password. Default: a DuckDB file in --home.",
    ),
]
LakeUri = Annotated[
    str | None,
    typer.Option("--lake", metavar="URI", help="Lake as s3://BUCKET/FOLDER. Default: a folder in --home."),
]
Config = Annotated[
    Path | None,
    typer.Option("--config", metavar="FILE", help="Settings and rules in TOML. Default: ./medallion.toml if there."),
]
Json = Annotated[bool, typer.Option("--json", help="One JSON document on standard output, errors too.")]
# Read by medallion.cli.main, which prints what a command raises.
Verbose = Annotated[bool, typer.Option("--verbose", help="Show the traceback of an error.")]

Input = Annotated[
    str | None,
    typer.Option(
        "--input",
        metavar="DIR",
        help="Folder with the delivered CSV files, or s3://BUCKET/FOLDER (of several products: with a folder for "
        "each); without it, what is known.",
    ),
]
Engine = Annotated[str | None, typer.Option("--engine", metavar="embedded|spark", help="What builds the tables.")]
SourceKind = Annotated[
    str | None,
    typer.Option("--source", metavar="files|rds", help="Files straight to bronze, or through PostgreSQL."),
]
SourceDsn = Annotated[
    str | None,
    typer.Option(
        "--source-dsn",
        metavar="DSN",
        help="PostgreSQL with the tables that products read, and for --source rds; default: an own one. Others see it "
        "in the process list: better set MEDALLION_SOURCE_DSN.",
    ),
]
AsOf = Annotated[
    str | None,
    typer.Option(
        "--as-of", metavar="DATE", help="Date the marts are seen from, YYYY-MM-DD. Default: the newest in the data."
    ),
]
Rules = Annotated[
    list[str] | None,
    typer.Option("--set", metavar="NAME=VALUE", help="A business rule, for example churn_after_days=60; repeatable."),
]
Select = Annotated[
    list[str] | None,
    typer.Option(
        "--select",
        metavar="SELECTOR",
        help="Build these tables alone: orders, +orders (with all it is built from), orders+ (with all built from it), "
        "1+orders, @orders, gold, a,b (both hold); repeatable.",
    ),
]
FullRefresh = Annotated[bool, typer.Option("--full-refresh", help="Build every table anew, or all selected.")]
Through = Annotated[
    str | None,
    typer.Option(
        "--through",
        metavar="bronze|silver",
        help="Stop when this layer is done; the next run goes on from there, under the same run id and as-of date.",
    ),
]
SparkMaster = Annotated[
    str | None, typer.Option("--spark-master", metavar="M", help="Spark master for --engine spark, as local[*].")
]
Quiet = Annotated[bool, typer.Option("--quiet", help="No progress; one closing line.")]
