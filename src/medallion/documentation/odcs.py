"""Data contracts in the Open Data Contract Standard (ODCS) v3.1.0, for catalogues and other tools.

The standard: https://bitol-io.github.io/open-data-contract-standard/ (Linux Foundation, Bitol).
"""

from __future__ import annotations

from datetime import timedelta
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

import yaml

from medallion.contracts import Layer
from medallion.governance import Lifecycle

if TYPE_CHECKING:
    from medallion.checks import Check, ForeignKey
    from medallion.contracts import Column, Table
    from medallion.data_product import DataProduct
    from medallion.governance import OutputPort

API_VERSION = "v3.1.0"
_LOGICAL_TYPES = {
    "varchar": "string",
    "smallint": "integer",
    "integer": "integer",
    "bigint": "integer",
    "decimal": "number",
    "double": "number",
    "boolean": "boolean",
    "date": "date",
    "timestamp": "timestamp",
}
_SEVERITY = {"fail": "error", "warn": "warning"}
_LONGEST_TEXT = 65535


def export(product: DataProduct, port: OutputPort | None = None) -> dict[str, Any]:
    """The contract of what a product publishes: its silver tables and its marts; of a port, the tables it offers."""
    tables = [step.table for layer in (Layer.SILVER, Layer.GOLD) for step in product.layer(layer)]
    if port:
        tables = [table for table in tables if table.name in port.tables]
    actions, agreed = _pii_actions(product), product.governance
    return {
        "apiVersion": API_VERSION,
        "kind": "DataContract",
        "id": f"medallion.{product.name}" + (f".{port.name}" if port else ""),
        "name": f"{product.title}: {port.name}" if port else product.title,
        "version": version("medallion"),
        "status": "draft" if agreed.lifecycle is Lifecycle.DRAFT else "active",
        "dataProduct": product.name,
        **({"domain": agreed.domain.name} if agreed.domain else {}),
        **({"tags": list(agreed.tags)} if agreed.tags else {}),
        "description": {
            "purpose": port.description if port else product.description,
            **({"usage": agreed.terms_of_use} if agreed.terms_of_use else {}),
        },
        **({"slaProperties": [_freshness(agreed.freshness)]} if agreed.freshness else {}),
        "servers": _servers(),
        "schema": [_schema_object(table, product) for table in tables],
        **({"customProperties": [{"property": "personalDataAtTheGate", "value": actions}]} if actions else {}),
    }


def to_yaml(product: DataProduct, port: OutputPort | None = None) -> str:
    """`export` as YAML; the same contracts give the same text."""
    return yaml.safe_dump(export(product, port), sort_keys=False, allow_unicode=True, width=120)


def _pii_actions(product: DataProduct) -> list[dict[str, str]]:
    """What is done to delivered columns before anything of them is written."""
    return [
        {"source": source.name, "column": column.delivered_name, "action": column.pii_action.value}
        for source in product.sources
        for column in source.columns
        if column.pii_action
    ]


def _freshness(promised: timedelta) -> dict[str, Any]:
    """The service level, in hours."""
    return {"property": "frequency", "value": promised / timedelta(hours=1), "unit": "h"}


def _servers() -> list[dict[str, Any]]:
    return [
        {
            "server": "local",
            "type": "duckdb",
            "description": "The warehouse file of one machine, in the folder given with --home.",
            "environment": "dev",
            # Without `schema`: the standard wants a number there; each table's physicalName has it.
            "database": "warehouse.duckdb",
        }
    ]


def _schema_object(table: Table, product: DataProduct) -> dict[str, Any]:
    quality = [_unique_grain(table), *(_row_check(check) for check in table.checks)]
    quality += [
        {"type": "text", "name": check.name, "description": check.description, "dimension": "consistency"}
        for check in product.reconciliations
        if table.name in (check.left.table, check.right.table)
    ]
    found: dict[str, Any] = {
        "name": table.name,
        "physicalName": f"{product.schema(table.layer)}.{table.name}",
        "logicalType": "object",
        "physicalType": "view" if table.layer is Layer.GOLD else "table",
        "description": table.description,
        "dataGranularityDescription": f"One row for each {', '.join(table.grain)}.",
        "tags": [table.layer.value],
        "properties": [_property(column, table) for column in table.columns],
        "quality": quality,
    }
    if table.foreign_keys:
        found["relationships"] = [_relationship(key, table) for key in table.foreign_keys]
    return found


def _property(column: Column, table: Table) -> dict[str, Any]:
    found: dict[str, Any] = {
        "name": column.name,
        "logicalType": _LOGICAL_TYPES[column.data_type.name],
        "physicalType": column.type,
        "description": column.description,
        "required": not column.nullable,
    }
    if column.name in table.grain:
        found |= {"primaryKey": True, "primaryKeyPosition": table.grain.index(column.name) + 1}
    if options := _options(column):
        found["logicalTypeOptions"] = options
    if column.pii:
        found["classification"] = "confidential"
    custom = {"unit": column.unit, "personalData": column.pii}
    if any(custom.values()):
        found["customProperties"] = [{"property": key, "value": value} for key, value in custom.items() if value]
    if column.accepted:
        found["quality"] = [_accepted_values(column)]
    return found


def _options(column: Column) -> dict[str, Any]:
    data_type = column.data_type
    if data_type.name == "varchar":
        # A length in bytes bounds the characters from above.
        length = data_type.length
        return {} if length == _LONGEST_TEXT else {"maxLength": length}
    if data_type.name == "timestamp":
        return {"timezone": False, "defaultTimezone": "Etc/UTC"}
    if _LOGICAL_TYPES[data_type.name] not in ("integer", "number"):
        return {}
    limits = {"minimum": column.minimum, "maximum": column.maximum}
    return {key: value for key, value in limits.items() if value is not None}


def _accepted_values(column: Column) -> dict[str, Any]:
    return {
        "type": "library",
        "metric": "invalidValues",
        "name": f"{column.name}.accepted",
        "description": f"{column.name} is one of the accepted values.",
        "arguments": {"validValues": list(column.accepted)},
        "mustBe": 0,
        "dimension": "conformity",
        "severity": "error",
    }


def _unique_grain(table: Table) -> dict[str, Any]:
    return {
        "type": "library",
        "metric": "duplicateValues",
        "name": "grain",
        "description": "No two rows share the grain.",
        "arguments": {"properties": list(table.grain)},
        "mustBe": 0,
        "dimension": "uniqueness",
        "severity": "error",
    }


def _row_check(check: Check) -> dict[str, Any]:
    # Not type `sql`: the expression is Spark's, checked before the rows reach the server's dialect.
    return {
        "type": "custom",
        "name": check.name,
        "description": check.description,
        "engine": "spark-sql",
        "implementation": check.expression,
        "dimension": "accuracy",
        "severity": _SEVERITY[check.severity.value],
    }


def _relationship(key: ForeignKey, table: Table) -> dict[str, Any]:
    source = [f"{table.name}.{name}" for name in key.columns]
    target = [f"{key.references}.{name}" for name in key.target]
    return {
        "type": "foreignKey",
        "from": source[0] if len(source) == 1 else source,
        "to": target[0] if len(target) == 1 else target,
    }
