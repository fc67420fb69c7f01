"""`principal.allowed` through the library's door: whose word counts, and what a simulator's answer is worth."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

import iamcheck
from iamcheck.results import Status
from tests.documents import allow, document
from tests.server import Answer

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from iamcheck.checks.report import Report
    from iamcheck.results import CheckResult
    from tests.server import LoopbackAws

ACCOUNT = "123456789012"
CONFIG = f"arn:aws:sagemaker:eu-west-1:{ACCOUNT}:endpoint-config/churn-v7"
ENDPOINT = f"arn:aws:sagemaker:eu-west-1:{ACCOUNT}:endpoint/churn"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/ci"
DEPLOYMENT = iamcheck.Deployment("churn", "churn-v7", region="eu-west-1", account_id=ACCOUNT)
SKIP = ("policy.sufficient", "policy.minimal", "sts.active", "endpoint-config.ready", "endpoint-name.ready")
ALLOW = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}


class Sts:
    """Somebody of the account calls."""

    def get_caller_identity(self) -> dict[str, str]:
        return {"Arn": f"arn:aws:iam::{ACCOUNT}:user/ann", "Account": ACCOUNT, "UserId": "AIDAEXAMPLEEXAMPLE22"}


class Aws:
    """AWS's simulator about a principal: decides by the names of the context keys that it is sent, in lower case."""

    def __init__(self, allows: Callable[[set[str]], bool] = lambda _: True, keys: Sequence[str] = ()) -> None:
        self._allows, self._keys = allows, keys
        self.asked: list[dict[str, Any]] = []
        self.details: dict[str, Any] = {}
        self.of_resources: dict[str, Any] = {}
        self.top_level: str | None = None
        self.missing: list[str] = []

    def get_context_keys_for_principal_policy(self, **_: object) -> dict[str, Any]:
        return {"ContextKeyNames": list(self._keys)}

    def simulate_principal_policy(self, **asked: Any) -> dict[str, Any]:  # noqa: ANN401  boto3's keywords
        self.asked.append(asked)
        names = {entry["ContextKeyName"].lower() for entry in asked.get("ContextEntries", ())}
        decision = "allowed" if self._allows(names) else "implicitDeny"
        specific = {"EvalResourceDecision": decision, "MissingContextValues": self.missing, **self.of_resources}
        return {
            "EvaluationResults": [
                {
                    "EvalActionName": action,
                    "EvalResourceName": "*",
                    "EvalDecision": self.top_level or decision,
                    "ResourceSpecificResults": [{"EvalResourceName": arn, **specific} for arn in asked["ResourceArns"]],
                    **self.details,
                }
                for action in asked["ActionNames"]
            ]
        }


def report_of(iam: object, principal: str | None = ROLE, **more: Any) -> Report:  # noqa: ANN401  any keyword
    words: dict[str, Any] = {"iam": iam, "sts": Sts(), "principal": principal, "skip": SKIP, **more}
    return iamcheck.check(DEPLOYMENT, **words)


def checked(iam: object, principal: str = ROLE, **more: Any) -> CheckResult:  # noqa: ANN401  any keyword
    return result_of(report_of(iam, principal, engine="aws", **more))


def result_of(report: Report) -> CheckResult:
    (result,) = (one for one in report.checks if one.id == "principal.allowed")
    return result


def test_a_principal_that_may_passes() -> None:
    world = Aws()
    assert checked(world).status is Status.PASS
    assert {one["PolicySourceArn"] for one in world.asked} == {ROLE}


def test_a_principal_that_may_not_fails() -> None:
    result = checked(Aws(lambda _: False))
    assert result.status is Status.FAIL
    assert CONFIG in result.summary
    assert "implicitDeny" in result.summary
    assert result.remedy is not None
    assert "ask whoever administers the principal to allow" in result.remedy.text


@pytest.mark.parametrize("allowed", [True, False])
@pytest.mark.parametrize("key", ["aws:SourceIp", "aws:PrincipalTag/team", "made:up"])
def test_a_key_that_aws_lists_and_nobody_knows_is_open_whatever_aws_answers(key: str, *, allowed: bool) -> None:
    result = checked(Aws(lambda _: allowed, [key]))
    assert (result.status, result.open_keys) == (Status.UNKNOWN, (key.lower(),))
    assert f"it depends on {key.lower()}" in result.summary.lower()
    assert result.remedy is not None
    assert f"--context {key}=VALUE or --absent {key}" in result.remedy.text


