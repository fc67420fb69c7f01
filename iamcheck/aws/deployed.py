"""Reads what is deployed: an endpoint config and models, as the requests that would create them.

Source: https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_DescribeEndpointConfig.html,
https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_DescribeModel.html and
https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_ListTags.html
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from math import isfinite
from typing import TYPE_CHECKING, Final, NamedTuple

from iamcheck.deployment.located import UNKNOWN, Member, WrittenRequest
from iamcheck.errors import AwsUnavailableError
from iamcheck.iam.catalogue import request_members
from iamcheck.iam.model import Place
from iamcheck.iam.model.json_text import shown

if TYPE_CHECKING:
    from collections.abc import Sequence

    from iamcheck.aws.clients import AwsAnswer
    from iamcheck.aws.reads import RegionReads
    from iamcheck.deployment.located import MemberValue

__all__ = ["ExistingConfig", "existing_config", "model_names", "read_config", "read_models", "with_existing"]

_ANSWER_ONLY: Final = frozenset(
    {"CreationTime", "DeploymentRecommendation", "EndpointConfigArn", "ModelArn", "ResponseMetadata", "Tags"}
)
"""Members of the two answers that no request has; tags have a call of their own."""
_DEEPEST: Final = 12
"""Levels of a request; the deepest that there are, have seven."""


@dataclass(frozen=True, slots=True)
class ExistingConfig:
    """An endpoint config that exists, as far as it could be read.

    Args:
        request: The CreateEndpointConfig request that would create it; a member that could not be read is UNKNOWN.
        unread: Why members are UNKNOWN; none: everything was read.
    """

    request: WrittenRequest
    unread: tuple[AwsUnavailableError, ...] = ()


def existing_config(reads: RegionReads, name: str) -> ExistingConfig | None:
    """The endpoint config of a name: what was read of it, and UNKNOWN for what could not be read.

    Empty lists and structures are left out, and tags whose keys start with `aws:`, which no request may have.

    Args:
        reads: The reads of the endpoint config's Region.
        name: Its name.

    Returns:
        The endpoint config; None where SageMaker answers that there is none.
    """
    place = _place("endpoint config", name, reads)
    try:
        answer = reads.endpoint_config(name)
        if answer is None:
            return None
        members, arn = _config_members(answer, place), answer.text("EndpointConfigArn")
    except AwsUnavailableError as error:
        members = {member: _unknown(member, place) for member in request_members()["CreateEndpointConfig"]}
        members["EndpointConfigName"] = _member(name, "EndpointConfigName", place)
        return ExistingConfig(_config(members, place), (error,))
    try:
        tags = _tags(reads, arn, place)
    except AwsUnavailableError as error:
        return ExistingConfig(_config({**members, "Tags": _unknown("Tags", place)}, place), (error,))
    return ExistingConfig(_config({**members, "Tags": tags} if tags.items() else members, place))


def read_config(reads: RegionReads, name: str) -> WrittenRequest | None:
    """The request that would create an endpoint config which exists; its tags are UNKNOWN, for ListTags is not asked.

    Args:
        reads: The reads of the endpoint config's Region.
        name: Its name.

    Returns:
        The CreateEndpointConfig request; None where there is no such endpoint config.

    Raises:
        AwsUnavailableError: AWS could not be asked, or its answer cannot be understood.
    """
    answer = reads.endpoint_config(name)
    if answer is None:
        return None
    place = _place("endpoint config", name, reads)
    return _config({**_config_members(answer, place), "Tags": _unknown("Tags", place)}, place)


def read_models(reads: RegionReads, names: Sequence[str]) -> tuple[WrittenRequest, ...]:
    """The requests that would create models which exist.

    Args:
        reads: The reads of the models' Region.
        names: The models' names; each is asked for once.

    Returns:
        The CreateModel requests in the order of the names, without those of models that do not exist. Their tags are
        UNKNOWN: nothing that is checked depends on them.

    Raises:
        AwsUnavailableError: AWS could not be asked for one of them, or its answer cannot be understood.
    """
    distinct = list(dict.fromkeys(names))
    models = []
    for name, answer in zip(
        distinct, reads.side_by_side([partial(reads.model, model_name) for model_name in distinct]), strict=True
    ):
        if isinstance(answer, AwsUnavailableError):
            raise answer
        if answer is not None:
            models.append(_model(answer, _place("model", name, reads)))
    return tuple(models)


def with_existing(
    reads: RegionReads, config_name: str | None, config: WrittenRequest | None, models: Sequence[WrittenRequest]
) -> tuple[WrittenRequest | None, tuple[WrittenRequest, ...]]:
    """An endpoint config and its models, with what exists in place of what nobody wrote.

    Args:
        reads: The reads of the deployment's Region.
        config_name: The name of the endpoint config; None: not known.
        config: The CreateEndpointConfig request; None: it is not written, and is read.
        models: The CreateModel requests that are written; the other models that the endpoint config names are read.

    Raises:
        AwsUnavailableError: AWS could not be asked for one of them, or its answer cannot be understood.
    """
    if config is None and config_name is not None:
        config = read_config(reads, config_name)
    written = {_model_name(model) for model in models}
    missing = [name for name in model_names(config) if name not in written]
    return config, (*models, *read_models(reads, missing))


def model_names(config: WrittenRequest | None) -> tuple[str, ...]:
    """The names of the models that an endpoint config uses, as far as they are known, each once."""
    names: list[str] = []
    for list_name in ("ProductionVariants", "ShadowProductionVariants"):
        variants = None if config is None else config.root.get(list_name)
        for variant in () if variants is None else variants.items():
            pools = variant.get("InstancePools")
            members = [variant.get("ModelName")]
            members += [pool.get("ModelNameOverride") for pool in (() if pools is None else pools.items())]
            names += [member.value for member in members if member is not None and isinstance(member.value, str)]
    return tuple(dict.fromkeys(names))


def _model_name(model: WrittenRequest) -> str | None:
    member = model.root.get("ModelName")
    return member.value if member is not None and isinstance(member.value, str) else None


def _config_members(answer: AwsAnswer, place: Place) -> dict[str, Member]:
    members = _request_members(answer, "CreateEndpointConfig", place)
    if "ProductionVariants" not in members:
        raise answer.unusable("ProductionVariants is missing from the answer")
    return members


def _config(members: dict[str, Member], place: Place) -> WrittenRequest:
    return WrittenRequest("CreateEndpointConfig", _member(members, "", place), place)


def _model(answer: AwsAnswer, place: Place) -> WrittenRequest:
    members = _request_members(answer, "CreateModel", place)
    if not members.keys() & {"PrimaryContainer", "Containers"}:
        raise answer.unusable("the model has no container")
    members["Tags"] = _unknown("Tags", place)
    return WrittenRequest("CreateModel", _member(members, "", place), place)


def _unknown(name: str, place: Place) -> Member:
    return _member(UNKNOWN, name, place)


def _member(value: MemberValue, path: str, place: Place) -> Member:
    """A member of the answer at `place`, whose own place adds its path."""
    return Member(value, path, place._replace(path=path))


def _request_members(answer: AwsAnswer, operation: str, place: Place) -> dict[str, Member]:
    """The members of an answer that a request has, by name; a text that is empty is a member that is not set."""
    known = request_members()[operation]
    members: dict[str, Member] = {}
    for name, value in answer.data.items():
        if name in _ANSWER_ONLY:
            continue
        if name not in known:
            raise answer.unusable(f"this version does not know its member {shown(name)}, and it may matter")
        member = _DescribeAnswer(answer, place).member(value, known[name], name, _DEEPEST)
        # a request that has an empty text would ask for no key, no role
        if member is not None and member.value != "":
            members[name] = member
    return members


class _DescribeAnswer(NamedTuple):
    """An answer of AWS whose values become members.

    Args:
        answer: The answer.
        place: The place of the whole; each member's place adds its path.
    """

    answer: AwsAnswer
    place: Place

    def member(self, value: object, structure: str, path: str, depth: int) -> Member | None:
        """A value of the answer, by the members that requests have; None where it is not set."""
        if value is None or value == [] or value == {}:
            return None
        if isinstance(value, list) and depth:
            items = [self.member(item, structure, f"{path}[{index}]", depth - 1) for index, item in enumerate(value)]
            present = tuple(item for item in items if item is not None)
            # an item that is null or empty is none of AWS's
            if len(present) == len(items):
                return _member(present, path, self.place)
        elif isinstance(value, dict) and depth:
            return _member(self._members(value, structure, path, depth), path, self.place)
        elif not structure and (isinstance(value, (str, int)) or (isinstance(value, float) and isfinite(value))):
            return _member(value, path, self.place)
        raise self.answer.unusable(f"{path} is not what the API has there")

    def _members(self, values: dict[object, object], structure: str, path: str, depth: int) -> dict[str, Member]:
        known = request_members()[structure] if structure else {}
        members: dict[str, Member] = {}
        for name, value in values.items():
            if not isinstance(name, str) or (structure and name not in known):
                raise self.answer.unusable(
                    f"this version does not know its member {path}.{shown(str(name))}, and it may matter"
                )
            member = self.member(value, known.get(name, ""), f"{path}.{name}", depth - 1)
            if member is not None:
                members[name] = member
        return members


def _tags(reads: RegionReads, arn: str, place: Place) -> Member:
    tags: list[Member] = []
    for tag in reads.tags(arn):
        key, value = tag.text("Key"), tag.data.get("Value")
        if not isinstance(value, str):
            raise tag.unusable("a tag has no value")
        if not key.casefold().startswith("aws:"):
            path = f"Tags[{len(tags)}]"
            members = {"Key": _member(key, f"{path}.Key", place), "Value": _member(value, f"{path}.Value", place)}
            tags.append(_member(members, path, place))
    return _member(tuple(tags), "Tags", place)


def _place(kind: str, name: str, reads: RegionReads) -> Place:
    return Place(label=f"{kind} {name} in {reads.region}")
