"""An argument of another type is refused by name, at every door of the library: it never means something else.

A text in place of a list would be a list of letters, an empty text no value at all, and a generator is empty the second
time.
"""

from __future__ import annotations

from inspect import signature
from pathlib import Path
from typing import Any, Final

import pytest

import iamcheck
from iamcheck.errors import IamcheckError

ALLOW: Final[dict[str, Any]] = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}],
}
DENY: Final[dict[str, Any]] = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Deny", "Action": "*", "Resource": "*"}],
}
HERE: Final[dict[str, Any]] = {"region": "eu-west-1", "account_id": "123456789012"}
PARSED: Final = iamcheck.Policy.parse(ALLOW, name="allow")
ODD: Final[tuple[Any, ...]] = (
    *(b"x", Path("x"), 1, 1.5, True, "", "x", "x" * 5000, [], ["x"], [None], [1], {}, {"x": 1}, {1: 2}, (), set()),
    *(object(), float("nan"), range(2), iter([1]), lambda: 0),
)


def deployment() -> iamcheck.Deployment:
    return iamcheck.Deployment("churn", "churn-v7", **HERE)


def given(keywords: dict[str, Any], name: str, value: Any) -> dict[str, Any]:  # noqa: ANN401  anything at all
    return {**keywords, name: value}


CHECK: Final[dict[str, Any]] = {"offline": True, "policies": [ALLOW], "scps": [["FullAWSAccess"]]}
REQUESTS: Final[dict[str, Any]] = {
    "create_endpoint": {"EndpointName": "churn", "EndpointConfigName": "churn-v7"},
    **HERE,
}
REQUEST: Final[dict[str, Any]] = {
    "action": "sagemaker:CreateEndpoint",
    "resource": "arn:aws:sagemaker:eu-west-1:123456789012:endpoint/churn",
}
DOORS: Final[dict[str, tuple[Any, dict[str, Any], frozenset[str]]]] = {
    # the function, keywords that it takes, and parameters that are tried elsewhere
    "check": (lambda **words: iamcheck.check(deployment(), **words), CHECK, frozenset({"deployment"})),
    "from_requests": (iamcheck.Deployment.from_requests, REQUESTS, frozenset({"others"})),
    "deployments_from_file": (
        iamcheck.deployments_from_file,
        {"path": str(Path(__file__).parents[1] / "cases/templates/kms.yaml"), **HERE},
        frozenset(),
    ),
    "generate_policy": (
        lambda **words: iamcheck.generate_policy(**{"deployment": deployment(), **words}),
        {},
        frozenset(),
    ),
    "Request": (iamcheck.Request, REQUEST, frozenset()),
    "PolicySet": (iamcheck.PolicySet, {"identity": [PARSED]}, frozenset()),
    "LocalIAM": (iamcheck.LocalIAM, {"account_id": "123456789012"}, frozenset()),
}
SIGNATURES: Final = {
    "check": iamcheck.check,
    "generate_policy": iamcheck.generate_policy,
    "from_requests": iamcheck.Deployment.from_requests,
}
PARAMETERS: Final = [
    (door, name)
    for door, (function, _, elsewhere) in DOORS.items()
    for name in signature(SIGNATURES.get(door, function)).parameters
    if name not in elsewhere
]


@pytest.mark.parametrize(("door", "name"), PARAMETERS)
def test_a_value_of_any_type_is_taken_or_refused_in_one_line(door: str, name: str) -> None:
    function, keywords, _ = DOORS[door]
    refusals = []

    for value in ODD:
        try:
            function(**given(keywords, name, value))
        except IamcheckError as error:
            refusals.append(str(error))

    assert refusals
    assert not any("\n" in text for text in refusals)


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("offline", ("false", "", 0, 1, [])),
        ("strict", ("true", "", 0, 1, [])),
        ("absent", ("aws:SourceIp", "", {"aws:SourceIp": ""}, [1])),
        ("checks", ("sts.active", "")),
        ("skip", ("sts.active", "")),
        ("async_inputs", ("s3://bucket/in/", "")),
        ("model_data_keys", ("alias/key", "")),
        ("scps", ("FullAWSAccess", "", {}, False, 0)),
        ("rcps", ("", {}, False)),
        ("policies", ("", {}, False, 1)),
        ("session_policies", ("", {}, False)),
        ("context", ("", [], False, {1: "x"})),
        ("resource_policies", ("", [], False)),
        ("create_models", ("", {}, [None], False)),
        ("timeout", ("", float("nan"), True, "60")),
        ("session", ("", 1, {}, "default")),
    ],
)
def test_a_keyword_of_check_that_would_mean_nothing_or_something_else_is_refused(name: str, values: Any) -> None:  # noqa: ANN401
    for value in values:
        with pytest.raises(iamcheck.InvalidInputError, match=name):
            iamcheck.check(deployment(), **given(CHECK, name, value))


def test_what_can_be_gone_through_once_alone_counts_every_time() -> None:
    deny = iamcheck.Policy.parse(DENY, name="deny")
    policies = iamcheck.PolicySet(identity=iter([PARSED]), scps=(level for level in [[PARSED, deny]]))  # type: ignore[arg-type]  # what is tried
    request = iamcheck.Request(**REQUEST)

    assert [iamcheck.evaluate(request, policies).allowed for _ in range(2)] == [False, False]
    several = iamcheck.generate_policy(one for one in [deployment()])  # type: ignore[arg-type]  # what is tried
    assert several == iamcheck.generate_policy(deployment())
    scps = (level for level in [["FullAWSAccess", DENY]])
    reports = iamcheck.check_all([deployment(), deployment()], **{**CHECK, "scps": scps})
    assert [report.verdict for report in reports.reports] == ["fail", "fail"]


@pytest.mark.parametrize(
    "value", [None, b"x", Path("x"), 1, "churn", {}, {"churn": 1}, [None], ["churn"], [deployment]]
)
def test_what_is_no_deployment_is_refused(value: Any) -> None:  # noqa: ANN401  anything at all
    for door in (iamcheck.check, iamcheck.check_all, lambda one, **words: iamcheck.check_all([one], **words)):
        if value == {} and door is iamcheck.check_all:
            continue
        with pytest.raises(iamcheck.InvalidInputError):
            door(value, **CHECK)
    with pytest.raises(iamcheck.InvalidInputError):
        iamcheck.generate_policy(value)


@pytest.mark.parametrize("value", [None, b"x", 1, "x", [], {}, object()])
def test_evaluate_takes_a_request_and_a_policy_set_alone(value: Any) -> None:  # noqa: ANN401  anything at all
    request, policies = iamcheck.Request(**REQUEST), iamcheck.PolicySet(identity=[PARSED])

    for words in ((value, policies), (request, value)):
        with pytest.raises(iamcheck.InvalidInputError):
            iamcheck.evaluate(*words)
    with pytest.raises(iamcheck.InvalidInputError, match="semantics"):
        iamcheck.evaluate(request, policies, semantics=value)


@pytest.mark.parametrize("value", ["missing", "present", 1, 0, ""])
def test_whether_a_role_is_there_is_a_truth_value(value: Any) -> None:  # noqa: ANN401  anything at all
    """The command line's word for it would be true, whatever it says."""
    with pytest.raises(iamcheck.InvalidInputError, match="service_linked_role"):
        iamcheck.Deployment.from_requests(**REQUESTS, service_linked_role=value)


def test_no_account_is_no_account_of_zeros() -> None:
    with pytest.raises(iamcheck.InvalidInputError, match="account_id"):
        iamcheck.Deployment.from_requests(**{**REQUESTS, "account_id": ""})
