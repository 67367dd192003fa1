"""Several SQL statements in one text, told apart as the warehouse's own parser would."""

from __future__ import annotations

import re
from collections.abc import Iterator

# What a semicolon inside of does not end a statement; each runs to its end, or to the text's where it has none.
_OPAQUE = re.compile(
    r"""'(?:[^']|'')*(?:'|\Z)"""  # text
    r"""|"(?:[^"]|"")*(?:"|\Z)"""  # identifier
    r"""|--[^\n]*"""
    r"""|\$(?P<tag>(?:[^\W\d]\w*)?)\$.*?(?:\$(?P=tag)\$|\Z)""",  # dollar quoting
    re.DOTALL,
)
_COMMENT = re.compile(r"/\*|\*/")
_WORD = re.compile(r"[A-Za-z]+")


def split_statements(sql: str) -> list[str]:
    """The statements of a text in order, without the semicolons between them; those that say nothing are left out."""
    found, start = [], 0
    for at, token in _tokens(sql):
        if token == ";":
            found.append((sql[start:at], start))
            start = at + 1
    found.append((sql[start:], start))
    return [text.strip() for text, _ in found if _says_something(text)]


def first_word(statement: str) -> str:
    """The statement's first word in capitals, after comments and brackets; empty where there is none."""
    for at, token in _tokens(statement):
        if token[:2] in ("--", "/*") or token.isspace() or token == "(":
            continue
        match = _WORD.match(statement, at)
        return match[0].upper() if match else ""
    return ""


def _says_something(statement: str) -> bool:
    return any(not token.isspace() and token[:2] not in ("--", "/*") for _, token in _tokens(statement))


def _tokens(sql: str) -> Iterator[tuple[int, str]]:
    """(place, token): quoted texts and comments as one token each, every other character as one."""
    at = 0
    while at < len(sql):
        if sql.startswith("/*", at):
            end = _comment_end(sql, at)
        elif (match := _OPAQUE.match(sql, at)) and not _is_inside_word(sql, at):
            end = match.end()
        else:
            end = at + 1
        yield at, sql[at:end]
        at = end


def _is_inside_word(sql: str, at: int) -> bool:
    """Whether a dollar sign goes on with an identifier, where it quotes nothing."""
    return sql[at] == "$" and at > 0 and (sql[at - 1].isalnum() or sql[at - 1] in "_$")


def _comment_end(sql: str, at: int) -> int:
    """The end of a comment; comments nest."""
    depth = 0
    for mark in _COMMENT.finditer(sql, at):
        depth += 1 if mark[0] == "/*" else -1
        if depth == 0:
            return mark.end()
    return len(sql)
