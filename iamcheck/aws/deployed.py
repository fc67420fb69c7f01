"""Reads what is deployed: an endpoint config and models, as the requests that would create them.

Source: https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_DescribeEndpointConfig.html,
https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_DescribeModel.html and
https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_ListTags.html
"""

from __future__ import annotations

from functools import partial
from math import isfinite
from typing import TYPE_CHECKING, Any, Final

from iamcheck.aws.clients import call
from iamcheck.aws.concurrency import together
from iamcheck.aws.refusals import is_access_denied
from iamcheck.deployment.located import UNKNOWN, WrittenRequest, member_of
from iamcheck.errors import AwsUnavailableError
from iamcheck.iam.catalogue import request_members
from iamcheck.iam.model import Place
from iamcheck.iam.model.json_text import shown

if TYPE_CHECKING:
    from collections.abc import Sequence

    from iamcheck.aws.clients import AwsAnswer, Deadline
    from iamcheck.deployment.located import Plain

__all__ = ["config_of", "model_of", "read_live_config", "read_live_models"]

_ANSWER_ONLY: Final = frozenset(
    {"CreationTime", "DeploymentRecommendation", "EndpointConfigArn", "ModelArn", "ResponseMetadata", "Tags"}
)
"""Members of the two answers that no request has; tags have a call of their own."""
_DEEPEST: Final = 12
"""Levels of a request; the deepest that there are, have seven."""


def read_live_config(
    client: Any,  # noqa: ANN401  boto3 makes its clients' classes at run time
    endpoint_config_name: str,
    *,
    deadline: Deadline | None = None,
) -> WrittenRequest | None:
    """The request that would create an endpoint config which exists.

    Empty lists and structures are left out, and tags whose keys start with `aws:`, which no request may have. Tags that
    the caller may not list are UNKNOWN.

    Args:
        client: A SageMaker client of the endpoint config's Region.
        endpoint_config_name: Its name.
        deadline: When the run must have ended.

    Returns:
        The CreateEndpointConfig request; None where there is no such endpoint config.

    Raises:
        AwsUnavailableError: AWS could not be asked, or its answer cannot be understood.
    """
    answer = _described(
        client, "sagemaker:DescribeEndpointConfig", deadline, "EndpointConfigName", endpoint_config_name
    )
    if answer is None:
        return None
    place = _place("endpoint config", endpoint_config_name, client)
    return config_of(answer, place, tags=_tags(client, answer.text("EndpointConfigArn"), deadline))


def config_of(answer: AwsAnswer, place: Place, *, tags: Plain = UNKNOWN) -> WrittenRequest:
    """The request that would create an endpoint config, from what DescribeEndpointConfig answered.

    Args:
        answer: The answer.
        place: Which endpoint config it is, for reports.
        tags: Its tags, as a request has them.

    Raises:
        AwsUnavailableError: The answer cannot be understood.
    """
    request = _request(answer, "CreateEndpointConfig")
    if "ProductionVariants" not in request:
        raise answer.unusable("ProductionVariants is missing from the answer")
    if tags:
        request["Tags"] = tags
    return WrittenRequest("CreateEndpointConfig", member_of(request, place), place)


def read_live_models(
    client: Any,  # noqa: ANN401  likewise
    names: Sequence[str],
    *,
    deadline: Deadline | None = None,
    max_concurrency: int = 4,
) -> tuple[WrittenRequest, ...]:
    """The requests that would create models which exist.

    Args:
        client: A SageMaker client of the models' Region.
        names: The models' names; each is asked for once.
        deadline: When the run must have ended.
        max_concurrency: How many calls run at a time.

    Returns:
        The CreateModel requests in the order of the names, without those of models that do not exist. Their tags are
        UNKNOWN: nothing that is checked depends on them.

    Raises:
        AwsUnavailableError: AWS could not be asked for one of them, or its answer cannot be understood.
    """
    tasks = [partial(_model, client, name, deadline) for name in dict.fromkeys(names)]
    found = []
    for one in together(tasks, max_concurrency=max_concurrency):
        if isinstance(one, AwsUnavailableError):
            raise one
        if one is not None:
            found.append(one)
    return tuple(found)


def _model(client: Any, name: str, deadline: Deadline | None) -> WrittenRequest | None:  # noqa: ANN401  likewise
    answer = _described(client, "sagemaker:DescribeModel", deadline, "ModelName", name)
    return None if answer is None else model_of(answer, _place("model", name, client))


def model_of(answer: AwsAnswer, place: Place) -> WrittenRequest:
    """The request that would create a model, from what DescribeModel answered; its tags are UNKNOWN.

    Args:
        answer: The answer.
        place: Which model it is, for reports.

    Raises:
        AwsUnavailableError: The answer cannot be understood.
    """
    request = _request(answer, "CreateModel")
    if not request.keys() & {"PrimaryContainer", "Containers"}:
        raise answer.unusable("the model has no container")
    request["Tags"] = UNKNOWN
    return WrittenRequest("CreateModel", member_of(request, place), place)


def _described(client: Any, operation: str, deadline: Deadline | None, member: str, name: str) -> AwsAnswer | None:  # noqa: ANN401  likewise
    """What AWS answers about something with a name; None where it says that there is nothing of that name."""
    try:
        answer = call(client, operation, deadline, **{member: name})
    except AwsUnavailableError as error:
        # the API has no error of its own for this
        if error.code == "ValidationException" and "could not find" in error.reason.casefold():
            return None
        raise
    # names are unique without regard to case
    if answer.text(member).casefold() != name.casefold():
        raise answer.unusable(f"it is about {shown(answer.text(member))}, which was not asked for")
    return answer


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


def _tags(client: Any, arn: str, deadline: Deadline | None) -> Plain:  # noqa: ANN401  likewise
    tags: list[Plain] = []
    seen: set[object] = set()
    token: dict[str, str] = {}
    while True:
        try:
            answer = call(client, "sagemaker:ListTags", deadline, ResourceArn=arn, **token)
        except AwsUnavailableError as error:
            if is_access_denied(error):
                return UNKNOWN
            raise
        if "Tags" not in answer.data:
            # botocore takes a body that breaks off for an answer without members
            raise answer.unusable("Tags is missing from the answer")
        for tag in answer.parts("Tags"):
            key, value = tag.text("Key"), tag.data.get("Value")
            if not isinstance(value, str):
                raise answer.unusable("a tag has no value")
            if not key.casefold().startswith("aws:"):
                tags.append({"Key": key, "Value": value})
        if answer.data.get("NextToken") is None:
            return tags
        token = {"NextToken": answer.text("NextToken")}
        if token["NextToken"] in seen:
            raise answer.unusable("a page comes again")
        seen.add(token["NextToken"])


def _place(kind: str, name: str, client: Any) -> Place:  # noqa: ANN401  likewise
    region = getattr(getattr(client, "meta", None), "region_name", None)
    return Place(label=f"{kind} {name}" + (f" in {region}" if isinstance(region, str) else ""))
