"""The state machines as they are synthesised, executed by moto."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from annotated_types import Le
from infra.context import Sizes
from moto.stepfunctions.parser.models import StepFunctionsParserBackend
from moto_state_machine import emulated, resolved
from synthesised import Synthesised

from medallion.catalog import PRODUCTS

MOST_EVENTS = 25_000  # of an execution; the one after them fails it
EVENTS = {"Task": 5, "Choice": 2, "Pass": 2, "Wait": 2}  # a state's: entered and exited; scheduled, started, succeeded
# What a run can go through again and again until its time-out, each with the pause at its end.
ROUNDS = [
    ["LookForOthers", "IsAnyListed", "Oldest", "IsOldest", "WaitForOthers"],
    ["DriveIngest", "DriveIngestFinished", "DriveIngestPause"],
    ["SourceLoad", "SourceLoadFinished", "SourceLoadPause"],
]
FINISHED, UNFINISHED = {"done": True}, {"done": False}


def restaurant_states(templates: Synthesised) -> dict[str, Any]:
    """The states of the restaurant's machine, as they are deployed."""
    machine = templates.of("AWS::StepFunctions::StateMachine", "restaurant")
    states: dict[str, Any] = resolved(machine["DefinitionString"], {})["States"]
    return states


def pauses(templates: Synthesised) -> dict[str, int]:
    """Seconds of each wait."""
    states = restaurant_states(templates).items()
    return {name: state["Seconds"] for name, state in states if state["Type"] == "Wait"}


def never(layer: str, attempt: int) -> None:
    return None


def failing(layer: str, message: str, times: int = 99) -> Callable[[str, int], str | None]:
    """The first runs of one layer's job fail."""
    return lambda one, attempt: message if one == layer and attempt <= times else None


def test_a_run_ingests_loads_and_builds_layer_by_layer(prod: Synthesised) -> None:
    with emulated(prod, answers=[FINISHED, FINISHED], fails=never) as aws:
        ended = aws.run("restaurant")
        entered = [name for name in aws.states(ended["executionArn"]) if not name.endswith("Finished")]
    assert (ended["status"], entered[-6:]) == (
        "SUCCEEDED",
        ["DriveIngest", "SourceLoad", "Bronze", "Silver", "Gold", "Done"],
    )


def test_every_job_is_given_the_runs_id_and_the_as_of_date(prod: Synthesised) -> None:
    with emulated(prod, answers=[FINISHED, FINISHED], fails=never) as aws:
        aws.run("restaurant", {"as_of": "2024-02-21"}, name="night-7")
        given = [aws.job_arguments("restaurant", layer) for layer in ("Bronze", "Silver", "Gold")]
    assert given == [[{"--run_id": "night-7", "--as_of": "2024-02-21"}]] * 3


def test_without_an_as_of_date_the_run_takes_the_newest_day_of_its_data(prod: Synthesised) -> None:
    with emulated(prod, answers=[], fails=never) as aws:
        aws.run("sales_crm", {})
        given = aws.job_arguments("sales_crm", "Gold")
    assert given == [{"--run_id": "run-1", "--as_of": "latest"}]


def test_a_function_is_invoked_again_until_it_is_finished(prod: Synthesised) -> None:
    with emulated(prod, answers=[UNFINISHED, UNFINISHED, FINISHED, FINISHED], fails=never) as aws:
        ended = aws.run("restaurant")
        entered = aws.states(ended["executionArn"])
    assert (ended["status"], entered.count("DriveIngest"), entered.count("SourceLoad")) == ("SUCCEEDED", 3, 1)


def test_a_function_that_is_not_finished_is_left_alone_for_a_minute(prod: Synthesised) -> None:
    with emulated(prod, answers=[UNFINISHED, FINISHED, UNFINISHED, FINISHED], fails=never) as aws:
        entered = aws.states(aws.run("restaurant")["executionArn"])
    first = entered.index("DriveIngest")
    assert entered[first : entered.index("Bronze")] == [
        *("DriveIngest", "DriveIngestFinished", "DriveIngestPause", "DriveIngest", "DriveIngestFinished"),
        *("SourceLoad", "SourceLoadFinished", "SourceLoadPause", "SourceLoad", "SourceLoadFinished"),
    ]
    assert pauses(prod) == {"WaitForOthers": 60, "DriveIngestPause": 60, "SourceLoadPause": 60}


def test_a_run_of_the_longest_time_out_has_fewer_events_than_step_functions_takes(prod: Synthesised) -> None:
    (longest,) = (one.le for one in Sizes.model_fields["run_timeout_minutes"].metadata if isinstance(one, Le))
    states = restaurant_states(prod)
    for round_ in ROUNDS:
        events = sum(EVENTS[states[name]["Type"]] for name in round_)
        assert events * longest * 60 / states[round_[-1]]["Seconds"] < MOST_EVENTS, round_
    assert {round_[-1] for round_ in ROUNDS} == {*pauses(prod)}


def test_a_job_that_fails_once_is_repeated_and_the_run_succeeds(prod: Synthesised) -> None:
    with emulated(prod, answers=[], fails=failing("Silver", "a worker was lost", times=1)) as aws:
        ended = aws.run("sales_crm")
        runs = len(aws.job_arguments("sales_crm", "Silver"))
        said = aws.messages()
    assert (ended["status"], runs, said) == ("SUCCEEDED", 2, [])


