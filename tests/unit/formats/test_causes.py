"""What stops a deployment in words: what is denied and what is not certain, and nothing twice."""

from __future__ import annotations

import pytest

from iamcheck.formats.causes import calls_by_resource, causes_of, in_brief, new_evidence
from iamcheck.iam.model import Decision
from iamcheck.results import AwsCall, CheckResult, Evidence, Status

CALL = AwsCall("sts:GetSessionToken", "https://sts.eu-west-1.amazonaws.com", "AccessDenied")
DENIED = Evidence("sagemaker:CreateEndpoint", "arn:x", Decision.IMPLICIT_DENY, certain=True, note="denied")


@pytest.mark.parametrize(
    ("summary", "evidence", "is_new"),
    [
        ("could not ask AWS", Evidence(note="not read: the SCPs"), True),
        ("not read: the SCPs; and more", Evidence(note="not read: the SCPs"), False),
        # a decision is never in a summary, whatever is noted of it
        ("denied", DENIED, True),
        ("denied", Evidence(), True),
        ("could not ask AWS", Evidence(call=CALL), True),
    ],
)
def test_a_note_is_left_out_only_where_the_summary_has_it(summary: str, evidence: Evidence, is_new: bool) -> None:
    check = CheckResult("principal.allowed", Status.UNKNOWN, summary, (evidence,))
    assert (list(new_evidence(check)) == [evidence]) is is_new


UNCERTAIN = Evidence("kms:CreateGrant", "arn:key", Decision.ALLOWED, certain=False, note="it depends on kms:ViaService")
MAYBE_DENIED = Evidence("iam:CreateServiceLinkedRole", "arn:role", Decision.IMPLICIT_DENY, certain=False, note="open")
EITHER_WAY = Evidence("sagemaker:AddTags", "arn:y", Decision.IMPLICIT_DENY, certain=False, is_denied_anyway=True)
FINE = Evidence("sagemaker:DescribeEndpoint", "arn:x", Decision.ALLOWED, certain=True)


@pytest.mark.parametrize(
    ("status", "evidence", "summary"),
    [
        (
            Status.FAIL,
            (FINE, UNCERTAIN, DENIED, MAYBE_DENIED, EITHER_WAY),
            "2 of 5 calls are not allowed, 2 are not certain",
        ),
        (Status.FAIL, (FINE, UNCERTAIN, DENIED), "1 of 3 calls is not allowed, 1 is not certain"),
        (Status.FAIL, (FINE, DENIED, EITHER_WAY), "2 of 3 calls are not allowed"),
        (Status.UNKNOWN, (FINE, UNCERTAIN, MAYBE_DENIED), "2 of 3 calls are not certain"),
    ],
)
def test_what_is_not_certain_is_counted_apart_from_what_is_denied(
    status: Status, evidence: tuple[Evidence, ...], summary: str
) -> None:
    (cause,) = causes_of([CheckResult("principal.allowed", status, "denied", evidence)])
    assert cause.summary == summary
    statuses = [group.status for group in cause.groups]
    assert statuses == sorted(statuses, key=[Status.FAIL, Status.UNKNOWN].index)


@pytest.mark.parametrize(
    ("assumption", "brief"),
    [
        ("assumed: no SCPs apply (none given; --scp gives them)", "no SCPs apply"),
        (
            "EndpointName (t.yaml, line 5, Resources.E) is known only later, and is taken for valid (--set settles it)",
            "EndpointName is known only later, and is taken for valid",
        ),
        ("a pattern is taken for valid (it is a (nested) one)", "a pattern is taken for valid"),
        ("aws:SourceIp is 203.0.113.7, as --context says", "aws:SourceIp is 203.0.113.7, as --context says"),
    ],
)
def test_an_assumption_in_brief_is_a_whole_sentence(assumption: str, brief: str) -> None:
    assert in_brief(assumption) == brief


def test_an_action_that_two_requests_need_on_one_resource_is_named_once() -> None:
    (calls,) = calls_by_resource([DENIED, DENIED])
    assert calls.text == "sagemaker:CreateEndpoint on arn:x"


def test_what_fails_comes_before_what_is_unknown() -> None:
    statuses = (Status.UNKNOWN, Status.FAIL, Status.PASS, Status.UNKNOWN, Status.FAIL)
    checks = [CheckResult(f"{place}", status, f"{place}") for place, status in enumerate(statuses)]
    assert [cause.ids for cause in causes_of(checks)] == ["1", "4", "0", "3"]
