"""Statements in one text are told apart as the warehouse's parser would, whatever is quoted or commented out."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from medallion.warehouse.statements import first_word, split_statements

WORDS = st.sampled_from(["SELECT", "a", "1", ",", "$1", "a$b", "-", "/", "*", "(", ")", "\n", " ", "?", "é"])
ANYTHING = st.text("ab;'\"$-/*\n ", max_size=8)
QUOTED = st.one_of(
    ANYTHING.map(lambda text: "'" + text.replace("'", "''") + "'"),
    ANYTHING.map(lambda text: '"' + text.replace('"', '""') + '"'),
    ANYTHING.map(lambda text: "--" + text.replace("\n", "") + "\n"),
    ANYTHING.map(lambda text: "/* " + text.replace("*", "").replace("/", "") + " /* ; */ ' */"),
    ANYTHING.map(lambda text: " $$" + text.replace("$", "") + "$$ "),
    ANYTHING.map(lambda text: " $tag$" + text.replace("$", "") + "; $$ ; $tag$ "),
)
STATEMENT = st.lists(st.one_of(WORDS, QUOTED), max_size=8).map(lambda parts: "SELECT " + " ".join(parts))


@given(st.lists(STATEMENT, max_size=5))
def test_statements_come_apart_as_they_were_put_together(statements):
    assert split_statements(";".join(statements)) == [statement.strip() for statement in statements]


@given(st.text("ab;'\"$-/*\n ", max_size=40))
def test_nothing_of_a_text_is_lost_and_no_text_is_too_odd(text):
    kept = "".join(split_statements(text))
    assert [c for c in kept if c in "ab"] == [c for c in text if c in "ab"] or "--" in text or "/*" in text


@pytest.mark.parametrize(
    ("sql", "statements"),
    [
        ("", []),
        (" ; ;; -- nothing; here\n; /* nor ; here */", []),
        ("SELECT 1;", ["SELECT 1"]),
        ("SELECT 'it''s; one'; SELECT 2", ["SELECT 'it''s; one'", "SELECT 2"]),
        ("SELECT a$b; SELECT $1", ["SELECT a$b", "SELECT $1"]),
        ("SELECT 'never closed; SELECT 2", ["SELECT 'never closed; SELECT 2"]),
    ],
)
def test_statements_of_a_text(sql, statements):
    assert split_statements(sql) == statements


@pytest.mark.parametrize(
    ("sql", "word"),
    [
        ("select 1", "SELECT"),
        ("/* SELECT */ -- SELECT\n ((delete", "DELETE"),
        ("", ""),
        ("'SELECT'", ""),
    ],
)
def test_the_first_word_is_what_the_statement_does(sql, word):
    assert first_word(sql) == word
