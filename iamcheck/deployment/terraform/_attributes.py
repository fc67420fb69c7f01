"""Turns a resource of a plan into the provider's request; what the plan does not know becomes UNKNOWN.

The provider names its attributes after the API's members, so the API's members are the table, and the exceptions are
written down here. It sends no null, no empty text and list, and no zero where zero is none of the API's values.
An attribute that the provider computes itself (Optional and Computed) is unknown in every plan of a resource that is
created. It is sent only where the configuration has an expression for it.

Source: https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/sagemaker_endpoint_configuration,
.../sagemaker_endpoint and .../sagemaker_model
"""

from __future__ import annotations

import re
import shlex
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Final, Literal, TypeAlias

from iamcheck.deployment.located import UNKNOWN, Member, Pattern, Unknown, WrittenRequest
from iamcheck.deployment.terraform._document import CURE, is_true
from iamcheck.deployment.terraform._plan import references
from iamcheck.deployment.terraform._provider import (
    COMPUTED_BLOCKS,
    DEFAULTS,
    LISTS,
    NEVER_COMPUTED,
    NOT_SENT,
    ORDERED,
    RENAMED,
    ZEROS,
)
from iamcheck.deployment.terraform._values import Written, attribute_of, keys_of, scalar
from iamcheck.deployment.unsettled import OpenCause
from iamcheck.errors import InvalidInputError
from iamcheck.iam.catalogue import request_members
from iamcheck.iam.model.json_text import shown

if TYPE_CHECKING:
    from collections.abc import Mapping

    from iamcheck.deployment.terraform._plan import PlannedResource
    from iamcheck.deployment.terraform._values import PlannedValue
    from iamcheck.iam.model import Place

__all__ = [
    "CONFIG",
    "ENDPOINT",
    "MODEL",
    "Surroundings",
    "attribute_member",
    "attributes",
    "name_of",
    "operation_of",
    "request_of",
    "set_flag",
    "tags_of",
]

ENDPOINT: Final = "aws_sagemaker_endpoint"
CONFIG: Final = "aws_sagemaker_endpoint_configuration"
MODEL: Final = "aws_sagemaker_model"
"""Types of resources."""

Operation: TypeAlias = Literal["CreateEndpoint", "CreateEndpointConfig", "CreateModel"]

