"""What may go wrong between a client and AWS, as values that a test puts in the way of calls.

A fault stands around the server: it may let the call be served or not, and spoil what comes back. ``Storm`` says which
call meets which fault; ``LoopbackAws.wrap`` puts it there.
"""

from __future__ import annotations

import json
import re
import socket
import struct
from collections import Counter
from dataclasses import dataclass, field
from functools import partial
from threading import Event, Lock
from typing import TYPE_CHECKING, Any

from tests.server.identities import ACCOUNT
from tests.server.sts import deactivated, denied, refused
from tests.server.wire import Answer, Protocol, error

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from tests.server.calls import Call

    Serve = Callable[[], Answer]
    Spoil = Callable[[Call, Serve, "Storm"], Answer]

__all__ = ["FAULTS", "Fault", "Storm", "echoing"]

PATIENCE = 30
"""Seconds after which a call that hangs is let go, should nobody end the storm."""
_JSON = (Protocol.JSON, Protocol.REST_JSON)


@dataclass(frozen=True)
class Fault:
    """A trouble.

    Args:
        kind: Faults of one kind are met by the same code, whatever call they meet; None: a kind of its own, which every
            reader of an answer meets in its own way.
        spoil: Gets the call, what serves it and the storm; gives the answer.
        is_slow: A client finds it out by waiting only.
        says: Checks about which it is not trouble but AWS's own word.
    """

    name: str
    spoil: Spoil = field(repr=False)
    kind: str | None = None
    is_slow: bool = False
    says: frozenset[str] = frozenset()


class Storm:
    """Puts faults in the way of calls, until it is ended.

    Args:
        pick: The fault that a call meets, by the call and how many of its operation came before; None: none.
    """

    def __init__(self, pick: Callable[[Call, int], Fault | None]) -> None:
        self._pick = pick
        self._seen: Counter[str] = Counter()
        self._lock = Lock()
        self._pages: dict[str, Answer] = {}
        self.over = Event()
        self.met: list[tuple[str, str]] = []

    def __call__(self, call: Call, serve: Serve) -> Answer:
        """Serve a call, or spoil it."""
        with self._lock:
            fault = None if self.over.is_set() else self._pick(call, self._seen[call.action])
            self._seen[call.action] += 1
            if fault is not None:
                self.met.append((call.action, fault.name))
            page = self._pages.get(str(call.parameters.get("NextToken", call.parameters.get("Marker"))))
        if page is not None:
            serve = partial(_same, page)
        return serve() if fault is None else fault.spoil(call, serve, self)

    def end(self) -> None:
        """Let everything go that hangs, and spoil no more."""
        self.over.set()

    def keep(self, call: Call, answer: Answer) -> str:
        """Keep a page until it is asked for; the marker by which that is done, the same for each page of a list."""
        marker = f"more-of-{call.operation}"
        with self._lock:
            self._pages.setdefault(marker, answer)
        return marker


def _same(answer: Answer) -> Answer:
    return answer


# --- the connection


def _cut(call: Call, *, reset: bool) -> Answer:
    """Break the connection; what is then answered reaches nobody."""
    assert call.connection is not None
    try:
        if reset:
            call.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        call.connection.shutdown(socket.SHUT_RDWR)
    except OSError:
        pass  # the client was faster
    return Answer(500)


def _reset_before(call: Call, serve: Serve, storm: Storm) -> Answer:
    return _cut(call, reset=True)


def _reset_after(call: Call, serve: Serve, storm: Storm) -> Answer:
    serve()
    return _cut(call, reset=True)


def _hang(call: Call, serve: Serve, storm: Storm) -> Answer:
    storm.over.wait(PATIENCE)
    return _cut(call, reset=True)


def _raw(call: Call, data: bytes) -> bool:
    assert call.connection is not None
    try:
        call.connection.sendall(data)
    except OSError:
        return False
    return True


def _head(answer: Answer, length: int) -> bytes:
    headers = {**answer.headers, "Content-Length": str(length)}
    lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items() if "\n" not in value)
    return f"HTTP/1.0 {answer.status} Said\r\n{lines}\r\n".encode()


def _drip(call: Call, serve: Serve, storm: Storm) -> Answer:
    answer = serve()
    going = _raw(call, _head(answer, len(answer.body)))
    for octet in answer.body:
        if not going or storm.over.wait(0.1):
            break
        going = _raw(call, bytes([octet]))
    return _cut(call, reset=False)


