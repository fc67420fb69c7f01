"""Reads requests: the JSON of `aws sagemaker create-endpoint --cli-input-json`, or the arguments that boto3 takes.

A request that cannot be read, or that has a member which AWS's API does not have, is refused with its place; what AWS
would refuse in its values is for the check `request.valid` to say.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Final, TypedDict, cast

from iamcheck.deployment.located import Member, Tool, WrittenDeployment, WrittenRequest
from iamcheck.errors import InvalidInputError
from iamcheck.iam.catalogue import request_members
from iamcheck.iam.files import local_path, read_document
from iamcheck.iam.model import Place
from iamcheck.iam.model.argument_types import items, mapping
from iamcheck.iam.model.json_text import JsonNode, Number, read_object, read_text, shown
from iamcheck.iam.model.nearest import nearest

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import BinaryIO

    from iamcheck.deployment.located import Operation

__all__ = [
    "OPERATIONS_BESIDE",
    "OtherRequests",
    "json_member",
    "models_of",
    "namespace_of_another_service",
    "of_sagemaker",
    "operation_beside",
    "read_request",
    "read_requests",
    "requests_of",
    "require_members",
    "written_request",
]

_LONGEST_NUMBER: Final = 4000
"""Digits; Python refuses to make an int of many more."""


def requests_of(
    create_endpoint: Mapping[str, object] | None = None,
    create_endpoint_config: Mapping[str, object] | None = None,
    create_models: Sequence[Mapping[str, object]] = (),
    others: OtherRequests | None = None,
) -> WrittenDeployment:
    """Reads requests that are Python values, as boto3 takes them for keyword arguments.

    Args:
        create_endpoint: Arguments of `create_endpoint`; None: not known.
        create_endpoint_config: Arguments of `create_endpoint_config`; None: not known.
        create_models: Arguments of `create_model`, for each model that is made as well.
        others: The requests for what else is made.

    Raises:
        InvalidInputError: A request is no mapping, or has a member that the API does not have.
        TypeError: There is no such keyword.
    """
    models = models_of(create_models)
    return WrittenDeployment(
        Tool.SDK,
        "the arguments given",
        _from_arguments("create_endpoint", create_endpoint, "CreateEndpoint"),
        _from_arguments("create_endpoint_config", create_endpoint_config, "CreateEndpointConfig"),
        models,
        models,
        _others_of(others or {}),
    )


class OtherRequests(TypedDict, total=False):
    """The keywords of `Deployment.from_requests` for what a deployment makes besides: arguments as boto3 takes them."""

    create_inference_components: Sequence[Mapping[str, object]]
    register_scalable_targets: Sequence[Mapping[str, object]]
    put_scaling_policies: Sequence[Mapping[str, object]]
    put_metric_alarms: Sequence[Mapping[str, object]]
    create_model_package_groups: Sequence[Mapping[str, object]]
    create_model_packages: Sequence[Mapping[str, object]]


_KEYWORDS: Final[Mapping[str, Operation]] = {
    "create_inference_components": "CreateInferenceComponent",
    "register_scalable_targets": "RegisterScalableTarget",
    "put_scaling_policies": "PutScalingPolicy",
    "put_metric_alarms": "PutMetricAlarm",
    "create_model_package_groups": "CreateModelPackageGroup",
    "create_model_packages": "CreateModelPackage",
}
"""The operation of each keyword of `OtherRequests`."""


def _others_of(others: OtherRequests) -> tuple[WrittenRequest, ...]:
    requests_by_method = cast("Mapping[str, Sequence[Mapping[str, object]]]", others)
    for name in requests_by_method:
        if name not in _KEYWORDS:
            raise TypeError(f"from_requests() got an unexpected keyword argument {name!r}")
    written = (
        _from_arguments(place := f"{name}[{index}]", mapping(request, place), _KEYWORDS[name])
        for name, requests in requests_by_method.items()
        for index, request in enumerate(items(requests, name))
    )
    return tuple(of_sagemaker(request) for request in written if request is not None)


def of_sagemaker(request: WrittenRequest) -> WrittenRequest:
    """A request for something that the deployment makes besides.

    Raises:
        InvalidInputError: It is about the scaling of another service.
    """
    namespace = namespace_of_another_service(request)
    if namespace is None:
        return request
    member = request.root.get("ServiceNamespace")
    place = request.place if member is None else member.place
    what = f"what {shown(namespace)} scales is no part of an endpoint"
    raise InvalidInputError(what, where=str(place), cure="give sagemaker, or leave the request out")


def namespace_of_another_service(request: WrittenRequest) -> str | None:
    """The namespace of a request about scaling that is not SageMaker's; None where it is, or is not known."""
    member = request.root.get("ServiceNamespace")
    namespace = None if member is None or not isinstance(member.value, str) else member.value
    is_about_scaling = request.operation in ("PutScalingPolicy", "RegisterScalableTarget")
    return namespace if is_about_scaling and namespace != "sagemaker" else None


