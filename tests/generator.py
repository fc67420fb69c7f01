"""Policy sets and requests that have something to say to each other, from a seeded source of choices.

The vocabularies are small, so that statements match, conditions hold and layers collide often. All that is made is
plain JSON first, which a disagreement can be shrunk in and be shown as.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Final

from iamcheck.iam.model import ContextValue, KeyType, Policy, PolicySet, Request
from iamcheck.iam.model.operators import Family, operators
from tests.vocabulary import (
    ACCOUNT,
    ACTIONS,
    KEYS,
    OTHER_ACCOUNT,
    PRINCIPALS,
    REQUESTS,
    RESOURCES,
    VALUES,
    VARIABLES,
    WHO,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from random import Random

__all__ = ["Case", "Generator", "completions"]

_FULL: Final = {"Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}}
_FULL_RCP: Final = {"Statement": {"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*"}}

_BY_FAMILY: Final = {
    family: sorted(name for name, operator in operators().items() if operator.family is family) for family in Family
}


@dataclass(frozen=True)
class Case:
    """A policy set and a request, as JSON values."""

    layers: Mapping[str, Any]
    """`PolicySet`'s arguments, with documents for policies."""
    action: str
    resource: str
    principal: str | None
    context: Mapping[str, tuple[str, Sequence[str]]]
    """Names to type and values."""
    absent: Sequence[str] = field(default=())

    def policies(self) -> PolicySet:
        """The set, parsed; nothing is refused for values that IAM would not store."""
        layers = self.layers
        boundary, resource = layers.get("boundary"), layers.get("resource")
        return PolicySet(
            identity=_parsed(layers.get("identity", [])),
            boundary=None if boundary is None else Policy.parse(boundary, stored=False),
            scps=[_parsed(level) for level in layers.get("scps", [])],
            rcps=[_parsed(level) for level in layers.get("rcps", [])],
            resource=None if resource is None else Policy.parse(resource, stored=False),
            session=_parsed(layers.get("session", [])),
        )

    def request(self) -> Request:
        context = {
            key: ContextValue(tuple(texts), KeyType(kind), KeyType(kind).many)
            for key, (kind, texts) in self.context.items()
        }
        return Request(self.action, self.resource, self.principal, context, self.absent)

    def settled(self) -> Case:
        """The same with every key that it does not know absent."""
        known = {key.lower() for key in self.context}
        return replace(self, absent=[key for key in KEYS if key.lower() not in known])


def _parsed(documents: Sequence[Any]) -> list[Policy]:
    return [Policy.parse(document, stored=False) for document in documents]


