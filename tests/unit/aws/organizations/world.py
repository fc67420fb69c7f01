"""Organizations on the loopback AWS, and folders of them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from iamcheck.aws.organizations import read_live
from iamcheck.iam.model import UNREAD, PolicyType
from tests.server.organizations import RCP, SCP

if TYPE_CHECKING:
    from pathlib import Path

    from iamcheck.aws.organizations import OrganizationPolicies
    from iamcheck.iam.model import Policy, Unread
    from tests.server import LoopbackAws

__all__ = ["LAYERS", "A", "deny", "export", "live", "sids"]

A = "123456789012"
LAYERS = {SCP: PolicyType.SCP, RCP: PolicyType.RCP}


def deny(sid: str, *, kind: str = SCP) -> dict[str, Any]:
    """A policy that is told by its Sid."""
    principal = {"Principal": "*"} if kind == RCP else {}
    statement = {"Sid": sid, "Effect": "Deny", "Action": "s3:GetObject", "Resource": "*", **principal}
    return {"Version": "2012-10-17", "Statement": [statement]}


def live(aws: LoopbackAws, account_id: str = A, *, max_concurrency: int = 4) -> OrganizationPolicies:
    """What a client of the admin's reads."""
    return read_live(account_id, aws.client("organizations"), max_concurrency=max_concurrency)


def sids(levels: tuple[tuple[Policy, ...], ...] | Unread) -> list[list[str]]:
    """The Sids of the policies' first statements, or the names of the default policies."""
    assert levels is not UNREAD
    return [[policy.statements[0].sid or policy.name for policy in level] for level in levels]


def export(aws: LoopbackAws, folder: Path, account_id: str = A) -> None:
    """Make a folder as the commands in docs/organizations.md do, by boto3: the CLI takes a second a call."""
    client = aws.client("organizations")

    def keep(name: str, answer: dict[str, Any]) -> dict[str, Any]:
        answer.pop("ResponseMetadata", None)
        file = folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(json.dumps(answer, default=str))
        return answer

    keep("organization.json", client.describe_organization())
    keep("roots.json", client.list_roots())
    target = account_id
    while True:
        for kind, layer in LAYERS.items():
            pages = client.get_paginator("list_policies_for_target").paginate(TargetId=target, Filter=kind)
            policies = keep(f"targets/{target}.{layer}.json", pages.build_full_result())["Policies"]
            for policy in policies:
                keep(f"policies/{policy['Id']}.json", client.describe_policy(PolicyId=policy["Id"]))
        if target.startswith("r-"):
            return
        target = keep(f"parents/{target}.json", client.list_parents(ChildId=target))["Parents"][0]["Id"]
