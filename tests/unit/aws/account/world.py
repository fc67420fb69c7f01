"""A small account on the loopback AWS, for all who read it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from tests.server.iam import load_managed_policy
from tests.server.identities import backend

if TYPE_CHECKING:
    from tests.server import LoopbackAws

__all__ = ["FULL_ACCESS", "IAM", "A", "ann", "document", "managed"]

A = "123456789012"
IAM = f"arn:aws:iam::{A}"
FULL_ACCESS = "arn:aws:iam::aws:policy/AmazonSageMakerFullAccess"


def document(sid: str) -> dict[str, Any]:
    """A policy that is told by its Sid."""
    statement = {"Sid": sid, "Effect": "Allow", "Action": ["sagemaker:*"], "Resource": ["*"]}
    return {"Version": "2012-10-17", "Statement": [statement]}


def managed(name: str, *, path: str = "/", versions: int = 1, default: int = 1) -> str:
    """Makes a managed policy whose versions have the Sids name1, name2 ..."""
    iam = backend(A, "aws")
    arn: str = iam.create_policy("", path, json.dumps(document(f"{name}1")), name, []).arn
    for number in range(2, versions + 1):
        iam.create_policy_version(arn, json.dumps(document(f"{name}{number}")), number == default)
    return arn


def ann(aws: LoopbackAws) -> str:
    """Makes a user with everything that a user can have."""
    arn = aws.create_user("ann", path="/team/", policy=document("OfAnn"), boundary=document("Limit")).arn
    # straight to the server's state: what the calls of a client make of it is not what these tests are about
    iam = backend(A, "aws")
    load_managed_policy(A, "aws", FULL_ACCESS)
    iam.tag_user("ann", [{"Key": "team", "Value": "ml"}, {"Key": "empty", "Value": ""}])
    shared = managed("shared", path="/ml/", versions=3, default=2)
    for group in ("ml", "ops"):
        iam.create_group(group)
        iam.add_user_to_group(group, "ann")
        iam.attach_group_policy(shared, group)
    iam.put_group_policy("ml", "a@b.c=d,e-f", json.dumps(document("OfMl")))
    iam.attach_group_policy(FULL_ACCESS, "ops")
    iam.attach_user_policy(shared, "ann")
    return arn
