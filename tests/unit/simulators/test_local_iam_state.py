"""Authorization details: which policies reach a principal, and what is refused because it cannot be known."""

from __future__ import annotations

import json
from copy import deepcopy
from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError

from iamcheck.errors import InvalidInputError
from iamcheck.simulators.local_iam import LocalIAM
from tests.unit.simulators.local_iam_cases import ACCOUNT, CASES, documents, text

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

DETAILS: dict[str, Any] = documents(json.loads((CASES / "details.json").read_text()))
ALICE = {
    "PolicySourceArn": "arn:aws:iam::123456789012:user/team/alice",
    "ActionNames": ["s3:GetObject"],
    "ResourceArns": ["arn:aws:s3:::b/k"],
}
DENY = json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Deny", "Action": "*", "Resource": "*"}]})


def ask(details: dict[str, Any], **call: object) -> dict[str, Any]:
    iam = LocalIAM(ACCOUNT, authorization_details=details)
    (result,) = iam.simulate_principal_policy(**{**ALICE, **call})["EvaluationResults"]
    return dict(result)


def without_group(details: dict[str, Any]) -> None:
    details["GroupDetailList"] = []


def without_managed_policies(details: dict[str, Any]) -> None:
    details["Policies"] = []


def without_aws_managed_policy(details: dict[str, Any]) -> None:
    details["Policies"] = details["Policies"][:2]


def without_default_version(details: dict[str, Any]) -> None:
    details["Policies"][0]["PolicyVersionList"] = details["Policies"][0]["PolicyVersionList"][:1]


def one_page(details: dict[str, Any]) -> None:
    details["IsTruncated"] = True


def two_default_versions(details: dict[str, Any]) -> None:
    versions = details["Policies"][0]["PolicyVersionList"]
    versions.append({**versions[0], "VersionId": "v99", "IsDefaultVersion": True})


def user_without_arn(details: dict[str, Any]) -> None:
    del details["UserDetailList"][0]["Arn"]


def users_as_text(details: dict[str, Any]) -> None:
    details["UserDetailList"] = "alice"


def user_as_text(details: dict[str, Any]) -> None:
    details["UserDetailList"] = ["alice"]


def groups_as_numbers(details: dict[str, Any]) -> None:
    details["UserDetailList"][0]["GroupList"] = [1]


def boundary_as_text(details: dict[str, Any]) -> None:
    details["UserDetailList"][0]["PermissionsBoundary"] = "arn:aws:iam::123456789012:policy/p"


def document_missing(details: dict[str, Any]) -> None:
    del details["UserDetailList"][0]["UserPolicyList"][0]["PolicyDocument"]


def document_not_understood(details: dict[str, Any]) -> None:
    details["UserDetailList"][0]["UserPolicyList"][0]["PolicyDocument"] = {"Version": "2012-10-17", "Statement": [{}]}


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (without_group, r"UserDetailList\[0\]: user alice is in the group devs"),
        (without_managed_policies, "policy/team/shared is attached, and its document is not in Policies"),
        (without_aws_managed_policy, r"GroupDetailList\[0\].*AmazonS3ReadOnlyAccess.*AWSManagedPolicy"),
        (without_default_version, r"Policies\[0\]\.PolicyVersionList: the default version is not there"),
        (two_default_versions, r"Policies\[0\]\.PolicyVersionList: two versions are the default"),
        (one_page, "one page of several"),
        (user_without_arn, r"UserDetailList\[0\]: Arn is missing"),
        (users_as_text, r"authorization_details\.UserDetailList: not a list"),
        (user_as_text, r"UserDetailList\[0\]: not a JSON object"),
        (groups_as_numbers, r"GroupList\[0\]: not a text"),
        (boundary_as_text, r"UserDetailList\[0\]\.PermissionsBoundary: not a JSON object"),
        (document_missing, r"UserPolicyList\[0\]\.PolicyDocument: no policy document"),
        (document_not_understood, r"UserPolicyList\[0\]\.PolicyDocument, user_alice_own, .*Effect"),
    ],
)
def test_what_cannot_be_known_is_refused(spoil: Callable[[dict[str, Any]], None], message: str) -> None:
    details = deepcopy(DETAILS)
    spoil(details)
    with pytest.raises(InvalidInputError, match=message):
        ask(details)


