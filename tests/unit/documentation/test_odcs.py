"""The export follows the Open Data Contract Standard v3.1.0: its names, its required keys, its value lists."""

from __future__ import annotations

import pytest
import yaml
from shop_contracts import PRODUCT

from medallion.catalog import product
from medallion.documentation.odcs import export, to_yaml

LOGICAL_TYPES = {"string", "date", "timestamp", "time", "number", "integer", "object", "array", "boolean"}
ELEMENT = {"name", "physicalType", "physicalName", "logicalType", "description", "tags", "customProperties", "quality"}
OBJECT_KEYS = ELEMENT | {"dataGranularityDescription", "properties", "relationships"}
PROPERTY_KEYS = ELEMENT | {"required", "primaryKey", "primaryKeyPosition", "logicalTypeOptions", "classification"}
QUALITY_KEYS = {"type", "name", "description", "dimension", "severity"}
QUALITY_OF_TYPE = {
    "text": set(),
    "library": {"metric", "arguments", "mustBe"},
    "custom": {"engine", "implementation"},
}
METRICS = {"nullValues", "missingValues", "invalidValues", "duplicateValues", "rowCount"}
DIMENSIONS = {"accuracy", "completeness", "conformity", "consistency", "coverage", "timeliness", "uniqueness"}
OPTIONS = {
    "string": {"minLength", "maxLength", "pattern", "format"},
    "timestamp": {"format", "minimum", "maximum", "timezone", "defaultTimezone"},
    "integer": {"minimum", "maximum", "multipleOf", "format"},
    "number": {"minimum", "maximum", "multipleOf", "format"},
}


@pytest.fixture(scope="module")
def contract():
    return export(PRODUCT)


@pytest.fixture(scope="module")
def objects(contract):
    return {found["name"]: found for found in contract["schema"]}


@pytest.fixture(scope="module")
def properties(objects):
    return [found for table in objects.values() for found in table["properties"]]


def property_of(objects, table, name):
    return next(found for found in objects[table]["properties"] if found["name"] == name)


def test_the_required_fundamentals_are_there_and_nothing_the_standard_does_not_know(contract):
    required = {"version", "apiVersion", "kind", "id", "status"}
    assert required <= contract.keys() <= required | {"name", "dataProduct", "description", "servers", "schema"}


def test_what_is_agreed_about_a_product_is_in_its_contract():
    contract = export(product("marketing_360"))

    assert (contract["status"], contract["domain"]) == ("active", "Marketing")
    assert contract["slaProperties"] == [{"property": "frequency", "value": 24.0, "unit": "h"}]
    assert contract["description"]["usage"].startswith("For campaigns to customers who agreed")
    assert export(PRODUCT)["status"] == "draft"
    assert (contract["kind"], contract["apiVersion"]) == ("DataContract", "v3.1.0")


def test_the_yaml_holds_the_same(contract):
    assert yaml.safe_load(to_yaml(PRODUCT)) == contract


def test_silver_and_gold_tables_are_exported_under_their_physical_names(objects):
    assert {name: found["physicalName"] for name, found in objects.items()} == {
        "orders": "shop_silver.orders",
        "customers": "shop.customers",
    }


def test_objects_and_properties_use_only_keys_of_the_standard(objects, properties):
    assert all(found.keys() <= OBJECT_KEYS and found["logicalType"] == "object" for found in objects.values())
    assert all(found.keys() <= PROPERTY_KEYS for found in properties)


def test_logical_types_and_their_options_are_those_of_the_standard(properties):
    assert {found["logicalType"] for found in properties} <= LOGICAL_TYPES
    for found in properties:
        assert found.get("logicalTypeOptions", {}).keys() <= OPTIONS.get(found["logicalType"], set())


def test_quality_rules_have_what_their_type_asks_for(objects, properties):
    rules = [rule for found in (*objects.values(), *properties) for rule in found.get("quality", ())]
    for rule in rules:
        own = QUALITY_OF_TYPE[rule["type"]]
        assert own <= rule.keys() <= QUALITY_KEYS | own
        assert rule["dimension"] in DIMENSIONS
        assert rule.get("metric", "rowCount") in METRICS


def test_the_grain_is_the_primary_key_in_its_order(objects):
    keys = {p["name"]: p["primaryKeyPosition"] for p in objects["customers"]["properties"] if p.get("primaryKey")}
    assert keys == {"user_id": 1, "currency": 2}


def test_a_column_that_may_be_empty_is_not_required(objects):
    assert not property_of(objects, "customers", "share")["required"]
    assert property_of(objects, "customers", "user_id")["required"]


def test_personal_data_is_classified(objects):
    found = property_of(objects, "customers", "user_id")
    assert found["classification"] == "confidential"
    assert {"property": "personalData", "value": "customer id"} in found["customProperties"]


def test_accepted_values_are_a_rule_of_their_column(objects):
    (rule,) = property_of(objects, "customers", "value_tier")["quality"]
    assert (rule["metric"], rule["arguments"]) == ("invalidValues", {"validValues": ["High", "Low"]})


def test_limits_are_options_of_the_type(objects):
    assert property_of(objects, "customers", "share")["logicalTypeOptions"] == {"minimum": 0, "maximum": 1}


def test_row_checks_keep_their_severity_in_the_standard_s_words(objects):
    severity = {rule["name"]: rule["severity"] for rule in objects["customers"]["quality"] if rule["type"] == "custom"}
    assert severity == {"members_order": "error", "is_rich": "warning"}


def test_a_reconciliation_stands_at_both_tables(objects):
    for found in objects.values():
        assert "net_amounts_agree" in {rule["name"] for rule in found["quality"]}


def test_a_foreign_key_of_one_column_is_a_plain_relationship(objects):
    expected = {"type": "foreignKey", "from": "customers.user_id", "to": "orders.user_id"}
    assert objects["customers"]["relationships"] == [expected]


def test_the_local_server_has_what_the_standard_asks_of_duckdb(contract):
    (server,) = contract["servers"]
    assert (server["type"], server["database"]) == ("duckdb", "warehouse.duckdb")
    assert "schema" not in server
