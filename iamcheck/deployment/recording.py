"""Reads the record of a script's calls, which `iamcheck record` writes: the deployments that the calls make."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from iamcheck.deployment.located import (
    UNKNOWN,
    Member,
    Tool,
    WrittenDelete,
    WrittenDeployment,
    WrittenRequest,
)
from iamcheck.deployment.requests import written_request
from iamcheck.deployment.unsettled import OpenCause
from iamcheck.errors import InvalidInputError
from iamcheck.iam.model.json_text import JsonNode, read_text, shown
from iamcheck.results import NotCovered

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from iamcheck.deployment.located import DeleteOperation, Operation
    from iamcheck.iam.model import Place

__all__ = ["is_recording", "read_recording", "record_text", "summary_of"]

_HEADER: Final = "iamcheck_recording"
_VERSION: Final = "1"
_MARK: Final = "iamcheck-made-up"
_NO_ACCOUNT: Final = ":000000000000:"
"""What made-up answers have, which `iamcheck.aws.recording` gives, and the script may pass on."""

_REQUESTS: Final[Mapping[tuple[str, str], Operation]] = {
    ("application-autoscaling", "PutScalingPolicy"): "PutScalingPolicy",
    ("application-autoscaling", "RegisterScalableTarget"): "RegisterScalableTarget",
    ("cloudwatch", "PutMetricAlarm"): "PutMetricAlarm",
    ("sagemaker", "CreateEndpoint"): "CreateEndpoint",
    ("sagemaker", "CreateEndpointConfig"): "CreateEndpointConfig",
    ("sagemaker", "CreateInferenceComponent"): "CreateInferenceComponent",
    ("sagemaker", "CreateModel"): "CreateModel",
    ("sagemaker", "CreateModelPackage"): "CreateModelPackage",
    ("sagemaker", "CreateModelPackageGroup"): "CreateModelPackageGroup",
    ("sagemaker", "UpdateEndpoint"): "CreateEndpoint",
}
"""Service and operation of a call that makes something -> the request that it is read as."""

_DELETES: Final[Mapping[tuple[str, str], tuple[DeleteOperation, str]]] = {
    ("application-autoscaling", "DeregisterScalableTarget"): ("DeregisterScalableTarget", "ResourceId"),
    ("sagemaker", "DeleteEndpoint"): ("DeleteEndpoint", "EndpointName"),
    ("sagemaker", "DeleteEndpointConfig"): ("DeleteEndpointConfig", "EndpointConfigName"),
    ("sagemaker", "DeleteModel"): ("DeleteModel", "ModelName"),
}
"""Likewise of a call that deletes something, with the member that names it."""

_OF_UPDATES: Final = ("EndpointName", "EndpointConfigName", "DeploymentConfig")
"""The members that UpdateEndpoint has in common with CreateEndpoint."""
_OF_SCOPES: Final = ("Describe", "List", "Invoke")


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
        ("asked about", [name for name in names if name in _REQUESTS or name in _DELETES]),
        ("not covered", [name for name in names if name not in _REQUESTS and name not in _DELETES]),
    ):
        counted = {name: some.count(name) for name in some}
        listed = (f"{service}:{one}{f' ({times})' if times > 1 else ''}" for (service, one), times in counted.items())
        if some:
            yield f"{title}: {', '.join(listed)}"


def is_recording(text: str) -> bool:
    """Whether a text is the record of a script's calls, by its header."""
    return text.lstrip(" \t\r\n").startswith("{") and f'"{_HEADER}"' in text[:200]


# --- its deployments


@dataclass(frozen=True, slots=True)
class _RecordedCall:
    """One call of the record."""

    service: str
    operation: str
    region: str | None
    parameters: JsonNode
    place: Place

    @property
    def key(self) -> tuple[str, str]:
        return self.service, self.operation


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
    calls = tuple(_calls(read_text(text), file))
    requests = [(call, _request(call, _REQUESTS[call.key])) for call in calls if call.key in _REQUESTS]
    endpoints = [(call, one) for call, one in requests if one.operation == "CreateEndpoint"]
    configs = {_text(one, "EndpointConfigName"): one for _, one in requests if one.operation == "CreateEndpointConfig"}
    models = [one for _, one in requests if one.operation == "CreateModel"]
    others = [
        one for _, one in requests if one.operation not in ("CreateEndpoint", "CreateEndpointConfig", "CreateModel")
    ]
    base = WrittenDeployment(
        Tool.SDK,
        str(file),
        region=_region(call for call in calls if call.service == "sagemaker"),
        deletes=tuple(_delete(call) for call in calls if call.key in _DELETES),
        not_covered=tuple(_not_covered(calls)),
    )
    found: list[WrittenDeployment] = []
    for call, endpoint in endpoints:
        config = configs.pop(_text(endpoint, "EndpointConfigName"), None)
        label = f"{file}: {_text(endpoint, 'EndpointName') or call.operation}"
        updates = call.operation == "UpdateEndpoint"
        found.append(replace(base, label=label, endpoint=endpoint, config=config, updates=updates))
    if not endpoints:
        found = [replace(base, label=f"{file}: {name}", config=config) for name, config in configs.items()]
    elif configs:
        first, *rest = found
        unused = tuple(NotCovered("sagemaker:CreateEndpointConfig", one.place, _UNUSED) for one in configs.values())
        found = [replace(first, not_covered=(*first.not_covered, *unused)), *rest]
    if not found:
        raise InvalidInputError(
            "no call makes or updates an endpoint, or makes an endpoint config",
            where=str(file),
            cure="record the script to its end, with what it needs",
        )
    return tuple(_with_the_rest(found, models, others))


