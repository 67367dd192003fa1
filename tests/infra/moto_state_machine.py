"""A synthesised state machine, executed by moto: its own resources are made there, its waits are cut short.

Two shortcomings of moto 5.2.5 are mended: `.sync` of Glue fails at its end, and parameters of `aws-sdk` tasks, which
Step Functions spells in Pascal case, are passed to the service as they are.
"""

from __future__ import annotations

import inspect
import json
import textwrap
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from io import BytesIO
from typing import Any
from zipfile import ZipFile

import boto3
import botocore.session
from moto import mock_aws
from moto.awslambda_simple.models import lambda_simple_backends
from moto.core import DEFAULT_ACCOUNT_ID
from moto.glue.models import FakeJobRun
from moto.moto_api import state_manager
from moto.stepfunctions.parser.asl.component.state.exec.state_task.service import state_task_service_callback as callback
from moto.stepfunctions.parser.asl.component.state.exec.state_task.service.state_task_service_aws_sdk import (
    StateTaskServiceAwsSdk,
)
from synthesised import Synthesised, text

REGION = "eu-central-1"
_ARN = f"arn:aws:{{}}:{REGION}:{DEFAULT_ACCOUNT_ID}:{{}}"
_ROLE = f"arn:aws:iam::{DEFAULT_ACCOUNT_ID}:role/any"
_CONFIG = {"stepfunctions": {"execute_state_machine": True}, "lambda": {"use_docker": False}}
_PATIENCE_SECONDS = 60


@dataclass
class Emulated:
    """What moto holds: state machines by product, and the queue that hears what the topic is told."""

    machines: dict[str, str] = field(default_factory=dict)
    queue: str = ""

    def start(self, product: str, given: Mapping[str, Any], name: str) -> str:
        """Start a run; the execution's ARN."""
        client = boto3.client("stepfunctions", REGION)
        started = client.start_execution(stateMachineArn=self.machines[product], name=name, input=json.dumps(given))
        return str(started["executionArn"])

    def end(self, execution: str) -> dict[str, Any]:
        """What became of an execution, once it has ended."""
        client = boto3.client("stepfunctions", REGION)
        until = time.monotonic() + _PATIENCE_SECONDS
        while (found := client.describe_execution(executionArn=execution))["status"] == "RUNNING":
            assert time.monotonic() < until, f"{execution} still runs"
            time.sleep(0.1)
        return dict(found)

    def run(self, product: str, given: Mapping[str, Any] | None = None, name: str = "run-1") -> dict[str, Any]:
        """Start a run and wait for its end."""
        return self.end(self.start(product, given or {}, name))

    def states(self, execution: str) -> list[str]:
        """The states that an execution entered, in their order."""
        client = boto3.client("stepfunctions", REGION)
        events = client.get_execution_history(executionArn=execution, maxResults=1000)["events"]
        return [event["stateEnteredEventDetails"]["name"] for event in events if "stateEnteredEventDetails" in event]

    def job_arguments(self, product: str, layer: str) -> list[dict[str, str]]:
        """What each run of a job was given, oldest first."""
        client = boto3.client("glue", REGION)
        (job,) = [one for one in client.list_jobs()["JobNames"] if one.startswith(f"{_id(product)}Jobs{layer}")]
        return [dict(run["Arguments"]) for run in reversed(client.get_job_runs(JobName=job)["JobRuns"])]

    def messages(self) -> list[dict[str, str]]:
        """Subject and message of what the topic was told."""
        found = boto3.client("sqs", REGION).receive_message(QueueUrl=self.queue, MaxNumberOfMessages=10)
        return [json.loads(one["Body"]) for one in found.get("Messages", [])]


@contextmanager
def emulated(templates: Synthesised, *, answers: Sequence[Any], fails: Callable[[str, int], str | None]) -> Iterator[Emulated]:
    """moto with the machines, jobs and functions of an environment.

    `answers` are what the functions answer, one an invocation. `fails(layer, attempt)` is the error message of a job's
    run, or None where it succeeds.
    """
    with _mended(fails), mock_aws(config=_CONFIG):
        state_manager.set_transition("glue::job_run", {"progression": "immediate"})
        backend = lambda_simple_backends[DEFAULT_ACCOUNT_ID]["global"]
        backend.lambda_simple_results_queue = [json.dumps(answer) for answer in answers]
        yield _made(templates)


def _id(product: str) -> str:
    return product.replace("_", "")


