"""Reads requests: the JSON of `aws sagemaker create-endpoint --cli-input-json`, or the arguments that boto3 takes.

A request that cannot be read, or that has a member which AWS's API does not have, is refused with its place.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Final

from iamcheck._dataclass import dataclass
from iamcheck.catalogue import request_members
from iamcheck.deployment.features import ConfigRequest, EndpointRequest, Tag, Variant, Vpc
from iamcheck.documents import read_document
from iamcheck.errors import InvalidInputError
from iamcheck.model.json_text import Node, Number, read_object, read_text, shown
from iamcheck.model.nearest import nearest

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import BinaryIO

__all__ = ["Requests", "read_requests", "requests_of"]

_ENDPOINT: Final = "CreateEndpoint"
_CONFIG: Final = "CreateEndpointConfig"


@dataclass(frozen=True)
class Requests:
    """The two requests of a deployment; None is one that was not given, or a name that it does not have."""

    endpoint: EndpointRequest | None = None
    config: ConfigRequest | None = None
    endpoint_name: str | None = None
    endpoint_config_name: str | None = None

    def names(self, endpoint_name: str | None = None, endpoint_config_name: str | None = None) -> tuple[str, str]:
        """The names of endpoint and endpoint config, from the requests and from what was given besides.

        Raises:
            InvalidInputError: A name is given nowhere, or it differs.
        """
        return (
            _agreed("EndpointName", endpoint_name, self.endpoint_name),
            _agreed("EndpointConfigName", endpoint_config_name, self.endpoint_config_name),
        )


def requests_of(
    create_endpoint: Mapping[str, object] | None = None,
    create_endpoint_config: Mapping[str, object] | None = None,
    *,
    endpoint_place: str = "create_endpoint",
    config_place: str = "create_endpoint_config",
) -> Requests:
    """Reads requests that are Python values, as boto3 takes them for keyword arguments.

    Args:
        create_endpoint: Arguments of `create_endpoint`; None: not known.
        create_endpoint_config: Arguments of `create_endpoint_config`; None: not known.
        endpoint_place: What errors call the first.
        config_place: What errors call the second.

    Raises:
        InvalidInputError: A request is no mapping, has a member that the API does not have, or of another type, or the
            two name different endpoint configs.
    """
    nodes = [
        None if request is None else _placed(place, request)
        for place, request in ((endpoint_place, create_endpoint), (config_place, create_endpoint_config))
    ]
    return _requests((nodes[0], endpoint_place), (nodes[1], config_place))


def read_requests(
    request: str | None = None, config_request: str | None = None, *, stdin: BinaryIO | None = None
) -> Requests:
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
    nodes = [None if path is None else _read(path, stdin) for path in (request, config_request)]
    return _requests((nodes[0], _place(request)), (nodes[1], _place(config_request)))


def _place(path: str | None) -> str:
    return "standard input" if path == "-" else path or ""


def _read(path: str, stdin: BinaryIO | None) -> Node:
    text = read_document(path, stdin=stdin)
    try:
        return read_text(text)
    except InvalidInputError as error:
        raise error.at(_place(path)) from None


def _placed(place: str, value: object) -> Node:
    try:
        return read_object(value)
    except InvalidInputError as error:
        raise error.at(place) from None


def _requests(create_endpoint: tuple[Node | None, str], create_config: tuple[Node | None, str]) -> Requests:
    endpoint, endpoint_place = create_endpoint
    config, config_place = create_config
    names: dict[str, str] = {}
    endpoint_request = config_request = None
    if endpoint is not None:
        try:
            members = _members(endpoint, _ENDPOINT)
            endpoint_request = _endpoint(members)
            names = {name: text for name in ("EndpointName", "EndpointConfigName") if (text := _text(members, name))}
        except InvalidInputError as error:
            raise error.at(endpoint_place) from None
    config_name = None
    if config is not None:
        try:
            members = _members(config, _CONFIG)
            config_request = _config(members)
            config_name = _text(members, "EndpointConfigName")
        except InvalidInputError as error:
            raise error.at(config_place) from None
    named = names.get("EndpointConfigName")
    if named and config_name and named != config_name:
        raise InvalidInputError(
            f"{shown(named)} here and {shown(config_name)} in {config_place} differ",
            where=f"{endpoint_place}, EndpointConfigName",
            cure="an endpoint names the endpoint config that is created for it",
        )
    return Requests(endpoint_request, config_request, names.get("EndpointName"), named or config_name)


def _agreed(member: str, given: str | None, read: str | None) -> str:
    flag = "--endpoint-name" if member == "EndpointName" else "--endpoint-config-name"
    if given is not None and read is not None and given != read:
        raise InvalidInputError(
            f"{shown(given)} is given, and the request says {shown(read)}", where=member, cure="leave one of them out"
        )
    name = given if given is not None else read
    if name is None:
        raise InvalidInputError("not given", where=member, cure=f"give it in the request, as an argument or as {flag}")
    return name


@lru_cache(maxsize=2)
def _shapes() -> Mapping[str, Mapping[str, str]]:
    return request_members()


def _members(node: Node, shape: str) -> dict[str, Node]:
    """The members of a request, once every member in any depth is known to be one of the API's."""
    if not isinstance(node.value, dict):
        raise InvalidInputError(
            f"a request is a JSON object, and this is {_kind(node)}",
            where="" if node.path is None else node.where,
            cure="give what `aws sagemaker create-endpoint --generate-cli-skeleton` shows",
        )
    _require_known(node, shape)
    return node.value


