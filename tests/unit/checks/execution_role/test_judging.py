"""May SageMaker become the role, and is that enough: the answers over policies that are given."""

from __future__ import annotations

from datetime import datetime, timezone
from typing import TYPE_CHECKING, Any

import pytest

from iamcheck.checks.execution_role.judging import allowed, trusted
from iamcheck.deployment.located import UNKNOWN
from iamcheck.errors import InvalidInputError
from iamcheck.iam.model import UNREAD, Policy, PolicySet, PolicyType
from iamcheck.permissions.execution_role import needed_by_role
from iamcheck.policies.execution_role import render_execution_role
from iamcheck.policies.trust import generate_execution_role_trust
from iamcheck.results import Status
from iamcheck.simulators.local import LocalSimulator
from tests.documents import document
from tests.unit.permissions.execution_role.cases import ACCOUNT, CASES, HERE, REGION, inputs

if TYPE_CHECKING:
    from iamcheck.checks.execution_role.judging import Outcome
    from tests.examples import RequestValue

LOCAL = LocalSimulator()
ROLE = f"arn:aws:iam::{ACCOUNT}:role/service/churn"
SOURCES = f"arn:aws:sagemaker:{REGION}:{ACCOUNT}"
SAGEMAKER: dict[str, Any] = {"Service": "sagemaker.amazonaws.com"}


def trust(condition: dict[str, Any] | None = None, **more: Any) -> dict[str, Any]:  # noqa: ANN401  any JSON
    statement = {"Effect": "Allow", "Principal": SAGEMAKER, "Action": "sts:AssumeRole", **more}
    return statement | ({"Condition": condition} if condition else {})


def ask(*statements: dict[str, Any], **more: Any) -> Outcome:  # noqa: ANN401  any keyword
    policy = Policy.parse(document(*(statements or (trust(Principal={"AWS": ROLE}),))), layer=PolicyType.RESOURCE)
    return trusted(policy, ROLE, **HERE, simulator=LOCAL, **more)


# sources: SageMaker Developer Guide, "Cross-service confused deputy prevention" and "How to use execution roles"; IAM
# User Guide, "The confused deputy problem"
TRUST: dict[str, tuple[list[dict[str, Any]], Status]] = {
    "service": ([trust()], Status.PASS),
    "among others": ([trust(Principal={"Service": ["ec2.amazonaws.com", "sagemaker.amazonaws.com"]})], Status.PASS),
    "two statements": ([trust(Principal={"AWS": ROLE}), trust()], Status.PASS),
    "account": ([trust({"StringEquals": {"aws:SourceAccount": ACCOUNT}})], Status.PASS),
    "all of the account": ([trust({"ArnLike": {"aws:SourceArn": f"{SOURCES}:*"}})], Status.PASS),
    "all of any Region": ([trust({"ArnLike": {"aws:SourceArn": f"arn:aws:sagemaker:*:{ACCOUNT}:*"}})], Status.PASS),
    "as text": ([trust({"StringLike": {"aws:SourceArn": f"{SOURCES}:*"}})], Status.PASS),
    "by a service": ([trust({"Bool": {"aws:PrincipalIsAWSService": "true"}})], Status.PASS),
    "endpoints": ([trust({"ArnLike": {"aws:SourceArn": f"{SOURCES}:endpoint/*"}})], Status.UNKNOWN),
    "one endpoint": ([trust({"ArnEquals": {"aws:SourceArn": f"{SOURCES}:endpoint/churn"}})], Status.UNKNOWN),
    "all but models": ([trust({"ArnNotLike": {"aws:SourceArn": f"{SOURCES}:model/*"}})], Status.UNKNOWN),
    "organization": ([trust({"StringEquals": {"aws:SourceOrgID": "o-1"}})], Status.UNKNOWN),
    "another account": ([trust({"StringEquals": {"aws:SourceAccount": "210987654321"}})], Status.FAIL),
    "all of another account": ([trust({"ArnLike": {"aws:SourceArn": "arn:aws:sagemaker:*:2109:*"}})], Status.FAIL),
    "another Region": (
        [trust({"ArnLike": {"aws:SourceArn": f"arn:aws:sagemaker:us-east-1:{ACCOUNT}:*"}})],
        Status.FAIL,
    ),
    "another service": ([trust(Principal={"Service": "ec2.amazonaws.com"})], Status.FAIL),
    "people": ([trust(Principal={"AWS": f"arn:aws:iam::{ACCOUNT}:root"})], Status.FAIL),
    "another action": ([trust(Action="sts:TagSession")], Status.FAIL),
    "denied": ([trust(), trust(Effect="Deny", Sid="Nobody")], Status.FAIL),
    "denied outside": (
        [trust(), trust({"StringNotEquals": {"aws:SourceAccount": ACCOUNT}}, Effect="Deny")],
        Status.PASS,
    ),
    "no sources named": ([trust({"Null": {"aws:SourceArn": "true"}})], Status.FAIL),
}


