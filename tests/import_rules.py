"""Who may know whom: what each part of the package may import, and where a library may be imported."""

from __future__ import annotations

# The ground that everything stands on: contracts and what they are written with.
GROUND = (
    "contracts",
    "data_product",
    "data_source",
    "domains",
    "governance",
    "product_input",
    "delivered_text",
    "checks",
    "data_types",
    "lineage",
    "errors",
    "object_storage",
    "spark",
    "hashing",
    "arithmetic",
    "confidence",
    "effects",
    "parsing",
    "dispositions",
)
# What any part that handles rows may be written with.
ARROW = "arrow_arrays"
FILE_ACCESS = ("os", "io", "pathlib", "shutil", "tempfile", "glob", "fileinput", "subprocess", "socket")
# For each part of the package, the other parts that it may import.
MAY_KNOW = {
    **dict.fromkeys(GROUND, GROUND),
    "products": (*GROUND, "products", "models", "grouped_arrays"),
    "grouped_arrays": (*GROUND, ARROW),
    "catalog": (*GROUND, "products"),
    "settings": GROUND,
    "fault": (),
    "interruption": (),
    ARROW: (),
    "lake": (*GROUND, "fault", ARROW),
    "engine": (*GROUND, "embedded", "interruption"),
    "embedded": (*GROUND, "embedded"),
    "samples": (*GROUND, "samples", ARROW),
    "documentation": (*GROUND, "documentation", "column_lineage"),
    "column_lineage": (*GROUND, "column_lineage"),
    "models": ("errors", "models"),
    "ingest": (*GROUND, "ingest", "lake", ARROW),
    "warehouse": (*GROUND, "warehouse", "fault"),
    "pipeline": (
        *GROUND,
        "pipeline",
        "warehouse",
        "ingest",
        "lake",
        "engine",
        "embedded",
        "settings",
        "fault",
        "interruption",
        ARROW,
    ),
}
PROTOCOL = (
    "base",
    "contract_shape",
    "control",
    "control_tables",
    "ddl",
    "granting",
    "increments",
    "input_versions",
    "lease",
    "quarantine",
    "records",
    "silver",
    "totals",
    "versions",
)
# Where a library may be imported; whatever is not named here may be imported anywhere.
ONLY_IN = {
    # Lambda functions have it too, and hand the clients to ingest.
    "boto3": ("lake.py", "ingest/s3_deliveries.py", "jobs/*.py", "warehouse/redshift*.py"),
    "botocore": ("ingest/aws_*.py", "ingest/s3_*.py", "lake.py", "warehouse/redshift*.py"),
    "google": ("ingest/drive_session.py",),
    "requests": ("ingest/drive*.py",),
    "aws_lambda_powertools": (),
    "scipy": ("models/*",),
    "duckdb": ("warehouse/duckdb*.py", "commands/readable.py"),  # the latter asks it what a statement is
    "redshift_connector": ("warehouse/redshift*.py",),
    "pysail": ("engine.py",),
    "psycopg": ("ingest/source_*.py", "embedded/postgres*.py"),
    "adbc_driver_postgresql": ("ingest/source_*.py",),
    "jinja2": ("documentation/site/*",),
    "markupsafe": ("documentation/site/*",),
    "typer": ("cli.py", "commands/*"),
    "rich": ("cli.py", "commands/*"),
    "streamlit": ("dashboard/*", "dashboard/*/*"),
    "altair": ("dashboard/charts.py", "dashboard/measures.py", "dashboard/uncertain.py"),
}
