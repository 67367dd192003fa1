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
LOOKS = 3
# A part of the page that is made anew, every few seconds, is pale for a moment.
_IS_STILL = """() => !document.querySelector('[data-stale=true]')
  && document.getAnimations().every(
    one => one.playState !== 'running' || one.effect?.getTiming().iterations === Infinity)"""
_IS_WITHIN = "([target, part]) => !!document.querySelector(target)?.closest(part)"


def barriers(tab: Tab, *rules: str) -> list[str]:
    """The rule, the element and what is wrong with it; of all rules of WCAG 2.2 at level AA, or of those named.

    What is in the way stays there: it is found again and again.
    """
    found: list[str] = []
    for _ in range(LOOKS):
        tab.wait_for_function(_IS_STILL)
        found = _found(tab, *rules)
        if not found:
            break
    return found


def _found(tab: Tab, *rules: str) -> list[str]:
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