@pytest.mark.parametrize("name", TRUST)
def test_whether_sagemaker_may_become_the_role(name: str) -> None:
    statements, status = TRUST[name]

    result, assumed = ask(*statements)

    assert (result.id, result.status) == ("execution-role.trusted", status), result.summary
    assert any("RCP" in one.text for one in assumed)
    assert (result.open_keys != ()) is (status is Status.UNKNOWN)
    if status is Status.UNKNOWN:
        assert result.open_keys[0] in ("aws:sourcearn", "aws:sourceorgid")
        assert result.open_keys[0] in result.summary.lower()
        # what is added to a trust policy is offered for what fails alone
        assert result.remedy is not None
        assert (result.remedy.proved, result.remedy.policy) == (False, None)


@pytest.mark.parametrize("name", [name for name, (_, status) in TRUST.items() if status is Status.FAIL])
def test_a_statement_is_offered_only_where_it_was_seen_to_help(name: str) -> None:
    statements, _ = TRUST[name]

    result, _ = ask(*statements)

    assert result.remedy is not None
    helped = name != "denied"
    assert result.remedy.proved is helped
    assert (result.remedy.policy is not None) is helped
    if result.remedy.policy is not None:
        added: Any = result.remedy.policy["Statement"]
        assert ask(*statements, *added)[0].status is Status.PASS


def test_the_rendered_trust_policy_is_trusted_there_and_nowhere_else() -> None:
    made = Policy.parse(generate_execution_role_trust(**HERE), layer=PolicyType.RESOURCE)

    assert trusted(made, ROLE, **HERE, simulator=LOCAL)[0].status is Status.PASS
    for place in ({**HERE, "region": "us-east-1"}, {**HERE, "account_id": "210987654321"}):
        assert trusted(made, ROLE, **place, simulator=LOCAL)[0].status is Status.FAIL


def test_resource_control_policies_limit_the_service_too() -> None:
    everyone = {"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*"}
    outside = {
        "Sid": "OwnOnly",
        "Effect": "Deny",
        "Principal": "*",
        "Action": "sts:AssumeRole",
        "Resource": "*",
        "Condition": {"BoolIfExists": {"aws:PrincipalIsAWSService": "true"}},
    }
    level = [Policy.parse(document(one), name="rcp", layer=PolicyType.RCP) for one in (everyone, outside)]

    assert ask(trust(), rcps=[level])[0].status is Status.FAIL
    assert ask(trust(), rcps=UNREAD)[0].status is Status.UNKNOWN


def test_where_the_organization_allows_nothing_no_statement_is_offered() -> None:
    nobody = {"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": "*"}
    level = [Policy.parse(document(nobody), name="rcp", layer=PolicyType.RCP)]

    result, assumed = ask(rcps=[level])

    assert result.status is Status.FAIL
    assert result.remedy is not None
    assert result.remedy.policy is None
    assert assumed == ()


def test_the_time_of_the_check_counts() -> None:
    until = trust({"DateLessThan": {"aws:CurrentTime": "2026-12-01T00:00:00Z"}})

    assert ask(until)[0].status is Status.UNKNOWN
    assert ask(until, now=datetime(2026, 11, 24, tzinfo=timezone.utc))[0].status is Status.PASS
    assert ask(until, now=datetime(2026, 12, 24, tzinfo=timezone.utc))[0].status is Status.FAIL


def judged(name: str, *statements: dict[str, Any], **more: Any) -> Outcome:  # noqa: ANN401  any keyword
    """The answer for a case's role, with its rendered policy and these statements beside it."""
    rendered, _ = render_execution_role(CASES[name].inputs, **HERE)
    needs = needed_by_role(CASES[name].inputs, **HERE, role=ROLE)
    own = [Policy.parse(document(*statements), name="more")] if statements else []
    layers = {"resource_policies": more.pop("resource_policies", None)}
    policies = PolicySet(identity=[rendered.policy, *own], **more)
    return allowed(needs, policies, simulator=LOCAL, **layers)


