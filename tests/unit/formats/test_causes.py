"""What of a check's evidence its summary does not say already."""

from __future__ import annotations

import pytest

from iamcheck.formats.causes import new_evidence
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
