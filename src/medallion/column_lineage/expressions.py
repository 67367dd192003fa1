"""Expressions of a Spark Connect plan: which columns of a relation a value is computed from.

The messages are those of `spark/connect/expressions.proto`; they are taken as they come, so that nothing of Spark has
to be imported here.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from medallion.column_lineage.origins import UNKNOWN, Attribute, Origin, Relation, field_of, merged

_QUOTED = re.compile(r"'(?:[^'\\]|\\.)*'|\"(?:[^\"\\]|\\.)*\"")
_WORD = re.compile(r"(`[^`]+`|[A-Za-z_][\w.]*)(\s*\()?")
_NAMED_SQL = re.compile(r"(.*)\s+as\s+(\w+)", re.IGNORECASE | re.DOTALL)
# Words of SQL that are no columns; a column called like one of them is not told apart, and so not known.
_LOGIC = (
    "and",
    "or",
    "not",
    "is",
    "null",
    "true",
    "false",
    "in",
    "between",
    "like",
    "rlike",
    "distinct",
    "asc",
    "desc",
)
_TYPES = ("string", "int", "integer", "bigint", "smallint", "double", "decimal", "boolean", "date", "timestamp")
_PERIODS = ("interval", "year", "years", "month", "months", "week", "weeks", "day", "days", "hour", "hours", "minutes")
_WORDS = frozenset((*_LOGIC, *_TYPES, *_PERIODS, "cast", "as", "asc", "desc", "nulls", "first", "last"))
_UNREAD_SQL = re.compile(r"->|\bselect\b|\bover\b|\bcase\b", re.IGNORECASE)
# Functions whose first argument is what they return, and whose others decide where and when.
_FIRST_IS_RETURNED = ("min_by", "max_by", "nullif")
# Functions that return what they are given, or an element of it: a struct's fields stay apart.
_KEEP_FIELDS = ("explode", "explode_outer", "min", "max", "first", "last", "any_value", "collect_list", "collect_set")


def origin_of(expression: Any, relation: Relation) -> Origin:
    """The origin of an expression's value; not known where the expression has something that is not understood."""
    reader = _READERS.get(expression.WhichOneof("expr_type"))
    return reader(expression, relation) if reader else UNKNOWN


def attributes_of(expression: Any, relation: Relation) -> tuple[Attribute, ...] | None:
    """The columns that an expression of a select list becomes; None where that is not clear."""
    kind = expression.WhichOneof("expr_type")
    if kind == "unresolved_star":
        return _star(expression.unresolved_star, relation)
    if kind == "expression_string":
        return _of_text(expression.expression_string.expression, relation)
    if kind == "unresolved_attribute":
        named = expression.unresolved_attribute
        found = relation.find(named.unparsed_identifier, _plan(named))
        return (found or Attribute(_last_part(named.unparsed_identifier), UNKNOWN),)
    origin = origin_of(expression, relation)
    names = list(expression.alias.name) if kind == "alias" else [""]
    return tuple(Attribute(name, origin) for name in names)


def _attribute(expression: Any, relation: Relation) -> Origin:
    named = expression.unresolved_attribute
    return relation.origin(named.unparsed_identifier, _plan(named))


def _plan(message: Any) -> int | None:
    return message.plan_id if message.HasField("plan_id") else None


def _function(expression: Any, relation: Relation) -> Origin:
    called = expression.unresolved_function
    name = called.function_name.lower()
    given = [origin_of(one, relation) for one in called.arguments]
    if name in ("when", "if"):
        return _chosen(given)
    if name in _FIRST_IS_RETURNED and given:
        return merged([given[0], *(one.deciding() for one in given[1:])])
    if name == "count" and not any(one.all for one in given):
        return merged([relation.counted(), *given])
    if name == "struct":
        return replace(merged(given), fields=_fields(called.arguments, given))
    if name == "array":
        return replace(merged(given), fields=_common_fields(given))
    if name in _KEEP_FIELDS and len(given) == 1:
        return given[0]
    return merged(given)


def _chosen(given: Sequence[Origin]) -> Origin:
    """CASE: condition, value, condition, value, and perhaps the value otherwise."""
    pairs = len(given) // 2 * 2
    conditions = [one.deciding() for one in given[:pairs:2]]
    return merged([*conditions, *given[1:pairs:2], *given[pairs:]])