# keys have policies that must allow, and so do repositories of other accounts
OPEN = [name for name in CASES if "key" in name or name in ("asynchronous", "core dumps")] + [
    "image of another account"
]


@pytest.mark.parametrize("name", CASES)
def test_the_rendered_policy_is_enough_but_for_what_others_must_allow(name: str) -> None:
    result, assumed = judged(name)

    assert result.id == "execution-role.allowed"
    assert result.status is (Status.UNKNOWN if name in OPEN else Status.PASS), result.summary
    assert any("buckets" in one.text for one in assumed)
    if name in OPEN:
        assert result.remedy is not None
        assert ("--resource-policy" in result.remedy.text) is (name != "alias and key of model data")


def test_a_key_policy_settles_what_is_open() -> None:
    owner = {
        "Effect": "Allow",
        "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:root"},
        "Action": "kms:*",
        "Resource": "*",
    }
    keys = [arn for _, arn in CASES["key of model data"].more]
    given = {key: Policy.parse(document(owner), name="key", layer=PolicyType.RESOURCE) for key in keys}

    assert judged("key of model data", resource_policies=given)[0].status is Status.PASS


def test_a_repository_of_another_account_must_allow() -> None:
    (repository,) = {arn for _, arn in CASES["image of another account"].more}
    pull = {"Effect": "Allow", "Principal": {"AWS": ROLE}, "Action": "ecr:*", "Resource": repository}
    for statement, status in ((pull, Status.PASS), ({**pull, "Principal": {"AWS": f"{ROLE}x"}}, Status.FAIL)):
        policy = Policy.parse(document(statement), name="repository", layer=PolicyType.RESOURCE)
        result, _ = judged("image of another account", resource_policies={repository: policy})
        assert result.status is status, result.summary


# RCPs act on resources of the accounts that they are over: Organizations User Guide, "Resource control policies (RCPs)"
NO_ECR = Policy.parse(
    document({"Effect": "Deny", "Principal": "*", "Action": "ecr:*", "Resource": "*"}),
    name="no-ecr",
    layer=PolicyType.RCP,
)


def test_rcps_over_the_account_say_nothing_certain_of_a_repository_of_another() -> None:
    (repository,) = {arn for _, arn in CASES["image of another account"].more}
    pull = {"Effect": "Allow", "Principal": {"AWS": ROLE}, "Action": "ecr:*", "Resource": repository}
    given = {repository: Policy.parse(document(pull), name="repository", layer=PolicyType.RESOURCE)}
    everything = Policy.parse(document(statement("Allow", "*", "*", Principal="*")), name="all", layer=PolicyType.RCP)

    with_deny, _ = judged("image of another account", resource_policies=given, rcps=[[everything, NO_ECR]])
    # what the role may not do anyway stays a denial
    no_pull = statement("Deny", "ecr:BatchGetImage", "*")
    denied, _ = judged("image of another account", no_pull, resource_policies=given, rcps=[[everything, NO_ECR]])
    without, assumed = judged("image of another account", resource_policies=given, rcps=[[everything]])

    assert with_deny.status is Status.UNKNOWN
    assert "whether these RCPs are over account" in with_deny.summary
    assert (denied.status, "no-ecr" in denied.summary) == (Status.FAIL, False)
    assert without.status is Status.PASS
    assert any("no RCPs over the account that owns it" in one.text for one in assumed)


def test_rcps_do_not_act_on_the_registries_of_aws() -> None:
    everything = Policy.parse(document(statement("Allow", "*", "*", Principal="*")), name="all", layer=PolicyType.RCP)
    for rcps in ([[everything, NO_ECR]], UNREAD):
        result, _ = judged("image of AWS", rcps=rcps)
        assert all(fact.decision == "allowed" for fact in result.evidence if ":763104351884:" in (fact.resource or ""))


def test_a_bucket_policy_counts_for_its_objects() -> None:
    deny = {"Sid": "Closed", "Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": "arn:aws:s3:::models/*"}
    policy = Policy.parse(document(deny), name="bucket", layer=PolicyType.RESOURCE)

    result, assumed = judged("plain", resource_policies={"arn:aws:s3:::models": policy})

    assert result.status is Status.FAIL
    assert "statement Closed of the resource policy bucket" in result.summary
    assert not any("buckets" in one.text for one in assumed)


