"""Entry point: `python -m docs.diagrams FILE.yaml …` writes FILE.svg and FILE.drawio beside each source."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

from docs.diagrams.drawio import drawio
from docs.diagrams.model import DiagramError, read_diagram
from docs.diagrams.svg import svg


def main(arguments: Sequence[str]) -> None:
    """Draw all that are named. Exits with a line on a source that cannot be drawn."""
    for name in arguments:
        source = Path(name)
        try:
            diagram = read_diagram(source)
        except (DiagramError, OSError) as error:
            sys.exit(f"error: {source}: {error}")
        source.with_suffix(".svg").write_text(svg(diagram), encoding="utf-8")
        source.with_suffix(".drawio").write_text(drawio(diagram), encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
