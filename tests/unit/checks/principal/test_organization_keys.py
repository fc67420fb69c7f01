"""The keys of the organization are known where what was read establishes which organization the account is in.

Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html: each is in the context
only where the account is a member of an organization.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

import iamcheck
from iamcheck.aws.organizations import read_folder
from iamcheck.results import Status
from tests.documents import allow, document
from tests.unit.aws.organizations.world import A, export

if TYPE_CHECKING:
    from pathlib import Path

    from iamcheck.results import CheckResult
    from tests.server import LoopbackAws
    from tests.server.organizations import Tree

OTHER_KEY = "arn:aws:kms:eu-west-1:999999999999:key/1234abcd-12ab-34cd-56ef-1234567890ab"
PLAIN = iamcheck.Deployment("churn", "churn-v7", region="eu-west-1", account_id=A)
WITH_KEY_OF_ANOTHER = iamcheck.Deployment.from_requests(
    {"EndpointName": "churn", "EndpointConfigName": "churn-v7"},
    {
        "EndpointConfigName": "churn-v7",
        "ProductionVariants": [
            {"VariantName": "a", "ModelName": "m", "InstanceType": "ml.m5.large", "InitialInstanceCount": 1}
        ],
        "KmsKeyId": OTHER_KEY,
    },
    region="eu-west-1",
    account_id=A,
)
KEYS = ("aws:PrincipalOrgID", "aws:ResourceOrgID")
PATHS = ("aws:PrincipalOrgPaths", "aws:ResourceOrgPaths")
SKIP = ("policy.sufficient", "policy.minimal", "sts.active", "endpoint-config.ready", "endpoint-name.ready")


def outside(key: str, value: str) -> dict[str, Any]:
    """A policy that allows all but what comes from another organization, or goes to one."""
    perimeter = {"Effect": "Deny", "Action": "*", "Resource": "*", "Condition": {"StringNotEquals": {key: value}}}
    return document(allow(), perimeter)


def under(key: str, path: str) -> dict[str, Any]:
    """A policy that allows all to who, or what, is in a place of the organization."""
    return document(allow(Condition={"ForAnyValue:StringLike": {key: path}}))


def offline(folder: Path, policy: dict[str, Any], deployment: iamcheck.Deployment = PLAIN, **more: Any) -> CheckResult:  # noqa: ANN401  any keyword
    report = iamcheck.check(
        deployment, offline=True, organizations=str(folder), policies=[policy], skip=SKIP[:2], **more
    )
    return next(check for check in report.checks if check.id == "principal.allowed")


@pytest.fixture
def tree(aws: LoopbackAws, tmp_path: Path) -> Tree:
    made = aws.organizations.create()
    made.account(A, made.unit("unit", made.root))
    aws.organizations.delegated.add(A)
    export(aws, tmp_path)
    return made


@pytest.mark.parametrize("key", KEYS)
def test_the_id_of_the_organization_is_known_from_its_folder(tree: Tree, tmp_path: Path, key: str) -> None:
    assert offline(tmp_path, outside(key, tree.id)).status is Status.PASS
    assert offline(tmp_path, outside(key, "o-another0000")).status is Status.FAIL


@pytest.mark.parametrize("key", PATHS)
def test_the_place_in_the_organization_is_known_from_its_folder(tree: Tree, tmp_path: Path, key: str) -> None:
    path = read_folder(tmp_path, A).path
    assert offline(tmp_path, under(key, f"{path}*")).status is Status.PASS
    assert offline(tmp_path, under(key, f"{tree.id}/*/ou-another-00000000/*")).status is Status.FAIL


def test_what_the_user_says_of_a_key_comes_first(tree: Tree, tmp_path: Path) -> None:
    policy = outside("aws:PrincipalOrgID", tree.id)
    assert offline(tmp_path, policy, context={"aws:PrincipalOrgID": "o-another0000"}).status is Status.FAIL
    assert offline(tmp_path, policy, absent=["aws:PrincipalOrgID"]).status is Status.FAIL


def test_the_organization_of_another_account_s_resource_is_not_known(tree: Tree, tmp_path: Path) -> None:
    words: dict[str, Any] = {
        "deployment": WITH_KEY_OF_ANOTHER,
        "principal": f"arn:aws:iam::{A}:role/ci",
        "resource_policies": {OTHER_KEY: document(allow(Principal={"AWS": f"arn:aws:iam::{A}:role/ci"}))},
    }
    mine, others = (offline(tmp_path, outside(key, tree.id), **words) for key in KEYS)
    assert mine.status is Status.PASS
    assert (others.status, others.open_keys) == (Status.UNKNOWN, ("aws:resourceorgid",))


def test_a_folder_that_has_nothing_above_the_account_proves_no_membership(tree: Tree, tmp_path: Path) -> None:
    (tmp_path / "parents" / f"{A}.json").unlink()
    unread = {"Unread": [{"file": f"parents/{A}.json", "why": "AccessDenied"}]}
    (tmp_path / "unread.json").write_text(json.dumps(unread))
    result = offline(tmp_path, outside("aws:PrincipalOrgID", tree.id), scps=None)
    assert (result.status, result.open_keys) == (Status.UNKNOWN, ("aws:principalorgid",))


def test_a_folder_of_an_organization_for_billing_proves_no_membership(aws: LoopbackAws, tmp_path: Path) -> None:
    described = {"Id": "o-billing0000", "MasterAccountId": "210987654321", "FeatureSet": "CONSOLIDATED_BILLING"}
    (tmp_path / "organization.json").write_text(json.dumps({"Organization": described}))
    result = offline(tmp_path, outside("aws:PrincipalOrgID", "o-billing0000"))
    assert (result.status, result.open_keys) == (Status.UNKNOWN, ("aws:principalorgid",))


def test_the_management_account_is_a_member(aws: LoopbackAws, tmp_path: Path) -> None:
    described = {"Id": "o-mine00000000", "MasterAccountId": A, "FeatureSet": "ALL"}
    (tmp_path / "organization.json").write_text(json.dumps({"Organization": described}))
    assert offline(tmp_path, outside("aws:PrincipalOrgID", "o-mine00000000")).status is Status.PASS
    assert offline(tmp_path, under("aws:PrincipalOrgPaths", "o-mine00000000/*")).open_keys == ("aws:principalorgpaths",)


def test_leaving_the_organization_out_says_nothing_of_it(tmp_path: Path) -> None:
    report = iamcheck.check(
        PLAIN, offline=True, organizations="ignore", policies=[outside("aws:PrincipalOrgID", "o-mine00000000")]
    )
    result = next(check for check in report.checks if check.id == "principal.allowed")
    assert (result.status, result.open_keys) == (Status.UNKNOWN, ("aws:principalorgid",))


@pytest.mark.parametrize("engine", ["auto", "local"])
def test_online_the_account_s_own_organization_counts(aws: LoopbackAws, engine: str) -> None:
    made = aws.organizations.create()
    made.account(A, made.root)
    aws.organizations.delegated.add(A)
    for value, status in ((made.id, Status.PASS), ("o-another0000", Status.FAIL)):
        user = aws.create_user(f"in-{value}", policy=outside("aws:PrincipalOrgID", value))
        report = iamcheck.check(PLAIN, session=aws.session(user), engine=engine, skip=SKIP)
        result = next(check for check in report.checks if check.id == "principal.allowed")
        assert result.status is status, result


@pytest.mark.parametrize("engine", ["auto", "local"])
def test_online_an_account_in_no_organization_has_none_of_the_keys(aws: LoopbackAws, engine: str) -> None:
    user = aws.create_user("ann", policy=outside("aws:PrincipalOrgID", "o-mine00000000"))
    report = iamcheck.check(PLAIN, session=aws.session(user), engine=engine, skip=SKIP)
    result = next(check for check in report.checks if check.id == "principal.allowed")
    # the key is absent, so that StringNotEquals is true
    assert result.status is Status.FAIL
