"""Reads what is deployed: an endpoint config and models, as the requests that would create them.

Source: https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_DescribeEndpointConfig.html,
https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_DescribeModel.html and
https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_ListTags.html
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from math import isfinite
from typing import TYPE_CHECKING, Final

from iamcheck.deployment.located import UNKNOWN, WrittenRequest, member_of
from iamcheck.errors import AwsUnavailableError
from iamcheck.iam.catalogue import request_members
from iamcheck.iam.model import Place
from iamcheck.iam.model.json_text import shown

if TYPE_CHECKING:
    from collections.abc import Sequence

    from iamcheck.aws.clients import AwsAnswer
    from iamcheck.aws.reads import RegionReads
    from iamcheck.deployment.located import Plain

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
        request, arn = _config_request(answer), answer.text("EndpointConfigArn")
    except AwsUnavailableError as error:
        members: dict[str, Plain] = dict.fromkeys(request_members()["CreateEndpointConfig"], UNKNOWN)
        return ExistingConfig(_config({**members, "EndpointConfigName": name}, place), (error,))
    try:
        tags = _tags(reads, arn)
    except AwsUnavailableError as error:
        return ExistingConfig(_config({**request, "Tags": UNKNOWN}, place), (error,))
    return ExistingConfig(_config({**request, "Tags": tags} if tags else request, place))


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
    return _config({**_config_request(answer), "Tags": UNKNOWN}, _place("endpoint config", name, reads))


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
    for name, answer in zip(distinct, reads.side_by_side([partial(reads.model, one) for one in distinct]), strict=True):
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


def _config_request(answer: AwsAnswer) -> dict[str, Plain]:
    request = _request(answer, "CreateEndpointConfig")
    if "ProductionVariants" not in request:
        raise answer.unusable("ProductionVariants is missing from the answer")
    return request


def _config(request: dict[str, Plain], place: Place) -> WrittenRequest:
    return WrittenRequest("CreateEndpointConfig", member_of(request, place), place)


def _model(answer: AwsAnswer, place: Place) -> WrittenRequest:
    request = _request(answer, "CreateModel")
    if not request.keys() & {"PrimaryContainer", "Containers"}:
        raise answer.unusable("the model has no container")
    request["Tags"] = UNKNOWN
    return WrittenRequest("CreateModel", member_of(request, place), place)


def _request(answer: AwsAnswer, operation: str) -> dict[str, Plain]:
    request: dict[str, Plain] = {}
    for name, value in answer.data.items():
        if name in _ANSWER_ONLY:
            continue
        if name not in request_members()[operation]:
            raise answer.unusable(f"this version does not know its member {shown(name)}, and it may matter")
        plain = _plain(answer, value, request_members()[operation][name], name, _DEEPEST)
        # an empty text is a member that is not set: a request that has it would ask for no key, no role
        if plain is not None and plain != "":
            request[name] = plain
    return request


def _plain(answer: AwsAnswer, value: object, structure: str, path: str, depth: int) -> Plain:
    """A value of an answer, by the members that requests have; None where it is not set."""
    if value is None or value == [] or value == {}:
        return None
    if isinstance(value, list) and depth:
        items = [_plain(answer, item, structure, f"{path}[{at}]", depth - 1) for at, item in enumerate(value)]
        # an item that is null or empty is none of AWS's
        if None not in items:
            return items
    elif isinstance(value, dict) and depth:
        return _structure(answer, value, structure, path, depth)
    elif not structure and (isinstance(value, (str, int)) or (isinstance(value, float) and isfinite(value))):
        return value
    raise answer.unusable(f"{path} is not what the API has there")


def _structure(
    answer: AwsAnswer, value: dict[object, object], structure: str, path: str, depth: int
) -> dict[str, Plain]:
    known = request_members()[structure] if structure else {}
    found: dict[str, Plain] = {}
    for name, member in value.items():
        if not isinstance(name, str) or (structure and name not in known):
            raise answer.unusable(f"this version does not know its member {path}.{shown(str(name))}, and it may matter")
        plain = _plain(answer, member, known.get(name, ""), f"{path}.{name}", depth - 1)
        if plain is not None:
            found[name] = plain
    return found


def _tags(reads: RegionReads, arn: str) -> list[Plain]:
    tags: list[Plain] = []
    for tag in reads.tags(arn):
        key, value = tag.text("Key"), tag.data.get("Value")
        if not isinstance(value, str):
            raise tag.unusable("a tag has no value")
        if not key.casefold().startswith("aws:"):
            tags.append({"Key": key, "Value": value})
    return tags


def _place(kind: str, name: str, reads: RegionReads) -> Place:
    return Place(label=f"{kind} {name} in {reads.region}")