_UNUSED: Final = "no endpoint of the record uses it"


def _with_the_rest(
    found: Sequence[WrittenDeployment], models: Sequence[WrittenRequest], others: Sequence[WrittenRequest]
) -> Iterator[WrittenDeployment]:
    """The deployments with their models and the rest; what belongs to none of them goes with the first."""
    names = {name for one in found for name in _model_names(one.config)}
    endpoints = {_text(one.endpoint, "EndpointName") for one in found if one.endpoint is not None}
    for at, one in enumerate(found):
        named = _model_names(one.config)
        name = None if one.endpoint is None else _text(one.endpoint, "EndpointName")
        own = [model for model in models if _text(model, "ModelName") in named]
        made = [model for model in models if model in own or (at == 0 and _text(model, "ModelName") not in names)]
        of_others = [(other, _endpoint_of(other)) for other in others]
        resources = [other for other, of in of_others if of == name or (at == 0 and of not in endpoints)]
        yield replace(one, models=tuple(own), created_models=tuple(made), resources=tuple(resources))


def _endpoint_of(request: WrittenRequest) -> str | None:
    """The endpoint that a request is about, where it names one."""
    named = _text(request, "EndpointName")
    resource = _text(request, "ResourceId") or ""
    return named or (resource.split("/")[1] if resource.startswith("endpoint/") else None)


def _model_names(config: WrittenRequest | None) -> frozenset[str]:
    """The models that the variants of an endpoint config name."""
    members = (
        [] if config is None else [config.root.get("ProductionVariants"), config.root.get("ShadowProductionVariants")]
    )
    variants = [item for member in members if member is not None for item in member.items()]
    names = [variant.get("ModelName") for variant in variants]
    return frozenset(name.value for name in names if name is not None and isinstance(name.value, str))


def _calls(root: JsonNode, file: Place) -> Iterator[_RecordedCall]:
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


def _request(call: _RecordedCall, operation: Operation) -> WrittenRequest:
    node = call.parameters
    if call.operation == "UpdateEndpoint" and isinstance(node.value, dict):
        node = node._replace(value={name: one for name, one in node.value.items() if name in _OF_UPDATES})
    request = written_request(node, operation, call.place._replace(line=None, column=None, path=""))
    return replace(request, root=_without_made_up(request.root), place=call.place)


def _without_made_up(member: Member) -> Member:
    """The same where what came from a made-up answer is not known."""
    value = member.value
    if isinstance(value, tuple):
        return replace(member, value=tuple(map(_without_made_up, value)))
    if isinstance(value, dict):
        return replace(member, value={name: _without_made_up(one) for name, one in value.items()})
    if isinstance(value, str) and (_MARK in value or _NO_ACCOUNT in value):
        return replace(member, value=UNKNOWN, causes=(_cause(value, member.path),))
    return member


def _cause(text: str, path: str) -> OpenCause:
    if _MARK in text:
        return OpenCause(
            "the script had it from an answer that was made up", f"a record that was made with --live ({path})"
        )
    return OpenCause("its account is one that was made up", "a record that was made with --account-id ID")


def _delete(call: _RecordedCall) -> WrittenDelete:
    operation, name = _DELETES[call.key]
    members = call.parameters.value if isinstance(call.parameters.value, dict) else {}
    name_or_unknown, dimension = (
        value if isinstance(value, str) and _MARK not in value else UNKNOWN
        for value in (members[one].value if one in members else None for one in (name, "ScalableDimension"))
    )
    is_target = operation == "DeregisterScalableTarget"
    return WrittenDelete(operation, name_or_unknown, call.place, dimension if is_target else None)


def _not_covered(calls: Iterable[_RecordedCall]) -> Iterator[NotCovered]:
    """Each kind of call that nothing is asked about, once, at its first place."""
    seen: set[tuple[str, str]] = set()
    for call in calls:
        if call.key in _REQUESTS or call.key in _DELETES or call.key in seen:
            continue
        seen.add(call.key)
        is_of_a_scope = call.service == "sagemaker" and call.operation.startswith(_OF_SCOPES)
        why = "a scope may have it: --scope deploy, --scope lifecycle" if is_of_a_scope else "no check judges this call"
        yield NotCovered(f"{call.service}:{call.operation}", call.place, why)


def _region(calls: Iterable[_RecordedCall]) -> str | None:
    """The Region of the calls; None: none says it.

    Raises:
        InvalidInputError: They go to several Regions.
    """
    found = {call.region: call for call in calls if call.region is not None}
    if len(found) > 1:
        first, second, *_ = found.values()
        raise InvalidInputError(
            f"calls go to {first.region} and to {second.region}",
            where=str(second.place),
            cure="record each Region alone",
        )
    return next(iter(found), None)


def _text(request: WrittenRequest | None, name: str) -> str | None:
    member = None if request is None else request.root.get(name)
    return member.value if member is not None and isinstance(member.value, str) else None
