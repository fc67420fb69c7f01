"""A resource of a plan -> the request that the provider makes of it, each member with its attribute's address.

The provider names its attributes after the API's members, so the API's members are the table, and the exceptions are
written down here. It sends no null, no empty text and list, and no zero where zero is none of the API's values.

Source: https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/sagemaker_endpoint_configuration,
.../sagemaker_endpoint and .../sagemaker_model
"""

from __future__ import annotations

import re
from dataclasses import replace
from functools import lru_cache
from typing import TYPE_CHECKING, Final, Literal, NamedTuple, TypeAlias

from iamcheck.deployment.located import UNKNOWN, Member, Pattern, WrittenRequest
from iamcheck.deployment.terraform._plan import is_true
from iamcheck.errors import InvalidInputError
from iamcheck.iam.catalogue import request_members
from iamcheck.iam.model.json_text import Number, shown

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from iamcheck.deployment.terraform._plan import Resource
    from iamcheck.iam.model import Place
    from iamcheck.iam.model.json_text import Node

__all__ = ["CONFIG", "ENDPOINT", "MODEL", "request_of", "unknown_config"]

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
_RENAMED: Final = {
    ("CreateEndpointConfig", "KmsKeyId"): "kms_key_arn",
    ("CreateModel", "Containers"): "container",
    ("ContainerDefinition", "AdditionalModelDataSources"): "additional_model_data_source",
}
"""Structure and member -> attribute, where its name is not the member's."""
_LISTS: Final = frozenset(
    {
        "AcceleratorPartitionLayouts",
        "AdditionalModelDataSources",
        "Alarms",
        "CaptureOptions",
        "Containers",
        "InstancePools",
        "MetricsEndpoints",
        "ProductionVariants",
        "ShadowProductionVariants",
        "Tags",
    }
)
"""Members that are lists of structures; Terraform writes a single structure as a list of one."""
_ZEROS: Final = frozenset(
    {"InitialSamplingPercentage", "InitialVariantWeight", "TerminationWaitInSeconds", "WaitIntervalInSeconds"}
)
"""Members that are sent when they are zero."""
_DEFAULTS: Final = {("DataCaptureConfig", "EnableCapture"): False}
"""Structure and member -> what is sent where the attribute is not set, and the API's own default is another."""
_NOT_SENT: Final = frozenset({"arn", "id", "name", "name_prefix", "region", "tags", "tags_all", "timeouts"})
"""Attributes of a resource that are no member of a request, or that are read by themselves."""
_NAME: Final = r"[A-Za-z0-9-]*"
_CURE: Final = "give what `terraform show -json PLANFILE` prints"


class _Trees(NamedTuple):
    """A value as it will be, with what of it is unknown, and what is sensitive."""

    after: Node | None
    unknown: Node | None
    sensitive: Node | None

    def item(self, index: int) -> _Trees:
        return _Trees(*(_item(node, index) for node in self))

    def member(self, name: str) -> _Trees:
        return _Trees(*(_get(node, name) for node in self))

    @property
    def is_absent(self) -> bool:
        return self.after is None or self.after.value in (None, "", [], {})

    @property
    def is_unknown(self) -> bool:
        if self.unknown is not None and self.unknown.value is True:
            return True
        return self.is_absent and is_true(self.unknown)

    @property
    def is_hidden(self) -> bool:
        return self.sensitive is not None and self.sensitive.value is True


def request_of(resource: Resource, plan: Place, secrets: Collection[str] = ()) -> WrittenRequest:
    """The request that creates a resource.

    Args:
        resource: An endpoint, an endpoint config or a model.
        plan: The file of the plan.
        secrets: Texts that do not get into tags: `default_tags` lose the marks of what is sensitive.

    Raises:
        InvalidInputError: It has an attribute that is not known here, or of a shape that the provider's has not.
    """
    operation, name = _REQUESTS[resource.type]
    where = replace(plan, path=resource.address)
    found: dict[str, Member] = {}
    if (member := _named(resource, name, where)) is not None:
        found[name] = member
    whole = [resource.after, resource.unknown, resource.sensitive]
    for attribute in dict.fromkeys((*resource.after, *resource.unknown)):
        if attribute not in _NOT_SENT:
            trees = _Trees(*(tree.get(attribute) for tree in whole))
            _add(found, operation, attribute, trees, "", _below(where, f".{_step(attribute)}"))
    if (tags := _tags(resource, where, secrets)) is not None:
        found["Tags"] = tags
    return WrittenRequest(operation, Member(found, "", where), where)


