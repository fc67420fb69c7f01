"""What the checks call themselves, and the policy that `generate --for checker` grants for it."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from iamcheck.checks import policy as proofs
from iamcheck.deployment import Deployment
from iamcheck.errors import InvalidInputError
from iamcheck.iam import catalogue
from iamcheck.iam.engine import Semantics
from iamcheck.iam.model import Policy
from iamcheck.permissions.checker import CHECK_CALLS, CHECKS_WITH_CALLS, Checked, needed_by_checks
from iamcheck.policies.checker import render_checker
from iamcheck.results import Status
from iamcheck.simulators.local import LocalSimulator

ALONE = LocalSimulator(Semantics.ALONE)
ACCOUNT = "123456789012"
IAM = f"arn:aws:iam::{ACCOUNT}"
BARE = Deployment("churn", "churn-v7", region="eu-west-1", account_id=ACCOUNT)


def with_key(key: str) -> Deployment:
    return Deployment.from_requests(
        {"EndpointName": "Churn", "EndpointConfigName": "Churn-V7"},
        {"EndpointConfigName": "Churn-V7", "KmsKeyId": key},
        region="eu-west-1",
        account_id=ACCOUNT,
    )


def with_models(*names: str) -> Deployment:
    return Deployment.from_requests(
        {"EndpointName": "churn", "EndpointConfigName": "churn-v7"},
        create_models=[{"ModelName": name, "ExecutionRoleArn": f"{IAM}:role/execution"} for name in names],
        region="eu-west-1",
        account_id=ACCOUNT,
    )


ROLE = Checked(BARE, f"{IAM}:role/ci/deployer")
CASES = {
    "role": ROLE,
    "user": Checked(BARE, f"{IAM}:user/ann"),
    "group": Checked(BARE, f"{IAM}:group/people"),
    "models": replace(ROLE, model_names=("Churn", "other")),
    "no models": replace(ROLE, model_names=()),
    "models that are made": replace(ROLE, deployment=with_models("Churn", "other"), model_names=("Churn",)),
    "models that are made, of variants not known": replace(ROLE, deployment=with_models("Churn")),
    "names of models alone": replace(ROLE, deployment=with_models("Churn", "b"), checks=("model-name.ready",)),
    "execution roles": replace(ROLE, execution_roles=(f"{IAM}:role/service/a", f"{IAM}:role/service/b")),
    "the role itself": replace(ROLE, execution_roles=(ROLE.principal,)),
    "probe": replace(ROLE, probe_role=f"{IAM}:role/probe"),
    "key": replace(ROLE, deployment=with_key("1234-abcd")),
    "key of another account": replace(ROLE, deployment=with_key("arn:aws:kms:eu-west-1:210987654321:key/1234-abcd")),
    "alias": replace(ROLE, deployment=with_key("alias/volumes")),
    **{
        check: replace(ROLE, deployment=with_models("m"), execution_roles=(f"{IAM}:role/x",), checks=(check,))
        for check in CHECKS_WITH_CALLS
    },
    "two": replace(ROLE, checks=("endpoint-name.ready", "quota.instances")),
    "other partition": Checked(
        Deployment("churn", "churn-v7", region="cn-north-1", account_id=ACCOUNT),
        f"arn:aws-cn:iam::{ACCOUNT}:role/ci",
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_the_policy_grants_exactly_what_the_table_says(name: str) -> None:
    rendered, needed = render_checker(CASES[name])

    granted: Any = [
        (action, on)
        for one in rendered.document["Statement"]  # type: ignore[union-attr]
        for action in one["Action"]  # type: ignore[index,call-overload,union-attr]
        for on in one["Resource"]  # type: ignore[index,call-overload,union-attr]
    ]
    wide = {action for action, on in granted if on.endswith(("endpoint/*", "endpoint-config/*", "model/*"))}
    assert len(granted) == len(set(granted))
    assert set(granted) == {
        (one.request.action, one.request.resource)
        for one in needed
        # every endpoint is the endpoint too, and every model the model
        if one.request.action not in wide or one.request.resource.endswith("/*")
    }
    for proof in (proofs.sufficient, proofs.minimal):
        result = proof(rendered.policy, needed, ALONE)
        assert result.status is Status.PASS, result.summary


@pytest.mark.slow
@pytest.mark.parametrize("name", CASES)
def test_either_side_alone_is_not_proved(name: str) -> None:
    rendered, needed = render_checker(CASES[name])
    statements: Any = rendered.document["Statement"]
    for at in range(len(statements)) if len(statements) > 1 else ():
        kept = [one for place, one in enumerate(statements) if place != at]
        without = Policy.parse({"Version": "2012-10-17", "Statement": kept}, name="less")
        assert proofs.sufficient(without, needed, ALONE).status is Status.FAIL
    for action in {one.request.action for one in needed}:
        rest = [one for one in needed if one.request.action != action]
        if rest:
            assert proofs.minimal(rendered.policy, rest, ALONE).status is Status.FAIL


def test_the_page_of_permissions_names_nothing_that_the_table_lacks() -> None:
    page = (Path(__file__).parents[3] / "docs" / "permissions.md").read_text(encoding="utf-8")
    named = {
        (action, check)
        for line in page.splitlines()
        if line.startswith("| `")
        for action in re.findall(r"`(\w+:\w+)`", line.split("|")[1])
        for check in re.findall(r"`([a-z-]+\.[a-z]+)`", line)
    }
    assert named
    assert named <= {(action, check) for need in CHECK_CALLS for action in need.actions for check in need.checks}


def test_the_sids_name_the_checks() -> None:
    statements: Any = render_checker(ROLE)[0].document["Statement"]
    said = {"".join(word.capitalize() for word in check.replace("-", ".").split(".")) for check in CHECKS_WITH_CALLS}
    assert all(any(one["Sid"].startswith(name) for name in said) for one in statements)
    only: Any = render_checker(replace(ROLE, checks=("alarms.exist",)))[0].document["Statement"]
    assert [one["Sid"] for one in only] == ["AlarmsExistReadAlarms"]


def test_every_row_names_actions_that_aws_has_and_what_they_take() -> None:
    for need in CHECK_CALLS:
        assert need.source.startswith("https://docs.aws.amazon.com/")
        assert set(need.checks) <= set(CHECKS_WITH_CALLS)
        for action in need.actions:
            assert catalogue.action(action) is not None, action
    for name in ("user", "execution roles", "probe", "key"):
        for one in needed_by_checks(CASES[name]):
            assert catalogue.accepts(one.request.action, one.request.resource) is True, one.request


@pytest.mark.parametrize("principal", [f"arn:aws:sts::{ACCOUNT}:assumed-role/ci/run", f"{IAM}:root", "ci"])
def test_only_what_policies_are_attached_to_can_be_checked(principal: str) -> None:
    with pytest.raises(InvalidInputError, match="principal"):
        Checked(BARE, principal)


def test_a_check_without_permissions_is_refused() -> None:
    with pytest.raises(InvalidInputError, match=r"'policy\.minimal' needs no permission"):
        Checked(BARE, ROLE.principal, checks=("policy.minimal",))


def test_calls_to_a_region_know_it_and_calls_of_global_services_do_not() -> None:
    for one in needed_by_checks(CASES["execution roles"]):
        region = one.request.context.get("aws:RequestedRegion")
        in_region = one.request.resource.startswith("arn:aws:sagemaker:eu-west-1:")
        assert region == ("eu-west-1" if in_region else None), one.request
