"""Checks parameters as botocore does before it sends a request, and as IAM does before it reads one.

`check` is cheap and imports nothing: it compares the call with the table below, which a test compares with botocore's
model. Only a call with a fault makes botocore load, so that the error is botocore's own.
Source: botocore's service model of IAM (1.43.60), which is also
https://docs.aws.amazon.com/IAM/latest/APIReference/API_SimulateCustomPolicy.html.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from iamcheck.simulators.local_iam.errors import parameter_error, validation_error

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

__all__ = ["OPERATIONS", "ParameterShape", "check"]


@dataclass(frozen=True, slots=True)
class ParameterShape:
    """One shape of the service model; `minimum` and `maximum` bound a number, or the length of a text or list."""

    type: type
    minimum: int | None = None
    maximum: int | None = None
    pattern: str = ""
    enum: tuple[str, ...] = ()
    members: Mapping[str, ParameterShape] = field(default_factory=dict)
    required: tuple[str, ...] = ()
    member: ParameterShape | None = None
    union: bool = False
    echoes: bool = False
    """IAM's message repeats the value."""


def _list(member: ParameterShape, maximum: int | None = None) -> ParameterShape:
    return ParameterShape(list, member=member, maximum=maximum)


# "Latin-1 and three control characters" is all that a policy document may hold.
_DOCUMENT: Final = ParameterShape(str, 1, 131072, r"[\u0009\u000A\u000D\u0020-\u00FF]+")
_POLICIES: Final = _list(_DOCUMENT)
_ARN: Final = ParameterShape(str, 20, 2048)
_RESOURCE: Final = ParameterShape(str, 1, 2048)
# IAM's message names this pattern, although its service model has a stricter one: wildcards are looked at later.
_NAME: Final = ParameterShape(str, 1, 128, r".*[\w+=,.@-]+.*", echoes=True)
_KEY_TYPES: Final = ("string", "numeric", "boolean", "ip", "binary", "date")
_CONTEXT_ENTRY: Final = ParameterShape(
    dict,
    members={
        "ContextKeyName": ParameterShape(str, 5, 256),
        "ContextKeyValues": _list(ParameterShape(str)),
        "ContextKeyType": ParameterShape(
            str, enum=tuple(f"{name}{many}" for name in _KEY_TYPES for many in ("", "List"))
        ),
    },
)
_EXCLUSION: Final = ParameterShape(
    dict,
    union=True,
    members={
        "PolicyType": ParameterShape(
            str,
            enum=("inline", "aws-managed", "user-managed", "permission-boundary", "scp", "rcp"),
            echoes=True,
        ),
        "PolicyArn": _ARN,
        "InlinePolicyIdentifier": ParameterShape(
            dict,
            members={
                "PolicyName": _NAME,
                "AttachmentType": ParameterShape(str, enum=("user", "group", "role"), echoes=True),
                "AttachmentName": _NAME,
            },
            required=("PolicyName", "AttachmentType", "AttachmentName"),
        ),
    },
)
_LEVEL: Final = ParameterShape(dict, members={"ServiceControlPolicyInputList": _POLICIES})
_BOTH: Final = {
    "PolicyInputList": _POLICIES,
    "PermissionsBoundaryPolicyInputList": _POLICIES,
    "ActionNames": _list(ParameterShape(str, 3, 128)),
    "ResourceArns": _list(_RESOURCE),
    "ResourcePolicy": _DOCUMENT,
    "ResourceOwner": _RESOURCE,
    "CallerArn": _RESOURCE,
    "ContextEntries": _list(_CONTEXT_ENTRY),
    "ResourceHandlingOption": ParameterShape(str, 1, 64),
    "MaxItems": ParameterShape(int, 1, 1000),
    "Marker": ParameterShape(str, 1, 320, r"[\u0020-\u00FF]+"),
}

OPERATIONS: Final[Mapping[str, ParameterShape]] = {
    "SimulateCustomPolicy": ParameterShape(
        dict,
        members=_BOTH | {"OrderedOrganizationPolicyInputList": _list(_LEVEL, 7)},
        required=("PolicyInputList", "ActionNames"),
    ),
    "SimulatePrincipalPolicy": ParameterShape(
        dict,
        members=_BOTH | {"PolicySourceArn": _ARN, "PolicyExclusionList": _list(_EXCLUSION, 256)},
        required=("PolicySourceArn", "ActionNames"),
    ),
    "GetContextKeysForCustomPolicy": ParameterShape(
        dict, members={"PolicyInputList": _POLICIES}, required=("PolicyInputList",)
    ),
    "GetContextKeysForPrincipalPolicy": ParameterShape(
        dict, members={"PolicySourceArn": _ARN, "PolicyInputList": _POLICIES}, required=("PolicySourceArn",)
    ),
}
"""The input of each operation."""


def check(operation: str, parameters: dict[str, object]) -> None:
    """Refuses what a boto3 client or IAM's own front door would refuse.

    Raises:
        botocore.exceptions.ParamValidationError: An unknown or missing parameter, a wrong type, a value below its
            minimum: what botocore itself looks at.
        botocore.exceptions.ClientError: `ValidationError`: a value above its maximum, outside its enum or pattern.
    """
    shape = OPERATIONS[operation]
    if not _acceptable(parameters, shape) and (error := parameter_error(operation, parameters)):
        raise error
    if failures := list(_failures(parameters, shape, "")):
        raise validation_error(failures, operation)


def _acceptable(value: object, shape: ParameterShape) -> bool:
    if shape.type is list:
        return isinstance(value, list | tuple) and all(
            _acceptable(each, shape.member) for each in value if shape.member
        )
    if not isinstance(value, shape.type):
        return False
    if isinstance(value, dict):
        known = all(name in shape.members and _acceptable(each, shape.members[name]) for name, each in value.items())
        return known and all(name in value for name in shape.required) and (len(value) == 1 or not shape.union)
    size = len(value) if isinstance(value, str) else value
    return shape.minimum is None or (isinstance(size, int) and size >= shape.minimum)


def _failures(value: object, shape: ParameterShape, path: str) -> Iterator[str]:
    if isinstance(value, dict):
        for name, each in value.items():
            camel = name[0].lower() + name[1:]
            yield from _failures(each, shape.members[name], f"{path}.{camel}" if path else camel)
        return
    subject = f"Value {value!r} at '{path}'" if shape.echoes else f"Value at '{path}'"
    if constraint := _constraint(value, shape):
        yield f"{subject} failed to satisfy constraint: Member must {constraint}"
    if isinstance(value, list | tuple) and shape.member is not None:
        for number, each in enumerate(value, 1):
            yield from _failures(each, shape.member, f"{path}.{number}.member")


def _constraint(value: object, shape: ParameterShape) -> str:
    if isinstance(value, int):
        above = shape.maximum is not None and value > shape.maximum
        return f"have value less than or equal to {shape.maximum}" if above else ""
    if not isinstance(value, str | list | tuple):
        return ""
    if shape.maximum is not None and len(value) > shape.maximum:
        return f"have length less than or equal to {shape.maximum}"
    if not isinstance(value, str):
        return ""
    if shape.enum and value not in shape.enum:
        return f"satisfy enum value set: [{', '.join(shape.enum)}]"
    if shape.pattern and not re.fullmatch(shape.pattern, value, re.ASCII):
        return f"satisfy regular expression pattern: {shape.pattern}"
    return ""
