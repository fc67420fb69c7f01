"""Authorization details of made-up accounts."""

from __future__ import annotations

from typing import Any

from tests.documents import document

ACCOUNT = "123456789012"


def arn(kind: str, name: str, account: str = ACCOUNT) -> str:
    return f"arn:aws:iam::{account}:{kind}/{name}"


def entity(kind: str, name: str, *statements: dict[str, Any], account: str = ACCOUNT, **more: object) -> dict[str, Any]:
    """A user, group or role with one inline policy."""
    title = kind.capitalize()
    inline = [{"PolicyName": "own", "PolicyDocument": document(*statements)}] if statements else []
    found: dict[str, Any] = {
        "Path": "/",
        f"{title}Name": name,
        f"{title}Id": f"ID{name}",
        "Arn": arn(kind, name, account),
        f"{title}PolicyList": inline,
        "AttachedManagedPolicies": [],
    }
    if kind == "user":
        found |= {"GroupList": [], "Tags": []}
    if kind == "role":
        found |= {"AssumeRolePolicyDocument": trust(f"arn:aws:iam::{account}:root"), "Tags": []}
    return {**found, **more}


def trust(*principals: str) -> dict[str, Any]:
    return document({"Effect": "Allow", "Principal": {"AWS": list(principals)}, "Action": "sts:AssumeRole"})


def managed(name: str, *statements: dict[str, Any], account: str = ACCOUNT) -> dict[str, Any]:
    version = {"VersionId": "v1", "IsDefaultVersion": True, "Document": document(*statements)}
    return {
        "PolicyName": name,
        "Arn": f"arn:aws:iam::{account}:policy/{name}",
        "DefaultVersionId": "v1",
        "PolicyVersionList": [version],
    }


def attached(*names: str, account: str = ACCOUNT) -> list[dict[str, str]]:
    return [{"PolicyName": name, "PolicyArn": f"arn:aws:iam::{account}:policy/{name}"} for name in names]


def details(
    users: list[dict[str, Any]] = [],  # noqa: B006  nobody changes it
    roles: list[dict[str, Any]] = [],  # noqa: B006
    groups: list[dict[str, Any]] = [],  # noqa: B006
    policies: list[dict[str, Any]] = [],  # noqa: B006
) -> dict[str, Any]:
    return {"UserDetailList": users, "GroupDetailList": groups, "RoleDetailList": roles, "Policies": policies}