def unknown_config(place: Place) -> WrittenRequest:
    """The request for an endpoint config of which nothing is known.

    Args:
        place: Where it is referred to.
    """
    every = request_members()["CreateEndpointConfig"]
    return WrittenRequest(
        "CreateEndpointConfig", Member({name: Member(UNKNOWN, name, place) for name in every}, "", place), place
    )


def _named(resource: Resource, path: str, where: Place) -> Member | None:
    name, prefix = (
        _Trees(*(tree.get(attribute) for tree in (resource.after, resource.unknown, resource.sensitive)))
        for attribute in ("name", "name_prefix")
    )
    if name.is_unknown and isinstance(given := prefix.after and prefix.after.value, str) and given:
        place = _below(where, ".name_prefix")
        if prefix.is_hidden or prefix.is_unknown:
            return Member(UNKNOWN, path, place)
        if not re.fullmatch(_NAME, given):
            raise InvalidInputError(
                "the prefix has characters that no name has", where=str(place), cure="letters, digits and hyphens"
            )
        return Member(Pattern(f"{given}*"), path, place)
    return _member("", path, name, path, _below(where, ".name"))


def _tags(resource: Resource, where: Place, secrets: Collection[str]) -> Member | None:
    """The tags, with those of the provider's `default_tags` where the plan says them."""
    own = _Trees(*(tree.get("tags") for tree in (resource.after, resource.unknown, resource.sensitive)))
    both = "tags_all" in resource.after or "tags_all" in resource.unknown
    attribute = "tags_all" if both else "tags"
    trees = _Trees(*(tree.get(attribute) for tree in (resource.after, resource.unknown, resource.sensitive)))
    where = _below(where, f".{attribute}")
    # the provider makes tags_all of the tags, and what is sensitive in these is not marked in it
    if own.is_hidden or trees.is_hidden or (trees.unknown is not None and trees.unknown.value is True):
        return Member(UNKNOWN, "Tags", where)
    keys = dict.fromkeys((*_keys(trees.after, where), *_keys(trees.unknown, where)))
    tags = []
    for at, key in enumerate(keys):
        path, place = f"Tags[{at}]", _below(where, f"[{_key(key)}]")
        one = trees.member(key)
        hidden = one.is_hidden or own.member(key).is_hidden
        value = UNKNOWN if one.is_unknown or hidden else _scalar(one.after, place)
        if isinstance(value, str) and any(secret in value for secret in secrets):
            value = UNKNOWN
        tags.append(
            Member(
                {"Key": Member(key, f"{path}.Key", place), "Value": Member(value, f"{path}.Value", place)}, path, place
            )
        )
    return Member(tuple(tags), "Tags", where) if tags else None


def _keys(node: Node | None, where: Place) -> Mapping[str, Node]:
    if node is None or node.value is None:
        return {}
    if not isinstance(node.value, dict):
        raise InvalidInputError("an object is due here", where=str(where), cure=_CURE)
    return node.value


def _add(found: dict[str, Member], structure: str, attribute: str, trees: _Trees, path: str, where: Place) -> None:
    name = _attributes(structure).get(attribute)
    if name is None:
        if trees.is_absent and not is_true(trees.unknown):
            return
        raise InvalidInputError(
            "this attribute is not known, and it may matter",
            where=str(where),
            cure="use a newer version; until then give the requests themselves",
        )
    member = _member(request_members()[structure][name], name, trees, f"{path}.{name}" if path else name, where)
    if member is None and (structure, name) in _DEFAULTS:
        member = Member(_DEFAULTS[structure, name], f"{path}.{name}", where)
    if member is not None:
        found[name] = member


