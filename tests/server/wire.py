"""AWS's wire formats, by botocore's own service models: requests to keyword arguments, answers to bytes.

Only what the loopback server answers itself passes through here; moto speaks for the rest.
"""

from __future__ import annotations

import base64
import json
import struct
from dataclasses import dataclass, field
from datetime import datetime, timezone
from enum import Enum
from functools import cache
from typing import TYPE_CHECKING, cast
from urllib.parse import parse_qsl, quote
from xml.sax.saxutils import escape

from botocore.loaders import create_loader
from botocore.model import ListShape, MapShape, OperationModel, ServiceModel, Shape, StructureShape
from botocore.utils import parse_timestamp

if TYPE_CHECKING:
    from collections.abc import Mapping

REQUEST_ID = "00000000-0000-4000-8000-000000000000"


class Protocol(Enum):
    """How a client writes and expects to read, told by the request itself."""

    QUERY = "query"
    EC2 = "ec2"
    JSON = "json"
    REST_JSON = "rest-json"
    CBOR = "cbor"


@dataclass(frozen=True)
class Answer:
    """A whole HTTP answer."""

    status: int
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)


@cache
def service_model(service: str) -> ServiceModel:
    """Load botocore's model of a service, by botocore's name for it."""
    return ServiceModel(create_loader().load_service_model(service, "service-2"), service)


def decode_query(body: str, operation: OperationModel) -> dict[str, object]:
    """Turn the form of a Query request into the keyword arguments that boto3 was called with.

    Raises:
        ValueError: a parameter that the operation does not have, for dropping it would answer another question.
    """
    tree: dict[str, object] = {}
    for name, value in parse_qsl(body, keep_blank_values=True, strict_parsing=True):
        if name not in ("Action", "Version"):
            _plant(tree, name.split("."), value)
    return _read_structure(operation.input_shape, tree) if operation.input_shape else {}


def _plant(tree: dict[str, object], path: list[str], value: str) -> None:
    for part in path[:-1]:
        tree = cast("dict[str, object]", tree.setdefault(part, {}))
    tree[path[-1]] = value


def _wire_name(shape: Shape, default: str) -> str:
    return str(shape.serialization.get("name", default))


def _read_structure(shape: StructureShape, node: object) -> dict[str, object]:
    if not isinstance(node, dict):
        return {}
    members = {_wire_name(member, name): (name, member) for name, member in shape.members.items()}
    if unknown := node.keys() - members.keys():
        raise ValueError(f"{shape.name} has no member {sorted(unknown)}")
    return {members[key][0]: _read(members[key][1], value) for key, value in node.items()}


def _read(shape: Shape, node: object) -> object:
    if isinstance(shape, StructureShape):
        return _read_structure(shape, node)
    if isinstance(shape, ListShape):
        return [_read(shape.member, entry) for entry in _numbered(node, _entry_name(shape))]
    if isinstance(shape, MapShape):
        entries = _numbered(node, "entry")
        key, value = _wire_name(shape.key, "key"), _wire_name(shape.value, "value")
        return {str(entry[key]): _read(shape.value, entry[value]) for entry in entries if isinstance(entry, dict)}
    text = str(node)
    if shape.type_name == "boolean":
        return text == "true"
    if shape.type_name in ("integer", "long"):
        return int(text)
    if shape.type_name in ("float", "double"):
        return float(text)
    if shape.type_name == "timestamp":
        return parse_timestamp(text)
    if shape.type_name == "blob":
        return base64.b64decode(text, validate=True)
    return text


def _entry_name(shape: ListShape) -> str:
    if shape.serialization.get("flattened"):
        raise NotImplementedError(f"{shape.name}: only SimpleDB still has flattened lists")
    return _wire_name(shape.member, "member")


def _numbered(node: object, wrapper: str) -> list[object]:
    # an empty list is sent as "Name=" with nothing after it
    if not isinstance(node, dict):
        return []
    entries = node[wrapper]
    return [entries[number] for number in sorted(entries, key=int)]


