"""Worlds of resource policies: whom they name, and what that is worth to whom."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from iamcheck.iam.model import PolicySet, Request
from tests.answers.layers import ANN, AWAY, CALLERS, HOME, ROLE, SESSION
from tests.answers.worlds import World, policy

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

__all__ = ["principal_worlds"]

_ROOT: Final = f"arn:aws:iam::{HOME}:root"
_PATHLESS: Final = f"arn:aws:iam::{HOME}:role/ci"
_OTHER_ROLE: Final = f"arn:aws:iam::{HOME}:role/path/other"
_OTHER_SESSION: Final = f"arn:aws:sts::{HOME}:assumed-role/ci/other"
_CHINA: Final = "arn:aws-cn:iam::123456789012:user/red/ann"
_ID: Final = "AIDACKCEVSQ6C2EXAMPLE"

_CALLERS: Final[Mapping[str, Mapping[str, Any]]] = {
    **CALLERS,
    "session-of-some-path": {"principal": SESSION},
    "session-of-no-role": {"principal": SESSION, "absent": ["aws:PrincipalArn"]},
    "session-of-pathless": {"principal": SESSION, "context": {"aws:PrincipalArn": _PATHLESS}},
    "other-session": {"principal": _OTHER_SESSION, "context": {"aws:PrincipalArn": ROLE}},
    "pathless": {"principal": _PATHLESS},
    "other-user": {"principal": f"arn:aws:iam::{HOME}:user/bob"},
    "role-away": {"principal": f"arn:aws:iam::{AWAY}:role/path/ci"},
    "user-in-china": {"principal": _CHINA},
    "group": {"principal": f"arn:aws:iam::{HOME}:group/g"},
}

_ELEMENTS: Final[Mapping[str, Any]] = {
    '"*"': "*",
    "*": {"AWS": "*"},
    "account": {"AWS": HOME},
    "root": {"AWS": _ROOT},
    "user": {"AWS": ANN},
    "role": {"AWS": ROLE},
    "pathless": {"AWS": _PATHLESS},
    "session": {"AWS": SESSION},
    "other-session": {"AWS": _OTHER_SESSION},
    "other-role": {"AWS": _OTHER_ROLE},
    "federated-user": {"AWS": f"arn:aws:sts::{HOME}:federated-user/ann"},
    "away": {"AWS": AWAY},
    "user-away": {"AWS": f"arn:aws:iam::{AWAY}:user/red/ann"},
    "unique-id": {"AWS": _ID},
    "user-in-china": {"AWS": _CHINA},
    "root-in-china": {"AWS": f"arn:aws-cn:iam::{HOME}:root"},
    "user account": {"AWS": [ANN, HOME]},
    "user root": {"AWS": [ANN, _ROOT]},
    "role root": {"AWS": [ROLE, _ROOT]},
    "pathless root": {"AWS": [_PATHLESS, _ROOT]},
    "session root": {"AWS": [SESSION, _ROOT]},
    "user-of-that-name": {"AWS": f"arn:aws:iam::{HOME}:user/ci"},
    "role-away": {"AWS": f"arn:aws:iam::{AWAY}:role/path/ci"},
    "session role": {"AWS": [SESSION, ROLE]},
    "session role root": {"AWS": [SESSION, ROLE, _ROOT]},
    "session pathless root": {"AWS": [SESSION, _PATHLESS, _ROOT]},
    "other-session root": {"AWS": [_OTHER_SESSION, _ROOT]},
    "* account": {"AWS": ["*", HOME]},
    "* user": {"AWS": ["*", ANN]},
    "away root": {"AWS": [AWAY, _ROOT]},
    "service": {"Service": "ec2.amazonaws.com"},
    "other-service": {"Service": "sqs.amazonaws.com"},
    "service account": {"Service": "ec2.amazonaws.com", "AWS": HOME},
    "provider": {"Federated": "cognito-identity.amazonaws.com"},
    "provider account": {"Federated": f"arn:aws:iam::{HOME}:saml-provider/p", "AWS": HOME},
    "canonical": {"CanonicalUser": "79a59df900b949e55d96a1e698fbacedfd6e09d98eacf8f8d5218e7cd47ef2be"},
    "canonical user": {
        "CanonicalUser": "79a59df900b949e55d96a1e698fbacedfd6e09d98eacf8f8d5218e7cd47ef2be", "AWS": ANN
    },
}  # fmt: skip
"""Whom a Principal or NotPrincipal element names, by a word."""

_EVERYTHING: Final = {"Action": "*", "Resource": "*"}
_NOTHING: Final = policy([{"Effect": "Allow", "Action": "ec2:*", "Resource": "*"}], "limit")
_ALL: Final = policy([{"Effect": "Allow", **_EVERYTHING}], "all")


def principal_worlds() -> Iterator[World]:
    """Each element as a grant, with and without a boundary that allows nothing, and as a Deny, in both forms."""
    requests = {
        caller: Request("sqs:SendMessage", f"arn:aws:sqs:eu-west-1:{HOME}:red", **fields)
        for caller, fields in _CALLERS.items()
    }
    for name, element in _ELEMENTS.items():
        grant = policy([{"Effect": "Allow", "Principal": element, **_EVERYTHING}], "queue")
        deny = policy([{"Effect": "Deny", "Principal": element, **_EVERYTHING}], "queue")
        yield World(f"Allow {name}", PolicySet(resource=grant), requests)
        yield World(f"Allow {name}, limited", PolicySet(resource=grant, boundary=_NOTHING), requests)
        yield World(f"Deny {name}", PolicySet(identity=[_ALL], resource=deny), requests)
        if name != "unique-id":
            deny = policy([{"Effect": "Deny", "NotPrincipal": element, **_EVERYTHING}], "queue")
            yield World(f"Deny all but {name}", PolicySet(identity=[_ALL], resource=deny), requests)
            if name in ('"*"', "user root", "service"):
                bounded = PolicySet(identity=[_ALL], resource=deny, boundary=_ALL)
                yield World(f"Deny all but {name}, bounded", bounded, requests)