def _member(structure: str, name: str, trees: _Trees, path: str, where: Place) -> Member | None:
    """The value of an attribute; None where it is not set."""
    if trees.is_unknown:
        return Member(UNKNOWN, path, where)
    if trees.is_absent or trees.after is None:
        return None
    if trees.is_hidden:
        # what may not be shown does not get into requests, whose values are shown
        return Member(UNKNOWN, path, _below(where, " (sensitive)"))
    value = trees.after.value
    if isinstance(value, list):
        return _listed(structure, name, len(value), trees, path, where)
    if isinstance(value, dict):
        if not structure:
            return Member(
                {key: _one("", trees.member(key), f"{path}.{key}", _below(where, f"[{_key(key)}]")) for key in value},
                path,
                where,
            )
        if name not in _LISTS:
            return _one(structure, trees, path, where)
    elif not structure:
        plain = _scalar(trees.after, where)
        if isinstance(plain, (int, float)) and not isinstance(plain, bool) and not plain and name not in _ZEROS:
            return None
        return Member(plain, path, where)
    raise InvalidInputError("the provider has a list of blocks here", where=str(where), cure=_CURE)


def _listed(structure: str, name: str, length: int, trees: _Trees, path: str, where: Place) -> Member:
    more = trees.unknown.value[length:] if trees.unknown and isinstance(trees.unknown.value, list) else []
    if any(map(is_true, more)):
        return Member(UNKNOWN, path, where)
    if structure and name not in _LISTS:
        if length > 1:
            raise InvalidInputError("the API takes one of these blocks", where=str(where), cure="keep one")
        return _one(structure, trees.item(0), path, _below(where, "[0]"))
    return Member(
        tuple(_one(structure, trees.item(at), f"{path}[{at}]", _below(where, f"[{at}]")) for at in range(length)),
        path,
        where,
    )


def _one(structure: str, trees: _Trees, path: str, where: Place) -> Member:
    """A block, or an item of a list or a map."""
    if trees.is_unknown:
        return Member(UNKNOWN, path, where)
    if trees.is_hidden:
        return Member(UNKNOWN, path, _below(where, " (sensitive)"))
    if trees.after is None or not structure:
        return Member(_scalar(trees.after, where), path, where)
    if not isinstance(trees.after.value, dict):
        raise InvalidInputError("a block is due here", where=str(where), cure=_CURE)
    found: dict[str, Member] = {}
    for attribute in dict.fromkeys((*trees.after.value, *_keys(_block(trees.unknown), where))):
        _add(found, structure, attribute, trees.member(attribute), path, _below(where, f".{_step(attribute)}"))
    return Member(found, path, where)


def _below(place: Place, step: str) -> Place:
    """The place of an attribute, a block or an item below another."""
    return replace(place, path=place.path + step)


def _step(name: str) -> str:
    return name if re.fullmatch(r"[\w-]{1,100}", name) else shown(name)


def _key(name: str) -> str:
    return f'"{name}"' if name.isprintable() else shown(name)


def _block(node: Node | None) -> Node | None:
    """A tree of marks, where it is one of a block; false says that nothing in the block is marked."""
    return None if node is not None and node.value is False else node


def _scalar(node: Node | None, where: Place) -> str | int | float | bool | None:
    value = None if node is None else node.value
    if isinstance(value, Number):
        if re.fullmatch(r"-?\d{1,18}", value.text):
            return int(value.text)
        number = float(value.text)
        if number in (float("inf"), float("-inf")):
            raise InvalidInputError("the number is too large", where=str(where), cure=_CURE)
        return number
    if isinstance(value, (list, dict)):
        raise InvalidInputError("a text, a number or a truth value is due here", where=str(where), cure=_CURE)
    return value


def _get(node: Node | None, name: str) -> Node | None:
    """A member of a tree; the tree itself, where it is one mark for everything in it."""
    if node is not None and isinstance(node.value, dict):
        return node.value.get(name)
    return node if node is not None and node.value is True else None


def _item(node: Node | None, index: int) -> Node | None:
    if node is not None and isinstance(node.value, list):
        return node.value[index] if index < len(node.value) else None
    return node if node is not None and node.value is True else None


@lru_cache(maxsize=64)
def _attributes(structure: str) -> Mapping[str, str]:
    """Attribute -> member of the structure."""
    return {_RENAMED.get((structure, name), _snake(name)): name for name in request_members()[structure]}


def _snake(name: str) -> str:
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", name).lower()
