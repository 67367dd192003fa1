"""Entry point: `python -m infra.costs` prints the tables, `python -m infra.costs FILE` puts them into a document."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from pathlib import Path

from infra.context import Deployment, read_deployment
from infra.costs.document import document
from medallion.errors import MedallionError

CONTEXT_FILE = Path(__file__).parents[2] / "cdk.json"
ENVIRONMENTS = ("dev", "prod")
BEGIN, END = "<!-- costs: written by python -m infra.costs -->", "<!-- costs: end -->"


def deployments() -> list[Deployment]:
    """The environments of cdk.json. Raises UsageError."""
    context = json.loads(CONTEXT_FILE.read_text(encoding="utf-8"))["context"]
    return [read_deployment({**context, "environment": name}.get) for name in ENVIRONMENTS]


def within(text: str, tables: str) -> str:
    """A document with the tables in place of what was between the marks. Raises ValueError where there are none."""
    before, begin, rest = text.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise ValueError(f"the lines '{BEGIN}' and '{END}' are missing; write them where the tables belong")
    return f"{before}{BEGIN}\n\n{tables}\n{END}{after}"


def main(arguments: Sequence[str]) -> None:
    """Print the tables, or write them into the document that is named."""
    try:
        tables = document(deployments())
        if not arguments:
            sys.stdout.write(tables)
            return
        target = Path(arguments[0])
        target.write_text(within(target.read_text(encoding="utf-8"), tables), encoding="utf-8")
    except (MedallionError, OSError, ValueError) as error:
        sys.exit(f"error: {error}")


if __name__ == "__main__":
    main(sys.argv[1:])
