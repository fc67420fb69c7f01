"""Worlds of resource control policies: which requests they can touch at all."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from iamcheck.iam.model import UNREAD, PolicySet, Request
from tests.answers.layers import HOME
from tests.answers.worlds import World, policy

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

__all__ = ["rcp_worlds"]

_BUCKET: Final = "arn:aws:s3:::data/k"
_KEY: Final = f"arn:aws:kms:eu-west-1:{HOME}:key/1234abcd"
_LINKED: Final = f"arn:aws:iam::{HOME}:role/aws-service-role/x.amazonaws.com/AWSServiceRoleForX"
_ROLE: Final = f"arn:aws:iam::{HOME}:role/path/ci"
_ASKED: Final = (
    ("s3:GetObject", _BUCKET),
    ("S3:GETOBJECT", _BUCKET),
    ("s3:ListAllMyBuckets", "*"),
    ("s3:MadeUp", _BUCKET),
    ("ec2:RunInstances", f"arn:aws:ec2:eu-west-1:{HOME}:instance/i-1"),
    ("kms:Decrypt", _KEY),
    ("kms:RetireGrant", _KEY),
    ("KMS:retiregrant", _KEY),
    ("kms:CreateGrant", f"arn:aws:kms:eu-west-1:{HOME}:alias/aws/s3"),
    ("kms:CreateGrant", f"arn:aws:kms:eu-west-1:{HOME}:alias/mine"),
    ("kms:CreateGrant", "*"),
    ("s3:GetObject", f"arn:aws:s3:eu-west-1:{HOME}:alias/aws/s3"),
    ("sts:AssumeRole", _ROLE),
    ("sts:AssumeRole", _LINKED),
    ("sts:AssumeRoleWithSAML", _LINKED),
    ("sts:TagSession", _LINKED),
    ("sts:AssumeRole", "*"),
    ("sts:GetCallerIdentity", "*"),
    ("STS:getCallerIdentity", "*"),
)
_CALLERS: Final[Mapping[str, Mapping[str, Any]]] = {
    "nobody": {},
    "role": {"principal": _ROLE},
    "service-linked": {"principal": _LINKED},
    "its-session": {"principal": f"arn:aws:sts::{HOME}:assumed-role/AWSServiceRoleForX/s"},
    "user-of-that-name": {"principal": f"arn:aws:iam::{HOME}:user/AWSServiceRoleForX"},
    "user-of-that-path": {"principal": f"arn:aws:iam::{HOME}:user/role/aws-service-role/x"},
    "service": {"principal": "s3.amazonaws.com"},
}
_ALIASES: Final[Mapping[str, Mapping[str, Any]]] = {
    "": {},
    "+aws-alias": {"kms:ResourceAliases": ["alias/mine", "alias/aws/s3"]},
    "+alias": {"kms:ResourceAliases": ["alias/mine"]},
}


def rcp_worlds() -> Iterator[World]:
    """Each action by each caller: under RCPs that deny all, that do not allow it, and that are not read."""
    allow = policy([{"Effect": "Allow", "Action": "*", "Resource": "*"}], "all")
    everyone = {"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*"}
    full = policy([everyone], "full")
    contents: dict[str, Any] = {
        "denies": [[full], [full, policy([{**everyone, "Effect": "Deny"}], "deny")]],
        "other": [[policy([{**everyone, "Action": "ec2:*"}], "other")]],
        "unread": UNREAD,
    }
    trust = policy([everyone], "resource")
    for word, rcps in contents.items():
        policies = PolicySet(identity=[allow], rcps=rcps, resource=trust)
        for action, resource in _ASKED:
            requests = {
                f"{caller}{alias}": Request(action, resource, **fields, context=context)
                for caller, fields in _CALLERS.items()
                for alias, context in _ALIASES.items()
                if not alias or (action.lower().startswith(("kms:", "s3:g")) and caller == "role")
            }
            yield World(f"rcps={word} {action} {resource}", policies, requests)