def _break_off(call: Call, serve: Serve, storm: Storm) -> Answer:
    answer = serve()
    _raw(call, _head(answer, len(answer.body)) + answer.body[: len(answer.body) // 2])
    return _cut(call, reset=False)


# --- the answer


def _with(answer: Answer, body: bytes, **headers: str) -> Answer:
    kept = {name: value for name, value in answer.headers.items() if name.lower() not in ("content-length", *headers)}
    kept |= {name.replace("_", "-"): value for name, value in headers.items()}
    return Answer(answer.status, body, kept)


def _instead(answer: Answer) -> Spoil:
    return lambda _call, _serve, _storm: answer


def _error(status: int, query: str, other: str, text: str) -> Spoil:
    def spoil(call: Call, serve: Serve, storm: Storm) -> Answer:
        return error(call.protocol, status, query if call.protocol is Protocol.QUERY else other, text)

    return spoil


def _changed(
    json_members: Callable[[dict[str, Any]], object] | None, xml_text: Callable[[str], str] | None = None
) -> Spoil:
    """Changes what was answered with 200, in the formats that are named; another goes on as it is."""

    def spoil(call: Call, serve: Serve, storm: Storm) -> Answer:
        answer = serve()
        if answer.status != 200:
            return answer
        if call.protocol in _JSON and json_members is not None:
            return _with(answer, json.dumps(json_members(json.loads(answer.body))).encode())
        if call.protocol is Protocol.QUERY and xml_text is not None:
            return _with(answer, xml_text(answer.body.decode()).encode())
        return answer

    return spoil


def _other_types(value: object) -> object:
    """Everything of another type than it was."""
    if isinstance(value, dict):
        return {name: _other_types(one) for name, one in value.items()}
    if isinstance(value, list):
        return {"entries": [_other_types(one) for one in value]}
    return 7 if isinstance(value, str) else "many"


def _structures(xml: str) -> str:
    """A structure in the place of every text and at the end of every list, of an empty one too."""
    opened = re.sub(r"<(\w+) ?/>", r"<\1></\1>", xml)
    return re.sub(r">[^<]*</", "><Other>7</Other></", opened)


def _inside(text: str) -> Callable[[str], str]:
    """Puts XML inside of a result."""
    return lambda xml: re.sub(r"(<(\w+)Result>)", lambda found: found[0] + text, xml, count=1)


def _without_result(xml: str) -> str:
    return re.sub(r"<(\w+)Result>.*</\1Result>", r"<\1Result></\1Result>", xml, flags=re.DOTALL)


def _paged(first: Callable[[dict[str, Any]], Mapping[str, object]] | None) -> Spoil:
    """A page of its own before a list, which then comes; None: the list with a marker of more, as often as asked."""

    def spoil(call: Call, serve: Serve, storm: Storm) -> Answer:
        answer = serve()
        if answer.status != 200 or (first is not None and {"NextToken", "Marker"} & call.parameters.keys()):
            return answer
        if call.protocol in _JSON and call.operation.startswith("List"):
            told = json.loads(answer.body)
            page = {**(told if first is None else first(told)), "NextToken": storm.keep(call, answer)}
            return _with(answer, json.dumps(page).encode())
        if call.protocol is Protocol.QUERY and first is None and b"<IsTruncated>" in answer.body:
            marker = storm.keep(call, answer)
            more = f"<IsTruncated>true</IsTruncated><Marker>{marker}</Marker>".encode()
            return _with(answer, re.sub(rb"<IsTruncated>\w+</IsTruncated>(<Marker>.*</Marker>)?", more, answer.body))
        return answer

    return spoil


def _emptied(told: Mapping[str, object]) -> Mapping[str, object]:
    return {name: [] if isinstance(value, list) else value for name, value in told.items()}


def _truncate(call: Call, serve: Serve, storm: Storm) -> Answer:
    answer = serve()
    return _with(answer, answer.body[: len(answer.body) // 2])


def _as_text(call: Call, serve: Serve, storm: Storm) -> Answer:
    answer = serve()
    return _with(answer, answer.body, **{"content-type": "text/plain"})


def echoing(call: Call, serve: Serve, storm: Storm) -> Answer:
    """Refuse as AWS refuses a signature: the text holds what was signed, the session token among it."""
    headers = "\n".join(f"{name.lower()}:{value}" for name, value in call.headers.items())
    text = (
        "The request signature we calculated does not match the signature you provided. Check your AWS Secret Access "
        "Key and signing method. Consult the service documentation for details.\n\nThe Canonical String for this "
        f"request should have been\n'POST\n/\n\n{headers}\n\nhost;x-amz-date;x-amz-security-token\n'"
    )
    return error(call.protocol, 403, "SignatureDoesNotMatch", text)


def echoing_elsewhere(call: Call, serve: Serve, storm: Storm) -> Answer:
    """Refuse as no AWS does: what was sent stands first in the text."""
    headers = ", ".join(f"{name}: {value}" for name, value in call.headers.items())
    return error(call.protocol, 400, "InvalidAction", f"{headers} is no request that this proxy takes")


def echoing_page(call: Call, serve: Serve, storm: Storm) -> Answer:
    """Answer with a proxy's page that holds what was sent."""
    rows = "".join(f"<li>{name}: {value}</li>" for name, value in call.headers.items())
    page = f"<html>\r\n<head><title>400</title></head>\r\n<body>{rows}</body>\r\n</html>"
    return Answer(400, page.encode(), {"Content-Type": "text/html"})


_AMZ = "application/x-amz-json-1.1"
_PAGE = b"<html>\r\n<head><title>Sign in</title></head>\r\n<body>Sign in to the network<br></body>\r\n</html>\r\n"
_HTML: Mapping[str, str] = {"Content-Type": "text/html; charset=utf-8"}
_LARGE = 6_000_000
"""Octets of an answer that nobody expects."""
_STS = frozenset({"sts.active"})
_SKEWED = "Signature expired: 20261124T000000Z is now earlier than 20261124T001000Z (20261124T001500Z - 5 min.)"

FAULTS: Mapping[str, Fault] = {
    one.name: one
    for one in (
        Fault("throttled", _error(400, "Throttling", "ThrottlingException", "Rate exceeded"), "refusal"),
        Fault("hanging", _hang, "waiting", is_slow=True),
        Fault("dripping", _drip, "waiting", is_slow=True),
        Fault("reset before", _reset_before, "connection"),
        Fault("reset after", _reset_after, "connection"),
        Fault("broken off", _break_off, "connection"),
        Fault("truncated", _truncate, "not an answer"),
        Fault("a page", _instead(Answer(200, _PAGE, _HTML)), "not an answer"),
        Fault("a page of an error", _instead(Answer(502, _PAGE, _HTML)), "not an answer"),
        Fault(
            "a server error",
            _error(500, "InternalFailure", "InternalFailure", "We encountered an internal error"),
            "refusal",
        ),
        Fault(
            "unavailable",
            _error(503, "ServiceUnavailable", "ServiceUnavailableException", "Try again later"),
            "refusal",
        ),
        Fault("expired", lambda call, _serve, _storm: refused(call, "expired"), "refusal"),
        Fault("skewed", _error(403, "SignatureDoesNotMatch", "InvalidSignatureException", _SKEWED), "refusal"),
        Fault(
            "too skewed",
            _error(403, "RequestTimeTooSkewed", "RequestTimeTooSkewed", "The difference is too large"),
            "refusal",
        ),
        Fault("denied", lambda call, _serve, _storm: denied(call, None, "*")),
        Fault("region not enabled", lambda call, _serve, _storm: refused(call, "unknown"), "region", says=_STS),
        Fault("region disabled", lambda call, _serve, _storm: deactivated(call, ACCOUNT), "region", says=_STS),
        Fault("nothing", _instead(Answer(200)), "not an answer"),
        Fault("garbage", _instead(Answer(200, bytes(range(256)) * 8, {"Content-Type": _AMZ})), "not an answer"),
        Fault("an empty structure", _changed(lambda _: {}, _without_result)),
        Fault("a list", _changed(lambda answered: [answered], lambda _: "<List/>")),
        Fault("null", _changed(lambda _: None, lambda _: "<Null/>")),
        Fault("other types", _changed(_other_types, _structures)),
        Fault("deep", _changed(lambda answered: {"a": answered}, _inside("<a>" * 2000 + "</a>" * 2000)), "large"),
        Fault(
            "unknown members", _changed(lambda answered: {**answered, "Unheard": {"Of": [1]}}, _inside("<Unheard/>"))
        ),
        Fault(
            "huge",
            _changed(
                lambda answered: {**answered, "Padding": "x" * _LARGE}, _inside(f"<Padding>{'x' * _LARGE}</Padding>")
            ),
            "large",
        ),
        Fault("another content type", _as_text, "large"),
        Fault("an empty page first", _paged(_emptied), "pages"),
        Fault("a page twice", _paged(dict), "pages"),
        Fault("no last page", _paged(None), "pages"),
        Fault("echoing", echoing, "echo"),
        Fault("echoing elsewhere", echoing_elsewhere, "echo"),
        Fault("echoing in a page", echoing_page, "echo"),
    )
}
"""By name. Adding one is adding a row."""
