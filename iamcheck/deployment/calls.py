"""Gathers deployments from a list of API calls: each endpoint with its endpoint config, its models and the rest."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Final, NamedTuple

from iamcheck.deployment.located import (
    UNKNOWN,
    Member,
    WrittenDelete,
    WrittenDeployment,
    WrittenRequest,
    unknown_request,
)
from iamcheck.deployment.requests import namespace_of_another_service
from iamcheck.deployment.unsettled import OpenCause, settle_with
from iamcheck.results import Assumption, NotCovered

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from iamcheck.deployment.located import DeleteOperation, Operation
    from iamcheck.deployment.unsettled import Unsettled
    from iamcheck.iam.model import Place

__all__ = ["DELETES", "REQUESTS", "MadeCall", "deleted", "deployments_of_calls", "request_members_of", "text_member"]

REQUESTS: Final[Mapping[tuple[str, str], Operation]] = {
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

DELETES: Final[Mapping[tuple[str, str], tuple[DeleteOperation, str]]] = {
    ("application-autoscaling", "DeregisterScalableTarget"): ("DeregisterScalableTarget", "ResourceId"),
    ("sagemaker", "DeleteEndpoint"): ("DeleteEndpoint", "EndpointName"),
    ("sagemaker", "DeleteEndpointConfig"): ("DeleteEndpointConfig", "EndpointConfigName"),
    ("sagemaker", "DeleteModel"): ("DeleteModel", "ModelName"),
}
"""Likewise of a call that deletes something, with the member that names it."""

_OF_UPDATES: Final = ("EndpointName", "EndpointConfigName", "DeploymentConfig")
"""The members that UpdateEndpoint has in common with CreateEndpoint."""
_SPELLINGS: Final = OpenCause(
    "the names differ in capitals alone, and may be the same", "one spelling of the name in both"
)
_OF_SCOPES: Final = ("Describe", "List", "Invoke")
_UNUSED: Final = "no endpoint there uses it"
_NOT_SCALED: Final = "it scales nothing of SageMaker, and no check judges the calls for it"


class MadeCall(NamedTuple):
    """One call that a source makes.

    Args:
        service: The service, by its prefix in policies.
        operation: The API's operation.
        place: Where the source makes it.
        request: What is asked for, of a call of `REQUESTS`.
        delete: What is deleted, of a call of `DELETES`.
        label: What people call the place, such as the name of a state; empty: the endpoint's name will do.
        namespace: The ServiceNamespace of what is deleted; None: it has none, or it is not known.
    """

    service: str
    operation: str
    place: Place
    request: WrittenRequest | None = None
    delete: WrittenDelete | None = None
    label: str = ""
    namespace: str | None = None

    @property
    def key(self) -> tuple[str, str]:
        """The service and the operation."""
        return self.service, self.operation

    @property
    def other_namespace(self) -> str | None:
        """The namespace of scaling that is not SageMaker's; None where it is, or is not known."""
        if self.request is not None:
            return namespace_of_another_service(self.request)
        return None if self.namespace == "sagemaker" else self.namespace

    @property
    def updates(self) -> bool:
        """Whether the call updates an endpoint."""
        return self.operation == "UpdateEndpoint"


def deleted(call: MadeCall, member: Callable[[str], Member | None]) -> MadeCall:
    """The call with what it deletes.

    Args:
        call: A call of `DELETES`.
        member: Gives a parameter of the call by its name; None: the source does not say it.
    """
    operation, name = DELETES[call.key]
    is_target = operation == "DeregisterScalableTarget"
    members = [member(one) for one in (name, "ScalableDimension")[: 1 + is_target]]
    what, *dimensions = (_text(one) or UNKNOWN for one in members)
    causes = tuple(cause for one in members if one is not None for cause in one.causes)
    delete = WrittenDelete(operation, what, call.place, dimensions[0] if is_target else None, causes)
    return call._replace(delete=delete, namespace=_text(member("ServiceNamespace")))


def request_members_of(call_operation: str, names: Sequence[str]) -> tuple[str, ...]:
    """The members of a call that its request in `REQUESTS` has too."""
    return tuple(name for name in names if call_operation != "UpdateEndpoint" or name in _OF_UPDATES)


