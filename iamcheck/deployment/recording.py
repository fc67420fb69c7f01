"""Reads the record of a script's calls, which `iamcheck record` writes: the deployments that the calls make."""

from __future__ import annotations

import json
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Final, NamedTuple

from iamcheck.deployment.calls import DELETES, REQUESTS, MadeCall, deleted, deployments_of_calls, request_members_of
from iamcheck.deployment.located import UNKNOWN, Member, Tool, WrittenDeployment, WrittenRequest
from iamcheck.deployment.requests import written_request
from iamcheck.deployment.unsettled import OpenCause
from iamcheck.errors import InvalidInputError
from iamcheck.iam.model.json_text import JsonNode, read_text, shown

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from iamcheck.deployment.located import Operation
    from iamcheck.iam.model import Place

__all__ = ["is_recording", "read_recording", "record_text", "summary_of"]

_HEADER: Final = "iamcheck_recording"
_VERSION: Final = "1"
_MARK: Final = "iamcheck-made-up"
_HIDDEN: Final = ("redacted", "***")
"""What a record has in place of what looks like a secret."""
_NO_ACCOUNT: Final = ":000000000000:"
"""What made-up answers have, which `iamcheck.aws.recording` gives, and the script may pass on."""

# --- the file


def record_text(calls: Sequence[Mapping[str, object]], *, is_live: bool) -> str:
    """The record of calls, as a file has it; calls that are the same come once.

    Args:
        calls: The calls, each with `service`, `operation`, `region`, `parameters` and `where`.
        is_live: Whether they were sent.
    """
    distinct: dict[str, Mapping[str, object]] = {}
    for call in calls:
        distinct.setdefault(_identity(call), call)
    document = {_HEADER: _VERSION, "live": is_live, "calls": list(distinct.values())}
    return json.dumps(document, indent=2) + "\n"


def _identity(call: Mapping[str, object]) -> str:
    return json.dumps({name: value for name, value in call.items() if name != "where"}, sort_keys=True)


def summary_of(calls: Sequence[Mapping[str, object]]) -> Iterator[str]:
    """What was recorded, in words: the calls that `check` and `generate` ask about, then the others."""
    names = [(str(call["service"]), str(call["operation"])) for call in calls]
    for title, some in (
        ("asked about", [name for name in names if name in REQUESTS or name in DELETES]),
        ("not covered", [name for name in names if name not in REQUESTS and name not in DELETES]),
    ):
        counted = {name: some.count(name) for name in some}
        listed = (f"{service}:{one}{f' ({times})' if times > 1 else ''}" for (service, one), times in counted.items())
        if some:
            yield f"{title}: {', '.join(listed)}"


def is_recording(text: str) -> bool:
    """Whether a text is the record of a script's calls, by its header."""
    return text.lstrip(" \t\r\n").startswith("{") and f'"{_HEADER}"' in text[:200]


# --- its deployments


def read_recording(text: str, file: Place) -> tuple[WrittenDeployment, ...]:
    """The deployments of a record: one for each endpoint that is made or updated, or for endpoint configs alone.

    What the script had from a made-up answer is known only when the deployment is made.

    Args:
        text: The record.
        file: Where it is.

    Raises:
        InvalidInputError: It is no record of this version, a call has a member that the API does not have, or no call
            makes or updates an endpoint or makes an endpoint config.
    """
    rows = tuple(_rows(read_text(text), file))
    calls = tuple(_made_call(row) for row in rows)
    base = WrittenDeployment(Tool.SDK, str(file), region=_region(rows))
    found = deployments_of_calls(calls, base, "no check judges this call")
    if not found:
        raise InvalidInputError(
            "no call makes or updates an endpoint, or makes an endpoint config",
            where=str(file),
            cure="record the script to its end, with what it needs",
        )
    return found


class _RecordedCall(NamedTuple):
    """One call of the record."""

    service: str
    operation: str
    region: str | None
    parameters: JsonNode
    place: Place


