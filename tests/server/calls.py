"""What a request asks: service, operation, Region, who signed it, parameters."""

from __future__ import annotations

import io
import json
import re
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING
from urllib.parse import parse_qs

from botocore.exceptions import UnknownServiceError

from tests.server.wire import Protocol, decode_query, service_model

if TYPE_CHECKING:
    import socket
    from collections.abc import Mapping

    from _typeshed.wsgi import WSGIEnvironment

_SCOPE = re.compile(r"Credential=(?P<key>[^/,]+)/\d+/(?P<region>[^/]+)/(?P<service>[^/]+)/aws4_request")
_RPC_PATH = re.compile(r"/service/[^/]+/operation/(?P<operation>\w+)$")
# the name that a service signs with -> its prefix in IAM actions, where they differ
_PREFIXES = {"monitoring": "cloudwatch"}
# the prefix in IAM actions -> botocore's name for the service, where they differ
_MODELS = {"servicequotas": "service-quotas"}
# these live in one Region of a partition, though a client that is given an endpoint signs for its own Region
_GLOBAL = {"account", "iam", "organizations"}
GLOBAL_REGIONS = {"aws": "us-east-1", "aws-cn": "cn-north-1", "aws-us-gov": "us-gov-west-1"}
# these two are the calls by which one gets credentials, so they carry none
_UNSIGNED = {"AssumeRoleWithWebIdentity": "sts", "AssumeRoleWithSAML": "sts"}


@dataclass(frozen=True)
class Call:
    """One request that reached the server.

    ``service`` is the prefix that IAM actions have. ``region`` comes from the signature's scope, for one endpoint
    serves every Region; for global services it is the one that they live in. ``connection`` is for answers that break
    HTTP itself.
    """

    service: str
    operation: str
    region: str
    host: str
    access_key_id: str | None
    session_token: str | None = field(repr=False)
    parameters: Mapping[str, object] = field(repr=False)
    protocol: Protocol
    connection: socket.socket | None = field(default=None, repr=False, compare=False)
    headers: Mapping[str, str] = field(default_factory=dict, repr=False, compare=False)

    @property
    def action(self) -> str:
        """``service:Operation``, as IAM writes it."""
        return f"{self.service}:{self.operation}"

    @property
    def partition(self) -> str:
        """The partition that the Region belongs to."""
        return partition_of(self.region)


def partition_of(region: str) -> str:
    """The partition of a Region, for those that the tests use."""
    return {"cn": "aws-cn", "us-gov": "aws-us-gov"}.get(region.rsplit("-", 2)[0], "aws")


def read_call(environ: WSGIEnvironment, unsigned_region: str) -> Call | None:
    """Read a request, and leave its body to be read again; ``None`` where it is none that AWS would know."""
    body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
    environ["wsgi.input"] = io.BytesIO(body)
    scope = _SCOPE.search(environ.get("HTTP_AUTHORIZATION", ""))
    form = str(environ.get("CONTENT_TYPE", "")).startswith("application/x-www-form-urlencoded")
    text = body.decode() if form else ""
    action = parse_qs(text).get("Action", [""])[0]
    signed_for = scope["service"] if scope else _UNSIGNED.get(action)
    if signed_for is None:
        return None
    service = _PREFIXES.get(signed_for, signed_for)
    protocol, operation = _identify(environ, service, action)
    region = scope["region"] if scope else unsigned_region
    return Call(
        service=service,
        operation=operation,
        region=GLOBAL_REGIONS[partition_of(region)] if service in _GLOBAL else region,
        host=environ.get("HTTP_HOST", ""),
        access_key_id=scope["key"] if scope else None,
        session_token=environ.get("HTTP_X_AMZ_SECURITY_TOKEN"),
        parameters=_parameters(protocol, service, operation, text or body),
        protocol=protocol,
        connection=environ.get("werkzeug.socket"),
        headers={
            name[5:].replace("_", "-").title(): value
            for name, value in environ.items()
            if name.startswith("HTTP_") and isinstance(value, str)
        },
    )


def _identify(environ: WSGIEnvironment, service: str, action: str) -> tuple[Protocol, str]:
    if target := environ.get("HTTP_X_AMZ_TARGET"):
        return Protocol.JSON, target.rpartition(".")[2]
    if action:
        return (Protocol.EC2 if service == "ec2" else Protocol.QUERY), action
    path = environ.get("PATH_INFO", "/")
    if rpc := _RPC_PATH.search(path):
        return Protocol.CBOR, rpc["operation"]
    method = environ["REQUEST_METHOD"]
    for verb, pattern, name in _routes(service):
        if verb == method and pattern.fullmatch(path):
            return Protocol.REST_JSON, name
    return Protocol.REST_JSON, f"{method} {path}"


@cache
def _routes(service: str) -> tuple[tuple[str, re.Pattern[str], str], ...]:
    try:
        model = service_model(_MODELS.get(service, service))
    except UnknownServiceError:
        return ()
    routes = []
    for name in model.operation_names:
        http = model.operation_model(name).http
        path = re.sub(r"\\{\w+\\\+\\}", ".+", re.escape(http["requestUri"].partition("?")[0]))
        routes.append((http["method"], re.compile(re.sub(r"\\{\w+\\}", "[^/]+", path)), name))
    return tuple(routes)


def _parameters(protocol: Protocol, service: str, operation: str, body: str | bytes) -> Mapping[str, object]:
    if protocol is Protocol.QUERY and isinstance(body, str):
        model = service_model(_MODELS.get(service, service))
        return decode_query(body, model.operation_model(operation)) if operation in model.operation_names else {}
    if protocol in (Protocol.JSON, Protocol.REST_JSON) and body:
        try:
            decoded = json.loads(body)
        except ValueError:
            return {}  # the body of an object store's request is anything at all
        return decoded if isinstance(decoded, dict) else {}
    return {}
