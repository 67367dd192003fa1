"""What is deployed, as text: a change of infra/ shows as a change of these files. UPDATE_SNAPSHOTS=1 writes them anew.

Kept are the dashboards' stack, prod's data stack, and of its pipeline what all products share, a product with files and
one that reads others. Hashes of uploaded code are left out; the state machines stand as their definitions.
"""

from __future__ import annotations

import json
import os
import re
from difflib import unified_diff
from pathlib import Path
from typing import Any

import pytest
import yaml
from synthesised import Synthesised, text

from medallion.catalog import PRODUCTS

FOLDER = Path(__file__).parent / "snapshots"
KEPT = ("restaurant", "marketing360")
_HASH = re.compile(r"[0-9a-f]{64}|(?<=artifacts/)[0-9a-f]{16}")
_LEFT_OUT = ("Metadata", "UpdateReplacePolicy")
_LIKE_OTHERS = tuple(one.name.replace("_", "") for one in PRODUCTS if one.name.replace("_", "") not in KEPT)


def readable(value: Any) -> Any:
    """A template's value with references as text and without hashes."""
    if isinstance(value, dict):
        if len(value) == 1 and next(iter(value)) in ("Ref", "Fn::GetAtt", "Fn::Join", "Fn::ImportValue", "Fn::Select"):
            return _HASH.sub("…", text(value))
        return {key: readable(one) for key, one in value.items() if key not in _LEFT_OUT}
    if isinstance(value, list):
        found = [readable(one) for one in value]
        # Resources of a statement are sorted by the hashes of uploaded code.
        return sorted(found) if any(isinstance(one, str) and "…" in one for one in found) else found
    return _HASH.sub("…", value) if isinstance(value, str) else value


def resources(stack: dict[str, Any]) -> dict[str, Any]:
    """The resources that are kept, by logical id."""
    found = {}
    for name, resource in sorted(stack["Resources"].items()):
        if name.startswith(_LIKE_OTHERS) or name.startswith(tuple(f"Catalog{other}" for other in _LIKE_OTHERS)):
            continue
        kept = readable(resource)
        if "DefinitionString" in kept.get("Properties", {}):
            kept["Properties"]["DefinitionString"] = json.loads(kept["Properties"]["DefinitionString"])
        if "DashboardBody" in kept.get("Properties", {}):
            kept["Properties"]["DashboardBody"] = json.loads(kept["Properties"]["DashboardBody"])
        found[name] = kept
    return found


@pytest.mark.parametrize(("stack", "of"), [("data", "prod"), ("pipeline", "prod"), ("dashboard", "shown")])
def test_what_is_deployed_is_what_was_reviewed(stack: str, of: str, request: pytest.FixtureRequest) -> None:
    file = FOLDER / f"{stack}.yaml"
    templates: Synthesised = request.getfixturevalue(of)
    written = yaml.safe_dump(resources(templates.stacks[stack]), sort_keys=True, width=140, allow_unicode=True)
    if os.environ.get("UPDATE_SNAPSHOTS"):
        file.parent.mkdir(exist_ok=True)
        file.write_text(written, encoding="utf-8")
    kept = file.read_text(encoding="utf-8")
    difference = list(unified_diff(kept.splitlines(), written.splitlines(), "reviewed", "now", lineterm="", n=2))
    assert difference == [], "look at the difference; if it is meant: UPDATE_SNAPSHOTS=1 and commit it"
