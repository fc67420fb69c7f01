"""Worlds of layers: what each layer of policies may say, two layers at a time, for every kind of caller."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, Any, Final

from iamcheck.iam.model import UNREAD, PolicySet, Request
from tests.answers.worlds import World, policy

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

__all__ = ["CALLERS", "layer_worlds"]

HOME: Final = "123456789012"
AWAY: Final = "210987654321"
ANN: Final = f"arn:aws:iam::{HOME}:user/red/ann"
ROLE: Final = f"arn:aws:iam::{HOME}:role/path/ci"
SESSION: Final = f"arn:aws:sts::{HOME}:assumed-role/ci/build"
CALLERS: Final[Mapping[str, Mapping[str, Any]]] = {
    "user": {"principal": ANN},
    "role": {"principal": ROLE},
    "session": {"principal": SESSION, "context": {"aws:PrincipalArn": ROLE}},
    "federated": {"principal": f"arn:aws:sts::{HOME}:federated-user/ann"},
    "root": {"principal": f"arn:aws:iam::{HOME}:root"},
    "service": {"principal": "ec2.amazonaws.com"},
    "nobody": {},
    "of-home": {"context": {"aws:PrincipalAccount": HOME}},
    "user-away": {"principal": f"arn:aws:iam::{AWAY}:user/red/ann"},
    "root-away": {"principal": f"arn:aws:iam::{AWAY}:root"},
    "of-away": {"context": {"aws:PrincipalAccount": AWAY}},
}
"""Who asks; the resources are those of the account `HOME`."""

_QUEUE: Final = ("sqs:SendMessage", f"arn:aws:sqs:eu-west-1:{HOME}:red")
_KEY: Final = ("kms:Decrypt", f"arn:aws:kms:eu-west-1:{HOME}:key/1234abcd")
_TRUST: Final = ("sts:AssumeRole", ROLE)
_PASS: Final = ("iam:PassRole", ROLE)

_ALLOW: Final = {"Effect": "Allow", "Action": "*", "Resource": "*"}
_OTHER: Final = {"Effect": "Allow", "Action": "ec2:*", "Resource": "*"}
_DENY: Final = {"Effect": "Deny", "Action": "*", "Resource": "*"}


def _if(key: str, statement: Mapping[str, Any], operator: str = "StringEquals") -> dict[str, Any]:
    return {**statement, "Condition": {operator: {f"x:{key}": "y"}}}


def _contents(key: str) -> dict[str, list[dict[str, Any]]]:
    """What a layer may say: its statements, by a word. Each layer's conditions look at a key of its own."""
    return {
        "allows": [_ALLOW],
        "other": [_OTHER],
        "denies": [_ALLOW, _DENY],
        "perhaps": [_if(key, _ALLOW)],
        "unless": [_if(key, _ALLOW, "StringNotEquals")],
        "may-deny": [_ALLOW, _if(key, _DENY)],
        "denies-unless": [_ALLOW, _if(key, _DENY, "StringNotEquals")],
    }


def _named(statements: list[dict[str, Any]], who: object) -> list[dict[str, Any]]:
    return [{**statement, "Principal": who} for statement in statements]


_WHO: Final[Mapping[str, object]] = {
    "own": {"AWS": [ANN, SESSION, f"arn:aws:sts::{HOME}:federated-user/ann", f"arn:aws:iam::{AWAY}:user/red/ann"]},
    "role": {"AWS": ROLE},
    "account": {"AWS": [HOME, f"arn:aws:iam::{AWAY}:root"]},
    "everyone": "*",
    "service": {"Service": "ec2.amazonaws.com"},
}
"""Whom a resource policy names."""


def _layer(name: str, word: str) -> object:
    """The content of a layer by its word; `own+perhaps` is that of a resource policy, `allows,other` has two levels."""
    if word == "unread":
        return UNREAD
    if name in ("scps", "rcps"):
        who: dict[str, Any] = {"Principal": "*"} if name == "rcps" else {}
        return [
            [policy([{**one, **who} for one in _contents(name)[part]], f"{name}-{part}") for part in level.split("&")]
            for level in word.split(",")
        ]
    if name == "resource":
        whose, _, what = word.partition("+")
        return policy(_named(_contents(name)[what], _WHO[whose]), f"resource-{word}")
    statements = policy(_contents(name)[word], f"{name}-{word}")
    return statements if name == "boundary" else [statements]


_SHORT: Final = ("other", "perhaps", "unless", "may-deny", "unread")
_FEW: Final = ("other", "perhaps", "may-deny", "unread"), ("", "perhaps", "may-deny", "unread")
"""For pairs of layers: of any other layer, and of identity policies."""
_FEW_GRANTS: Final = (
    "own+allows", "own+perhaps", "account+perhaps", "everyone+perhaps", "everyone+may-deny", "unread",
)  # fmt: skip
"""Likewise, of the resource's policy."""
_CONTENTS: Final[Mapping[str, tuple[str, ...]]] = {
    "identity": ("", "perhaps", "unless", "may-deny", "unread", "other"),
    "boundary": ("allows", "denies", *_SHORT),
    "scps": ("allows", "denies", "allows&other,other", "other&perhaps,allows", *_SHORT),
    "rcps": ("allows", "denies", "allows,other", *_SHORT),
    "resource": (
        "own+allows", "own+perhaps", "role+allows", "role+unless", "account+allows", "account+perhaps",
        "everyone+allows", "everyone+perhaps", "everyone+denies", "everyone+may-deny", "service+allows",
        "service+other", "unread",
    ),
    "session": ("denies", *_SHORT),
}  # fmt: skip
"""By layer; the identity policies allow everything where nothing else is said."""


def _request(asked: tuple[str, str], caller: str) -> Request:
    return Request(*asked, **CALLERS[caller])


def _world(asked: tuple[str, str], words: Mapping[str, str], callers: tuple[str, ...]) -> World:
    layers: dict[str, Any] = {name: _layer(name, word) for name, word in words.items() if word}
    title = " ".join([asked[0], *(f"{name}={word or '(none)'}" for name, word in words.items())])
    return World(title, PolicySet(**layers), {caller: _request(asked, caller) for caller in callers})


_SOME: Final = ("user", "role", "session", "root", "service", "nobody", "user-away")


def layer_worlds() -> Iterator[World]:
    """One layer beside the identity policies for every caller, then two at a time for some."""
    everybody = tuple(CALLERS)
    for word in ("allows", *_CONTENTS["identity"], "denies", "denies-unless"):
        yield _world(_QUEUE, {"identity": word}, everybody)
    for name in ("boundary", "scps", "rcps", "resource", "session"):
        for word in (*_CONTENTS[name], *(() if name == "resource" else ("denies-unless",))):
            yield _world(_QUEUE, {"identity": "allows", name: word}, everybody)
    for one, other in itertools.combinations(("identity", "boundary", "scps", "rcps", "resource", "session"), 2):
        contents = [_FEW_GRANTS if name == "resource" else _FEW[name == "identity"] for name in (one, other)]
        for pair in itertools.product(*contents):
            words = dict(zip((one, other), pair, strict=True))
            yield _world(_QUEUE, {"identity": "allows", **words}, _SOME)
    for asked in (_KEY, _TRUST, _PASS):
        for identity in ("allows", "", "perhaps", "unless", "unread")[: 2 if asked is _PASS else None]:
            for resource in ("", *_CONTENTS["resource"]):
                yield _world(asked, {"identity": identity, "resource": resource}, everybody)