def deployments_of_calls(
    calls: Sequence[MadeCall], base: WrittenDeployment, not_judged: str
) -> tuple[WrittenDeployment, ...]:
    """The deployments: one for each endpoint that is made or updated, or for each endpoint config where none is.

    Args:
        calls: The calls, in order.
        base: What all of them have in common; its label names the source.
        not_judged: Why other calls are not covered, a clause.

    Returns:
        The deployments; none where no call makes or updates an endpoint or makes an endpoint config.
    """
    made = [(call, call.request) for call in calls if call.request is not None and call.other_namespace is None]
    endpoints = [(call, one) for call, one in made if one.operation == "CreateEndpoint"]
    configs = [(call, one) for call, one in made if one.operation == "CreateEndpointConfig"]
    deletes = tuple(call.delete for call in calls if call.delete is not None and call.other_namespace is None)
    base = replace(
        base,
        deletes=deletes,
        unsettled=(*base.unsettled, *_open_deletes(deletes)),
        not_covered=(*base.not_covered, *_not_covered(calls, not_judged)),
    )
    if not endpoints:
        found = [
            replace(base, label=_label(base, call, one, "EndpointConfigName"), config=one) for call, one in configs
        ]
    else:
        links = [_link(one, [config for _, config in configs], is_only=len(endpoints) == 1) for _, one in endpoints]
        found = [_of_endpoint(base, call, one, link) for (call, one), link in zip(endpoints, links, strict=True)]
        used = [link.config for link in links]
        unused = [one for _, one in configs if not any(one is other for other in used)]
        if unused and not any(link.is_open for link in links):
            listed = tuple(NotCovered("sagemaker:CreateEndpointConfig", one.place, _UNUSED) for one in unused)
            found[0] = replace(found[0], not_covered=(*found[0].not_covered, *listed))
    models = [one for _, one in made if one.operation == "CreateModel"]
    others = [one for _, one in made if one.operation not in ("CreateEndpoint", "CreateEndpointConfig", "CreateModel")]
    return tuple(_with_the_rest(found, models, others))


def _open_deletes(deletes: Sequence[WrittenDelete]) -> Iterator[Unsettled]:
    """The deletions that cannot be asked about, for the source does not say what is deleted."""
    for delete in deletes:
        if delete.name is UNKNOWN or delete.dimension is UNKNOWN:
            member = "name" if delete.name is UNKNOWN else "ScalableDimension"
            cure = "" if any(cause.cure for cause in delete.causes) else "write it there, or give --only endpoint"
            yield settle_with(f"the {member} of what {delete.operation} deletes", delete.place, delete.causes, cure)


class _Link(NamedTuple):
    """The endpoint config of an endpoint: one that is made, one that exists (None), or nobody can tell."""

    config: WrittenRequest | None
    is_open: bool = False
    assumed: bool = False
    causes: tuple[OpenCause, ...] = ()


def _link(endpoint: WrittenRequest, configs: Sequence[WrittenRequest], *, is_only: bool) -> _Link:
    """Finds the endpoint config that an endpoint names."""
    name = endpoint.root.get("EndpointConfigName")
    same = [config for config in configs if _is_same(name, config.root.get("EndpointConfigName"))]
    if same:
        # names are unique: of several calls one is made, which may be another where they differ
        is_one = all(_plain(config.root) == _plain(same[0].root) for config in same)
        return _Link(same[0]) if is_one else _Link(None, is_open=True, causes=(_several(same),))
    perhaps = [config for config in configs if _may_be_same(name, config.root.get("EndpointConfigName"))]
    if not perhaps:
        return _Link(None)
    # of one endpoint and one endpoint config the name that the user gives is that of both, where no name is known
    if is_only and len(configs) == 1 and _is_open(name) and _is_open(configs[0].root.get("EndpointConfigName")):
        return _Link(configs[0], assumed=True)
    names = [member for one in (endpoint, *perhaps) if (member := one.root.get("EndpointConfigName")) is not None]
    causes = dict.fromkeys(cause for name in names for cause in name.causes)
    return _Link(None, is_open=True, causes=tuple(causes) or (_SPELLINGS,))


def _several(configs: Sequence[WrittenRequest]) -> OpenCause:
    places = " and ".join(str(config.place) for config in configs)
    return OpenCause(
        f"{places} make an endpoint config of one name, and differ", "what makes the endpoint config alone"
    )


def _plain(member: Member) -> object:
    """A value without its places, to compare it with another."""
    value = member.value
    if isinstance(value, Mapping):
        return {name: _plain(one) for name, one in value.items()}
    return tuple(_plain(item) for item in value) if isinstance(value, tuple) else value


