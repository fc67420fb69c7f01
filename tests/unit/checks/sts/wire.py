"""Answers the calls of real clients of STS and of the Account Management API, without a socket.

The bodies are those of AWS's protocols: https://smithy.io/2.0/aws/protocols/aws-query-protocol.html
"""

from __future__ import annotations

import json
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import parse_qs, urlsplit

from botocore.awsrequest import AWSResponse
from botocore.config import Config
from botocore.exceptions import ConnectTimeoutError, EndpointConnectionError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    import boto3

__all__ = ["ACCOUNT", "OTHER", "REFUSALS", "Wire", "assumed", "identity", "issued"]

ACCOUNT: Final = "123456789012"
OTHER: Final = "210987654321"
_STS: Final = 'xmlns="https://sts.amazonaws.com/doc/2011-06-15/"'
_CREDENTIALS: Final = {
    "AccessKeyId": "a",
    "SecretAccessKey": "b",
    "SessionToken": "c",
    "Expiration": "2099-01-01T00:00:00Z",
}

Answer = tuple[int, str] | Exception
"""A status with a body, or what the connection does instead."""


def _error(status: int, code: str, message: str) -> Answer:
    error = f"<Error><Type>Sender</Type><Code>{code}</Code><Message>{message}</Message></Error>"
    return status, f"<ErrorResponse {_STS}>{error}<RequestId>r</RequestId></ErrorResponse>"


REFUSALS: Final[Mapping[str, Answer]] = {
    "deactivated": _error(
        403, "RegionDisabledException", f"STS is not activated in this region for account:{ACCOUNT}. Your account"
    ),
    "deactivated for another account": _error(
        403, "RegionDisabledException", f"STS is not activated in this region for account:{OTHER}. Your account"
    ),
    "deactivated for nobody": _error(403, "RegionDisabledException", "STS is not activated in this region"),
    "denied": _error(403, "AccessDenied", "not authorized"),
    "not known": _error(403, "InvalidClientTokenId", "The security token included in the request is invalid."),
    "expired": _error(403, "ExpiredToken", "The security token included in the request is expired"),
    "throttled": _error(400, "Throttling", "Rate exceeded"),
    "another refusal": _error(400, "ValidationError", "1 validation error detected"),
    "a page": (200, "<html><body>Sign in</body></html>"),
    "nothing": (200, ""),
    "a bad gateway": (502, "<html>\r\n<head><title>502 Bad Gateway</title></head>\r\n<body></body>\r\n</html>\r\n"),
    "no connection": EndpointConnectionError(endpoint_url="https://closed.example"),
    "silence": ConnectTimeoutError(endpoint_url="https://closed.example"),
}
"""Every way in which a call may not be answered; sources as in `test_sts.py`."""


def _xml(operation: str, members: Mapping[str, Any]) -> Answer:
    def text(value: Any) -> str:  # noqa: ANN401  a structure
        return (
            "".join(f"<{name}>{text(part)}</{name}>" for name, part in value.items())
            if isinstance(value, dict)
            else str(value)
        )

    result = f"<{operation}Result>{text(members)}</{operation}Result>"
    return 200, f"<{operation}Response {_STS}>{result}</{operation}Response>"


def identity(arn: str, account: str | None = None) -> Answer:
    """GetCallerIdentity's answer."""
    return _xml("GetCallerIdentity", {"Arn": arn, "UserId": "x", "Account": account or arn.split(":")[4]})


def issued(**credentials: str) -> Answer:
    """GetSessionToken's answer."""
    return _xml("GetSessionToken", {"Credentials": {**_CREDENTIALS, **credentials}})


def assumed(arn: str | None, operation: str = "AssumeRole", *, credentials: bool = True) -> Answer:
    """AssumeRole's answer; None: it does not say who is assumed."""
    user = {} if arn is None else {"AssumedRoleUser": {"Arn": arn, "AssumedRoleId": "x:y"}}
    return _xml(operation, {**({"Credentials": _CREDENTIALS} if credentials else {}), **user})


@dataclass
class Wire:
    """What stands between clients and AWS.

    Args:
        answers: By `OPERATION by KEY`, else by `OPERATION REGION`, else by `OPERATION`; those of the Account
            Management API have bodies in JSON.
        sent: What was sent: operation, host, the access key that signed, and the parameters.
    """

    answers: Mapping[str, Answer] = field(default_factory=dict)
    sent: list[str] = field(default_factory=list)

    def attach(self, session: boto3.Session) -> boto3.Session:
        """The session, whose clients this answers from now on; none of their calls is made twice."""
        core = session._session
        core.set_default_client_config(Config(retries={"total_max_attempts": 1}))
        for service in ("sts", "account"):
            core.register(f"before-send.{service}", self._answer)  # type: ignore[arg-type]  # the stubs know no answers
        return session

    def _answer(self, request: Any, **_: object) -> AWSResponse:  # noqa: ANN401  an AWSPreparedRequest
        body = request.body.decode() if isinstance(request.body, bytes) else request.body
        answer = self.respond(request.url, str(request.headers.get("Authorization", b"")), body)
        if isinstance(answer, Exception):
            raise answer
        headers: Any = {"Content-Type": "text/xml"}
        return AWSResponse(request.url, answer[0], headers, _Raw(answer[1].encode()))

    def respond(self, address: str, authorization: str, body: str) -> Answer:
        """Answers a request, and notes it."""
        url = urlsplit(address)
        scope = authorization.partition("Credential=")[2].split("/")
        if url.path == "/":
            parameters = {name: values[0] for name, values in parse_qs(body).items()}
            operation = parameters.pop("Action")
            del parameters["Version"]
        else:
            operation = {"/getRegionOptStatus": "GetRegionOptStatus", "/listRegions": "ListRegions"}[url.path]
            parameters = json.loads(body)
        region, key = (scope[2], scope[0]) if len(scope) > 2 else ("unsigned", "nobody")
        words = " ".join(f"{name}={value}" for name, value in sorted(parameters.items()))
        self.sent.append(f"{operation} {url.hostname} by {key} in {region}: {words}".rstrip(": "))
        keys = [f"{operation} by {key}", f"{operation} {region}", operation]
        return next(self.answers[one] for one in keys if one in self.answers)

    @contextmanager
    def serve(self) -> Iterator[str]:
        """Answers over HTTP, for sessions that somebody else makes: the URL."""
        wire = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"])).decode()
                answer = wire.respond(f"http://{self.headers['Host']}{self.path}", self.headers["Authorization"], body)
                assert not isinstance(answer, Exception)
                data = answer[1].encode()
                self.send_response(answer[0])
                self.send_header("Content-Type", "text/xml")
                self.send_header("Content-Length", str(len(data)))
                self.end_headers()
                self.wfile.write(data)

            def log_message(self, *_: object) -> None:
                """Says nothing: standard error belongs to the tests."""

        server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        thread = Thread(target=server.serve_forever, args=(0.02,), daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.server_address[1]}"
        server.shutdown()
        thread.join()
        server.server_close()


class _Raw:
    """A body as urllib3 gives it."""

    def __init__(self, data: bytes) -> None:
        self._data = data

    def stream(self, *_: object, **__: object) -> list[bytes]:
        return [self._data]

    def read(self, size: int | None = None) -> bytes:
        data, self._data = (self._data, b"") if size is None else (self._data[:size], self._data[size:])
        return data