def operation_beside(name: str) -> Operation:
    """Returns the operation whose requests may be given beside the deployment.

    Raises:
        InvalidInputError: It is none of `OPERATIONS_BESIDE`.
    """
    for operation in OPERATIONS_BESIDE:
        if operation == name:
            return operation
    cure = _OTHER_FLAGS.get(name) or f"one of {', '.join(OPERATIONS_BESIDE)}"
    raise InvalidInputError(f"requests for {shown(name)} are not read here", where="--request-for", cure=cure)


OPERATIONS_BESIDE: Final[tuple[Operation, ...]] = (
    "CreateInferenceComponent",
    "CreateModel",
    "CreateModelPackage",
    "CreateModelPackageGroup",
    "PutMetricAlarm",
    "PutScalingPolicy",
    "RegisterScalableTarget",
)
"""The operations whose requests may be given beside those of the endpoint and the endpoint config."""

_OTHER_FLAGS: Final = {
    "CreateEndpoint": "give it with --request",
    "CreateEndpointConfig": "give it with --config-request",
}


def models_of(create_models: Sequence[Mapping[str, object] | WrittenRequest]) -> tuple[WrittenRequest, ...]:
    """Reads CreateModel requests that are Python values, likewise.

    Args:
        create_models: Arguments of `create_model`, for each model; or the request as it was read from a file.

    Raises:
        InvalidInputError: As for `requests_of`.
    """
    models = (
        model
        if isinstance(model, WrittenRequest)
        else _from_arguments(place := f"create_models[{index}]", mapping(model, place), "CreateModel")
        for index, model in enumerate(items(create_models, "create_models"))
    )
    return tuple(model for model in models if model is not None)


def _from_arguments(argument: str, request: Mapping[str, object] | None, operation: Operation) -> WrittenRequest | None:
    if request is None:
        return None
    try:
        node = read_object(request)
    except InvalidInputError as error:
        raise error.at(argument) from None
    return written_request(node, operation, Place(label=argument))


def read_requests(
    request: str | None = None, config_request: str | None = None, *, stdin: BinaryIO | None = None
) -> WrittenDeployment:
    """Reads request files.

    Args:
        request: File with the CreateEndpoint request, `-` is standard input; None: not known.
        config_request: File with the CreateEndpointConfig request, likewise.
        stdin: What to read for `-`, None: the process's standard input.

    Raises:
        InvalidInputError: As for `requests_of`; or a file cannot be read or is no JSON. It names file, line and path.
    """
    if request == config_request == "-":
        raise InvalidInputError("both are standard input", where="--request, --config-request", cure="name a file")
    endpoint = None if request is None else read_request(request, "CreateEndpoint", stdin=stdin)
    config = None if config_request is None else read_request(config_request, "CreateEndpointConfig", stdin=stdin)
    label = " and ".join(str(request.place) for request in (endpoint, config) if request is not None)
    return WrittenDeployment(Tool.SDK, label, endpoint, config)


