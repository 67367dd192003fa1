"""What keeps people out: axe-core's findings that are serious or worse, in the content of a page."""

from __future__ import annotations

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page as Tab

GRAVE = ("serious", "critical")
# Rules that Streamlit's own widgets break, each left out only where it stands, as (rule, part of the page).
LEFT_OUT = (
    # The menu has <div> and <header> between its list and the items of a section. Links are found and named all the
    # same (`link` and `aria-current` are right); an application cannot change the elements.
    ("list", "[data-testid=stSidebarNavItems]"),
    ("listitem", "[data-testid=stSidebarNavItems]"),
)
RULES = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa")
_IS_WITHIN = "([target, part]) => !!document.querySelector(target)?.closest(part)"


def barriers(tab: Tab, *rules: str) -> list[str]:
    """The rule, the element and what is wrong with it; of all rules of WCAG 2.2 at level AA, or of those named."""
    options = {"resultTypes": ["violations"], "runOnly": list(rules or RULES)}
    found = Axe().run(tab, options=options).response["violations"]
    return [
        f"{rule['id']}: {node['html'][:160]}: {node['failureSummary']}"
        for rule in found
        if rule["impact"] in GRAVE
        for node in rule["nodes"]
        if not _is_left_out(tab, rule["id"], node["target"][-1])
    ]


def _is_left_out(tab: Tab, rule: str, target: str) -> bool:
    return any(name == rule and tab.evaluate(_IS_WITHIN, [target, part]) for name, part in LEFT_OUT)