def _made(templates: Synthesised) -> Emulated:
    """The resources that the definitions name, called by their logical ids."""
    found = Emulated()
    known = {"AWS::Partition": "aws", "AWS::Region": REGION, "AWS::AccountId": DEFAULT_ACCOUNT_ID}
    (topic,) = templates.resources("AWS::SNS::Topic")
    known[topic] = boto3.client("sns", REGION).create_topic(Name=topic)["TopicArn"]
    sqs = boto3.client("sqs", REGION)
    found.queue = sqs.create_queue(QueueName="heard")["QueueUrl"]
    boto3.client("sns", REGION).subscribe(TopicArn=known[topic], Protocol="sqs", Endpoint=_ARN.format("sqs", "heard"))
    for job in templates.resources("AWS::Glue::Job"):
        command = {"Name": "glueetl", "ScriptLocation": "s3://any/script.py"}
        boto3.client("glue", REGION).create_job(Name=job, Role=_ROLE, Command=command)
        known[job] = job
    role = boto3.client("iam", REGION).create_role(RoleName="any", AssumeRolePolicyDocument="{}")["Role"]["Arn"]
    for function in templates.resources("AWS::Lambda::Function"):
        known[f"{function}.Arn"] = _function(function, role)
    for name, machine in templates.resources("AWS::StepFunctions::StateMachine").items():
        definition = hurried(resolved(machine["Properties"]["DefinitionString"], known))
        made = boto3.client("stepfunctions", REGION).create_state_machine(
            name=name, definition=json.dumps(definition), roleArn=_ROLE
        )
        known[name] = made["stateMachineArn"]
        found.machines[definition["Comment"].removeprefix("One run of ")] = made["stateMachineArn"]
    return found


def _function(name: str, role: str) -> str:
    archive = BytesIO()
    with ZipFile(archive, "w") as file:
        file.writestr("handler.py", "")
    made = boto3.client("lambda", REGION).create_function(
        FunctionName=name[:64],
        Runtime="python3.13",
        Role=role,
        Handler="handler.handler",
        Code={"ZipFile": archive.getvalue()},
    )
    return str(made["FunctionArn"])


def resolved(definition: Any, known: Mapping[str, str]) -> dict[str, Any]:
    """A definition with its references replaced."""
    written = text(definition)
    for name, value in known.items():
        written = written.replace(f"<{name}>", value)
    found: dict[str, Any] = json.loads(written)
    return found


def hurried(definition: dict[str, Any]) -> dict[str, Any]:
    """The definition with waits and intervals of a second; nothing else is changed."""
    for state in definition["States"].values():
        if state["Type"] == "Wait":
            state["Seconds"] = 1
        for retry in state.get("Retry", []):
            retry["IntervalSeconds"], retry["BackoffRate"] = 1, 1
    return definition


@contextmanager
def _mended(fails: Callable[[str, int], str | None]) -> Iterator[None]:
    """moto with both shortcomings mended, and job runs that fail where they are to."""
    task = callback.StateTaskServiceCallback
    source = textwrap.dedent(inspect.getsource(task._eval_integration_pattern))
    call = "callback_endpoint.interrupt_all()"
    scope: dict[str, Any] = {}
    exec(source.replace(f"    {call}", f"    callback_endpoint and {call}"), callback.__dict__, scope)
    original = FakeJobRun.as_dict
    seen: dict[str, list[str]] = {}

    def as_dict(run: FakeJobRun) -> dict[str, Any]:
        found: dict[str, Any] = original(run)
        runs = seen.setdefault(run.job_name, [])
        if run.job_run_id not in runs:
            runs.append(run.job_run_id)
        layer = next(one for one in ("Bronze", "Silver", "Gold") if f"Jobs{one}" in run.job_name)
        error = fails(layer, runs.index(run.job_run_id) + 1)
        if found["JobRunState"] == "SUCCEEDED" and error:
            found |= {"JobRunState": "FAILED", "ErrorMessage": error}
        return found

    with pytest_patch() as patch:
        patch.setattr(task, "_eval_integration_pattern", scope["_eval_integration_pattern"])
        patch.setattr(FakeJobRun, "as_dict", as_dict)
        patch.setattr(StateTaskServiceAwsSdk, "_normalise_parameters", _request, raising=False)
        patch.setattr(StateTaskServiceAwsSdk, "_normalise_response", _response, raising=False)
        yield


@contextmanager
def pytest_patch() -> Iterator[Any]:
    """pytest's monkeypatch outside of a fixture."""
    from pytest import MonkeyPatch

    with MonkeyPatch.context() as patch:
        patch.setenv("AWS_ACCESS_KEY_ID", "any")
        patch.setenv("AWS_SECRET_ACCESS_KEY", "any")
        patch.setenv("AWS_DEFAULT_REGION", REGION)
        yield patch


def _operation(task: Any) -> Any:
    service = botocore.session.get_session().get_service_model(task._get_boto_service_name())
    action = task.resource.api_action
    return service.operation_model(action[0].upper() + action[1:])


def _request(task: Any, parameters: dict[str, Any], *_: Any, **__: Any) -> None:
    task._to_boto_request(parameters, _operation(task).input_shape)


def _response(task: Any, response: Any, *_: Any, **__: Any) -> None:
    task._from_boto_response(response, _operation(task).output_shape)
