"""Synthesised templates, and ways to look into them."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from infra.app import ROOT, build
from infra.code import Code

Resource = dict[str, Any]
PARTITION = {"Ref": "AWS::Partition"}
DASHBOARD = {
    "domain": "marts.example.com",
    "certificate": "arn:aws:acm:eu-central-1:111122223333:certificate/0a1b2c3d",
    "tasks": 2,
}


@dataclass(frozen=True, kw_only=True)
class Synthesised:
    """The stacks of an environment and what cdk-nag says of them."""

    environment: str
    data: dict[str, Any]
    pipeline: dict[str, Any]
    dashboard: dict[str, Any] | None
    report: dict[str, Any]
    folder: Path

    @property
    def stacks(self) -> dict[str, dict[str, Any]]:
        stacks = {"data": self.data, "pipeline": self.pipeline}
        return stacks | ({"dashboard": self.dashboard} if self.dashboard else {})

    def resources(self, kind: str) -> dict[str, Resource]:
        """The resources of a type in all stacks, by logical id."""
        return {
            name: resource
            for stack in self.stacks.values()
            for name, resource in stack["Resources"].items()
            if resource["Type"] == kind
        }

    def properties(self, kind: str) -> list[dict[str, Any]]:
        """The properties of the resources of a type."""
        return [resource.get("Properties", {}) for resource in self.resources(kind).values()]

    def only(self, kind: str) -> dict[str, Any]:
        """The properties of the one resource of a type."""
        (found,) = self.properties(kind)
        return found

    def of(self, kind: str, start: str) -> dict[str, Any]:
        """The properties of the one resource of a type whose logical id starts so."""
        (found,) = [one for name, one in self.resources(kind).items() if name.startswith(start)]
        properties: dict[str, Any] = found["Properties"]
        return properties

    def statements(self) -> Iterator[tuple[str, dict[str, Any]]]:
        """Every statement of every policy that gives a role something, with the logical id of the policy."""
        for kind in ("AWS::IAM::Policy", "AWS::IAM::Role", "AWS::IAM::ManagedPolicy"):
            for name, resource in self.resources(kind).items():
                properties = resource["Properties"]
                documents = [one["PolicyDocument"] for one in properties.get("Policies", [])]
                if "PolicyDocument" in properties:
                    documents.append(properties["PolicyDocument"])
                for document in documents:
                    for statement in document["Statement"]:
                        yield name, statement


def context_of_cdk_json() -> dict[str, Any]:
    """The context of cdk.json; the restaurant's files come from Drive and it has a rule of its own.

    A third environment, `shown`, is prod with dashboards.
    """
    given: dict[str, Any] = json.loads((ROOT / "cdk.json").read_text(encoding="utf-8"))["context"]
    restaurant = given["products"]["restaurant"] | {
        "drive_folder": "root-folder",
        "rules": {"churn_after_days": 60},
    }
    environments = given["environments"]
    dev = environments["dev"] | {"reader_role": "dashboards"}
    shown = environments["prod"] | {"reader_role": "dashboards", "dashboard": DASHBOARD}
    return given | {
        "products": given["products"] | {"restaurant": restaurant},
        "environments": environments | {"dev": dev, "shown": shown},
    }


def code_in(folder: Path) -> Code:
    """The repository's code, and packages and certificates that are empty."""
    root, packages = folder / "code", folder / "packages"
    for place in ("src", "lambdas", "glue_jobs", "infra", "requirements"):
        root.mkdir(exist_ok=True)
        (root / place).symlink_to(ROOT / place)
    (root / "rds-certificates.pem").write_text("-----BEGIN CERTIFICATE-----\n")
    for place in ("lambda-layer/python/package.py", "glue-wheels/medallion.gluewheels.zip"):
        (packages / place).parent.mkdir(parents=True)
        (packages / place).write_bytes(b"")
    return Code(root=root, packages=packages, staging=folder / "staging")


def synthesise(context: Mapping[str, Any], code: Code, out: Path) -> Synthesised:
    """Synthesise an environment into `out`. Raises where cdk-nag finds anything that is not accepted."""
    from aws_cdk import App

    app = App(
        context=dict(context), outdir=str(out), stack_traces=False, tree_metadata=False, analytics_reporting=False
    )
    build(app, code)
    stacks = app.synth().stacks
    by_name = {stack.stack_name.rsplit("-", 1)[1]: stack.template for stack in stacks}
    return Synthesised(
        environment=context["environment"],
        data=by_name["data"],
        pipeline=by_name["pipeline"],
        dashboard=by_name.get("dashboard"),
        report=json.loads((out / "validation-report.json").read_text()),
        folder=out,
    )


def many(value: Any) -> list[Any]:
    """A value of a policy that may be one or several."""
    return value if isinstance(value, list) else [value]


def text(value: Any) -> str:
    """A value as text: `<Id>` for a reference, `<Id.Arn>` for an attribute, and parts joined."""
    if isinstance(value, str):
        return value
    ((function, argument),) = value.items()
    if function == "Fn::Join":
        return "".join(text(part) for part in argument[1])
    if function == "Fn::ImportValue":
        return f"<{text(argument)}>"
    if function == "Fn::Select":
        return f"<{argument[0]} of {text(argument[1])}>"
    if function in ("Fn::Split", "Fn::GetAZs"):
        return f"{function} {argument}"
    if function == "Fn::Sub":
        return str(argument)
    return f"<{argument if function == 'Ref' else '.'.join(argument)}>"
