"""Authorization details of any size, written quickly: as the AWS CLI prints them, indented by four."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from tests.unit.aws.account.world import IAM

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path
    from typing import TextIO

__all__ = ["ROLE", "USER", "write_details"]

USER = f"{IAM}:user/team/user-@@@@@@@"
"""The ARN of a user, with seven signs in place of its number."""
ROLE = f"{IAM}:role/team/role-@@@@@@@"
_NUMBER = "@@@@@@@"
GROUPS, POLICIES = 50, 500


def _document(statements: int) -> dict[str, Any]:
    return {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Sid": f"Statement{number}",
                "Effect": "Allow",
                "Action": ["s3:GetObject", "s3:PutObject", "sagemaker:CreateEndpoint"],
                "Resource": [
                    f"arn:aws:s3:::bucket-{_NUMBER}-{number}/*",
                    f"arn:aws:sagemaker:eu-west-1:123456789012:endpoint/{_NUMBER}-*",
                ],
                "Condition": {"StringEquals": {"aws:RequestedRegion": ["eu-west-1", "eu-central-1"]}},
            }
            for number in range(statements)
        ],
    }


def _entry(kind: str, statements: int) -> dict[str, Any]:
    attached = [{"PolicyName": f"policy-{place}", "PolicyArn": f"{IAM}:policy/policy-{place}"} for place in (7, 321)]
    common = {
        "Path": "/team/",
        f"{kind}Name": f"{kind.lower()}-{_NUMBER}",
        f"{kind}Id": f"AXXA{_NUMBER}",
        "Arn": f"{IAM}:{kind.lower()}/team/{kind.lower()}-{_NUMBER}",
        "CreateDate": "2024-01-01T00:00:00+00:00",
        f"{kind}PolicyList": [{"PolicyName": "inline", "PolicyDocument": _document(statements)}],
        "AttachedManagedPolicies": attached,
        "Tags": [{"Key": "number", "Value": _NUMBER}],
    }
    if kind == "User":
        return {**common, "GroupList": ["group-0000003", "group-0000040"]}
    trust = {
        "Version": "2012-10-17",
        "Statement": [
            {"Effect": "Allow", "Principal": {"Service": "sagemaker.amazonaws.com"}, "Action": "sts:AssumeRole"}
        ],
    }
    return {**common, "AssumeRolePolicyDocument": trust, "InstanceProfileList": []}


def _group() -> dict[str, Any]:
    name = f"group-{_NUMBER}"
    inline = [{"PolicyName": "inline", "PolicyDocument": _document(3)}]
    attached = [{"PolicyName": "policy-9", "PolicyArn": f"{IAM}:policy/policy-9"}]
    return {
        "Path": "/",
        "GroupName": name,
        "GroupId": f"AGPA{_NUMBER}",
        "Arn": f"{IAM}:group/{name}",
        "GroupPolicyList": inline,
        "AttachedManagedPolicies": attached,
    }


def _policy(place: int) -> dict[str, Any]:
    versions = [
        {"Document": _document(number), "VersionId": f"v{number}", "IsDefaultVersion": number == 3}
        for number in (5, 4, 3)
    ]
    return {
        "PolicyName": f"policy-{place}",
        "PolicyId": f"ANPA{place:07}",
        "Arn": f"{IAM}:policy/policy-{place}",
        "Path": "/",
        "DefaultVersionId": "v3",
        "PolicyVersionList": versions,
    }


def write_details(path: Path, principals: int, *, statements: int) -> None:
    """Writes half as many users as principals, and half roles; an entry grows with the statements of its policy."""
    with path.open("w") as file:
        file.write("{\n")
        _list(file, "UserDetailList", _numbered(_entry("User", statements), principals // 2))
        _list(file, "GroupDetailList", _numbered(_group(), GROUPS))
        _list(file, "RoleDetailList", _numbered(_entry("Role", statements), principals - principals // 2))
        _list(file, "Policies", (json.dumps(_policy(place), indent=4) for place in range(POLICIES)), last=True)
        file.write("}\n")


def _numbered(entry: dict[str, Any], count: int) -> Iterator[str]:
    template = json.dumps(entry, indent=4).replace("\n", "\n        ")
    return (template.replace(_NUMBER, f"{number:07}") for number in range(count))


def _list(file: TextIO, name: str, entries: Iterator[str], *, last: bool = False) -> None:
    file.write(f'    "{name}": [\n        {next(entries)}')
    file.writelines(f",\n        {entry}" for entry in entries)
    file.write("\n    ]\n" if last else "\n    ],\n")
