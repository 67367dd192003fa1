"""Who approves an access: not whoever asked, only who is named, and one of several at once."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from medallion.errors import UsageError


def test_whoever_asked_does_not_approve_however_the_name_is_written(office):
    office.ask()
    with pytest.raises(UsageError, match="Carl asked for it; let Shop team approve it, or add --allow-self"):
        office.approve(by="Carl")


def test_an_own_request_is_approved_where_that_is_said_and_that_is_on_record(office, read):
    office.ask()
    assert office.approve(by="carl", more={"allow_self": True}).is_granted
    log = read("SELECT actor, note FROM control.access_event ORDER BY number")
    assert log == [("carl", "reports"), ("carl", "approved by whoever asked")]


@pytest.mark.parametrize(("named", "who"), [(("bea", "dan"), "bea, dan"), ((), "nobody is named")])
def test_only_who_is_named_approves_for_a_team(office, named, who):
    office.ask()
    with pytest.raises(UsageError, match=rf"ana does not approve for its owner, Shop team; let one .*: {who} \("):
        office.approve(more={"approvers": named})


def test_who_is_named_approves_for_a_team(office):
    office.ask()
    assert office.approve(by="bea", more={"approvers": ("bea",)}).is_granted


def test_of_two_simultaneous_approvals_one_wins_and_the_other_is_told(office, read):
    office.ask()

    def approving(name):
        try:
            return office.approve(by=name).state.value
        except UsageError as error:
            return str(error)

    with ThreadPoolExecutor(4) as threads:
        outcomes = list(threads.map(approving, ("ana", "bea", "cid", "dan")))

    ((winner,),) = read("SELECT actor FROM control.access_event WHERE action = 'approved'")
    told = f"shop.figures for tool: was approved already by {winner} on 2026-11-02; there is nothing left to do"
    assert sorted(outcomes) == ["approved", told, told, told]
