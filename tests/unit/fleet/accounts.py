"""Authorization details of made-up accounts."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from tests.documents import document

if TYPE_CHECKING:
    from pathlib import Path

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


def trusted(
    principal: dict[str, Any] | str, action: str = "sts:AssumeRole", effect: str = "Allow", **more: object
) -> dict[str, Any]:
    """A trust policy of one statement."""
    return document({"Effect": effect, "Principal": principal, "Action": action, **more})


def boundary(name: str, account: str = ACCOUNT) -> dict[str, str]:
    return {"PermissionsBoundaryArn": f"arn:aws:iam::{account}:policy/{name}", "PermissionsBoundaryType": "Policy"}


ORGANIZATION, ROOT, UNIT, MANAGEMENT = "o-aaaaaaaaaa", "r-aaaa", "ou-aaaa-bbbbbbbb", "111111111111"
_KINDS = {"scp": "SERVICE_CONTROL_POLICY", "rcp": "RESOURCE_CONTROL_POLICY"}


def organization(folder: Path, attached_to: dict[str, dict[str, list[dict[str, Any]]]], *members: str) -> str:
    """A folder as `aws organizations` prints it: members in a unit below the root.

    Args:
        folder: Where it is made.
        attached_to: By `scp` and `rcp` and by target, the documents that are attached; an Allow of everything where a
            target of a kind is not there, and no policies of a kind at all where the kind is not there.
        members: The ids of the accounts.
    """

    def put(name: str, content: dict[str, Any]) -> None:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(json.dumps(content))

    described = {"Id": ORGANIZATION, "MasterAccountId": MANAGEMENT, "FeatureSet": "ALL"}
    put("organization.json", {"Organization": described})
    types = [{"Type": _KINDS[kind], "Status": "ENABLED"} for kind in attached_to]
    put("roots.json", {"Roots": [{"Id": ROOT, "PolicyTypes": types}]})
    put(f"parents/{UNIT}.json", {"Parents": [{"Id": ROOT, "Type": "ROOT"}]})
    for member in members:
        put(f"parents/{member}.json", {"Parents": [{"Id": UNIT, "Type": "ORGANIZATIONAL_UNIT"}]})
    for kind, title in _KINDS.items():
        for target in (ROOT, UNIT, *members):
            full = document({"Effect": "Allow", "Action": "*", "Resource": "*"})
            if kind == "rcp":
                full["Statement"][0]["Principal"] = "*"
            documents = attached_to[kind].get(target, [full]) if kind in attached_to else []
            entries = []
            for number, content in enumerate(documents):
                policy_id = f"p-{kind}{target.replace('-', '')}{number}"
                summary = {"Id": policy_id, "Name": policy_id, "Type": title}
                entries.append(summary)
                policy = {"PolicySummary": summary, "Content": json.dumps(content)}
                put(f"policies/{policy_id}.json", {"Policy": policy})
            put(f"targets/{target}.{kind}.json", {"Policies": entries})
    return str(folder)