@pytest.mark.parametrize(
    "settled", [{"context": {"aws:SourceIp": "198.51.100.7"}}, {"absent": ["AWS:sourceip"]}], ids=["given", "absent"]
)
def test_what_the_user_says_of_a_listed_key_settles_it(settled: dict[str, Any]) -> None:
    assert checked(Aws(keys=["aws:SourceIp"]), **settled).status is Status.PASS
    assert checked(Aws(lambda _: False, keys=["aws:SourceIp"]), **settled).status is Status.FAIL


def test_keys_that_are_known_or_that_the_action_never_has_are_not_open() -> None:
    assert checked(Aws(keys=["aws:RequestedRegion", "aws:PrincipalArn", "s3:prefix"])).status is Status.PASS


def test_a_key_that_aws_misses_on_an_implicit_deny_is_open_though_it_is_not_listed() -> None:
    # the keys of a boundary: AWS lists them nowhere else
    world = Aws(lambda _: False)
    world.missing = ["aws:SourceVpce"]
    result = checked(world)
    assert (result.status, result.open_keys) == (Status.UNKNOWN, ("aws:sourcevpce",))


def test_a_boundary_that_nobody_has_read_leaves_a_yes_open_and_not_a_no() -> None:
    world = Aws()
    world.of_resources = {"PermissionsBoundaryDecisionDetail": {"AllowedByPermissionsBoundary": True}}
    result = checked(world)
    assert result.status is Status.UNKNOWN
    assert "what nobody has read: permissions boundary" in result.summary
    assert result.remedy is not None
    assert "--boundary FILE" in result.remedy.text
    denying = Aws(lambda _: False)
    denying.of_resources = {"PermissionsBoundaryDecisionDetail": {"AllowedByPermissionsBoundary": False}}
    result = checked(denying)
    assert result.status is Status.FAIL
    assert "no Allow of a permissions boundary matched" in result.summary


CONTRADICTIONS: dict[str, tuple[dict[str, Any], dict[str, Any], str | None, str]] = {
    "the organization": (
        {"OrganizationsDecisionDetail": {"AllowedByOrganizations": False}},
        {},
        None,
        "the organization does not allow it",
    ),
    "the boundary": (
        {},
        {"PermissionsBoundaryDecisionDetail": {"AllowedByPermissionsBoundary": False}},
        None,
        "the permissions boundary does not allow it",
    ),
    "a stricter top level": ({}, {}, "implicitDeny", "it says implicitDeny over all ARNs"),
    "the strictest top level": ({}, {}, "explicitDeny", "it says explicitDeny over all ARNs"),
}


@pytest.mark.parametrize("name", CONTRADICTIONS)
def test_an_answer_that_contradicts_itself_is_unknown(name: str) -> None:
    world = Aws()
    world.details, world.of_resources, world.top_level, text = CONTRADICTIONS[name]
    result = checked(world, organizations="ignore")
    assert result.status is Status.UNKNOWN
    assert "AWS's simulator contradicts itself" in result.summary
    assert text in result.summary


def test_a_laxer_top_level_is_a_contradiction_too() -> None:
    world = Aws(lambda _: False)
    world.top_level = "allowed"
    assert checked(world).status is Status.UNKNOWN


def test_a_contradiction_counts_beside_policies_that_are_known() -> None:
    class Custom(Aws):
        simulate_custom_policy = Aws.simulate_principal_policy

    world = Custom()
    assert report_of(world, policies=[ALLOW], scps=[]).verdict == "pass"
    world.top_level = "explicitDeny"
    result = result_of(report_of(world, policies=[ALLOW], scps=[]))
    assert result.status is Status.UNKNOWN
    assert "contradicts itself" in result.summary


def test_scps_that_deny_one_of_several_resources_contradict_nothing() -> None:
    # AWS says what SCPs decide over all resources of a call together
    class Mixed(Aws):
        def simulate_principal_policy(self, **asked: Any) -> dict[str, Any]:  # noqa: ANN401  boto3's keywords
            self.asked.append(asked)
            results = []
            for action in asked["ActionNames"]:
                decisions = {arn: "explicitDeny" if arn == CONFIG else "allowed" for arn in asked["ResourceArns"]}
                is_denied = "explicitDeny" in decisions.values()
                results.append(
                    {
                        "EvalActionName": action,
                        "EvalDecision": "explicitDeny" if is_denied else "allowed",
                        "ResourceSpecificResults": [
                            {"EvalResourceName": arn, "EvalResourceDecision": one} for arn, one in decisions.items()
                        ],
                        "OrganizationsDecisionDetail": {"AllowedByOrganizations": not is_denied},
                    }
                )
            return {"EvaluationResults": results}

    result = checked(Mixed(), organizations="ignore")
    assert "contradicts" not in result.summary
    decisions = {one.resource: one.decision for one in result.evidence if one.resource}
    assert decisions == {ENDPOINT: "allowed", CONFIG: "explicitDeny"}


