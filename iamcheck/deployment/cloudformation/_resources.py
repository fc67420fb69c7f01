"""Finds what a template makes with an endpoint besides: inference components, scaling, alarms, model packages."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from iamcheck.deployment.cloudformation._attributes import (
    ALARM,
    COMPONENT,
    ENDPOINT,
    GROUP,
    PACKAGE,
    SCALING_POLICY,
    TARGET,
)
from iamcheck.deployment.cloudformation._nodes import text_of
from iamcheck.deployment.located import Pattern
from iamcheck.results import NotCovered

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from iamcheck.deployment.cloudformation._nodes import TemplateNode
    from iamcheck.deployment.cloudformation._stack import Stack
    from iamcheck.deployment.located import WrittenRequest

__all__ = ["RESOURCES", "resources_of", "uncovered_resources"]

RESOURCES: Final = (COMPONENT, TARGET, SCALING_POLICY, ALARM, GROUP, PACKAGE)
"""The types of resources that a deployment makes beside endpoints, endpoint configs and models."""

_OTHER_CALLS: Final[Mapping[tuple[str, str], str]] = {
    (TARGET, "ScheduledActions"): "no check judges the calls for it (application-autoscaling:PutScheduledAction)",
    (GROUP, "ModelPackageGroupPolicy"): "no check judges the calls for it (sagemaker:PutModelPackageGroupPolicy)",
}
"""Properties for which CloudFormation makes a call that no check judges."""


def resources_of(stack: Stack, endpoints: tuple[str, ...]) -> Mapping[str, Mapping[str, WrittenRequest]]:
    """What is made with each endpoint, by logical id: what names it, and what names no endpoint of the template.

    Args:
        stack: The stack.
        endpoints: The endpoints of the template by logical id; of a template without, its endpoint configs.
    """
    requests_by_endpoint: dict[str, dict[str, WrittenRequest]] = {endpoint: {} for endpoint in endpoints}
    for logical in _made(stack):
        named = _endpoints_of(stack, logical, endpoints)
        if stack.template.type_of(logical) == ALARM and not named:
            continue
        for endpoint in named or endpoints:
            request = stack.request(logical)
            members = frozenset(_members_of_endpoint(stack, logical, endpoint))
            requests_by_endpoint[endpoint][logical] = replace(request, endpoint_members=members) if members else request
    return requests_by_endpoint


def uncovered_resources(stack: Stack, endpoints: tuple[str, ...]) -> Iterator[NotCovered]:
    """The resources of these types that belong to no endpoint, and their properties for which other calls are made.

    Args:
        stack: The stack.
        endpoints: As for `resources_of`.
    """
    template = stack.template
    made = _made(stack)
    for logical in template.resources:
        kind, place = template.type_of(logical), template.resources[logical].place(template.place)
        if kind not in RESOURCES or stack.exists(logical)[0] is False:
            continue
        if logical not in made:
            yield NotCovered(kind, place, "it scales nothing of SageMaker, and no check judges the calls for it")
        elif kind == ALARM and not _endpoints_of(stack, logical, endpoints):
            yield NotCovered(kind, place, "no endpoint's rollback names it, and no check judges the calls for it")
        for (of, name), why in _OTHER_CALLS.items():
            node = stack.member(logical, name) if kind == of else None
            if node is not None:
                yield NotCovered(f"{kind} {name}", node.place(template.place), why)


def _made(stack: Stack) -> tuple[str, ...]:
    """The resources of these types that are made, without those that scale another service."""
    return tuple(
        logical
        for logical in stack.template.resources
        if stack.template.type_of(logical) in RESOURCES
        and stack.exists(logical)[0] is not False
        and _may_be_of_sagemaker(stack, logical)
    )


def _may_be_of_sagemaker(stack: Stack, logical: str) -> bool:
    if stack.template.type_of(logical) not in (TARGET, SCALING_POLICY):
        return True
    namespace = stack.request(logical).root.get("ServiceNamespace")
    return namespace is None or not isinstance(namespace.value, str) or namespace.value == "sagemaker"


def _endpoints_of(stack: Stack, logical: str, endpoints: tuple[str, ...]) -> tuple[str, ...]:
    """The endpoints that a resource names, or whose rollback names it; none where it cannot be told."""
    kind = stack.template.type_of(logical)
    if kind in (GROUP, PACKAGE):
        return ()
    return tuple(
        endpoint
        for endpoint in endpoints
        if stack.template.type_of(endpoint) == ENDPOINT
        and (_rolls_back(stack, endpoint, logical) if kind == ALARM else _names(stack, logical, endpoint))
    )


def _rolls_back(stack: Stack, endpoint: str, alarm: str) -> bool:
    """Whether the rollback of an endpoint names an alarm."""
    if _mentions(stack.template.properties(endpoint), "DeploymentConfig", alarm):
        return True
    name = stack.request(alarm).root.get("AlarmName")
    config = stack.request(endpoint).root.get("DeploymentConfig")
    rollback = None if config is None else config.get("AutoRollbackConfiguration")
    alarms = None if rollback is None else rollback.get("Alarms")
    named = [] if alarms is None else [one.get("AlarmName") for one in alarms.items()]
    return name is not None and any(
        one is not None and isinstance(one.value, str) and one.value == name.value for one in named
    )


def _names(stack: Stack, logical: str, endpoint: str) -> bool:
    """Whether a resource is about an endpoint: by its name, by a reference, or through an inference component."""
    if _members_of_endpoint(stack, logical, endpoint):
        return True
    endpoint_name = _text(stack.request(endpoint).root.get("EndpointName"))
    if stack.template.type_of(logical) == COMPONENT:
        return endpoint_name is not None and _text(stack.request(logical).root.get("EndpointName")) == endpoint_name
    resource_id = _text(stack.request(logical).root.get("ResourceId")) or ""
    kind, _, rest = resource_id.partition("/")
    if kind == "endpoint":
        return endpoint_name is not None and rest.partition("/")[0] == endpoint_name
    return any(
        _text(stack.request(component).root.get("InferenceComponentName")) == rest
        or _mentions_anywhere(stack, logical, component)
        for component in _made(stack)
        if stack.template.type_of(component) == COMPONENT and _names(stack, component, endpoint)
    )


def _members_of_endpoint(stack: Stack, logical: str, endpoint: str) -> tuple[str, ...]:
    """The members of a resource's request that the template makes of the name of an endpoint."""
    template = stack.template
    properties = template.properties(logical)
    mentioning = [name for name in ("EndpointName", "ResourceId") if _mentions(properties, name, endpoint)]
    targets = (resource for resource in template.resources if template.type_of(resource) == TARGET)
    if any(
        _mentions(properties, "ScalingTargetId", target)
        and _mentions(template.properties(target), "ResourceId", endpoint)
        for target in targets
    ):
        mentioning.append("ResourceId")
    return tuple(mentioning)