def statement(effect: str, action: str, resource: str | list[str], **more: Any) -> dict[str, Any]:  # noqa: ANN401  any JSON
    return {"Sid": "This", "Effect": effect, "Action": action, "Resource": resource, **more}


# beside the rendered policy of the case, another statement; a prefix stands for objects that nobody knows yet
WIDE: dict[str, tuple[str, dict[str, Any], Status]] = {
    "the object": ("plain", statement("Deny", "s3:*", "arn:aws:s3:::models/churn/model.tar.gz"), Status.FAIL),
    "another object": ("plain", statement("Deny", "s3:*", "arn:aws:s3:::models/churn/other"), Status.PASS),
    "all below": ("data source, prefix", statement("Deny", "s3:GetObject", "arn:aws:s3:::models/llm/*"), Status.FAIL),
    "the bucket": ("data source, prefix", statement("Deny", "s3:GetObject", "arn:aws:s3:::models/*"), Status.FAIL),
    "some below": (
        "data source, prefix",
        statement("Deny", "s3:GetObject", "arn:aws:s3:::models/llm/secret/*"),
        Status.UNKNOWN,
    ),
    "some anywhere": (
        "data source, prefix",
        statement("Deny", "s3:GetObject", "arn:aws:s3:::*.exe"),
        Status.UNKNOWN,
    ),
    "one below": (
        "data source, prefix",
        statement("Deny", "s3:GetObject", "arn:aws:s3:::models/llm/config.json"),
        Status.UNKNOWN,
    ),
    "beside": ("data source, prefix", statement("Deny", "s3:GetObject", "arn:aws:s3:::models/other/*"), Status.PASS),
    "by a variable": (
        "data source, prefix",
        statement("Deny", "s3:GetObject", "arn:aws:s3:::models/llm/${aws:PrincipalTag/team}/*"),
        Status.UNKNOWN,
    ),
    "listing of the prefix": (
        "data source, prefix",
        statement("Deny", "s3:ListBucket", "*", Condition={"StringLike": {"s3:prefix": "llm/*"}}),
        Status.FAIL,
    ),
    "listing of the whole": (
        "data source, prefix",
        statement("Deny", "s3:ListBucket", "*", Condition={"StringEquals": {"s3:prefix": ""}}),
        Status.PASS,
    ),
    "listing of a part": (
        "data source, prefix",
        statement("Deny", "s3:ListBucket", "*", Condition={"StringEquals": {"s3:prefix": "llm/"}}),
        Status.UNKNOWN,
    ),
    "listing of a part, whatever its case": (
        "data source, prefix",
        statement("Deny", "s3:ListBucket", "*", Condition={"StringEqualsIgnoreCase": {"s3:prefix": "LLM/Secret"}}),
        Status.UNKNOWN,
    ),
    "an interface": (
        "network of the model",
        statement("Deny", "ec2:*", f"arn:aws:ec2:{REGION}:{ACCOUNT}:network-interface/eni-1*"),
        Status.UNKNOWN,
    ),
    "a log stream": (
        "plain",
        statement("Deny", "logs:*", f"arn:aws:logs:{REGION}:{ACCOUNT}:log-group:*:log-stream:a/*"),
        Status.UNKNOWN,
    ),
    "by address": (
        "plain",
        statement("Deny", "s3:*", "*", Condition={"NotIpAddress": {"aws:SourceIp": "203.0.113.0/24"}}),
        Status.UNKNOWN,
    ),
    "by Region": (
        "plain",
        statement("Deny", "*", "*", Condition={"StringNotEquals": {"aws:RequestedRegion": REGION}}),
        Status.PASS,
    ),
    "by the Region of an output": (
        "data capture",
        statement("Deny", "*", "*", Condition={"StringNotEquals": {"aws:RequestedRegion": REGION}}),
        Status.UNKNOWN,
    ),
    "by role": (
        "plain",
        statement("Deny", "s3:*", "*", Condition={"ArnNotLike": {"aws:PrincipalArn": ROLE}}),
        Status.PASS,
    ),
    "by user": (
        "plain",
        statement("Deny", "s3:*", "*", Condition={"StringLike": {"aws:username": "*"}}),
        Status.PASS,
    ),
}


