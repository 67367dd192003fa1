"""Relations of a Spark Connect plan: where the columns of each come from (`spark/connect/relations.proto`).

An input is a relation without rows under an alias made of `INPUT` and its table's name. What is not named here is not
understood: the columns above it are not known.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from medallion.column_lineage.expressions import attributes_of, origin_of
from medallion.column_lineage.origins import UNKNOWN, Attribute, ColumnRef, Origin, Relation, merged

INPUT = "_input_"
_NOT_UNDERSTOOD = Relation(chosen_by=UNKNOWN, is_open=True)
# As they are in the protocol: Join.JoinType, SetOperation.SetOpType, Aggregate.GroupType.
_FULL, _RIGHT, _ANTI, _SEMI = 2, 4, 5, 6
_INTERSECT, _UNION, _EXCEPT = 1, 2, 3
_PIVOT = 4
# Relations that hand on rows and columns as they get them.
_HANDED_ON = ("hint", "repartition", "repartition_by_expression", "with_watermark", "sort", "fill_na")
# Those that leave rows out by their place.
_CUT = ("limit", "offset", "tail")


def relation_of(plan: Any) -> Relation:
    """Where the columns of a plan's result come from."""
    kind = plan.WhichOneof("rel_type")
    if kind in _HANDED_ON:
        found = relation_of(getattr(plan, kind).input)
    elif kind in _CUT:
        found = _cut(getattr(plan, kind).input)
    else:
        reader = _READERS.get(kind)
        found = reader(getattr(plan, kind)) if reader else _NOT_UNDERSTOOD
    return found.seen_by(plan.common.plan_id)


def _aliased(node: Any) -> Relation:
    """An input under its table's name, or another relation under an alias."""
    alias = node.alias.lower()
    if node.alias.startswith(INPUT) and node.input.WhichOneof("rel_type") == "local_relation":
        relation = _input(node.alias.removeprefix(INPUT), node.input)
    else:
        relation = relation_of(node.input)
    return replace(relation, attributes=tuple(replace(a, qualifiers=frozenset({alias})) for a in relation.attributes))


def _input(table: str, node: Any) -> Relation:
    names = [field["name"] for field in json.loads(node.local_relation.schema)["fields"]]
    attributes = tuple(Attribute(name, Origin(frozenset({ColumnRef(table, name)}))) for name in names)
    return Relation(attributes, tables=frozenset({table})).seen_by(node.common.plan_id)


def _project(node: Any) -> Relation:
    relation = relation_of(node.input) if node.HasField("input") else Relation()
    return _selected(relation, [attributes_of(one, relation) for one in node.expressions])


def _selected(relation: Relation, items: Sequence[tuple[Attribute, ...] | None]) -> Relation:
    """The relation with the columns that the items of a select list became; open where one is not clear."""
    attributes = tuple(attribute for item in items if item is not None for attribute in item)
    return replace(relation, attributes=attributes, is_open=any(item is None for item in items))


def _with_columns(node: Any) -> Relation:
    relation = relation_of(node.input)
    new = {one.name[0]: Attribute(one.name[0], origin_of(one.expr, relation)) for one in node.aliases}
    by_name = {name.lower(): attribute for name, attribute in new.items()}
    known = {a.name.lower() for a in relation.attributes}
    kept = tuple(by_name.get(a.name.lower(), a) for a in relation.attributes)
    added = tuple(attribute for name, attribute in by_name.items() if name not in known)
    return replace(relation, attributes=(*kept, *added))


def _renamed(node: Any) -> Relation:
    relation = relation_of(node.input)
    names = {old.lower(): new for old, new in dict(node.rename_columns_map).items()}
    names |= {one.col_name.lower(): one.new_col_name for one in node.renames}
    renamed = (replace(a, name=names.get(a.name.lower(), a.name)) for a in relation.attributes)
    return replace(relation, attributes=tuple(renamed))


def _named_anew(node: Any) -> Relation:
    relation = relation_of(node.input)
    if len(relation.attributes) != len(node.column_names) or relation.is_open:
        return replace(relation, attributes=(), is_open=True)
    named = zip(relation.attributes, node.column_names, strict=True)
    return replace(relation, attributes=tuple(replace(a, name=name) for a, name in named))


def _dropped(node: Any) -> Relation:
    relation = relation_of(node.input)
    gone = {name.lower() for name in node.column_names}
    attributes = [a for a in relation.attributes if a.name.lower() not in gone]
    for one in node.columns:
        found = attributes_of(one, relation) or ()
        attributes = [a for a in attributes if not any(a is other for other in found)]
    return replace(relation, attributes=tuple(attributes))


def _filtered(node: Any) -> Relation:
    relation = relation_of(node.input)
    return relation.chosen(origin_of(node.condition, relation))