class Generator:
    """Makes cases from the choices of `random`.

    Args:
        random: Where the choices come from: `random.Random(seed)`, or hypothesis' `randoms()`.
        simulator: Leave out what AWS's policy simulator cannot be asked: sessions, RCPs, trust and key policies.
    """

    def __init__(self, random: Random, *, simulator: bool = False) -> None:
        self.random = random
        self.simulator = simulator

    def cases(self, requests: int) -> Iterator[Case]:
        """Several requests against one policy set."""
        who = self.random.choice([name for name in PRINCIPALS if not self.simulator or name in ("user", "role", None)])
        layers = self._layers(who)
        for _ in range(requests):
            yield self._case(layers, who)

    def _chance(self, likelihood: float) -> bool:
        return self.random.random() < likelihood

    def _some(self, values: Sequence[Any], most: int = 3) -> list[Any]:
        return [self.random.choice(values) for _ in range(self.random.randint(1, most))]

    def _case(self, layers: Mapping[str, Any], who: str | None) -> Case:
        action, resource = self.random.choice([one for one in REQUESTS if not self.simulator or one[0] in _SIMULATED])
        if self._chance(0.05):
            resource = self.random.choice(REQUESTS)[1]
        context = {}
        for key, (kind, texts) in KEYS.items():
            if self._chance(0.55):
                context[self._spelt(key)] = self._value(kind, texts)
        if resource.startswith("arn:aws:s3:") and self._chance(0.3):
            context["aws:ResourceAccount"] = ("string", [self.random.choice([ACCOUNT, OTHER_ACCOUNT])])
        if self.simulator and who and self._chance(0.8):
            # the simulator's own keys are its caller's to give
            context["aws:PrincipalArn"] = ("string", [WHO[who]])
            if who == "user":
                context["aws:username"] = ("string", ["ann"])
        if who == "session":
            # the path of a session's role is not in the session's ARN
            context["aws:PrincipalArn"] = ("string", [WHO["role"]])
        return Case(layers, self._spelt(action), resource, WHO[who] if who else None, context)

    def _spelt(self, name: str) -> str:
        """Case says nothing in the names of actions and keys."""
        return self.random.choice([str.upper, str.lower, str.swapcase])(name) if self._chance(0.1) else name

    def _value(self, kind: KeyType, texts: Sequence[str]) -> tuple[str, list[str]]:
        if kind.many:
            return kind.value, self._some(texts)
        if self._chance(0.1):
            if self._chance(0.5):
                return "string", [self.random.choice(texts)]
            return kind.listed.value, self._some(texts, 2)
        return kind.value, [self.random.choice(texts)]

    def _layers(self, who: str | None) -> dict[str, Any]:
        layers: dict[str, Any] = {"identity": [self._document("identity") for _ in range(self.random.randint(0, 2))]}
        if not layers["identity"] or self._chance(0.25):
            layers["identity"].append(_FULL)
        if self._chance(0.3):
            layers["boundary"] = self._document("boundary")
        if self._chance(0.3):
            layers["scps"] = self._levels("scp", _FULL)
        if who and self._chance(0.4):
            layers["resource"] = self._document("resource")
        if not self.simulator:
            if self._chance(0.15):
                layers["rcps"] = self._levels("rcp", _FULL_RCP)
            if who == "federated" or (who in ("role", "session") and self._chance(0.4)):
                layers["session"] = [self._document("session") for _ in range(self.random.randint(1, 2))]
        return layers

    def _levels(self, layer: str, full: dict[str, Any]) -> list[list[dict[str, Any]]]:
        levels = []
        for _ in range(self.random.randint(1, 3)):
            level = [self._document(layer) for _ in range(self.random.randint(0, 1))]
            levels.append([*level, full] if not level or self._chance(0.6) else level)
        return levels

    def _document(self, layer: str) -> dict[str, Any]:
        variables = self._chance(0.85)
        statements = [self._statement(layer, variables) for _ in range(self.random.randint(1, 3))]
        document: dict[str, Any] = {"Statement": statements}
        if variables:
            document["Version"] = "2012-10-17"
        elif self._chance(0.5):
            document["Version"] = "2008-10-17"
        return document

    def _statement(self, layer: str, variables: bool) -> dict[str, Any]:
        effect = "Deny" if self._chance(0.4 if layer in ("scp", "rcp") else 0.2) else "Allow"
        statement: dict[str, Any] = {"Effect": effect}
        if layer == "rcp":
            statement["Principal"] = "*"
        elif layer == "resource":
            element = "NotPrincipal" if effect == "Deny" and self._chance(0.3) else "Principal"
            # a unique id may or may not be the caller's: whom it excepts nobody can say
            named = [name for name in _NAMED if element == "Principal" or not name.startswith("AIDA")]
            statement[element] = self._principal(named)
        statement["NotAction" if self._chance(0.1) else "Action"] = self._some(ACTIONS)
        resources = [*RESOURCES, *(VARIABLES["resource"] if variables else ())]
        statement["NotResource" if self._chance(0.1) else "Resource"] = self._some(resources)
        if self._chance(0.6):
            statement["Condition"] = self._conditions(variables)
        return statement

    def _principal(self, named: Sequence[str]) -> str | dict[str, str | list[str]]:
        if self._chance(0.25):
            return "*"
        if self._chance(0.1):
            return {"Service": "ec2.amazonaws.com"}
        return {"AWS": self._some([*WHO.values(), *WHO.values(), *named])}

    def _conditions(self, variables: bool) -> dict[str, Any]:
        block: dict[str, Any] = {}
        for _ in range(self.random.randint(1, 2)):
            key = self.random.choice(list(KEYS))
            family = self.random.choice(_FAMILIES[KEYS[key][0].base])
            if self._chance(0.1):
                family = self.random.choice(list(Family))
            values = [*VALUES[family], *KEYS[key][1]]
            if variables and family in (Family.STRING, Family.ARN):
                values += VARIABLES[family.value]
            tests = block.setdefault(self.random.choice(_BY_FAMILY[family]), {})
            tests[self._spelt(key)] = self._some(values)
        return block


_SIMULATED: Final = (
    "s3:GetObject",
    "s3:PutObject",
    "s3:ListBucket",
    "iam:GetUser",
    "sagemaker:CreateEndpoint",
    "sagemaker:ListEndpoints",
    "madeup:Do",
    "sqs:SendMessage",
)

_NAMED: Final = (
    "*",
    ACCOUNT,
    OTHER_ACCOUNT,
    f"arn:aws:iam::{ACCOUNT}:root",
    f"arn:aws:iam::{OTHER_ACCOUNT}:root",
    f"arn:aws:iam::{ACCOUNT}:user/red/ANN",
    f"arn:aws:iam::{ACCOUNT}:role/other",
    "AIDACKCEVSQ6C2EXAMPLE",
)

_FAMILIES: Final = {
    KeyType.STRING: [Family.STRING, Family.STRING, Family.ARN, Family.NULL],
    KeyType.NUMERIC: [Family.NUMERIC, Family.NUMERIC, Family.STRING, Family.DATE],
    KeyType.DATE: [Family.DATE, Family.DATE, Family.DATE, Family.NUMERIC],
    KeyType.BOOLEAN: [Family.BOOL, Family.BOOL, Family.NULL, Family.STRING],
    KeyType.IP: [Family.IP, Family.IP, Family.IP, Family.STRING],
    KeyType.BINARY: [Family.BINARY, Family.BINARY, Family.STRING, Family.NULL],
}


def completions(case: Case, random: Random, most: int) -> Iterator[Case]:
    """The case with its unknown keys filled in: each alone with each of its values, then `most` mixtures.

    Keys that no policy names stay out: nothing reads them.
    """
    known = {key.lower() for key in (*case.context, *case.absent)}
    asked = json.dumps(case.layers).lower()
    unknown = {
        key: (kind, texts) for key, (kind, texts) in KEYS.items() if key.lower() not in known and key.lower() in asked
    }

    def filled(more: Mapping[str, tuple[str, list[str]]]) -> Case:
        return replace(case, context={**case.context, **more}).settled()

    for key, (kind, texts) in unknown.items():
        for text in texts:
            yield filled({key: (kind.value, [text])})
    for _ in range(most):
        chosen = {
            key: (kind.value, [random.choice(texts) for _ in range(random.randint(1, 3) if kind.many else 1)])
            for key, (kind, texts) in unknown.items()
            if random.random() < 0.6
        }
        yield filled(chosen)
