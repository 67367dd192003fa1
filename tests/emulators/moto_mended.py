"""moto with functions and jobs that do what a test says, and with three shortcomings of moto 5.2.5 mended.

`.sync` of Glue fails at its end; parameters of tasks that call Step Functions, which definitions spell in Pascal case,
are passed on as they are; and a choice that asks something of a path which is not there goes on, where on AWS the
execution fails, unless it asks whether the path is present.
"""

from __future__ import annotations

import inspect
import json
import textwrap
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import botocore.session
import pytest
from moto.awslambda_simple.models import LambdaSimpleBackend
from moto.glue.models import FakeJobRun
from moto.stepfunctions.parser.asl.component.state.choice.comparison.comparison_operator_type import (
    ComparisonOperatorType,
)
from moto.stepfunctions.parser.asl.component.state.choice.comparison.comparison_variable import ComparisonVariable
from moto.stepfunctions.parser.asl.component.state.choice.comparison.variable import NoSuchVariable
from moto.stepfunctions.parser.asl.component.state.exec.state_task.service import (
    state_task_service_callback as callback,
)
from moto.stepfunctions.parser.asl.component.state.exec.state_task.service.state_task_service import StateTaskService
from moto.stepfunctions.parser.asl.component.state.exec.state_task.service.state_task_service_sfn import (
    StateTaskServiceSfn,
)

REGION = "eu-central-1"
_START = StateTaskServiceSfn._eval_service_task

Invoke = Callable[[str, Mapping[str, Any]], Any]
RunJob = Callable[[str, Mapping[str, str]], str | None]


@contextmanager
def mended(invoke: Invoke, run_job: RunJob) -> Iterator[None]:
    """moto with all three mended, whose functions and jobs do what they are to."""
    task = callback.StateTaskServiceCallback
    source = textwrap.dedent(inspect.getsource(task._eval_integration_pattern))
    call = "callback_endpoint.interrupt_all()"
    scope: dict[str, Any] = {}
    exec(source.replace(f"    {call}", f"    callback_endpoint and {call}"), callback.__dict__, scope)
    original = FakeJobRun.as_dict
    ended: dict[str, str | None] = {}

    def as_dict(run: FakeJobRun) -> dict[str, Any]:
        found: dict[str, Any] = original(run)
        if run.job_run_id not in ended:
            ended[run.job_run_id] = run_job(run.job_name, found["Arguments"])
        if found["JobRunState"] == "SUCCEEDED" and ended[run.job_run_id]:
            found |= {"JobRunState": "FAILED", "ErrorMessage": ended[run.job_run_id]}
        return found

    def answer(_: Any, function: str, __: Any, body: Any, headers: Any, response_headers: Any) -> bytes:
        found = invoke(function, json.loads(body or "{}"))
        if "errorMessage" in found:
            response_headers["x-amz-function-error"] = "Unhandled"
        return json.dumps(found).encode()

    with _patch() as patch:
        patch.setattr(task, "_eval_integration_pattern", scope["_eval_integration_pattern"])
        patch.setattr(callback, "_DELAY_SECONDS_SYNC_CONDITION_CHECK", 0.05)
        patch.setattr(FakeJobRun, "as_dict", as_dict)
        patch.setattr(StateTaskService, "_normalise_parameters", _request)
        patch.setattr(StateTaskService, "_normalise_response", _response)
        patch.setattr(StateTaskServiceSfn, "_eval_service_task", _started)
        patch.setattr(LambdaSimpleBackend, "invoke", answer)
        patch.setattr(ComparisonVariable, "_eval_body", _compared)
        yield


def _compared(comparison: ComparisonVariable, env: Any) -> None:
    """A comparison with a value that is there; asked of none, the execution fails, as the States language says."""
    comparison.variable.eval(env)
    asked = comparison.comparison_function
    if isinstance(env.stack[-1], NoSuchVariable) and asked.operator_type is not ComparisonOperatorType.IsPresent:
        raise LookupError(f"Invalid path '{env.stack[-1].path}': the choice's path references no value")
    asked.eval(env)


@contextmanager
def _patch() -> Iterator[pytest.MonkeyPatch]:
    """What is put in moto's place until the end, and an account that is none."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("AWS_ACCESS_KEY_ID", "any")
        patch.setenv("AWS_SECRET_ACCESS_KEY", "any")
        patch.setenv("AWS_DEFAULT_REGION", REGION)
        yield patch


def _operation(task: Any, action: str | None = None) -> Any:
    """The model of a call to Step Functions, or None where a task calls another service."""
    if task._get_boto_service_name() != "stepfunctions":
        return None
    name = "".join(part.capitalize() for part in (action or task._get_boto_service_action()).split("_"))
    return botocore.session.get_session().get_service_model("stepfunctions").operation_model(name)


def _request(task: Any, parameters: dict[str, Any], *_: Any, **__: Any) -> None:
    if operation := _operation(task):
        task._to_boto_request(parameters, operation.input_shape)


def _response(task: Any, response: Any, *_: Any, service_action_name: str | None = None, **__: Any) -> None:
    if operation := _operation(task, service_action_name):
        task._from_boto_response(response, operation.output_shape)


def _started(task: Any, env: Any, *given: Any, **named: Any) -> None:
    _START(task, env, *given, **named)
    _response(task, env.stack[-1])