def _fields(arguments: Sequence[Any], given: Sequence[Origin]) -> dict[str, Origin] | None:
    """A struct's fields by name; None where one has no name that is sure."""
    names = [_name(one) for one in arguments]
    return dict(zip(names, given, strict=True)) if all(names) else None


def _common_fields(given: Sequence[Origin]) -> dict[str, Origin] | None:
    """The fields that an array's structs have, each computed from what it is computed from in any of them."""
    if not given or any(one.fields is None for one in given):
        return None
    first = given[0].fields or {}
    if any((one.fields or {}).keys() != first.keys() for one in given):
        return None
    return {name: merged((one.fields or {})[name] for one in given) for name in first}


def _name(expression: Any) -> str:
    kind = expression.WhichOneof("expr_type")
    if kind == "alias":
        return str(expression.alias.name[0])
    return _last_part(expression.unresolved_attribute.unparsed_identifier) if kind == "unresolved_attribute" else ""


def _last_part(identifier: str) -> str:
    return identifier.rsplit(".", 1)[-1].strip("`")


def _window(expression: Any, relation: Relation) -> Origin:
    window = expression.window
    order = [origin_of(one.child, relation) for one in window.order_spec]
    parts = [origin_of(one, relation) for one in window.partition_spec]
    return merged([origin_of(window.window_function, relation), *(one.deciding() for one in (*parts, *order))])


def _extracted(expression: Any, relation: Relation) -> Origin:
    """A field of a struct or an element of an array or map."""
    taken = expression.unresolved_extract_value
    whole = origin_of(taken.child, relation)
    literal = taken.extraction.literal
    if literal.WhichOneof("literal_type") == "string":
        return field_of(whole, literal.string)
    return merged([whole, origin_of(taken.extraction, relation).deciding()])


def _text(expression: Any, relation: Relation) -> Origin:
    return sql_origin(expression.expression_string.expression, relation)


def sql_origin(text: str, relation: Relation) -> Origin:
    """The origin of an SQL expression: of its words those that are columns; not known where a word is neither.

    CASE, windows, lambdas and subqueries are not looked into.
    """
    plain = _QUOTED.sub("''", text)
    if _UNREAD_SQL.search(plain):
        return UNKNOWN
    found = []
    for word, is_call in _WORD.findall(plain):
        attribute = None if is_call else relation.find(word)
        is_word = bool(is_call) or word.lower() in _WORDS
        if attribute is None and not is_word:
            return UNKNOWN
        if attribute is not None:
            found.append(UNKNOWN if is_word else attribute.origin)
    return merged(found)


def _of_text(text: str, relation: Relation) -> tuple[Attribute, ...] | None:
    """The columns that an item of selectExpr becomes."""
    if text.strip() == "*":
        return None if relation.is_open else relation.attributes
    attribute = relation.find(text.strip())
    if attribute:
        return (attribute,)
    named = _NAMED_SQL.fullmatch(text.strip())
    return (Attribute(named[2], sql_origin(named[1], relation)),) if named else None


def _star(star: Any, relation: Relation) -> tuple[Attribute, ...] | None:
    if relation.is_open:
        return None
    plan = _plan(star)
    found = [a for a in relation.attributes if plan is None or plan in a.plans]
    if not star.HasField("unparsed_target"):
        return tuple(found)
    target = star.unparsed_target.removesuffix(".*").strip("`").lower()
    qualified = tuple(a for a in found if target in a.qualifiers)
    holders = [a for a in found if a.name.lower() == target]
    if qualified or len(holders) != 1 or holders[0].origin.fields is None:
        return qualified or None
    origin = holders[0].origin
    return tuple(Attribute(name, field_of(origin, name)) for name in origin.fields or {})


_READERS: dict[str, Callable[[Any, Relation], Origin]] = {
    "unresolved_attribute": _attribute,
    "unresolved_function": _function,
    "alias": lambda expression, relation: origin_of(expression.alias.expr, relation),
    "cast": lambda expression, relation: origin_of(expression.cast.expr, relation),
    "sort_order": lambda expression, relation: origin_of(expression.sort_order.child, relation),
    "literal": lambda expression, relation: Origin(),
    "window": _window,
    "unresolved_extract_value": _extracted,
    "expression_string": _text,
}