def _joined(node: Any) -> Relation:
    left, right = relation_of(node.left), relation_of(node.right)
    is_left_alone = node.join_type in (_ANTI, _SEMI)
    both = Relation((*left.attributes, *right.attributes), is_open=left.is_open or right.is_open)
    conditions = [origin_of(node.join_condition, both)] if node.HasField("join_condition") else []
    using = [name.lower() for name in node.using_columns]
    conditions += [side.origin(name) for name in using for side in (left, right)]
    chosen = merged([left.chosen_by, right.chosen_by, *(one.deciding() for one in conditions)])
    if is_left_alone:
        return replace(left, chosen_by=chosen)
    shared = tuple(_shared(node.join_type, left, right, name) for name in using)
    rest = tuple(a for a in both.attributes if a.name.lower() not in using)
    return replace(both, attributes=(*shared, *rest), chosen_by=chosen, tables=left.tables | right.tables)


def _shared(join_type: int, left: Relation, right: Relation, name: str) -> Attribute:
    """A column that both sides have and are joined by: the kept side's, of a full join whichever is filled."""
    ours, theirs = left.find(name), right.find(name)
    if ours is None or theirs is None:
        return Attribute(name, UNKNOWN)
    if join_type == _FULL:
        return replace(ours, origin=merged([ours.origin, theirs.origin]))
    kept, other = (theirs, ours) if join_type == _RIGHT else (ours, theirs)
    return replace(kept, plans=kept.plans | other.plans, qualifiers=kept.qualifiers | other.qualifiers)


def _aggregated(node: Any) -> Relation:
    relation = relation_of(node.input)
    if node.group_type == _PIVOT:
        return _NOT_UNDERSTOOD
    keys = [attributes_of(one, relation) for one in node.grouping_expressions]
    origins = [origin_of(one, relation) for one in node.grouping_expressions]
    results = [attributes_of(one, relation) for one in node.aggregate_expressions]
    return _selected(relation, [*keys, *results]).chosen(*origins)


def _combined(node: Any) -> Relation:
    left, right = relation_of(node.left_input), relation_of(node.right_input)
    if node.set_op_type in (_INTERSECT, _EXCEPT):
        return left.chosen(right.chosen_by, *(a.origin for a in (*left.attributes, *right.attributes)))
    if node.set_op_type != _UNION or left.is_open or right.is_open:
        return _NOT_UNDERSTOOD
    return _united(left, right, is_by_name=node.by_name)


def _united(left: Relation, right: Relation, *, is_by_name: bool) -> Relation:
    if is_by_name:
        others = {a.name.lower(): a for a in right.attributes}
        pairs = [(a, others.pop(a.name.lower(), None)) for a in left.attributes]
        rest = list(others.values())  # where missing columns are allowed
    elif len(left.attributes) == len(right.attributes):
        pairs, rest = list(zip(left.attributes, right.attributes, strict=True)), []
    else:
        return _NOT_UNDERSTOOD
    merged_pairs = [Attribute(a.name, merged([a.origin, b.origin] if b else [a.origin])) for a, b in pairs]
    return Relation((*merged_pairs, *rest), merged([left.chosen_by, right.chosen_by]), left.tables | right.tables)


def _deduplicated(node: Any) -> Relation:
    relation = relation_of(node.input)
    if node.all_columns_as_keys:
        return relation.chosen(*(a.origin for a in relation.attributes))
    return relation.chosen(*(relation.origin(name) for name in node.column_names))


def _computed_elsewhere(node: Any) -> Relation:
    """What a function makes of batches of rows: each of its columns may come from any that it is given."""
    relation = relation_of(node.input)
    if relation.is_open:
        return _NOT_UNDERSTOOD
    origin = merged([relation.chosen_by.deciding(), *(a.origin for a in relation.attributes)])
    fields = node.func.python_udf.output_type
    names = _names_of_type(fields)
    return Relation(tuple(Attribute(name, origin) for name in names), relation.chosen_by, relation.tables)


def _names_of_type(kind: Any) -> list[str]:
    """The fields of a struct that is given as such, or as text that PySpark sends unparsed."""
    if kind.WhichOneof("kind") == "struct":
        return [field.name for field in kind.struct.fields]
    return [part.strip().split()[0].strip("`") for part in kind.unparsed.data_type_string.split(",")]


def _cut(plan: Any) -> Relation:
    """The first or last rows of a relation; of a sorted one its order chooses them."""
    relation = relation_of(plan)
    if plan.WhichOneof("rel_type") != "sort":
        return relation
    return relation.chosen(*(origin_of(one.child, relation) for one in plan.sort.order))


_READERS: dict[str, Callable[[Any], Relation]] = {
    "subquery_alias": _aliased,
    "project": _project,
    "with_columns": _with_columns,
    "with_columns_renamed": _renamed,
    "to_df": _named_anew,
    "drop": _dropped,
    "filter": _filtered,
    "join": _joined,
    "aggregate": _aggregated,
    "set_op": _combined,
    "deduplicate": _deduplicated,
    "map_partitions": _computed_elsewhere,
}