def _of_endpoint(base: WrittenDeployment, call: MadeCall, endpoint: WrittenRequest, link: _Link) -> WrittenDeployment:
    label = _label(base, call, endpoint, "EndpointName")
    found = replace(base, label=label, endpoint=endpoint, config=link.config, updates=call.updates)
    if link.config is None and not link.is_open:
        # the source makes all its calls, and none of them makes this endpoint config
        return replace(found, config_exists=True)
    if link.is_open:
        config = unknown_request("CreateEndpointConfig", endpoint.place, link.causes)
        open_link = settle_with("which endpoint config the endpoint has", endpoint.place, link.causes)
        return replace(found, config=config, config_is_open=True, unsettled=(*found.unsettled, open_link))
    if not link.assumed or link.config is None:
        return found
    text = f"assumed: the endpoint has the endpoint config of {link.config.place}, though their names are not known"
    return replace(found, assumptions=(*found.assumptions, Assumption(text)))


def _label(base: WrittenDeployment, call: MadeCall, request: WrittenRequest, name: str) -> str:
    return f"{base.label}: {call.label or text_member(request, name) or call.operation}"


def _with_the_rest(
    found: Sequence[WrittenDeployment], models: Sequence[WrittenRequest], others: Sequence[WrittenRequest]
) -> Iterator[WrittenDeployment]:
    """The deployments with their models and the rest; what belongs to none of them goes with the first."""
    named = [
        [model for model in models if any(_is_same(name, model.root.get("ModelName")) for name in _model_names(one))]
        for one in found
    ]
    endpoints = [None if one.endpoint is None else text_member(one.endpoint, "EndpointName") for one in found]
    for index, one in enumerate(found):
        is_first = index == 0
        unnamed = [model for model in models if not any(model in some for some in named)] if is_first else []
        yield replace(
            one,
            models=tuple(named[index]),
            created_models=tuple(model for model in models if model in named[index] or model in unnamed),
            resources=tuple(
                other
                for other in others
                if (of := _endpoint_of(other)) == endpoints[index] or (is_first and (of is None or of not in endpoints))
            ),
        )


def _model_names(deployment: WrittenDeployment) -> Iterator[Member]:
    """The models that the variants of an endpoint config name."""
    for name in ("ProductionVariants", "ShadowProductionVariants"):
        member = None if deployment.config is None else deployment.config.root.get(name)
        for variant in () if member is None else member.items():
            model = variant.get("ModelName")
            if model is not None:
                yield model


def _endpoint_of(request: WrittenRequest) -> str | None:
    """The endpoint that a request is about, where it names one."""
    resource = text_member(request, "ResourceId") or ""
    return text_member(request, "EndpointName") or (
        resource.split("/")[1] if resource.startswith("endpoint/") else None
    )


def _is_same(one: Member | None, other: Member | None) -> bool:
    """Whether two names are the same text, or come of the same place that is not known yet."""
    if one is None or other is None:
        return False
    if _is_open(one) or _is_open(other):
        texts = [[cause.text for cause in member.causes] for member in (one, other)]
        return one.value == other.value and bool(texts[0]) and texts[0] == texts[1]
    return one.value == other.value


def _may_be_same(one: Member | None, other: Member | None) -> bool:
    """Whether two names that differ, or are not known, may be the same: names are unique without regard to case."""
    if _is_open(one) or _is_open(other):
        return True
    return one is not None and other is not None and str(one.value).casefold() == str(other.value).casefold()


def _is_open(member: Member | None) -> bool:
    return member is not None and not isinstance(member.value, str)


def _not_covered(calls: Sequence[MadeCall], not_judged: str) -> Iterator[NotCovered]:
    """Each kind of call that nothing is asked about, once, at its first place."""
    seen: set[tuple[str, str]] = set()
    for call in calls:
        if call.other_namespace is not None:
            why = f"{_NOT_SCALED} ({call.other_namespace})"
            yield NotCovered(f"{call.service}:{call.operation}", call.place, why)
            continue
        if call.request is not None or call.delete is not None or call.key in seen:
            continue
        seen.add(call.key)
        is_of_a_scope = call.service == "sagemaker" and call.operation.startswith(_OF_SCOPES)
        why = "a scope may have it: --scope deploy, --scope lifecycle" if is_of_a_scope else not_judged
        yield NotCovered(f"{call.service}:{call.operation}", call.place, why)


def text_member(request: WrittenRequest, name: str) -> str | None:
    """The text of a member at the top of a request; None: it has none that is known."""
    return _text(request.root.get(name))


def _text(member: Member | None) -> str | None:
    return member.value if member is not None and isinstance(member.value, str) else None