def _rows(root: JsonNode, file: Place) -> Iterator[_RecordedCall]:
    document = root.value if isinstance(root.value, dict) else {}
    version = document[_HEADER].value if _HEADER in document else None
    if version != _VERSION:
        raise InvalidInputError(
            f"a record of version {shown(str(version))}, where {_VERSION} is read",
            where=str(file),
            cure="record it again with this version of iamcheck",
        )
    calls = document["calls"].value if "calls" in document else None
    for node in calls if isinstance(calls, list) else []:
        members = node.value if isinstance(node.value, dict) else {}
        service, operation = (members[name].value if name in members else None for name in ("service", "operation"))
        parameters = members.get("parameters")
        if not isinstance(service, str) or not isinstance(operation, str) or parameters is None:
            raise InvalidInputError("a call without service, operation or parameters", where=f"{file}, {node.where}")
        region = members["region"].value if "region" in members else None
        place = file
        if parameters.source is not None:
            position = parameters.source.position(node.start)
            place = file._replace(line=position.line, column=position.column, path=f"{service}:{operation}")
        yield _RecordedCall(service, operation, region if isinstance(region, str) else None, parameters, place)


def _made_call(row: _RecordedCall) -> MadeCall:
    call = MadeCall(row.service, row.operation, row.place)
    if call.key in REQUESTS:
        return call._replace(request=_request(row, REQUESTS[call.key]))
    return deleted(call, partial(_text_member, row)) if call.key in DELETES else call


def _request(row: _RecordedCall, operation: Operation) -> WrittenRequest:
    node = row.parameters
    if isinstance(node.value, dict):
        kept = request_members_of(row.operation, tuple(node.value))
        node = node._replace(value={name: node.value[name] for name in kept})
    request = written_request(node, operation, row.place._replace(line=None, column=None, path=""))
    return replace(request, root=_without_made_up(request.root), place=row.place)


def _without_made_up(member: Member) -> Member:
    """The same where what came from a made-up answer, or is hidden, is not known."""
    value = member.value
    if isinstance(value, tuple):
        return replace(member, value=tuple(map(_without_made_up, value)))
    if isinstance(value, dict):
        # nothing hangs on the values of Environment
        known = {name: one if name == "Environment" else _without_made_up(one) for name, one in value.items()}
        return replace(member, value=known)
    if isinstance(value, str) and (_is_hidden(value) or _MARK in value or _NO_ACCOUNT in value):
        return replace(member, value=UNKNOWN, causes=(_cause(value, member.path),))
    return member


def _is_hidden(text: str) -> bool:
    word, mask = _HIDDEN
    return text == word or mask in text


def _cause(text: str, path: str) -> OpenCause:
    if _is_hidden(text):
        return OpenCause(
            "the record hides it, for it looks like a secret", f"its value, written into the record ({path})"
        )
    if _MARK in text:
        return OpenCause(
            "the script had it from an answer that was made up",
            f"a record that was made with --principal ARN or --live ({path})",
        )
    return OpenCause("its account is one that was made up", "a record that was made with --account-id ID")


def _text_member(row: _RecordedCall, name: str) -> Member | None:
    """A text at the top of the parameters; None: they have none of that name."""
    members = row.parameters.value if isinstance(row.parameters.value, dict) else {}
    text = members[name].value if name in members else None
    if not isinstance(text, str):
        return None
    if _is_hidden(text) or _MARK in text:
        return Member(UNKNOWN, name, row.place, (_cause(text, name),))
    return Member(text, name, row.place)


def _region(rows: Iterable[_RecordedCall]) -> str | None:
    """The Region of SageMaker's calls; None: none says it.

    Raises:
        InvalidInputError: They go to several Regions.
    """
    found = {row.region: row for row in rows if row.region is not None and row.service == "sagemaker"}
    if len(found) > 1:
        first, second, *_ = found.values()
        raise InvalidInputError(
            f"calls go to {first.region} and to {second.region}",
            where=str(second.place),
            cure="record each Region alone",
        )
    return next(iter(found), None)