_REQUESTS: Final[Mapping[str, tuple[Operation, str]]] = {
    ENDPOINT: ("CreateEndpoint", "EndpointName"),
    CONFIG: ("CreateEndpointConfig", "EndpointConfigName"),
    MODEL: ("CreateModel", "ModelName"),
}
"""Type of resource -> operation that makes it, and member for its name."""
_OTHER_REQUESTS: Final = {
    "aws_appautoscaling_policy": "PutScalingPolicy",
    "aws_appautoscaling_target": "RegisterScalableTarget",
    "aws_cloudwatch_metric_alarm": "PutMetricAlarm",
    "aws_sagemaker_model_package_group": "CreateModelPackageGroup",
}
"""Likewise, of the types that `_resources` reads."""
_MADE_UP: Final = "terraform-*"
"""The name that the provider makes up where the configuration has none.

Source: https://pkg.go.dev/github.com/hashicorp/terraform-plugin-sdk/v2/helper/id#UniqueId
"""
_NAME: Final = r"[A-Za-z0-9-]*"


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What the rest of a plan says about a resource.

    Args:
        plan: The file of the plan.
        expressions: The expressions of its configuration by attribute; None: the plan does not have it.
        default_tags: The tags that the provider adds to every resource; UNKNOWN: not known.
        secrets: Texts that do not get into tags: `tags_all` loses the marks of what is sensitive.
    """

    plan: Place
    expressions: Mapping[str, object] | None
    default_tags: Mapping[str, object] | Unknown
    secrets: frozenset[str] = frozenset()


def request_of(resource: PlannedResource, surroundings: Surroundings) -> WrittenRequest:
    """The request that creates a resource.

    Args:
        resource: An endpoint, an endpoint config or a model.
        surroundings: What the rest of the plan says about it.

    Raises:
        InvalidInputError: It has an attribute that is not known here, or of a shape that the provider's has not.
    """
    operation, name = _REQUESTS[resource.type]
    where = resource.place(surroundings.plan)
    members: dict[str, Member] = {}
    if (member := _named(resource, surroundings, name, where)) is not None:
        members[name] = member
    for attribute in dict.fromkeys((*resource.after, *resource.unknown)):
        if attribute not in NOT_SENT:
            value = attribute_of(resource, surroundings.expressions, attribute)
            _add(members, operation, attribute, value, "", _below(where, f".{_step(attribute)}"))
    if (tags := tags_of(resource, surroundings, where)) is not None:
        members["Tags"] = tags
    return WrittenRequest(operation, Member(members, "", where), where)


def operation_of(type_: str) -> str:
    """The operation that makes a resource of a type; empty where no request is read from it."""
    return _REQUESTS[type_][0] if type_ in _REQUESTS else _OTHER_REQUESTS.get(type_, "")


def cause_of(value: PlannedValue, place: Place) -> OpenCause:
    """Why a value is not known, and how to say it.

    Args:
        value: The value.
        place: The place of its attribute.
    """
    names = references(value.expression) if isinstance(value.expression, dict) else ()
    if not is_true(value.unknown):
        text = "the plan marks it as sensitive"
    elif names:
        text = f"it is made of {shown(names[0])[1:-1]}"
    else:
        text = "the plan does not say what it is made of"
    return OpenCause(text, set_flag(place.path))


def set_flag(path: str, value: str = "VALUE") -> str:
    """The flag that gives a value to an attribute, as a shell takes it.

    Args:
        path: The address of the attribute.
        value: What stands for the value.
    """
    return f"--set {shlex.quote(f'{path}={value}')}"


def name_of(resource: PlannedResource, surroundings: Surroundings) -> Member | None:
    """The name that a resource will have: a text, a `Pattern` or UNKNOWN; None where the plan says none."""
    _, name = _REQUESTS[resource.type]
    return _named(resource, surroundings, name, resource.place(surroundings.plan))


@lru_cache(maxsize=64)
def attributes(structure: str) -> Mapping[str, str]:
    """The attributes of the provider -> the members of a structure of the API.

    Args:
        structure: An operation such as `CreateEndpoint`, or a structure of its request.
    """
    return {RENAMED.get((structure, name), _snake(name)): name for name in request_members()[structure]}


def _named(resource: PlannedResource, surroundings: Surroundings, path: str, where: Place) -> Member | None:
    name, prefix = (
        attribute_of(resource, surroundings.expressions, attribute) for attribute in ("name", "name_prefix")
    )
    place = _below(where, ".name")
    if not name.is_unknown:
        return _member("", path, name, path, place)
    if isinstance(prefix.after, str) and prefix.after and not prefix.is_unknown:
        place = _below(where, ".name_prefix")
        if prefix.is_hidden:
            return _open(path, place, prefix)
        if not re.fullmatch(_NAME, prefix.after):
            raise InvalidInputError(
                "the prefix has characters that no name has", where=str(place), cure="letters, digits and hyphens"
            )
        return Member(Pattern(f"{prefix.after}*"), path, place)
    if name.is_written is Written.NO and prefix.is_written is Written.NO:
        return Member(Pattern(_MADE_UP), path, place)
    return _open(path, place, name)


def tags_of(resource: PlannedResource, surroundings: Surroundings, where: Place) -> Member | None:
    """The tags, with those of the provider's `default_tags`."""
    written_tags, every = (attribute_of(resource, surroundings.expressions, name) for name in ("tags", "tags_all"))
    has_all = "tags_all" in resource.after or "tags_all" in resource.unknown
    where = _below(where, ".tags_all" if has_all else ".tags")
    # the provider makes tags_all of the tags, and what is sensitive in these is not marked in it
    if written_tags.is_hidden or every.is_hidden:
        return _open("Tags", where, written_tags)
    value = every if has_all and every.unknown is not True else _own_tags(written_tags, every, surroundings, where)
    if value is None:
        return _open("Tags", where, written_tags if written_tags.unknown is True else every)
    tags = []
    for index, key in enumerate(dict.fromkeys((*keys_of(value.after, where), *keys_of(value.unknown, where)))):
        path, place = f"Tags[{index}]", _below(where, f"[{_key(key)}]")
        tag = value.member(key)
        is_open = tag.is_unknown or tag.is_hidden or written_tags.member(key).is_hidden
        text = None if is_open else scalar(tag.after, place)
        is_secret = isinstance(text, str) and _has_secret(text, surroundings.secrets)
        value_path = f"{path}.Value"
        members = {
            "Key": Member(key, f"{path}.Key", place),
            "Value": _open(value_path, place, tag) if is_open or is_secret else Member(text, value_path, place),
        }
        tags.append(Member(members, path, place))
    return Member(tuple(tags), "Tags", where) if tags else None


@lru_cache(maxsize=4096)
def _has_secret(text: str, secrets: frozenset[str]) -> bool:
    return any(secret in text for secret in secrets)


def _own_tags(
    written_tags: PlannedValue, every: PlannedValue, surroundings: Surroundings, where: Place
) -> PlannedValue | None:
    """The tags where `tags_all` does not say them; None: they are not known.

    The provider leaves `tags_all` unknown where a tag is, and older providers where there are no tags at all.
    """
    defaults = surroundings.default_tags
    if isinstance(defaults, Unknown) or (written_tags.unknown is True and written_tags.is_written is not Written.NO):
        return None
    tags = {**defaults, **keys_of(written_tags.after, where)}
    is_partly_unknown = written_tags.unknown is not True and is_true(written_tags.unknown)
    if tags and every.unknown is True and not is_partly_unknown:
        # the provider would know these: something else is still to come
        return None
    return written_tags._replace(after=tags, unknown=written_tags.unknown if is_partly_unknown else None)


