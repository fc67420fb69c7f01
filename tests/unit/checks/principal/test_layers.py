"""Which layers are judged, and which are assumed to be empty: as given, else as read, else open."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

import iamcheck

if TYPE_CHECKING:
    from collections.abc import Mapping

    from iamcheck.checks.report import Report

ACCOUNT = "123456789012"
KEY = f"arn:aws:kms:eu-west-1:{ACCOUNT}:key/1234abcd-12ab-34cd-56ef-1234567890ab"
PLACE: dict[str, Any] = {"region": "eu-west-1", "account_id": ACCOUNT}
VARIANT = {"VariantName": "all", "ModelName": "churn", "InstanceType": "ml.m5.large", "InitialInstanceCount": 1}
ALLOW: dict[str, Any] = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}],
}
DELEGATES: dict[str, Any] = {
    "Version": "2012-10-17",
    "Statement": [
        {
            "Effect": "Allow",
            "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:root"},
            "Action": "kms:*",
            "Resource": "*",
        }
    ],
}


def report_of(*, key: bool = False, **words: Any) -> Report:  # noqa: ANN401  any keyword
    """The report about real requests, whose volumes are encrypted with a key or not."""
    config = {"EndpointConfigName": "churn-v7", "ProductionVariants": [VARIANT], **({"KmsKeyId": KEY} if key else {})}
    deployment = iamcheck.Deployment.from_requests(
        create_endpoint={"EndpointName": "churn", "EndpointConfigName": "churn-v7"},
        create_endpoint_config=config,
        **PLACE,
    )
    return iamcheck.check(deployment, offline=True, resource_policies={KEY: DELEGATES} if key else None, **words)


def assumed(report: Report) -> set[str]:
    """The layers that are assumed, and that nobody can read."""
    texts = [str(one) for one in report.assumptions]
    names = {"identity": "identity policy", "boundary": "permissions boundary", "scps": "SCPs", "rcps": "RCPs"}
    found = {name for name, text in names.items() if any(text in one for one in texts)}
    return found | ({"session"} if any("session policy" in one for one in texts) else set())


WHOLE = iamcheck.PolicySet(identity=[iamcheck.Policy.parse(ALLOW)])


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ({"policies": [ALLOW]}, {"boundary", "scps", "session"}),
        ({"policies": [ALLOW], "boundary": ALLOW}, {"scps", "session"}),
        ({"policies": [ALLOW], "scps": [[ALLOW]]}, {"boundary", "session"}),
        ({"policies": [ALLOW], "scps": []}, {"boundary", "session"}),
        ({"policies": [ALLOW], "organizations": "ignore"}, {"boundary", "scps", "session"}),
        ({"scps": [[ALLOW]]}, {"identity", "boundary", "session"}),
        ({"policies": WHOLE}, {"session"}),
        ({"policies": [ALLOW], "key": True}, {"boundary", "scps", "rcps", "session"}),
        ({"policies": [ALLOW], "key": True, "rcps": []}, {"boundary", "scps", "session"}),
        ({"policies": WHOLE, "key": True}, {"session"}),
    ],
)
def test_a_layer_is_assumed_where_nobody_gave_it_and_it_can_touch_a_call(
    words: Mapping[str, Any], expected: set[str]
) -> None:
    report = report_of(**words)
    assert str(report.verdict) == "pass"
    assert assumed(report) == expected
    # what nobody can read settles nothing, and does not count
    strict = report_of(strict=True, **words)
    assert str(strict.verdict) == ("pass" if expected == {"session"} else "unknown")


def test_strict_passes_where_every_layer_that_can_be_given_was_given() -> None:
    every: dict[str, Any] = {"policies": [ALLOW], "boundary": ALLOW, "scps": [[ALLOW]], "strict": True}
    assert str(report_of(**every).verdict) == "pass"
    assert str(report_of(key=True, **every).verdict) == "unknown"
    assert str(report_of(key=True, rcps=[], **every).verdict) == "pass"
    without_boundary = report_of(policies=[ALLOW], scps=[[ALLOW]], strict=True)
    (cure,) = (one.remedy for one in without_boundary.checks if one.id == "principal.allowed")
    assert cure is not None
    assert cure.text == "to settle them, give --boundary"


@pytest.mark.parametrize("layer", ["identity", "boundary", "scps"])
def test_a_layer_that_is_unread_leaves_the_decision_open(layer: str) -> None:
    layers: dict[str, Any] = {"identity": [iamcheck.Policy.parse(ALLOW)], layer: iamcheck.UNREAD}
    report = report_of(policies=iamcheck.PolicySet(**layers))
    assert str(report.verdict) == "unknown"


LINKED = f"arn:aws:iam::{ACCOUNT}:role/aws-service-role/x.amazonaws.com/AWSServiceRoleForX"
DENY: dict[str, Any] = {"Version": "2012-10-17", "Statement": [{"Effect": "Deny", "Action": "*", "Resource": "*"}]}
DENYING = iamcheck.PolicySet(identity=[iamcheck.Policy.parse(ALLOW)], scps=[[iamcheck.Policy.parse(DENY)]])


@pytest.mark.parametrize("words", [{"policies": [ALLOW], "scps": [[ALLOW], [DENY]]}, {"policies": DENYING}])
def test_no_scp_counts_for_a_service_linked_role(words: Mapping[str, Any]) -> None:
    # https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_scps.html
    assert str(report_of(principal=f"arn:aws:iam::{ACCOUNT}:role/ci", **words).verdict) == "fail"
    # only a path makes a role a service-linked one
    assert str(report_of(principal=f"arn:aws:iam::{ACCOUNT}:role/AWSServiceRoleForX", **words).verdict) == "fail"
    report = report_of(principal=LINKED, **words)
    assert str(report.verdict) == "pass"
    assert any("service-linked role" in str(one) for one in report.assumptions)
    # a boundary of its own counts as ever
    assert str(report_of(principal=LINKED, policies=[ALLOW], boundary=DENY).verdict) == "fail"


OTHER = "999999999999"
ELSEWHERE = f"arn:aws:iam::{OTHER}:role/exec"
GRANTS: dict[str, Any] = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "*", "Resource": "*"}],
}


@pytest.mark.parametrize(
    "words",
    [
        {"policies": [ALLOW]},
        {"policies": [ALLOW], "resource_policies": {ELSEWHERE: GRANTS}},
        {"policies": [ALLOW], "scps": [[DENY]]},
        {"policies": [{**ALLOW, "Statement": [{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}]}]},
    ],
)
def test_no_policy_lets_anybody_pass_a_role_of_another_account(words: Mapping[str, Any]) -> None:
    # https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_use_passrole.html
    config = {"EndpointConfigName": "churn-v7", "ProductionVariants": [VARIANT], "ExecutionRoleArn": ELSEWHERE}
    deployment = iamcheck.Deployment.from_requests(
        create_endpoint={"EndpointName": "churn", "EndpointConfigName": "churn-v7"},
        create_endpoint_config=config,
        **PLACE,
    )
    caller = f"arn:aws:iam::{ACCOUNT}:role/ci"
    report = iamcheck.check(deployment, offline=True, principal=caller, **words)
    (result,) = [check for check in report.checks if check.id == "principal.allowed"]
    assert result.status.value == "fail"
    (passed,) = [fact for fact in result.evidence if fact.action == "iam:PassRole"]
    assert passed.status.value == "fail"
    assert result.remedy is not None
    assert f"name a role of account {ACCOUNT} in the request" in result.remedy.text
    assert result.remedy.policy is None
    assert "resource policy" not in result.remedy.text
    asked = [text for text in result.remedy.text.split("; ") if "ask " in text]
    assert not [text for text in asked if ELSEWHERE in text]
