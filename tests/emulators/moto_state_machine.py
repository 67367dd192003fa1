"""A synthesised state machine, executed by moto: its own resources are made there, its waits are cut short."""

from __future__ import annotations

import json
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from io import BytesIO
from typing import Any
from zipfile import ZipFile

import boto3
from moto import mock_aws
from moto.awslambda_simple.models import lambda_simple_backends
from moto.backends import get_backend
from moto.core import DEFAULT_ACCOUNT_ID
from moto.moto_api import state_manager
from moto.stepfunctions.parser.models import stepfunctions_parser_backends
from moto_mended import REGION, Invoke, RunJob, mended
from synthesised import Synthesised, text

_ARN = f"arn:aws:{{}}:{REGION}:{DEFAULT_ACCOUNT_ID}:{{}}"
_ROLE = f"arn:aws:iam::{DEFAULT_ACCOUNT_ID}:role/any"
_CONFIG = {"stepfunctions": {"execute_state_machine": True}, "lambda": {"use_docker": False}}
_USED = ("stepfunctions", "glue", "awslambda", "sns", "sqs", "iam")
_PATIENCE_SECONDS = 1200  # of a machine that others use, too


@cache
def _client(service: str) -> Any:
    """A client, made once: that takes longer than what it is used for. moto answers each of its calls."""
    return boto3.client(service, REGION, aws_access_key_id="any", aws_secret_access_key="any")


@dataclass
class Emulated:
    """What moto holds: state machines by product, and the queue that hears what the topic is told."""

    machines: dict[str, str] = field(default_factory=dict)
    queue: str = ""

    def start(self, product: str, given: Mapping[str, Any], name: str) -> str:
        """Start a run; the execution's ARN."""
        client = _client("stepfunctions")
        started = client.start_execution(stateMachineArn=self.machines[product], name=name, input=json.dumps(given))
        return str(started["executionArn"])

    def end(self, execution: str) -> dict[str, Any]:
        """What became of an execution, once it has ended."""
        client = _client("stepfunctions")
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
        client = _client("stepfunctions")
        events = client.get_execution_history(executionArn=execution, maxResults=1000)["events"]
        return [event["stateEnteredEventDetails"]["name"] for event in events if "stateEnteredEventDetails" in event]

    def job_arguments(self, product: str, layer: str) -> list[dict[str, str]]:
        """What each run of a job was given, oldest first."""
        runs = _client("glue").get_job_runs(JobName=self._job(product, layer))["JobRuns"]
        return [dict(run["Arguments"]) for run in reversed(runs)]

    def forget_job(self, product: str, layer: str) -> None:
        """Delete a job, as by hand."""
        _client("glue").delete_job(JobName=self._job(product, layer))

    def _job(self, product: str, layer: str) -> str:
        names = _client("glue").list_jobs(MaxResults=100)["JobNames"]
        (found,) = [one for one in names if one.startswith(f"{product.replace('_', '')}Jobs{layer}")]
        return found

    def messages(self) -> list[dict[str, str]]:
        """Subject and message of what the topic was told."""
        found = _client("sqs").receive_message(QueueUrl=self.queue, MaxNumberOfMessages=10)
        return [json.loads(one["Body"]) for one in found.get("Messages", [])]


@contextmanager
def emulated(
    templates: Synthesised, *, answers: Sequence[Any], fails: Callable[[str, int], str | None]
) -> Iterator[Emulated]:
    """The same where functions answer in turn what is given, and jobs do nothing.

    `fails(layer, attempt)` is the error message of a layer's job's run, or None where it succeeds.
    """
    left, attempts = list(answers), Counter[str]()

    def answer(_: str, __: Mapping[str, Any]) -> Any:
        return left.pop(0)

    def result(job: str, _: Mapping[str, str]) -> str | None:
        layer = next(one for one in ("Bronze", "Silver", "Gold") if f"Jobs{one}" in job)
        attempts[job] += 1
        return fails(layer, attempts[job])

    with carried_out(templates, invoke=answer, run_job=result) as found:
        yield found


@contextmanager
def carried_out(templates: Synthesised, *, invoke: Invoke, run_job: RunJob) -> Iterator[Emulated]:
    """moto with the machines, jobs and functions of an environment.

    `invoke(function, event)` is what a function answers; one with an errorMessage is an error. `run_job(job,
    arguments)` is the error message of a job's run, or None where it succeeded. Both are called by logical id.
    """
    with mended(invoke, run_job), _moto():
        state_manager.set_transition("glue::job_run", {"progression": "immediate"})
        yield _made(templates)


@contextmanager
def _moto() -> Iterator[None]:
    """moto with nothing of an earlier test in it, but for what other tests of this process keep in its S3."""
    for backend in (*map(get_backend, _USED), lambda_simple_backends, stepfunctions_parser_backends):
        for account in backend.values():  # a `reset` of the backend itself is one of all services
            account.reset()
    mock = mock_aws(config=_CONFIG)
    mock.start(reset=False)
    try:
        yield
    finally:
        mock.stop(remove_data=False)


def _made(templates: Synthesised) -> Emulated:
    """The resources that the definitions name, called by their logical ids."""
    found = Emulated()
    known = {"AWS::Partition": "aws", "AWS::Region": REGION, "AWS::AccountId": DEFAULT_ACCOUNT_ID}
    (topic,) = templates.resources("AWS::SNS::Topic")
    known[topic] = _client("sns").create_topic(Name=topic)["TopicArn"]
    sqs = _client("sqs")
    found.queue = sqs.create_queue(QueueName="heard")["QueueUrl"]
    _client("sns").subscribe(TopicArn=known[topic], Protocol="sqs", Endpoint=_ARN.format("sqs", "heard"))
    for job in templates.resources("AWS::Glue::Job"):
        command = {"Name": "glueetl", "ScriptLocation": "s3://any/script.py"}
        _client("glue").create_job(Name=job, Role=_ROLE, Command=command)
        known[job] = job
    role = _client("iam").create_role(RoleName="any", AssumeRolePolicyDocument="{}")["Role"]["Arn"]
    for function in templates.resources("AWS::Lambda::Function"):
        known[f"{function}.Arn"] = _function(function, role)
    for name, machine in templates.resources("AWS::StepFunctions::StateMachine").items():
        definition = hurried(resolved(machine["Properties"]["DefinitionString"], known))
        made = _client("stepfunctions").create_state_machine(
            name=name, definition=json.dumps(definition), roleArn=_ROLE
        )
        known[name] = made["stateMachineArn"]
        found.machines[definition["Comment"].removeprefix("One run of ")] = made["stateMachineArn"]
    return found


def _function(name: str, role: str) -> str:
    archive = BytesIO()
    with ZipFile(archive, "w") as file:
        file.writestr("handler.py", "")
    made = _client("lambda").create_function(
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
