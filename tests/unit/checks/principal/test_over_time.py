"""A date of a policy leaves a decision open only where some moment from now on changes it."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from iamcheck import Policy, PolicySet, Request, evaluate
from iamcheck.checks.principal.layers import PrincipalPolicies
from iamcheck.checks.principal.over_time import settled_over_time
from iamcheck.simulators.local import LocalSimulator

NOW = datetime(2026, 11, 27, 12, tzinfo=timezone.utc)
TIME, EPOCH = "aws:CurrentTime", "aws:EpochTime"
PAST, FUTURE = "2020-01-01T00:00:00Z", "2099-01-01T00:00:00Z"
SECONDS = "1577836800"
REQUEST = Request("sagemaker:CreateEndpoint", "arn:aws:sagemaker:eu-west-1:123456789012:endpoint/churn")


def under(*statements: dict[str, Any]) -> PrincipalPolicies:
    everything = {"Action": "*", "Resource": "*"}
    document = {"Version": "2012-10-17", "Statement": [{**everything, **statement} for statement in statements]}
    return PrincipalPolicies(PolicySet(identity=[Policy.parse(document)]))


def decision(policies: PrincipalPolicies, request: Request = REQUEST) -> bool | None:
    (found,) = settled_over_time([request], policies, LocalSimulator(), NOW)
    return evaluate(found, policies.layers).allowed


ALLOW: dict[str, Any] = {"Effect": "Allow"}


def when(operator: str, value: str, key: str = TIME, effect: str = "Allow") -> dict[str, Any]:
    return {"Effect": effect, "Condition": {operator: {key: value}}}


@pytest.mark.parametrize(
    ("statements", "allowed"),
    [
        ([when("DateLessThan", PAST)], False),
        ([when("DateGreaterThan", PAST)], True),
        ([when("DateLessThan", FUTURE)], None),
        ([when("DateGreaterThan", FUTURE)], None),
        ([when("DateEquals", PAST)], False),
        ([when("DateEquals", FUTURE)], None),
        ([when("DateNotEquals", FUTURE)], None),
        ([when("DateLessThanEquals", "2026-11-27T11:59:59Z")], False),
        ([when("DateLessThanEquals", "2026-11-27T12:00:00Z")], None),
        ([when("DateLessThan", "2026-11-27T12:00:00Z")], False),
        ([when("DateGreaterThanEquals", "2026-11-27T12:00:00Z")], True),
        ([when("DateGreaterThan", "2026-11-27T12:00:00Z")], None),
        ([when("DateGreaterThan", SECONDS, EPOCH)], True),
        ([when("DateLessThan", SECONDS, EPOCH)], False),
        ([ALLOW, when("DateLessThan", PAST, effect="Deny")], True),
        ([ALLOW, when("DateGreaterThan", PAST, effect="Deny")], False),
        ([ALLOW, when("DateGreaterThan", FUTURE, effect="Deny")], None),
        # two that take turns: at every moment one of them holds
        ([when("DateLessThan", FUTURE), when("DateGreaterThanEquals", FUTURE)], True),
        ([when("DateLessThan", FUTURE), when("DateGreaterThan", FUTURE)], None),
        # another key is open at every moment
        ([{**when("DateGreaterThan", PAST), "Condition": {"Bool": {"aws:MultiFactorAuthPresent": "true"}}}], None),
        ([when("Null", "false")], True),
        ([when("Null", "true")], False),
        # what is compared as a text is no date
        ([when("StringLike", "2*")], None),
        ([when("DateGreaterThan", PAST), when("StringEquals", "${aws:CurrentTime}", "aws:PrincipalTag/t")], None),
    ],
)
def test_dates_decide_where_no_moment_from_now_on_changes_it(
    statements: list[dict[str, Any]], allowed: bool | None
) -> None:
    assert decision(under(*statements)) is allowed


def test_the_word_of_the_user_counts() -> None:
    policies = under(when("DateLessThan", FUTURE))
    assert decision(policies, Request(REQUEST.action, REQUEST.resource, context={TIME: PAST})) is True
    assert decision(policies, Request(REQUEST.action, REQUEST.resource, absent=[TIME])) is False


OPERATORS = st.sampled_from(
    ["DateEquals", "DateNotEquals", "DateLessThan", "DateLessThanEquals", "DateGreaterThan", "DateGreaterThanEquals"]
)
HOURS = st.integers(-5, 5)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.sampled_from(["Allow", "Deny"]), OPERATORS, HOURS), min_size=1, max_size=4), HOURS)
def test_what_is_decided_holds_at_every_moment(rows: list[tuple[str, str, int]], hour: int) -> None:
    def at(hours: int) -> datetime:
        return NOW + timedelta(hours=hours)

    policies = under(*(when(operator, at(hours).isoformat(), effect=effect) for effect, operator, hours in rows))
    decided = decision(policies)
    moments = [at(hour) + timedelta(milliseconds=step) for step in (-1, 0, 1)]
    answers = {
        evaluate(Request(REQUEST.action, REQUEST.resource, context={TIME: one}), policies.layers).allowed
        for one in moments
        if one >= NOW
    }
    assert decided is None or answers <= {decided}