def attribute_member(value: PlannedValue, member: str, place: Place, structure: str = "") -> Member | None:
    """An attribute of a resource, with the blocks in it; None where it is not set.

    Args:
        value: The attribute.
        member: The member of the API that it becomes.
        place: The place of the attribute.
        structure: The structure of the API that it holds; empty: it is a text or a number, or a list of these.
    """
    return _open(member, place, value) if value.is_unknown else _member(structure, member, value, member, place)


def _add(into: dict[str, Member], structure: str, attribute: str, value: PlannedValue, path: str, where: Place) -> None:
    name = attributes(structure).get(attribute)
    if name is None:
        is_computed = value.is_written is Written.NO
        if value.is_absent and (is_computed or not is_true(value.unknown)):
            return
        raise InvalidInputError(
            "this attribute is not known, and it may matter",
            where=str(where),
            cure="use a newer version; until then give the requests themselves",
        )
    member = _member(request_members()[structure][name], name, value, f"{path}.{name}" if path else name, where)
    if member is None and (structure, name) in DEFAULTS:
        member = Member(DEFAULTS[structure, name], f"{path}.{name}", where)
    if member is not None:
        into[name] = member


def _member(structure: str, name: str, value: PlannedValue, path: str, where: Place) -> Member | None:
    """The value of an attribute; None where it is not set, or computed."""
    if value.is_unknown:
        return _unknown(structure, name, value, path, where)
    if value.is_absent:
        return None
    if value.is_hidden:
        # what may not be shown does not get into requests, whose values are shown
        return _open(path, where, value)
    after = value.after
    if isinstance(after, list):
        return _listed(structure, name, len(after), value, path, where)
    if isinstance(after, dict):
        if not structure:
            return Member(
                {key: _item("", value.member(key), f"{path}.{key}", _below(where, f"[{_key(key)}]")) for key in after},
                path,
                where,
            )
        if name not in LISTS:
            return _item(structure, value, path, where)
    elif not structure:
        plain = scalar(after, where)
        if isinstance(plain, (int, float)) and not isinstance(plain, bool) and not plain and name not in ZEROS:
            return None
        return Member(plain, path, where)
    raise InvalidInputError("the provider has a list of blocks here", where=str(where), cure=CURE)


def _unknown(structure: str, name: str, value: PlannedValue, path: str, where: Place) -> Member | None:
    """An attribute that is unknown; None where the provider computes it after the request, which does not have it."""
    is_computed = name in COMPUTED_BLOCKS if structure else name not in NEVER_COMPUTED
    if value.is_written is not Written.NO or not is_computed:
        return _open(path, where, value)
    return Member(Pattern(_MADE_UP), path, where) if name == "VariantName" else None


def _listed(structure: str, name: str, length: int, value: PlannedValue, path: str, where: Place) -> Member:
    if isinstance(value.unknown, list) and any(map(is_true, value.unknown[length:])):
        return _open(path, where, value)
    if structure and name not in LISTS:
        if length > 1:
            raise InvalidInputError("the API takes one of these blocks", where=str(where), cure="keep one")
        return _item(structure, value.item(0, length, is_ordered=True), path, _below(where, "[0]"))
    is_ordered = name in ORDERED
    items = (
        _item(
            structure, value.item(index, length, is_ordered=is_ordered), f"{path}[{index}]", _below(where, f"[{index}]")
        )
        for index in range(length)
    )
    return Member(tuple(items), path, where)


def _item(structure: str, value: PlannedValue, path: str, where: Place) -> Member:
    """A block, or an item of a list or a map."""
    if value.is_unknown or value.is_hidden:
        return _open(path, where, value)
    if not structure:
        return Member(scalar(value.after, where), path, where)
    if not isinstance(value.after, dict):
        raise InvalidInputError("a block is due here", where=str(where), cure=CURE)
    members: dict[str, Member] = {}
    for attribute in dict.fromkeys((*value.after, *keys_of(value.unknown, where))):
        _add(members, structure, attribute, value.member(attribute), path, _below(where, f".{_step(attribute)}"))
    return Member(members, path, where)


def _open(path: str, where: Place, value: PlannedValue) -> Member:
    return Member(UNKNOWN, path, where, (cause_of(value, where),))


def _step(name: str) -> str:
    return name if re.fullmatch(r"[\w-]{1,100}", name) else shown(name)


def _key(name: str) -> str:
    return f'"{name}"' if name.isprintable() else shown(name)


def _below(place: Place, step: str) -> Place:
    """The place of an attribute, a block or an item below another."""
    return place._replace(path=place.path + step)


def _snake(name: str) -> str:
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", name).lower()