def _require_known(node: Node, shape: str) -> None:
    if isinstance(node.value, list):
        for item in node.value:
            _require_known(item, shape)
    elif isinstance(node.value, dict):
        known = _shapes()[shape]
        for name, member in node.value.items():
            if name not in known:
                raise InvalidInputError(
                    f"{shape} has no member {shown(name)}", where=member.where, cure=nearest(name, known)
                )
            if known[name]:
                _require_known(member, known[name])


def _endpoint(members: Mapping[str, Node]) -> EndpointRequest:
    deployment = _object(members, "DeploymentConfig") or {}
    rollback = _object(deployment, "AutoRollbackConfiguration") or {}
    names = [_text(_dict(alarm), "AlarmName") for alarm in _items(rollback, "Alarms")]
    return EndpointRequest(
        _tags(members),
        alarm_names=tuple(name for name in names if name),
        is_rolling="RollingUpdatePolicy" in deployment,
    )


def _config(members: Mapping[str, Node]) -> ConfigRequest:
    variants = [*_items(members, "ProductionVariants"), *_items(members, "ShadowProductionVariants")]
    vpc = _object(members, "VpcConfig")
    return ConfigRequest(
        variants=tuple(_variant(_dict(variant)) for variant in variants),
        tags=_tags(members),
        kms_key_id=_text(members, "KmsKeyId"),
        execution_role_arn=_text(members, "ExecutionRoleArn"),
        vpc=None if vpc is None else Vpc(_texts(vpc, "SecurityGroupIds"), _texts(vpc, "Subnets")),
        network_isolation=_boolean(members, "EnableNetworkIsolation"),
    )


def _variant(members: Mapping[str, Node]) -> Variant:
    serverless = _object(members, "ServerlessConfig")
    return Variant(
        model_name=_text(members, "ModelName"),
        instance_type=_text(members, "InstanceType"),
        accelerator_type=_text(members, "AcceleratorType"),
        is_serverless=serverless is not None,
        memory_mb=_number(serverless or {}, "MemorySizeInMB"),
        max_concurrency=_number(serverless or {}, "MaxConcurrency"),
        has_instance_pools=bool(_items(members, "InstancePools")),
        initial_instance_count=_number(members, "InitialInstanceCount"),
    )


def _tags(members: Mapping[str, Node]) -> tuple[Tag, ...]:
    return tuple(Tag(_required_text(node, "Key"), _required_text(node, "Value")) for node in _items(members, "Tags"))


def _required_text(node: Node, name: str) -> str:
    text = _text(_dict(node), name)
    if text is None:
        raise InvalidInputError(f"the member {name} is missing", where=node.where, cure="a tag is a Key and a Value")
    return text


def _text(members: Mapping[str, Node], name: str) -> str | None:
    node = members.get(name)
    if node is None:
        return None
    if not isinstance(node.value, str):
        raise _wrong(node, "text")
    return node.value


def _texts(members: Mapping[str, Node], name: str) -> tuple[str, ...]:
    found = []
    for node in _items(members, name):
        if not isinstance(node.value, str):
            raise _wrong(node, "text")
        found.append(node.value)
    return tuple(found)


def _number(members: Mapping[str, Node], name: str) -> int | None:
    node = members.get(name)
    if node is None:
        return None
    if not isinstance(node.value, Number) or not node.value.text.lstrip("-").isdecimal():
        raise _wrong(node, "a whole number")
    return int(node.value.text)


def _boolean(members: Mapping[str, Node], name: str) -> bool | None:
    node = members.get(name)
    if node is None:
        return None
    if not isinstance(node.value, bool):
        raise _wrong(node, "true or false")
    return node.value


def _items(members: Mapping[str, Node], name: str) -> list[Node]:
    node = members.get(name)
    if node is None:
        return []
    if not isinstance(node.value, list):
        raise _wrong(node, "a list")
    return node.value


def _object(members: Mapping[str, Node], name: str) -> dict[str, Node] | None:
    node = members.get(name)
    return None if node is None else _dict(node)


def _dict(node: Node) -> dict[str, Node]:
    if not isinstance(node.value, dict):
        raise _wrong(node, "an object")
    return node.value


def _wrong(node: Node, wanted: str) -> InvalidInputError:
    return InvalidInputError(f"this is {_kind(node)}", where=node.where, cure=f"the API takes {wanted} here")


def _kind(node: Node) -> str:
    value = node.value
    if value is None:
        return "null"
    kinds = ((bool, "true or false"), (str, "text"), (Number, "a number"), (list, "a list"), (dict, "an object"))
    return next(text for kind, text in kinds if isinstance(value, kind))
