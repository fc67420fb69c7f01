"""Retries that the rows of a fleet share: a service that refuses or does not answer is left alone for a while."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import pytest

from iamcheck.aws.clients import call, make_client
from iamcheck.aws.limits import Deadline
from iamcheck.aws.patience import MOST_REFUSALS, Patience
from iamcheck.errors import AwsUnavailableError
from tests.server import error
from tests.server.faults import FAULTS, Storm

if TYPE_CHECKING:
    from typing import Any

    from tests.server import Answer, Call, LoopbackAws

WHO = "sts:GetCallerIdentity"


class Throttling:
    """Refuses all calls while it is on."""

    def __init__(self) -> None:
        self.is_on = True

    def __call__(self, call: Call) -> Answer | None:
        return error(call.protocol, 400, "Throttling", "Rate exceeded") if self.is_on else None


class Rows:
    """Rows of a fleet that ask AWS one after another, each call once."""

    def __init__(self, aws: LoopbackAws) -> None:
        self.aws = aws
        self.now = 0.0
        self.account = "account 1"
        self.session = aws.session(attempts=1)
        Patience(lambda: self.now).watch(self.session.events, lambda: self.account)

    def client(self, service: str = "sts", **more: Any) -> Any:  # noqa: ANN401  boto3 makes its clients' classes at run time
        return make_client(self.session, service, **more)

    def ask(self, times: int, client: object, operation: str = WHO) -> int:
        """How many of so many calls reach the server."""
        before = len(self.aws.calls)
        for _ in range(times):
            with pytest.raises(AwsUnavailableError):
                call(client, operation)
        return len(self.aws.calls) - before


@pytest.fixture
def rows(aws: LoopbackAws) -> Rows:
    return Rows(aws)


def test_a_service_that_refuses_is_asked_ever_more_rarely_until_it_answers(rows: Rows, aws: LoopbackAws) -> None:
    throttling = Throttling()
    aws.hook("*", throttling)
    client = rows.client()
    assert rows.ask(50, client) == MOST_REFUSALS
    for pause in (20, 40, 80, 160, 320, 320):
        rows.now += pause - 1
        assert rows.ask(10, client) == 0
        rows.now += 1
        assert rows.ask(10, client) == 1
    rows.now += 320
    throttling.is_on = False
    assert call(client, WHO).text("Account")
    throttling.is_on = True
    assert rows.ask(50, client) == MOST_REFUSALS


def test_other_accounts_services_and_regions_are_asked_all_the_same(rows: Rows, aws: LoopbackAws) -> None:
    aws.hook("*", Throttling())
    client = rows.client()
    rows.ask(MOST_REFUSALS, client)
    assert rows.ask(1, rows.client("iam"), "iam:ListUsers") == 1
    assert rows.ask(1, rows.client(region="eu-central-1")) == 1
    assert rows.ask(1, client) == 0
    rows.account = "account 2"
    assert rows.ask(1, client) == 1


def test_refusals_that_are_not_in_a_row_cost_nothing(rows: Rows, aws: LoopbackAws) -> None:
    throttling = Throttling()
    aws.hook("*", throttling)
    client = rows.client()
    for _ in range(5):
        throttling.is_on = True
        assert rows.ask(MOST_REFUSALS - 1, client) == MOST_REFUSALS - 1
        throttling.is_on = False
        call(client, WHO)


@pytest.mark.parametrize(
    ("fault", "most"),
    [
        ("a server error", MOST_REFUSALS),
        ("unavailable", MOST_REFUSALS),
        ("a page of an error", MOST_REFUSALS),
        ("reset before", 2),
    ],
)
def test_what_is_no_answer_of_the_service_counts(fault: str, most: int, rows: Rows, aws: LoopbackAws) -> None:
    aws.wrap("*", Storm(lambda _call, _number: FAULTS[fault]))
    assert rows.ask(30, rows.client()) == most


def test_a_denial_is_an_answer(rows: Rows, aws: LoopbackAws) -> None:
    aws.deny("iam:ListUsers")
    assert rows.ask(30, rows.client("iam"), "iam:ListUsers") == 30


def test_a_row_that_ends_while_it_waits_tells_that_there_is_no_answer(aws: LoopbackAws, silent_host: str) -> None:
    session = aws.session(attempts=1)
    Patience(time.monotonic).watch(session.events, lambda: "account 1")
    client = make_client(session, "sts", endpoint_url=silent_host)
    reasons = []
    for _ in range(4):
        with pytest.raises(AwsUnavailableError) as caught:
            call(client, WHO, Deadline.after(0.05, time.monotonic))
        reasons.append(caught.value.reason)
    assert ["time limit" in one for one in reasons] == [True, True, False, False]
    assert all("is left alone" in one and "no answer" in one for one in reasons[2:])