def _mentions_anywhere(stack: Stack, logical: str, other: str) -> bool:
    """Whether a scalable target refers to a resource in what it scales, or a scaling policy through its target."""
    template = stack.template
    properties = template.properties(logical)
    if _mentions(properties, "ResourceId", other):
        return True
    return any(
        _mentions(properties, "ScalingTargetId", target) and _mentions(template.properties(target), "ResourceId", other)
        for target in template.resources
        if template.type_of(target) == TARGET
    )


def _mentions(properties: TemplateNode, name: str, logical: str) -> bool:
    """Whether a property refers to a resource."""
    node = properties.value.get(name) if isinstance(properties.value, dict) else None
    return node is not None and logical in _references(node)


def _references(node: TemplateNode) -> Iterator[str]:
    """The logical ids that a value, as it is written, refers to."""
    if isinstance(node.value, tuple):
        for item in node.value:
            yield from _references(item)
    elif isinstance(node.value, dict):
        for name, member in node.value.items():
            if name == "Ref":
                yield str(text_of(member))
            elif name == "Fn::GetAtt":
                first = member.value[0] if isinstance(member.value, tuple) and member.value else member
                yield str(text_of(first)).partition(".")[0]
            elif name == "Fn::Sub":
                text = member.value[0] if isinstance(member.value, tuple) and member.value else member
                yield from re.findall(r"\$\{([A-Za-z0-9]+)(?:\.[A-Za-z0-9.]+)?\}", str(text_of(text)))
                yield from _references(member)
            else:
                yield from _references(member)


def _text(member: object) -> str | None:
    value = getattr(member, "value", None)
    return value.text if isinstance(value, Pattern) else value if isinstance(value, str) else None
