"""`simulate` with AWS's simulator: the pages that are asked for, and what is made of whole answers."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError

from iamcheck.errors import IamcheckError
from iamcheck.simulators.simulate import read_inputs, simulate
from tests.answers.aws import Prepared, page_of, result_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from tests.server import LoopbackAws

ALLOW = '{"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "s3:Get*", "Resource": "*"}}'
ONE, TWO = "arn:aws:s3:::b/one", "arn:aws:s3:::b/two"
WORDS: dict[str, list[str]] = {
    "PolicyInputList": [ALLOW],
    "ActionNames": ["s3:GetObject", "s3:GetObjectAcl", "s3:PutObject"],
}

Json = dict[str, Any]


def about(name: str, decision: str = "allowed") -> Json:
    return {"EvalActionName": f"s3:{name}", "EvalResourceName": "*", "EvalDecision": decision}


GET, ACL, PUT = about("GetObject"), about("GetObjectAcl"), about("PutObject", "implicitDeny")


def refused(code: str, message: str) -> ClientError:
    error: Any = {"Error": {"Code": code, "Message": message}, "ResponseMetadata": {"HTTPStatusCode": 400}}
    return ClientError(error, "SimulateCustomPolicy")


def lines(words: Mapping[str, list[str]]) -> list[str]:
    try:
        simulated = simulate(read_inputs({**WORDS, **words}), engine="aws", region="eu-west-1")
    except IamcheckError as error:
        return [re.sub(r" at http://[0-9.]+:[0-9]+", "", f"{type(error).__name__}: {error}")]
    answers = [
        f"{one.evaluation.request.action} {one.decision.value} {one.allowed} {one.agreed}" for one in simulated.answers
    ]
    results: Any = simulated.response["EvaluationResults"]
    response = {key: value for key, value in simulated.response.items() if key != "EvaluationResults"}
    return [f"{simulated.verdict.value} {simulated.engine} {response} {len(results)}", *answers, *simulated.doubts()]


ALL = ["s3:GetObject allowed True True", "s3:GetObjectAcl allowed True True", "s3:PutObject implicitDeny False True"]
NOT_ABOUT = (
    "AwsUnavailableError: iam:SimulateCustomPolicy: the answer cannot be understood: it is not about the actions and "
    "resources that were asked"
)


@pytest.mark.parametrize(
    ("words", "answers", "asked", "says"),
    [
        ({}, [page_of(GET, ACL, PUT, IsTruncated=False)], [(None, None)], ["fail aws {'IsTruncated': False} 3", *ALL]),
        (
            {},
            [
                page_of(GET, IsTruncated=True, Marker="a"),
                page_of(ACL, IsTruncated=True, Marker="b"),
                page_of(PUT, IsTruncated=False),
            ],
            [(None, None), (None, "a"), (None, "b")],
            ["fail aws {'IsTruncated': False} 3", *ALL],
        ),
        (
            {"MaxItems": ["2"]},
            [page_of(GET, IsTruncated=True, Marker="a"), page_of(ACL, IsTruncated=True, Marker="b")],
            [("2", None), ("1", "a")],
            [
                "unknown aws {'IsTruncated': True, 'Marker': 'b'} 2",
                *ALL[:2],
                "the answer leaves actions out (--max-items): --marker b gives the next",
            ],
        ),
        (
            {"MaxItems": ["3"]},
            [page_of(GET, ACL, PUT, IsTruncated=False)],
            [("3", None)],
            ["fail aws {'IsTruncated': False} 3", *ALL],
        ),
        (
            {},
            [page_of(GET, ACL, IsTruncated=False)],
            [(None, None)],
            ["AwsUnavailableError: iam:SimulateCustomPolicy: the answer cannot be understood: 2 results for 3 actions"],
        ),
        (
            {"MaxItems": ["1"]},
            [page_of(GET, ACL, IsTruncated=False)],
            [("1", None)],
            ["AwsUnavailableError: iam:SimulateCustomPolicy: the answer cannot be understood: 2 results for 1 actions"],
        ),
        ({}, [page_of(GET, PUT, ACL, IsTruncated=False)], [(None, None)], [NOT_ABOUT]),
        ({}, [page_of(GET, ACL, about("PutObject", "maybe"), IsTruncated=False)], [(None, None)], [NOT_ABOUT]),
        (
            {},
            [page_of(GET, about("GetObjectAcl", "explicitDeny"), PUT, IsTruncated=False)],
            [(None, None)],
            [
                "fail aws {'IsTruncated': False} 3",
                ALL[0],
                "s3:GetObjectAcl explicitDeny None False",
                ALL[2],
                "s3:GetObjectAcl on *: AWS's simulator says explicitDeny, the local engine allowed",
            ],
        ),
        (
            {"ActionNames": ["s3:GetObject"], "ResourceArns": [ONE, TWO]},
            [page_of(result_of({ONE: "allowed", TWO: "allowed"}, top="allowed"), IsTruncated=False)],
            [(None, None)],
            ["pass aws {'IsTruncated': False} 1", ALL[0], ALL[0]],
        ),
        (
            {"ActionNames": ["s3:GetObject"], "ResourceArns": [ONE, TWO]},
            [page_of(result_of({TWO: "allowed", ONE: "allowed"}, top="allowed"), IsTruncated=False)],
            [(None, None)],
            [NOT_ABOUT],
        ),
        (
            {},
            [refused("InvalidInput", "Invalid marker for pagination.")],
            [(None, None)],
            ["InvalidInputError: --marker: IAM refuses: Invalid marker for pagination (give the Marker of an answer)"],
        ),
        (
            {},
            [refused("ValidationError", "1 validation error detected: Value at 'policyInputList.1.member' failed")],
            [(None, None)],
            [
                "InvalidInputError: --policy-input-list: IAM refuses: 1 validation error detected: Value at "
                "'policyInputList.1.member' failed (a policy holds 131,072 characters of Latin-1 at most)"
            ],
        ),
        (
            {},
            [refused("InvalidInput", "Something new")],
            [(None, None)],
            ["InvalidInputError: simulate: IAM refuses: Something new"],
        ),
        (
            {},
            [refused("AccessDenied", "Not authorized")],
            [(None, None)],
            ["AwsUnavailableError: iam:SimulateCustomPolicy: AccessDenied: Not authorized"],
        ),
    ],
)
def test_aws_is_asked_and_its_answer_is_read(
    words: Mapping[str, list[str]],
    answers: Sequence[Json | ClientError],
    asked: Sequence[tuple[str | None, str | None]],
    says: Sequence[str],
    aws: LoopbackAws,
    enter: Callable[[Mapping[str, str]], None],
) -> None:
    enter(aws.environment())
    client = Prepared(answers)
    aws.iam.simulator = lambda **_: client
    assert lines(words) == says
    seen = [(one.get("MaxItems"), one.get("Marker")) for one in client.asked]
    assert [(size and str(size), marker) for size, marker in seen] == asked