def encode_query(result: Mapping[str, object], operation: OperationModel) -> Answer:
    """Write the dict that a boto3 client would return as a Query answer; ``None`` counts as absent."""
    shape = operation.output_shape
    inner = _write_structure(shape, result) if shape else ""
    wrapper = shape.serialization.get("resultWrapper") if shape else None
    if wrapper:
        inner = f"<{wrapper}>{inner}</{wrapper}>"
    namespace = operation.service_model.metadata.get("xmlNamespace", "")
    body = (
        f'<{operation.name}Response xmlns="{namespace}">{inner}'
        f"<ResponseMetadata><RequestId>{REQUEST_ID}</RequestId></ResponseMetadata></{operation.name}Response>"
    )
    return _xml(200, body)


def _write_structure(shape: StructureShape, value: Mapping[str, object]) -> str:
    if unknown := value.keys() - shape.members.keys() - {"ResponseMetadata"}:
        raise ValueError(f"{shape.name} has no member {sorted(unknown)}")
    present = ((name, member) for name, member in shape.members.items() if value.get(name) is not None)
    return "".join(_write(member, value[name], _wire_name(member, name)) for name, member in present)


def _write(shape: Shape, value: object, name: str) -> str:
    if isinstance(shape, StructureShape):
        inner = _write_structure(shape, cast("Mapping[str, object]", value))
    elif isinstance(shape, ListShape):
        entry = _entry_name(shape)
        inner = "".join(_write(shape.member, item, entry) for item in cast("list[object]", value))
    elif isinstance(shape, MapShape):
        inner = _write_map(shape, cast("Mapping[str, object]", value))
    else:
        inner = _scalar(value)
    return f"<{name}>{inner}</{name}>"


def _write_map(shape: MapShape, value: Mapping[str, object]) -> str:
    key, item = _wire_name(shape.key, "key"), _wire_name(shape.value, "value")
    return "".join(
        f"<entry>{_write(shape.key, name, key)}{_write(shape.value, entry, item)}</entry>"
        for name, entry in value.items()
    )


def _scalar(value: object) -> str:
    if isinstance(value, Enum):
        value = value.value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, datetime):
        return value.astimezone(timezone.utc).replace(tzinfo=None).isoformat() + "Z"
    if isinstance(value, dict):  # a policy document, which IAM sends as URL-encoded JSON
        return quote(json.dumps(value))
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    # a bare carriage return would reach the client as a line feed
    return escape(str(value), {"\r": "&#13;"})


def error(protocol: Protocol, status: int, code: str, message: str) -> Answer:
    """Write an error as the services of this protocol do."""
    if protocol is Protocol.QUERY:
        fault = "Sender" if status < 500 else "Receiver"
        body = f"<Error><Type>{fault}</Type><Code>{_scalar(code)}</Code><Message>{_scalar(message)}</Message></Error>"
        return _xml(status, f"<ErrorResponse>{body}<RequestId>{REQUEST_ID}</RequestId></ErrorResponse>")
    if protocol is Protocol.EC2:
        body = f"<Errors><Error><Code>{_scalar(code)}</Code><Message>{_scalar(message)}</Message></Error></Errors>"
        return _xml(status, f"<Response>{body}<RequestID>{REQUEST_ID}</RequestID></Response>")
    fields = {"__type": code, "message": message}
    if protocol is Protocol.CBOR:
        body_bytes = bytes([0xA0 | len(fields)]) + b"".join(_cbor(text) for pair in fields.items() for text in pair)
        return Answer(status, body_bytes, {"Content-Type": "application/cbor", "smithy-protocol": "rpc-v2-cbor"})
    headers = {"x-amzn-ErrorType": code} if protocol is Protocol.REST_JSON else {}
    return json_answer(fields, status=status, headers=headers)


def _cbor(text: str) -> bytes:
    encoded = text.encode()
    return b"\x79" + struct.pack(">H", len(encoded)) + encoded


def json_answer(value: object, *, status: int = 200, headers: Mapping[str, str] | None = None) -> Answer:
    """Write a JSON answer."""
    return Answer(
        status,
        json.dumps(value).encode(),
        {"Content-Type": "application/x-amz-json-1.1", "x-amzn-RequestId": REQUEST_ID, **(headers or {})},
    )


def _xml(status: int, body: str) -> Answer:
    return Answer(status, body.encode(), {"Content-Type": "text/xml", "x-amzn-RequestId": REQUEST_ID})