@pytest.mark.parametrize("operation", ["iam:SimulatePrincipalPolicy", "iam:GetContextKeysForPrincipalPolicy"])
def test_a_caller_who_may_not_ask_learns_what_to_grant(aws: LoopbackAws, operation: str) -> None:
    aws.create_role("ci")
    aws.deny(operation)
    aws.iam.simulator = lambda **_: Aws()
    result = checked(aws.client("iam"), organizations="ignore")
    assert result.status is Status.UNKNOWN
    assert result.remedy is not None
    assert f"grant {operation} on {ROLE}" in result.remedy.text
    (evidence,) = result.evidence
    assert evidence.call is not None
    assert (evidence.call.operation, evidence.call.endpoint, evidence.call.answer) == (
        operation,
        aws.url,
        "AccessDenied",
    )


def test_garbage_is_unknown(aws: LoopbackAws) -> None:
    aws.hook("iam:SimulatePrincipalPolicy", lambda _: Answer(200, b"<html></html>", {"Content-Type": "text/html"}))
    result = checked(aws.client("iam"))
    assert (result.status, result.remedy) == (Status.UNKNOWN, None)
    assert "iam:SimulatePrincipalPolicy" in result.summary


@pytest.mark.parametrize(
    ("arn", "text"),
    [
        (f"arn:aws:iam::{ACCOUNT}:root", "root user cannot be simulated"),
        (f"arn:aws:sts::{ACCOUNT}:federated-user/ann", "federated user cannot be simulated"),
    ],
)
def test_a_principal_that_cannot_be_simulated_is_unknown(arn: str, text: str) -> None:
    world = Aws()
    result = checked(world, arn)
    assert result.status is Status.UNKNOWN
    assert text in result.summary
    assert not world.asked


def test_a_group_is_only_a_part_of_its_members() -> None:
    report = report_of(Aws(), f"arn:aws:iam::{ACCOUNT}:group/ml", engine="aws")
    assert report.verdict == "pass"
    assert any("group" in str(text) for text in report.assumptions)
    assert report_of(Aws(), f"arn:aws:iam::{ACCOUNT}:group/ml", engine="aws", strict=True).verdict == "unknown"


def test_the_arn_of_a_session_s_role_is_unknown_where_its_path_is() -> None:
    # the simulator fills in aws:PrincipalArn by the ARN that it is asked about, which then may lack the path
    session = f"arn:aws:sts::{ACCOUNT}:assumed-role/ci/run"
    world = Aws(keys=["aws:PrincipalArn"])
    report = report_of(world, session, engine="aws")
    result = result_of(report)
    assert (result.status, result.open_keys) == (Status.UNKNOWN, ("aws:principalarn",))
    assert {one["PolicySourceArn"] for one in world.asked} == {ROLE}
    assert any("iam:GetRole" in str(text) for text in report.assumptions)


def test_a_name_that_is_known_later_is_open_where_nobody_can_read_the_policies() -> None:
    later = iamcheck.Deployment("churn-*", "churn-v7", region="eu-west-1", account_id=ACCOUNT, names_are_patterns=True)
    words: dict[str, Any] = {"iam": Aws(), "sts": Sts(), "principal": ROLE, "skip": SKIP, "engine": "aws"}
    result = result_of(iamcheck.check(later, **words))
    assert result.status is Status.UNKNOWN
    assert "endpoint/churn-* stands for several resources" in result.summary


@pytest.mark.parametrize(
    ("statement", "status"),
    [
        (allow("sagemaker:*", f"arn:aws:sagemaker:eu-west-1:{ACCOUNT}:*/${{aws:username}}*"), Status.FAIL),
        (allow(Condition={"Null": {"aws:username": "true"}}), Status.PASS),
        (allow(Condition={"StringEquals": {"aws:PrincipalType": "AssumedRole"}}), Status.PASS),
        (allow(Condition={"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::*:role/team/*"}}), Status.UNKNOWN),
    ],
)
def test_a_session_that_is_named_by_its_arn_has_no_user_name(statement: dict[str, Any], status: Status) -> None:
    session = f"arn:aws:sts::{ACCOUNT}:assumed-role/ci/run"
    deployment = iamcheck.Deployment("churn", "churn-v7", region="eu-west-1", account_id=ACCOUNT)
    report = iamcheck.check(deployment, offline=True, principal=session, policies=[document(statement)])
    assert result_of(report).status is status
