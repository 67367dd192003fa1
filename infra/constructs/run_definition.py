"""The steps of a product's run, as a Step Functions definition: data only, without CDK and without AWS.

What is in `${…}` is put in when the stack is deployed. The language is JSONPath.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from infra.constructs.run_failure import State, States, failed_step, failure_states, retry

LATEST = "latest"  # as-of date that is left to the run: the newest day of its data
_WAIT_SECONDS = 60  # with it a run of the longest time-out has fewer events than the 25,000 that Step Functions takes
_WRONG_AS_OF = 'input as_of: is no text; write for example {"as_of": "2024-02-21"}, or {} for the newest day'
# Errors of the services themselves; a repeat is always safe, as each step goes on where it stopped.
_SERVICE_ERRORS = ["Lambda.ServiceException", "Lambda.AWSLambdaException", "Lambda.SdkClientException"]
_SERVICE_ERRORS += ["Lambda.TooManyRequestsException", "Glue.ConcurrentRunsExceededException"]


@dataclass(frozen=True, kw_only=True)
class FunctionStep:
    """A function that is invoked, with a pause, until it says that it is finished. `payload` goes with what all get."""

    name: str
    function_arn: str
    payload: Mapping[str, str]


@dataclass(frozen=True, kw_only=True)
class JobStep:
    """A Glue job that is waited for."""

    name: str
    job_name: str


@dataclass(frozen=True, kw_only=True)
class ReadProductStep:
    """The run of a product that this one reads, which is waited for."""

    product: str
    machine_arn: str


Step = FunctionStep | JobStep | ReadProductStep


def run_definition(*, product: str, steps: Sequence[Step], topic_arn: str, timeout_seconds: int) -> dict[str, Any]:
    """Wait for this run's turn, do the steps, say so where one fails.

    Input: {} or {"as_of": "2024-02-21"}. The execution's name is the run id. A step that fails is repeated once; then
    its error line goes to the topic and the execution fails with it. To go on, start again: what is done stays done.
    """
    states: States = {**_beginning(product), **_turn(_first_state(steps[0]))}
    for step, after in zip(steps, [*steps[1:], None], strict=True):
        states |= _states(step, _first_state(after) if after else "Done")
    states |= {"Done": {"Type": "Succeed"}, **failure_states(product, topic_arn)}
    return {
        "Comment": f"One run of {product}",
        "StartAt": "HasAsOf",
        "TimeoutSeconds": timeout_seconds,
        "States": states,
    }


def _beginning(product: str) -> States:
    return {
        "HasAsOf": {
            "Type": "Choice",
            "Choices": [
                {"Variable": "$.as_of", "IsPresent": False, "Next": "LatestAsOf"},
                {"Variable": "$.as_of", "IsString": True, "Next": "Begin"},
            ],
            "Default": "WrongAsOf",
        },
        "WrongAsOf": {"Type": "Fail", "Error": "RunFailed", "Cause": _WRONG_AS_OF},
        "LatestAsOf": {"Type": "Pass", "Result": LATEST, "ResultPath": "$.as_of", "Next": "Begin"},
        "Begin": {
            "Type": "Pass",
            "Parameters": {
                "product": product,
                "run_id.$": "$$.Execution.Name",
                "execution.$": "$$.Execution.Id",
                "as_of.$": "$.as_of",
            },
            "Next": "LookForOthers",
        },
    }


def _turn(first: str) -> States:
    """Runs of a product go one after the other, by hand or by schedule: the oldest that is under way is the one.

    A later one waits, so what it was started for is done and not refused. Executions are listed newest first. The list
    may lag behind, so that not even this one is in it yet: then it is looked at again.
    """
    return {
        "LookForOthers": {
            "Type": "Task",
            "Resource": "arn:${AWS::Partition}:states:::aws-sdk:sfn:listExecutions",
            "Parameters": {"StateMachineArn.$": "$$.StateMachine.Id", "StatusFilter": "RUNNING"},
            "ResultSelector": {"executions.$": "$.Executions[*].ExecutionArn"},
            "ResultPath": "$.others",
            "Retry": [retry(["States.ALL"], seconds=5, attempts=5)],
            "Catch": _catch("LookForOthers"),
            "Next": "IsAnyListed",
        },
        **failed_step("LookForOthers", "looking for other runs"),
        # A path that is not there ends an execution; only IsPresent may ask for one.
        "IsAnyListed": {
            "Type": "Choice",
            "Choices": [{"Variable": "$.others.executions[0]", "IsPresent": True, "Next": "Oldest"}],
            "Default": "WaitForOthers",
        },
        "Oldest": {
            "Type": "Pass",
            "Parameters": {"oldest.$": "$.others.executions[-1:]"},
            "ResultPath": "$.others",
            "Next": "IsOldest",
        },
        "IsOldest": {
            "Type": "Choice",
            "Choices": [{"Variable": "$.others.oldest[0]", "StringEqualsPath": "$.execution", "Next": first}],
            "Default": "WaitForOthers",
        },
        "WaitForOthers": {"Type": "Wait", "Seconds": _WAIT_SECONDS, "Next": "LookForOthers"},
    }


def _first_state(step: Step) -> str:
    return f"Run_{step.product}" if isinstance(step, ReadProductStep) else step.name


def _states(step: Step, after: str) -> States:
    if isinstance(step, FunctionStep):
        return _function_states(step, after)
    return _job_states(step, after) if isinstance(step, JobStep) else _read_product_states(step, after)


def _function_states(step: FunctionStep, after: str) -> States:
    """A function that is not finished is invoked again after a pause.

    It may have ended at once, as Drive asked for quiet: without the pause it would be invoked many times a second, and
    the execution would reach the most events that it may have, which is a failure that no Catch sees.
    """
    given = {"product.$": "$.product", "run_id.$": "$.run_id", "as_of.$": "$.as_of"}
    return {
        step.name: {
            "Type": "Task",
            "Resource": "arn:${AWS::Partition}:states:::lambda:invoke",
            "Parameters": {"FunctionName": step.function_arn, "Payload": {**given, **step.payload}},
            "ResultSelector": {"done.$": "$.Payload.done"},
            "ResultPath": "$.answer",
            "Retry": _step_retries(),
            "Catch": _catch(step.name),
            "Next": f"{step.name}Finished",
        },
        f"{step.name}Finished": {
            "Type": "Choice",
            "Choices": [{"Variable": "$.answer.done", "BooleanEquals": True, "Next": after}],
            "Default": f"{step.name}Pause",
        },
        f"{step.name}Pause": {"Type": "Wait", "Seconds": _WAIT_SECONDS, "Next": step.name},
        **failed_step(step.name, step.name),
    }


def _job_states(step: JobStep, after: str) -> States:
    return {
        step.name: {
            "Type": "Task",
            "Resource": "arn:${AWS::Partition}:states:::glue:startJobRun.sync",
            "Parameters": {
                "JobName": step.job_name,
                "Arguments": {"--run_id.$": "$.run_id", "--as_of.$": "$.as_of"},
            },
            "ResultPath": None,
            "Retry": _step_retries(),
            "Catch": _catch(step.name),
            "Next": after,
        },
        **failed_step(step.name, step.name),
    }


def _read_product_states(step: ReadProductStep, after: str) -> States:
    name = _first_state(step)
    return {
        name: {
            "Type": "Task",
            "Resource": "arn:${AWS::Partition}:states:::states:startExecution.sync:2",
            "Parameters": {
                "StateMachineArn": step.machine_arn,
                "Input": {"as_of.$": "$.as_of", "AWS_STEP_FUNCTIONS_STARTED_BY_EXECUTION_ID.$": "$$.Execution.Id"},
            },
            "ResultPath": None,
            "Catch": _catch(name),
            "Next": after,
        },
        f"{name}Failed": {
            "Type": "Pass",
            "Parameters": {
                "step": name,
                "line.$": f"States.Format('{step.product}, which it reads, failed ({{}}); the message about that run"
                " says why', $.failure.Error)",
            },
            "ResultPath": "$.said",
            "Next": "Notify",
        },
    }


def _step_retries() -> list[State]:
    """The services' own errors patiently; anything else once, as a machine may have been lost."""
    return [retry(_SERVICE_ERRORS, seconds=30, attempts=6), retry(["States.ALL"], seconds=60, attempts=1)]


def _catch(name: str) -> list[State]:
    return [{"ErrorEquals": ["States.ALL"], "ResultPath": "$.failure", "Next": f"{name}Failed"}]