def test_a_job_that_fails_again_stops_the_run_and_its_error_line_is_told(prod: Synthesised) -> None:
    line = "AuditError: sales_crm: check 'email.not_null' did not hold for 3 rows; correct them"
    with emulated(prod, answers=[], fails=failing("Silver", line)) as aws:
        ended = aws.run("sales_crm", {"as_of": "2024-02-21"}, name="night-7")
        silver, gold = (len(aws.job_arguments("sales_crm", layer)) for layer in ("Silver", "Gold"))
        (said,) = aws.messages()
    assert (ended["status"], ended["error"], ended["cause"], silver, gold) == ("FAILED", "RunFailed", line, 2, 0)
    assert said["Subject"] == "sales_crm failed at Silver"
    assert said["Message"].splitlines()[:6] == [
        line,
        "",
        "product: sales_crm",
        "step: Silver",
        "run: night-7",
        "as of: 2024-02-21",
    ]


def test_a_second_run_waits_until_the_first_has_ended(prod: Synthesised) -> None:
    with emulated(prod, answers=[], fails=never) as aws:
        first = aws.start("sales_crm", {}, "by-schedule")
        second = aws.start("sales_crm", {}, "by-hand")
        ends = [aws.end(first), aws.end(second)]
        waited = aws.states(second).count("WaitForOthers")
    assert [end["status"] for end in ends] == ["SUCCEEDED", "SUCCEEDED"]
    assert waited >= 1
    assert ends[0]["stopDate"] <= ends[1]["stopDate"]


def test_a_list_of_runs_in_which_not_even_this_one_is_yet_is_looked_at_again(
    prod: Synthesised, monkeypatch: pytest.MonkeyPatch
) -> None:
    listed, late = StepFunctionsParserBackend.list_executions, [([], None)]

    def lagging(*given: Any, **named: Any) -> Any:
        return late.pop() if late else listed(*given, **named)

    monkeypatch.setattr(StepFunctionsParserBackend, "list_executions", lagging)
    with emulated(prod, answers=[], fails=never) as aws:
        ended = aws.run("sales_crm")
        entered = aws.states(ended["executionArn"])
    assert (ended["status"], late, entered.count("WaitForOthers")) == ("SUCCEEDED", [], 1)


@pytest.mark.parametrize("as_of", [20240221, None, {"day": "2024-02-21"}])
def test_an_as_of_that_is_no_text_is_refused_and_never_taken_for_none(prod: Synthesised, as_of: Any) -> None:
    with emulated(prod, answers=[], fails=never) as aws:
        ended = aws.run("sales_crm", {"as_of": as_of})
        bronze = aws.job_arguments("sales_crm", "Bronze")
    assert (ended["status"], ended["error"], bronze) == ("FAILED", "RunFailed", [])
    assert ended["cause"] == (
        'input as_of: is no text; write for example {"as_of": "2024-02-21"}, or {} for the newest day'
    )


def test_a_product_is_run_after_those_that_it_reads(prod: Synthesised) -> None:
    with emulated(prod, answers=[], fails=never) as aws:
        ended = aws.run("marketing_360", {"as_of": "2024-06-30"})
        entered = [name for name in aws.states(ended["executionArn"]) if name.startswith("Run_")]
        theirs = [aws.job_arguments(name, "Gold")[0]["--as_of"] for name in ("sales_crm", "sales_erp", "logistics_wms")]
    assert (ended["status"], sorted(entered)) == (
        "SUCCEEDED",
        ["Run_logistics_wms", "Run_sales_crm", "Run_sales_erp"],
    )
    assert theirs == ["2024-06-30"] * 3


def test_where_a_product_that_it_reads_fails_a_product_is_not_built(prod: Synthesised) -> None:
    with emulated(prod, answers=[], fails=failing("Bronze", "InputError: crm.customers: is missing")) as aws:
        ended = aws.run("marketing_360")
        built = aws.job_arguments("marketing_360", "Silver")
        said = {message["Subject"] for message in aws.messages()}
    assert (ended["status"], built) == ("FAILED", [])
    assert ended["cause"].endswith("which it reads, failed (States.TaskFailed); the message about that run says why")
    assert len(said) == 2


def test_the_machine_of_every_product_runs_to_its_end(prod: Synthesised) -> None:
    with emulated(prod, answers=[FINISHED] * 3, fails=never) as aws:
        ends = {product.name: aws.run(product.name)["status"] for product in PRODUCTS}
    assert {*ends.values()} == {"SUCCEEDED"}


def test_the_error_line_of_a_function_is_told(prod: Synthesised) -> None:
    raised = {"errorMessage": "folder: the service account may not read it; share it", "errorType": "InputError"}
    with emulated(prod, answers=[raised, raised], fails=never) as aws:
        ended = aws.run("restaurant")
        (said,) = aws.messages()
    assert (ended["status"], said["Subject"]) == ("FAILED", "restaurant failed at DriveIngest")
    assert said["Message"].splitlines()[0] == raised["errorMessage"]


def test_an_error_of_a_service_is_told_as_it_is(prod: Synthesised) -> None:
    with emulated(prod, answers=[], fails=never) as aws:
        aws.forget_job("sales_crm", "Bronze")
        ended = aws.run("sales_crm")
        (said,) = aws.messages()
    assert (ended["status"], said["Subject"]) == ("FAILED", "sales_crm failed at Bronze")
    assert said["Message"].startswith("Glue.EntityNotFoundException: ")