@pytest.mark.parametrize("name", WIDE)
def test_a_deny_that_may_concern_what_is_used(name: str) -> None:
    case, deny, status = WIDE[name]

    result, _ = judged(case, deny)

    assert result.status is status, result.summary
    if status is Status.FAIL:
        assert "statement This of the identity policy more" in result.summary
    if status is Status.UNKNOWN:
        assert "it depends on" in result.summary


def test_an_allow_for_some_of_what_is_used_is_no_pass() -> None:
    needs = needed_by_role(CASES["data source, prefix"].inputs, **HERE, role=ROLE)
    everything_else = statement("Allow", "*", "*")
    for on, status in (
        ("arn:aws:s3:::models/llm/*", Status.PASS),
        ("arn:aws:s3:::models/l*", Status.PASS),
        ("arn:aws:s3:::models/llm/7/*", Status.UNKNOWN),
        ("arn:aws:s3:::models/llm/?", Status.UNKNOWN),
        ("arn:aws:s3:::models/other/*", Status.FAIL),
    ):
        some = {**statement("Allow", "s3:GetObject", on), "Sid": "Some"}
        del everything_else["Action"]
        everything_else["NotAction"] = "s3:GetObject"
        policies = PolicySet(identity=[Policy.parse(document(everything_else, some), name="role")])
        result, _ = allowed(needs, policies, simulator=LOCAL)
        assert result.status is status, (on, result.summary)
        everything_else["Action"] = "*"
        everything_else.pop("NotAction")


def test_both_ways_of_writing_a_log_group_count() -> None:
    needs = needed_by_role(CASES["plain"].inputs, **HERE, role=ROLE)
    group = f"arn:aws:logs:{REGION}:{ACCOUNT}:log-group:/aws/sagemaker/Endpoints/churn"
    others = {"Effect": "Allow", "NotAction": "logs:CreateLogGroup", "Resource": "*"}
    for on, status in (([group, f"{group}:*"], Status.PASS), ([group], Status.UNKNOWN), ([f"{group}x"], Status.FAIL)):
        policy = Policy.parse(document(others, statement("Allow", "logs:CreateLogGroup", on)), name="role")
        result, _ = allowed(needs, PolicySet(identity=[policy]), simulator=LOCAL)
        assert result.status is status, result.summary


def test_boundary_and_organization_limit_the_role() -> None:
    everything = Policy.parse(document(statement("Allow", "*", "*")), name="all")
    no_s3 = Policy.parse(document({"Effect": "Allow", "NotAction": "s3:*", "Resource": "*"}), name="no-s3")

    assert judged("plain", boundary=no_s3)[0].status is Status.FAIL
    assert judged("plain", scps=[[everything], [no_s3]])[0].status is Status.FAIL
    assert judged("plain", scps=UNREAD)[0].status is Status.UNKNOWN
    result, assumed = judged("plain", boundary=everything, scps=[[everything]])
    assert result.status is Status.PASS
    assert not any("boundary" in one.text or "SCP" in one.text for one in assumed)


def test_nothing_passes_while_something_is_unsettled() -> None:
    container: dict[str, RequestValue] = {"ModelDataUrl": UNKNOWN, "Image": UNKNOWN}
    needs = needed_by_role(inputs(container, config={"DataCaptureConfig": UNKNOWN}), **HERE, role=ROLE)
    everything = PolicySet(identity=[Policy.parse(document(statement("Allow", "*", "*")), name="all")])
    nothing = PolicySet(identity=[])

    result, _ = allowed(needs, everything, simulator=LOCAL)

    assert result.status is Status.UNKNOWN
    assert "PrimaryContainer.ModelDataUrl is known only when the deployment is made" in result.summary
    assert result.remedy is not None
    assert "write it out" in result.remedy.text
    # what is known to be needed and is denied stays a failure
    result, _ = allowed(needs, nothing, simulator=LOCAL)
    assert result.status is Status.FAIL
    assert any(one.note and "DataCaptureConfig" in one.note for one in result.evidence)


def test_of_a_role_that_nobody_knows_nothing_is_said() -> None:
    needs = needed_by_role(inputs(), **HERE)
    with pytest.raises(InvalidInputError, match="which role"):
        allowed(needs, PolicySet(identity=[]), simulator=LOCAL)
