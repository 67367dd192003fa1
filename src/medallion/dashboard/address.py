"""Choices kept in the page's address, so that a view can be shared: known values only, all else is inert.

The address says what holds. What it does not say is as the session had it on another page, or else the default, which
is left out of the address.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from typing import Any

import streamlit as st

_REMEMBERED = "choices"
_BETWEEN = ".."


def choose(widget: Callable[..., Any], key: str, label: str, options: Sequence[str], **more: Any) -> str:
    """What is chosen of `options` with a widget of one value; the first where nothing is, or nothing of these."""
    place = f"choice {key}"
    st.session_state[place] = _current(key, lambda given: given if given in options else None) or options[0]
    made = widget(label, options, key=place, on_change=_keep, args=(key, place), **more)
    chosen = made if made in options else options[0]
    _write(key, None if chosen == options[0] else chosen)
    return str(chosen)


def choose_days(
    key: str, label: str, first: date, last: date, default: tuple[date, date], **more: Any
) -> tuple[date, date]:
    """The days from and to, both within `first` and `last`."""
    place = f"choice {key}"
    st.session_state[place] = _current(key, lambda given: days_of(given, first, last)) or default
    made = st.date_input(label, min_value=first, max_value=last, key=place, on_change=_keep, args=(key, place), **more)
    # One end alone while somebody is still choosing: the range as it was.
    chosen = made if isinstance(made, tuple) and len(made) == 2 else default
    _write(key, None if chosen == default else _text(chosen))
    return chosen[0], chosen[1]


def days_of(text: str, first: date, last: date) -> tuple[date, date] | None:
    """`2024-01-01..2024-01-31` as days within `first` and `last`; None for any other text."""
    try:
        start, end = (date.fromisoformat(part) for part in text.split(_BETWEEN))
    except ValueError:
        return None
    return (start, end) if first <= start <= end <= last else None


def _current(key: str, known: Callable[[str], Any]) -> Any:
    remembered: dict[str, str] = st.session_state.setdefault(_REMEMBERED, {})
    for given in (st.query_params.get(key), remembered.get(key)):
        if given is not None and (value := known(given)) is not None:
            return value
    return None


def _keep(key: str, place: str) -> None:
    """What somebody chose is said in the address before the page is made anew."""
    made = st.session_state[place]
    text = made if isinstance(made, str) else _text(made) if isinstance(made, tuple) and len(made) == 2 else None
    if text is not None:
        say(key, text)


def say(key: str, text: str) -> None:
    """Choose what somebody chose otherwise than with the widget; to be called before the page is made anew."""
    st.query_params[key] = text
    st.session_state.setdefault(_REMEMBERED, {})[key] = text


def _write(key: str, text: str | None) -> None:
    if text is None:
        if key in st.query_params:
            st.session_state.setdefault(_REMEMBERED, {}).pop(key, None)
            del st.query_params[key]
    elif st.query_params.get(key) != text:
        st.query_params[key] = text


def _text(days: Sequence[date]) -> str:
    return _BETWEEN.join(day.isoformat() for day in days)
