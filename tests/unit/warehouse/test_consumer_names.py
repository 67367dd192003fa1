"""Names of consumers: a role or a user that the warehouse can have, and nothing that means more than one."""

from __future__ import annotations

import pytest

from medallion.errors import UsageError
from medallion.warehouse.consumer import Consumer


@pytest.mark.parametrize(
    ("text", "recorded", "principal"),
    [
        ("campaign_tool", "campaign_tool", 'ROLE "campaign_tool"'),
        ("role:campaign_tool", "campaign_tool", 'ROLE "campaign_tool"'),
        ("awsidc:analysts", "awsidc:analysts", 'ROLE "awsidc:analysts"'),
        ("user:ana@example.org", "user:ana@example.org", '"ana@example.org"'),
        ("a" * 127, "a" * 127, f'ROLE "{"a" * 127}"'),
    ],
)
def test_a_consumer_is_a_role_unless_it_says_that_it_is_a_user(text: str, recorded: str, principal: str) -> None:
    consumer = Consumer.parse(text)
    assert (str(consumer), consumer.principal, Consumer.recorded(recorded)) == (recorded, principal, consumer)


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "Campaign",
        "1st",
        "_tool",
        "two words",
        'a"b',
        "a'b",
        "a;b",
        "a\nb",
        "a\x00",
        "prénom",
        "a" * 128,
        "user:",
        "user:A",
    ],
)
def test_a_name_that_is_not_safe_everywhere_is_refused_in_one_line(text: str) -> None:
    with pytest.raises(
        UsageError, match=r"^consumer ['\"].*['\"]: is no safe name; write a role, or user:NAME: "
    ) as caught:
        Consumer.parse(text)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("text", ["public", "user:public", "none", "user", "sys:superuser", "ds:share", "group:all"])
def test_everybody_and_what_belongs_to_the_warehouse_is_no_consumer(text: str) -> None:
    with pytest.raises(UsageError, match=r"is a name of the warehouse itself; name one role or user"):
        Consumer.parse(text)