def test_without_details_there_are_no_principals() -> None:
    with pytest.raises(InvalidInputError, match="authorization_details"):
        LocalIAM(ACCOUNT).simulate_principal_policy(**ALICE)
    with pytest.raises(InvalidInputError, match="not a JSON object"):
        LocalIAM(ACCOUNT, authorization_details=json.loads("[]"))


def test_a_policy_that_is_excluded_need_not_be_there() -> None:
    details = deepcopy(DETAILS)
    without_aws_managed_policy(details)
    assert ask(details, PolicyExclusionList=[{"PolicyType": "aws-managed"}])["EvalDecision"] == "allowed"


@pytest.mark.parametrize(
    ("pattern", "excludes"),
    [("policy/sha*", True), ("policy/sh?re?", True), ("policy/*d", True), ("policy/shared?", False)],
)
def test_the_name_in_an_excluded_arn_may_have_wildcards(pattern: str, excludes: bool) -> None:
    exclusion = [{"PolicyArn": f"arn:aws:iam::123456789012:{pattern}"}]
    matched = ask(DETAILS, PolicyExclusionList=exclusion)["MatchedStatements"]
    assert ("shared" not in {each["SourcePolicyId"] for each in matched}) == excludes


@pytest.mark.parametrize(
    "arn",
    ["arn:aws:iam::123456789012:policy/*a*", "arn:aws:iam::*:policy/shared", "arn:aws:iam:policy-without-account"],
)
def test_a_malformed_arn_cannot_be_excluded(arn: str) -> None:
    with pytest.raises(ClientError, match="InvalidInput"):
        ask(DETAILS, PolicyExclusionList=[{"PolicyArn": arn}])


def test_scps_apply_but_not_to_service_linked_roles() -> None:
    iam = LocalIAM(ACCOUNT, authorization_details=DETAILS, scps=[[text("@allow_all"), DENY]])
    arns = [f"arn:aws:iam::123456789012:role/{name}" for name in ("ci", "AWSServiceRoleForX")]
    calls = [iam.simulate_principal_policy(**{**ALICE, "PolicySourceArn": arn}) for arn in arns]
    assert [each["EvaluationResults"][0]["EvalDecision"] for each in calls] == ["explicitDeny", "allowed"]


def test_scps_of_the_client_are_not_those_of_a_custom_simulation() -> None:
    iam = LocalIAM(ACCOUNT, scps=[[DENY]])
    call = {**ALICE, "PolicyInputList": [text("@allow_all")]}
    del call["PolicySourceArn"]
    (result,) = iam.simulate_custom_policy(**call)["EvaluationResults"]
    assert result["EvalDecision"] == "allowed"
    assert "OrganizationsDecisionDetail" not in result


def test_files_and_the_name_of_the_default_policy_stand_for_documents(tmp_path: Path) -> None:
    (tmp_path / "details.json").write_text(json.dumps(DETAILS))
    (tmp_path / "deny.json").write_text(DENY)
    details = tmp_path / "details.json"
    worlds: list[list[list[object]]] = [
        [],
        [["FullAWSAccess"]],
        [["FullAWSAccess"], ["FullAWSAccess", tmp_path / "deny.json"]],
    ]
    decisions = [
        LocalIAM(ACCOUNT, authorization_details=details, scps=levels).simulate_principal_policy(**ALICE)[
            "EvaluationResults"
        ][0]["EvalDecision"]
        for levels in worlds
    ]
    assert decisions == [ask(DETAILS)["EvalDecision"], ask(DETAILS)["EvalDecision"], "explicitDeny"]
    assert decisions[0] == "allowed"


def test_a_file_that_is_no_json_is_bad_input(tmp_path: Path) -> None:
    (tmp_path / "details.json").write_text("{")
    with pytest.raises(InvalidInputError, match=r"details\.json: not JSON"):
        LocalIAM(ACCOUNT, authorization_details=tmp_path / "details.json")
