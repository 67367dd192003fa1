"""The end of a run that fails: its error line is found, told, and what the execution fails with."""

from __future__ import annotations

from typing import Any

State = dict[str, Any]
States = dict[str, State]

_FAILED = "Failed"


def failed_step(name: str, called: str) -> States:
    """Where a step goes that failed: its name is kept, then the error line is looked for."""
    return {f"{name}Failed": {"Type": "Pass", "Result": {"step": called}, "ResultPath": "$.said", "Next": "WhoFailed"}}


def failure_states(product: str, topic_arn: str) -> States:
    """Find the error line in what the service says of the failure, tell it, and fail with it."""
    return {
        "WhoFailed": {
            "Type": "Choice",
            "Choices": [
                {"Variable": "$.failure.Cause", "IsPresent": False, "Next": "KeepError"},
                {"Variable": "$.failure.Cause", "StringMatches": '{*"ErrorMessage":*}', "Next": "ReadJobRun"},
                {"Variable": "$.failure.Cause", "StringMatches": '{*"errorMessage":*}', "Next": "ReadFunctionError"},
            ],
            "Default": "KeepCause",
        },
        **_reading("ReadJobRun", "ErrorMessage"),
        **_reading("ReadFunctionError", "errorMessage"),
        "KeepCause": {
            "Type": "Pass",
            "Parameters": {
                "step.$": "$.said.step",
                "line.$": "States.Format('{}: {}', $.failure.Error, $.failure.Cause)",
            },
            "ResultPath": "$.said",
            "Next": "Notify",
        },
        "KeepError": {
            "Type": "Pass",
            "Parameters": {"step.$": "$.said.step", "line.$": "$.failure.Error"},
            "ResultPath": "$.said",
            "Next": "Notify",
        },
        "Notify": {
            "Type": "Task",
            "Resource": "arn:${AWS::Partition}:states:::sns:publish",
            "Parameters": {
                "TopicArn": topic_arn,
                "Subject.$": f"States.Format('{product} failed at {{}}', $.said.step)",
                "Message.$": "States.Format('{}\n\nproduct: {}\nstep: {}\nrun: {}\nas of: {}\nexecution: {}\n\n"
                "Correct what the line says and start the state machine again: it goes on where it stopped.',"
                " $.said.line, $.product, $.said.step, $.run_id, $.as_of, $.execution)",
            },
            "ResultPath": None,
            "Retry": [retry(["States.ALL"], seconds=5, attempts=5)],
            "Catch": [{"ErrorEquals": ["States.ALL"], "ResultPath": None, "Next": _FAILED}],
            "Next": _FAILED,
        },
        _FAILED: {"Type": "Fail", "Error": "RunFailed", "CausePath": "$.said.line"},
    }


def _reading(name: str, field: str) -> States:
    return {
        name: {
            "Type": "Pass",
            "Parameters": {"cause.$": "States.StringToJson($.failure.Cause)", "step.$": "$.said.step"},
            "ResultPath": "$.said",
            "Next": f"{name}Line",
        },
        f"{name}Line": {
            "Type": "Pass",
            "Parameters": {"step.$": "$.said.step", "line.$": f"$.said.cause.{field}"},
            "ResultPath": "$.said",
            "Next": "Notify",
        },
    }


def retry(errors: list[str], *, seconds: int, attempts: int) -> State:
    """Repeat after these errors, with twice the time between each two attempts."""
    return {"ErrorEquals": errors, "IntervalSeconds": seconds, "MaxAttempts": attempts, "BackoffRate": 2}
