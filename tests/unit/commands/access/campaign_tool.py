"""An access that tests ask for: of a tool to the port of `marketing_360`, with the SQL that grants and revokes it."""

from __future__ import annotations

from outcome import Medallion, Outcome

ACTIVITY, TOOL = "marketing_360.customer_activity", "campaign_tool"
NAMED = (ACTIVITY, "--for", TOOL)
GRANTS = """\
BEGIN;
GRANT USAGE ON SCHEMA "marketing_360" TO ROLE "campaign_tool";
GRANT USAGE ON SCHEMA "marketing_360_versions" TO ROLE "campaign_tool";
GRANT SELECT ON "marketing_360"."customer_activity" TO ROLE "campaign_tool";
COMMIT;
"""
REVOKES = """\
BEGIN;
REVOKE SELECT ON "marketing_360"."customer_activity" FROM ROLE "campaign_tool";
REVOKE USAGE ON SCHEMA "marketing_360" FROM ROLE "campaign_tool";
REVOKE USAGE ON SCHEMA "marketing_360_versions" FROM ROLE "campaign_tool";
COMMIT;
"""


def sql_of(outcome: Outcome) -> str:
    return "".join(line for line in outcome.out.splitlines(keepends=True) if not line.startswith("--"))


def states(medallion: Medallion, *options: str) -> list[tuple[str, str]]:
    found = medallion("access", "list", "--json", *options).document["access"]
    return [(one["consumer"], one["state"]) for one in found]
