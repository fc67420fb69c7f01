"""Makes well-formed calls of AWS's policy simulator, in batches.

Source: https://docs.aws.amazon.com/IAM/latest/APIReference/API_SimulateCustomPolicy.html and
https://docs.aws.amazon.com/IAM/latest/APIReference/API_SimulatePrincipalPolicy.html
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from iamcheck.errors import InvalidInputError, UnsupportedElementError
from iamcheck.iam import catalogue
from iamcheck.iam.model import KeyType, PolicyType, Unread

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from iamcheck.iam.model import ContextInput, Policy, PolicySet, Request

__all__ = ["Batch", "batches", "context_entries", "custom_input", "is_entity", "open_layers", "principal_input"]

LONGEST_RESOURCE_LIST = 20
LONGEST_ACTION_LIST = 50
"""With longer lists callers were throttled at once (reports of users); AWS publishes no limit."""
ANY = ("*",)

_ENTITY = re.compile(r"arn:[^:]+:iam::[0-9]{12}:(?:user|role|group)/.+")

Entry = tuple[str, str, tuple[str, ...]]
"""A context entry: name, `ContextKeyType`, values."""


@dataclass(frozen=True)
class Batch:
    """One call: every action is asked about every resource."""

    actions: tuple[str, ...]
    resources: tuple[str, ...]
    context: tuple[Entry, ...]
    caller: str | None

    def parameters(self) -> dict[str, object]:
        """The parameters that both operations share."""
        entries = [
            {"ContextKeyName": name, "ContextKeyType": kind, "ContextKeyValues": list(values)}
            for name, kind, values in self.context
        ]
        arguments: dict[str, object] = {"ActionNames": list(self.actions), "ResourceArns": list(self.resources)}
        return arguments | ({"ContextEntries": entries} if entries else {})


def batches(requests: Sequence[Request]) -> Iterator[Batch]:
    """Puts requests together into as few calls as answer exactly these.

    A call has one context and one caller, and its answer is about every pair of its actions and its ARNs: so only
    actions that are asked about the same ARNs go together, and of these only those of one service that accept the same
    types of resources, for others "require different authorization information" or are denied for the ARN's type alone
    (observed in AWS's answers, September 2026).
    """
    groups: dict[tuple[tuple[Entry, ...], str | None], dict[str, dict[str, None]]] = {}
    for request in requests:
        actions = groups.setdefault((context_entries(request), request.principal), {})
        actions.setdefault(request.action, {})[request.resource] = None
    for (context, caller), actions in groups.items():
        alike: dict[object, tuple[list[str], tuple[str, ...]]] = {}
        for action, resources in actions.items():
            # the simulator refuses `*` beside ARNs
            for part in (ANY if "*" in resources else (), tuple(resource for resource in resources if resource != "*")):
                if part:
                    alike.setdefault((*_kind(action), frozenset(part)), ([], part))[0].append(action)
        for names, part in alike.values():
            for some_names in _cut(tuple(names), LONGEST_ACTION_LIST):
                for some in _cut(part, LONGEST_RESOURCE_LIST):
                    yield Batch(some_names, some, context, caller)


def _kind(action: str) -> tuple[str, frozenset[str] | None]:
    info = catalogue.action(action)
    return action.partition(":")[0].lower(), None if info is None else frozenset(
        resource_type.name for resource_type in info.resource_types
    )


def _cut(texts: tuple[str, ...], size: int) -> Iterator[tuple[str, ...]]:
    return (texts[start : start + size] for start in range(0, len(texts), size))


def context_entries(request: Request) -> tuple[Entry, ...]:
    """The known context as the simulator takes it, sorted by name.

    The type of a value is its own, else the one that the service reference has for the key, else the one of the Python
    value.

    Raises:
        InvalidInputError: Several values for a key that has one.
    """
    service = request.action.partition(":")[0]
    raw = {key.lower(): (key, value) for key, value in request.context.items()}
    entries = []
    for name, value in request.known.items():
        # what the request itself says (the principal, the resource's account) has no spelling of the user's
        key, original = raw.get(name, (name, None))
        declared = catalogue.condition_key_type(name, service)
        kind = value.type or declared or (_type_of(original).listed if value.many else _type_of(original))
        if len(value.values) > 1 and not kind.many:
            raise InvalidInputError(
                f"{key} is a key of one value ({kind}), and has {len(value.values)}",
                where="context",
                cure="give one value",
            )
        entries.append((key, kind.value, value.values))
    return tuple(sorted(entries))


def _type_of(value: ContextInput | None) -> KeyType:
    """The type of a value in a list, or of one value, by its Python type."""
    from datetime import datetime
    from decimal import Decimal

    first = next(iter(value)) if isinstance(value, (list, tuple, set, frozenset)) else value
    # a bool is an int too, so it comes first
    for python, kind in (
        (bool, KeyType.BOOLEAN),
        ((int, float, Decimal), KeyType.NUMERIC),
        (datetime, KeyType.DATE),
        (bytes, KeyType.BINARY),
    ):
        if isinstance(first, python):
            return kind
    return KeyType.STRING


def custom_input(policies: PolicySet, caller: str | None) -> dict[str, object]:
    """The policies, for SimulateCustomPolicy.

    Raises:
        UnsupportedElementError: A layer that AWS's simulator does not take.
        InvalidInputError: Nothing is known of the identity policies; or a resource policy without a caller.
    """
    _refuse(policies)
    if isinstance(policies.identity, Unread):
        raise InvalidInputError("the principal's policies were not read", where="policies", cure="give them")
    arguments: dict[str, object] = {"PolicyInputList": _texts(policies.identity)}
    if not isinstance(policies.scps, Unread) and policies.scps:
        arguments["OrderedOrganizationPolicyInputList"] = [
            {"ServiceControlPolicyInputList": _texts(level)} for level in policies.scps
        ]
    if not isinstance(policies.resource, Unread) and policies.resource is not None:
        if not is_entity(caller):
            raise InvalidInputError(
                "AWS's simulator takes a resource policy only with the ARN of a user, group or role",
                where="--resource-policy",
                cure="give --principal, or use --engine local",
            )
        arguments["ResourcePolicy"] = policies.resource.to_json()
    if is_entity(caller):
        arguments["CallerArn"] = caller
    return arguments | _boundary(policies)


def principal_input(policies: PolicySet, source_arn: str) -> dict[str, object]:
    """The policies, for SimulatePrincipalPolicy: UNREAD means the principal's own.

    Identity policies that are given add to the principal's, and a boundary takes the place of its boundary.

    Raises:
        UnsupportedElementError: A layer that AWS's simulator does not take.
    """
    _refuse(policies)
    if not isinstance(policies.scps, Unread) and policies.scps:
        raise UnsupportedElementError(
            "SimulatePrincipalPolicy takes no SCPs", where="--scp", cure="give --policy too, or use --engine local"
        )
    arguments: dict[str, object] = {"PolicySourceArn": source_arn}
    if not isinstance(policies.identity, Unread) and policies.identity:
        arguments["PolicyInputList"] = _texts(policies.identity)
    return arguments | _boundary(policies)


def _boundary(policies: PolicySet) -> dict[str, object]:
    boundary = policies.boundary
    return (
        {}
        if boundary is None or isinstance(boundary, Unread)
        else {"PermissionsBoundaryPolicyInputList": [boundary.to_json()]}
    )


def _refuse(policies: PolicySet) -> None:
    for layer, policies_of_layer in ((PolicyType.RCP, policies.rcps), (PolicyType.SESSION, policies.session)):
        if not isinstance(policies_of_layer, Unread) and policies_of_layer:
            raise UnsupportedElementError(
                f"AWS's simulator takes no {layer} policies", where="policies", cure="use --engine local"
            )


def _texts(policies: Sequence[Policy]) -> list[str]:
    return [policy.to_json() for policy in policies]


def open_layers(policies: PolicySet) -> frozenset[PolicyType]:
    """The layers that nobody has read."""
    return frozenset(layer for layer, content in policies.by_layer().items() if isinstance(content, Unread))


def is_entity(arn: str | None) -> bool:
    """True for the ARN of a user, role or group, the only principals that the simulator takes."""
    return arn is not None and _ENTITY.fullmatch(arn) is not None
