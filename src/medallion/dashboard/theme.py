"""The look beyond the configured theme: nothing of the tool itself, and room used well on small screens."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

TITLE = "Medallion"
ICON = str(Path(__file__).parent / "entry" / "icon.svg")
_STYLE = """
<style>
[data-testid="stMainMenu"], [data-testid="stAppDeployButton"], [data-testid="stDecoration"], footer,
[data-testid="stStatusWidget"] { display: none !important; }
[data-testid="stMainBlockContainer"] { max-width: 1180px; padding-left: clamp(1rem, 3vw, 2.5rem);
  padding-right: clamp(1rem, 3vw, 2.5rem); }
.st-key-figures { display: grid !important; grid-template-columns: repeat(auto-fit, minmax(150px, 1fr)); gap: 0.75rem; }
.st-key-figures > div { width: auto !important; }
.st-key-figures > div, .st-key-figures > div > div { height: 100%; }
[data-testid="stMetric"] { min-width: 0; height: 100%; }
[data-testid="stMetricValue"] > div { white-space: normal; overflow: visible; }
[data-testid="stMetricValue"] { font-variant-numeric: tabular-nums; }
[data-testid="stCaptionContainer"] { color: inherit !important; opacity: 0.82; }
[data-testid="stCaptionContainer"] p { color: inherit !important; }
[data-testid="stCaptionContainer"] code { color: inherit; font-size: 0.9em; }
[data-testid="stElementToolbarButton"]:has([aria-label="Download as CSV"]) { display: none; }
[data-testid="stMetricDelta"] { font-size: 0.8rem; white-space: normal; }
[data-testid="stVegaLiteChart"] svg text { fill: currentColor; fill-opacity: 0.82; }
.st-key-watch [data-stale="true"] { opacity: 1 !important; }
.st-key-lead p { font-size: 1.1rem; line-height: 1.5; max-width: 62rem; }
@media (max-width: 640px) {
  [data-testid="stMetricValue"] { font-size: 1.25rem; }
  h1 { font-size: 1.4rem !important; }
}
@media (prefers-reduced-motion: reduce) { * { animation: none !important; transition: none !important; } }
</style>
"""


def apply() -> None:
    """Set title, icon and layout; to be called first of all."""
    st.set_page_config(page_title=TITLE, page_icon=ICON, layout="wide", initial_sidebar_state="auto")
    st.html(_STYLE)
    st.logo(ICON, size="large")
