"""Makes deployments of a template: each endpoint with its endpoint config and models, or endpoint configs alone."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final, NamedTuple

from iamcheck.deployment.cloudformation._attributes import CONFIG, ENDPOINT, MODEL
from iamcheck.deployment.cloudformation._loops import types_made
from iamcheck.deployment.cloudformation._resources import RESOURCES, resources_of, uncovered_resources
from iamcheck.deployment.cloudformation._stack import Link, Stack
from iamcheck.deployment.cloudformation._stack_tags import OPEN_STACK_TAGS
from iamcheck.deployment.cloudformation._template import literal, members_of, mentions_sagemaker
from iamcheck.deployment.cloudformation._values import require_used
from iamcheck.deployment.located import UNKNOWN, Tool, WrittenDeployment, unknown_request
from iamcheck.deployment.unsettled import Unsettled, settle_with
from iamcheck.errors import InvalidInputError
from iamcheck.results import Assumption, NotCovered

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from iamcheck.deployment.cloudformation._nodes import TemplateNode
    from iamcheck.deployment.cloudformation._template import StackInputs, Template
    from iamcheck.deployment.located import WrittenRequest

__all__ = ["deployments"]

_UNUSED: Final = "no endpoint of the template uses it"
_NOT_JUDGED: Final = "no check judges the calls for it"
_NO_CALLS: Final = ("AWS::CDK::Metadata", "AWS::CloudFormation::WaitConditionHandle")
"""Types of resources for which CloudFormation makes no call of another service."""


def deployments(template: Template, inputs: StackInputs) -> tuple[WrittenDeployment, ...]:
    """Reads the endpoints of a template, in its order; its endpoint configs where it has no endpoint.

    Raises:
        InvalidInputError: The template is none that CloudFormation takes.
    """
    stack = Stack(template, inputs)
    try:
        all_deployments = tuple(_deployments(stack)) or _of_state_machines(stack)
    except RecursionError:
        raise InvalidInputError("values depend on each other too deeply", cure="no template does that") from None
    if all_deployments and all_deployments[0].tool is Tool.CLOUDFORMATION:
        values_of_template = {
            key: value for key, value in inputs.values.items() if key.partition(".")[0] in template.resources
        }
        require_used(values_of_template, stack.used_values)
    return all_deployments


def _of_state_machines(stack: Stack) -> tuple[WrittenDeployment, ...]:
    """What the state machines of a template deploy that itself makes no endpoint and no endpoint config."""
    if not any(stack.template.type_of(logical).endswith("::StateMachine") for logical in stack.template.resources):
        return ()
    from iamcheck.deployment.cloudformation._state_machines import deployments_of_state_machines  # few templates do

    with stack.resolver.recorder.recording() as trace:
        all_deployments = tuple(deployments_of_state_machines(stack))
    others, defaults = tuple(_others(stack, ())), tuple(_defaults(stack, trace.defaults))
    return tuple(
        replace(one, assumptions=(*one.assumptions, *defaults), not_covered=(*one.not_covered, *others))
        for one in all_deployments
    )


def _deployments(stack: Stack) -> Iterator[WrittenDeployment]:
    endpoints, configs = (
        [
            logical
            for logical in stack.template.resources
            if stack.template.type_of(logical) == kind and stack.exists(logical)[0] is not False
        ]
        for kind in (ENDPOINT, CONFIG)
    )
    if not endpoints:
        resources = resources_of(stack, tuple(configs))
        judged = tuple(_others(stack, tuple(configs)))
        unnamed = _unnamed_models(stack, configs)
        for config in configs:
            models = (*_named_models(stack, config), *unnamed)
            yield _deployment(stack, config, None, Link(config), _Made(models, resources[config]), judged)
        return
    links = {
        logical: stack.link(stack.member(logical, "EndpointConfigName"), CONFIG, assumed=logical)
        for logical in endpoints
    }
    resources = resources_of(stack, tuple(endpoints))
    judged = tuple(_others(stack, tuple(endpoints)))
    used = {logical for link in links.values() for logical in (link.logical, *link.perhaps)}
    unused = tuple(config for config in configs if config not in used)
    others = (*(_not_covered(stack, config, _UNUSED) for config in unused), *judged)
    named = {logical: _named_models(stack, link.logical) for logical, link in links.items()}
    unnamed = _unnamed_models(stack, [link.logical for link in links.values() if link.logical is not None])
    for logical, link in links.items():
        besides = _Made((*named[logical], *unnamed), resources[logical])
        yield _deployment(stack, logical, logical, link, besides, others)


class _Made(NamedTuple):
    """What a deployment makes besides endpoint and endpoint config.

    Args:
        models: The models, by logical id.
        resources: The requests for the rest, by logical id.
    """

    models: tuple[str, ...]
    resources: Mapping[str, WrittenRequest]


def _named_models(stack: Stack, config: str | None) -> tuple[str, ...]:
    """The models of the template that an endpoint config names, or may name."""
    if config is None:
        return ()
    links = [
        stack.link(member, MODEL, assumed=config)
        for member in _members_named(stack.properties(config), "ModelName", "ModelNameOverride")
    ]
    return tuple(
        dict.fromkeys(logical for link in links for logical in (link.logical, *link.perhaps) if logical is not None)
    )


def _unnamed_models(stack: Stack, configs: list[str]) -> tuple[str, ...]:
    """The models of the template that none of these endpoint configs names: they are made with each deployment."""
    named = {model for config in configs for model in _named_models(stack, config)}
    return tuple(
        logical
        for logical in stack.template.resources
        if stack.template.type_of(logical) == MODEL and stack.exists(logical)[0] is not False and logical not in named
    )


def _others(stack: Stack, made: tuple[str, ...]) -> Iterator[NotCovered]:
    """The resources of the template that are made and that no check judges.

    Args:
        stack: The stack.
        made: The endpoints of the template; of a template without, its endpoint configs.
    """
    yield from uncovered_resources(stack, made)
    for logical in stack.template.resources:
        kind = stack.template.type_of(logical)
        if kind not in (CONFIG, ENDPOINT, MODEL, *RESOURCES, *_NO_CALLS) and stack.exists(logical)[0] is not False:
            yield _not_covered(stack, logical, _NOT_JUDGED)
    for name, node in stack.template.loops.items():
        why = f"{name} has not run, and no check judges what it makes"
        for kind in types_made(node):
            yield NotCovered(kind or name, node.place(stack.template.place), why)


def _not_covered(stack: Stack, logical: str, why: str) -> NotCovered:
    template = stack.template
    what = template.type_of(logical) or "a resource whose type is not known"
    return NotCovered(what, template.resources[logical].place(template.place), why)


def _deployment(
    stack: Stack,
    logical: str,
    endpoint: str | None,
    link: Link,
    made: _Made,
    not_covered: tuple[NotCovered, ...],
) -> WrittenDeployment:
    """One deployment.

    Args:
        stack: The stack.
        logical: The resource that gives it its name.
        endpoint: The endpoint; None: there is only an endpoint config.
        link: The endpoint config.
        made: What it makes besides.
        not_covered: What else the template has.
    """
    template, inputs = stack.template, stack.inputs
    request = None if endpoint is None else stack.request(endpoint)
    config, models = _config_and_models(stack, link, request)
    models_made = [resource for resource in template.resources if resource in made.models]
    created = (*models_made, *made.resources)
    parts = [one for one in (endpoint, link.logical, *link.perhaps, *created) if one is not None]
    condition = members_of(template.resources[logical]).get("Condition")
    when = "" if stack.exists(logical)[0] is True else f" (if {literal(condition)[:100]})"
    return WrittenDeployment(
        tool=Tool.CLOUDFORMATION,
        label=f"{template.place}: Resources.{logical}{when}",
        endpoint=request,
        config=config,
        models=models,
        created_models=tuple(stack.request(model) for model in models_made),
        resources=tuple(made.resources.values()),
        region=inputs.region,
        account_id=inputs.account_id,
        config_is_open=bool(link.perhaps),
        caller=inputs.caller,
        unsettled=(
            *(one for part in (logical, *created) for one in _unsettled_existence(stack, part)),
            *_unsettled_link(stack, endpoint, link),
            *(one for part in parts for one in _refused(stack, part)),
        ),
        assumptions=(*_assumptions(stack, parts),),
        not_covered=not_covered,
    )


def _config_and_models(
    stack: Stack, link: Link, endpoint: WrittenRequest | None
) -> tuple[WrittenRequest | None, tuple[WrittenRequest, ...]]:
    if link.logical is not None:
        return stack.request(link.logical), tuple(_models(stack, link.logical))
    if not link.perhaps or endpoint is None:
        return None, ()
    name = endpoint.root.get("EndpointConfigName")
    return unknown_request("CreateEndpointConfig", endpoint.place if name is None else name.place, link.causes), ()


def _models(stack: Stack, config: str) -> Iterator[WrittenRequest]:
    """The models of an endpoint config that the template makes; of one that it may make, nothing is known."""
    seen: set[str] = set()
    for member in _members_named(stack.properties(config), "ModelName", "ModelNameOverride"):
        link = stack.link(member, MODEL, assumed=config)
        if link.logical is not None and link.logical not in seen:
            seen.add(link.logical)
            yield stack.request(link.logical)
        for logical in link.perhaps:
            if logical not in seen:
                seen.add(logical)
                place = stack.template.resources[logical].place(stack.template.place)
                yield unknown_request("CreateModel", place, link.causes)


def _unsettled_existence(stack: Stack, logical: str) -> Iterator[Unsettled]:
    exists, trace = stack.exists(logical)
    if exists is UNKNOWN:
        place = stack.template.resources[logical].place(stack.template.place)
        yield settle_with(f"whether Resources.{logical} is made", place, tuple(trace.causes))


def _refused(stack: Stack, logical: str) -> Iterator[Unsettled]:
    """What CloudFormation refuses of a resource, or may: a name that is given besides does not help."""
    for missing in stack.trace(logical).perhaps_missing:
        yield from _unsettled_existence(stack, missing)
    causes = tuple(cause for cause in stack.trace(logical).causes if cause.is_refused)
    if causes:
        place = stack.template.resources[logical].place(stack.template.place)
        yield settle_with(f"what CloudFormation makes of Resources.{logical}", place, causes)


def _unsettled_link(stack: Stack, endpoint: str | None, link: Link) -> Iterator[Unsettled]:
    if link.perhaps and endpoint is not None:
        name = stack.request(endpoint).root.get("EndpointConfigName")
        place = stack.request(endpoint).place if name is None else name.place
        configs = " or ".join(f"Resources.{logical}" for logical in link.perhaps)
        yield settle_with(f"whether the endpoint config is {configs}", place, link.causes)


def _assumptions(stack: Stack, parts: list[str]) -> Iterator[Assumption]:
    """What was taken to be so for these resources: Defaults of parameters, no tags of the stack, the last of equals."""
    defaults: dict[str, None] = {}
    for logical in parts:
        defaults |= stack.exists(logical)[1].defaults | stack.trace(logical).defaults
    yield from _defaults(stack, defaults)
    if stack.inputs.stack_tags is None:
        yield OPEN_STACK_TAGS
    for node in stack.template.repeated:
        if _matters(stack, node, parts):
            place = node.place(stack.template.place)
            yield Assumption(f"{place}: this key comes twice, and the last one counts, as CloudFormation counts it")


def _defaults(stack: Stack, names: Iterable[str]) -> Iterator[Assumption]:
    for name in names:
        text = literal(members_of(stack.template.parameters[name]).get("Default"))
        yield Assumption(f"the parameter {name} has its Default{f' {text[:100]!r}' if text else ''}", _flag(name))


def _flag(parameter: str) -> str:
    return f"--parameter {parameter}=VALUE"


def _matters(stack: Stack, node: TemplateNode, parts: list[str]) -> bool:
    """Whether a member that the template has twice is of something that was read."""
    section, *rest = (str(step) for step in node.steps())
    if not rest:
        return section in ("Conditions", "Mappings", "Parameters", "Resources")
    if section == "Resources":
        return rest[0] in parts or (len(rest) == 1 and mentions_sagemaker(node))
    return (section, rest[0]) in stack.resolver.recorder.read


def _members_named(node: TemplateNode, *names: str) -> Iterator[TemplateNode]:
    if isinstance(node.value, tuple):
        for item in node.value:
            yield from _members_named(item, *names)
    elif isinstance(node.value, dict):
        for name, member in node.value.items():
            if name in names:
                yield member
            else:
                yield from _members_named(member, *names)
