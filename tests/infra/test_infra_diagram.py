"""The architecture's diagram says what is deployed: what is in the network, and what looks after it."""

from __future__ import annotations

import pytest
from docs.diagrams.model import Diagram, read_diagram
from infra.app import ROOT
from infra.constructs.network import ENDPOINTS
from synthesised import Synthesised

# What a box of the diagram stands for, where it is one thing of the templates.
KINDS = {
    "rds": "AWS::RDS::DBInstance",
    "redshift": "AWS::RedshiftServerless::Workgroup",
    "machine": "AWS::StepFunctions::StateMachine",
    "scheduler": "AWS::Scheduler::Schedule",
    "sns": "AWS::SNS::Topic",
    "dead_letters": "AWS::SQS::Queue",
    "cloudwatch": "AWS::CloudWatch::Dashboard",
    "kms": "AWS::KMS::Key",
    "secrets": "AWS::SecretsManager::Secret",
    "roles": "AWS::IAM::Role",
    "catalog": "AWS::Glue::Database",
}
NAMES_OF_ENDPOINTS = {
    "SecretsManager": "Secrets Manager",
    "Logs": "its logs",
    "Monitoring": "CloudWatch",
    "Glue": "Glue",
    "Kms": "KMS",
}


@pytest.fixture(scope="module")
def diagram() -> Diagram:
    return read_diagram(ROOT / "docs" / "architecture.yaml")


@pytest.mark.parametrize("name", KINDS)
def test_a_box_stands_for_something_that_is_deployed(name: str, diagram: Diagram, prod: Synthesised) -> None:
    assert name in {node.id for node in diagram.nodes}
    assert prod.resources(KINDS[name])


def test_functions_are_in_the_network_or_not_as_drawn(diagram: Diagram, prod: Synthesised) -> None:
    drawn = {node.id: node.within == "vpc" for node in diagram.nodes if "Lambda" in node.text}
    functions = prod.properties("AWS::Lambda::Function")
    deployed = {
        one["Environment"]["Variables"]["POWERTOOLS_SERVICE_NAME"]: "VpcConfig" in one
        for one in functions
        if "POWERTOOLS_SERVICE_NAME" in one.get("Environment", {}).get("Variables", {})
    }
    assert drawn == deployed


def test_jobs_are_in_the_network_as_drawn(diagram: Diagram, prod: Synthesised) -> None:
    drawn = {node.within for node in diagram.nodes if "PySpark" in node.text}
    assert drawn == {"vpc"}
    assert all(job["Connections"]["Connections"] for job in prod.properties("AWS::Glue::Job"))


def test_the_interface_endpoints_are_named(diagram: Diagram) -> None:
    (box,) = (node for node in diagram.nodes if node.id == "endpoints")
    assert [name for name in ENDPOINTS if NAMES_OF_ENDPOINTS[name] not in " ".join(box.text)] == []