def read_request(path: str, operation: Operation, *, stdin: BinaryIO | None = None) -> WrittenRequest:
    """Reads the file of one request; `-` is standard input.

    Raises:
        InvalidInputError: As for `read_requests`.
    """
    place = Place(label="standard input") if path == "-" else Place(local_path(path))
    text = read_document(path, stdin=stdin)
    try:
        node = read_text(text)
    except InvalidInputError as error:
        raise error.at(str(place)) from None
    return written_request(node, operation, place)


def written_request(node: JsonNode, operation: Operation, place: Place) -> WrittenRequest:
    """A request from JSON.

    Args:
        node: The JSON.
        operation: Which request it is.
        place: Where it is written, such as a file.

    Raises:
        InvalidInputError: It is no object, or has a member that the API does not have.
    """
    if not isinstance(node.value, dict):
        raise InvalidInputError(
            f"a request is a JSON object, and this is {_kind(node)}",
            where=str(place),
            cure=f"give what `aws {_COMMANDS[operation]} --generate-cli-skeleton` shows",
        )

    root = json_member(node, "", place)
    require_members(root, operation)
    return WrittenRequest(operation, root, place)


_COMMANDS: Final[Mapping[Operation, str]] = {
    "CreateEndpoint": "sagemaker create-endpoint",
    "CreateEndpointConfig": "sagemaker create-endpoint-config",
    "CreateInferenceComponent": "sagemaker create-inference-component",
    "CreateModel": "sagemaker create-model",
    "CreateModelPackage": "sagemaker create-model-package",
    "CreateModelPackageGroup": "sagemaker create-model-package-group",
    "PutMetricAlarm": "cloudwatch put-metric-alarm",
    "PutScalingPolicy": "application-autoscaling put-scaling-policy",
    "RegisterScalableTarget": "application-autoscaling register-scalable-target",
}
"""The command of the AWS CLI that takes a request."""


def json_member(node: JsonNode, path: str, document: Place) -> Member:
    """A value of JSON with its place.

    Args:
        node: The value.
        path: Where it stands in the document; empty: it is the whole.
        document: Where the document is.
    """
    value = node.value
    here = _place(node, path, document)
    if isinstance(value, dict):
        members = {
            name: json_member(member, f"{path}.{name}" if path else name, document) for name, member in value.items()
        }
        return Member(members, path, here)
    if isinstance(value, list):
        return Member(
            tuple(json_member(item, f"{path}[{index}]", document) for index, item in enumerate(value)), path, here
        )
    return Member(_number(value) if isinstance(value, Number) else value, path, here)


def _place(node: JsonNode, path: str, document: Place) -> Place:
    """The place of a value, its line and column where the document is a text."""
    if node.source is None:
        return document._replace(path=path)
    position = node.source.position(node.named)
    return document._replace(line=position.line, column=position.column, path=path)


def _number(number: Number) -> int | float:
    text = number.text
    return int(text) if text.lstrip("-").isdecimal() and len(text) < _LONGEST_NUMBER else float(text)


@lru_cache(maxsize=2)
def _shapes() -> Mapping[str, Mapping[str, str]]:
    return request_members()


def require_members(member: Member, shape: str) -> None:
    """Returns where every member in any depth is one of the API's.

    Args:
        member: The request, or a part of it.
        shape: The name of its structure in the API.

    Raises:
        InvalidInputError: One is not; it names the place, the path and the nearest member that there is.
    """
    for item in member.items():
        require_members(item, shape)
    if not isinstance(member.value, dict):
        return
    known = _shapes()[shape]
    for name, one in member.value.items():
        if name not in known:
            raise InvalidInputError(
                f"{shape} has no member {shown(name)}",
                where=str(one.place),
                cure=nearest(name, known),
            )
        if known[name]:
            require_members(one, known[name])


def _kind(node: JsonNode) -> str:
    value = node.value
    if value is None:
        return "null"
    kinds = ((bool, "true or false"), (str, "text"), (Number, "a number"), (list, "a list"), (dict, "an object"))
    return next(text for kind, text in kinds if isinstance(value, kind))
