"""The WSGI application: takes each request, and lets a hook, a world, our own services or moto answer it."""

from __future__ import annotations

import traceback
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from functools import partial
from http import HTTPStatus
from io import BytesIO
from typing import TYPE_CHECKING

from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app

from tests.server import account, authorisation, sagemaker
from tests.server.calls import Call, read_call
from tests.server.iam import Details, Iam
from tests.server.identities import ACCOUNT, Caller, Identities, RefusedError
from tests.server.organizations import Organizations
from tests.server.quotas import Quotas
from tests.server.sts import Sts, World, denied, refused
from tests.server.wire import Answer, Protocol, error

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

INTERNAL_HEADER = "x-loopback-internal"
Hook = Callable[[Call], "Answer | None"]
Wrap = Callable[[Call, Callable[[], Answer]], Answer]
_RESOURCE_PARAMETERS = ("PolicySourceArn", "RoleArn")


@dataclass(frozen=True)
class _Rule:
    action: str
    principal: str

    def forbids(self, call: Call, caller: Caller) -> bool:
        return fnmatchcase(call.action, self.action) and fnmatchcase(caller.principal, self.principal)


@dataclass
class Orders:
    """What a test has told the gateway, and what the gateway has seen."""

    unsigned_region: str
    rules: list[_Rule] = field(default_factory=list)
    hooks: list[tuple[str, Hook]] = field(default_factory=list)
    wraps: list[tuple[str, Wrap]] = field(default_factory=list)
    calls: list[Call] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)
    is_enforced: bool = False

    def deny(self, action: str, principal: str) -> None:
        """Refuse calls whose action and principal match these patterns."""
        self.rules.append(_Rule(action, principal))


class Gateway:
    """The application; its parts are open to the helper that tests use."""

    def __init__(self, details: Details, orders: Orders) -> None:
        self.orders = orders
        self.identities = Identities()
        self.sts = Sts(self.identities)
        self.iam = Iam(details)
        self.quotas = Quotas()
        self.organizations = Organizations()
        self._details = details
        self._moto: WSGIApplication = DomainDispatcherApplication(create_backend_app)

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Serve one request."""
        if f"HTTP_{INTERNAL_HEADER.upper().replace('-', '_')}" in environ:
            return self._moto(environ, start_response)
        call: Call | None = None
        try:
            call = read_call(environ, self.orders.unsigned_region)
            answer = self._unknown() if call is None else self._answer(call, environ)
        except Exception:
            self.orders.failures.append(f"{call}\n{traceback.format_exc()}")
            protocol = call.protocol if call else Protocol.QUERY
            answer = error(protocol, 400, "LoopbackFailure", "the loopback server itself has failed")
        headers = {"Content-Length": str(len(answer.body)), **answer.headers}
        start_response(f"{answer.status} {_phrase(answer.status)}", list(headers.items()))
        return [answer.body]

    def _unknown(self) -> Answer:
        return Answer(404, b"no request that AWS would know", {"Content-Type": "text/plain"})

    def _answer(self, call: Call, environ: WSGIEnvironment) -> Answer:
        self.orders.calls.append(call)
        serve = partial(self._served, call, environ)
        for pattern, wrap in self.orders.wraps:
            if fnmatchcase(call.action, pattern):
                serve = partial(wrap, call, serve)
        return serve()

    def _served(self, call: Call, environ: WSGIEnvironment) -> Answer:
        orders = self.orders
        for pattern, hook in orders.hooks:
            if fnmatchcase(call.action, pattern) and (replaced := hook(call)) is not None:
                return replaced
        caller: Caller | None = None
        if call.access_key_id is not None:
            try:
                caller = self.identities.caller(call.access_key_id, call.session_token, call.partition)
            except RefusedError as refusal:
                return refused(call, refusal.reason)
            if self.sts.world_of(call.region, caller.account_id) is World.NOT_ENABLED:
                return refused(call, "unknown")
            if any(rule.forbids(call, caller) for rule in orders.rules):
                named = (call.parameters[name] for name in _RESOURCE_PARAMETERS if name in call.parameters)
                return denied(call, caller, str(next(named, "*")))
            if orders.is_enforced and call.service == "sagemaker":
                known = self._details(caller.account_id, call.partition)
                if (unauthorised := authorisation.refusal(call, caller, known, self.iam.scps)) is not None:
                    return unauthorised
        return self._own_answer(call, caller) or self._moto_answer(call, caller, environ)

    def _own_answer(self, call: Call, caller: Caller | None) -> Answer | None:
        if call.service == "sts":
            return self.sts.answer(call, caller)
        if caller is None:
            return error(call.protocol, 403, "MissingAuthenticationToken", "Request is missing Authentication Token")
        if call.service == "iam":
            return self.iam.answer(call, caller)
        if call.service == "sagemaker":
            return sagemaker.answer(call, caller)
        if call.service == "servicequotas":
            return self.quotas.answer(call)
        if call.service == "account":
            sts, account_id = self.sts, caller.account_id
            return account.answer(call, lambda region: sts.world_of(region, account_id) is not World.NOT_ENABLED)
        return None

    def _moto_answer(self, call: Call, caller: Caller | None, environ: WSGIEnvironment) -> Answer:
        account_id = caller.account_id if caller else ACCOUNT
        if call.service == "organizations" and caller is not None:
            own, account_id = self.organizations.answer(call, caller)
            if own is not None:
                return own
        environ["HTTP_X_MOTO_ACCOUNT_ID"] = account_id
        answer = run(self._moto, environ)
        if call.service == "sagemaker" and answer.status == 400:
            # AWS quotes the ARN as JSON does, where moto takes apostrophes
            body = answer.body.replace(b" '", b' \\"').replace(b"'.", b'\\".')
            return Answer(answer.status, body, {**answer.headers, "Content-Length": str(len(body))})
        return answer


def run(application: WSGIApplication, environ: WSGIEnvironment) -> Answer:
    """Let a WSGI application answer, and keep the answer whole."""
    started: list[tuple[str, Mapping[str, str]]] = []
    written = BytesIO()

    def start_response(
        status: str, headers: list[tuple[str, str]], exc_info: object = None, /
    ) -> Callable[[bytes], object]:
        started.append((status, dict(headers)))
        return written.write

    chunks = application(environ, start_response)
    try:
        body = b"".join(chunks)
    finally:
        if close := getattr(chunks, "close", None):
            close()
    status, headers = started[-1]
    return Answer(int(status.split()[0]), written.getvalue() + body, headers)


def _phrase(status: int) -> str:
    return HTTPStatus(status).phrase if status in set(HTTPStatus) else "Unknown"
