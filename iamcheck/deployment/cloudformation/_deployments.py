"""Endpoints of a template, each with the endpoint config and the models that are made with it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from iamcheck.deployment.cloudformation._attributes import CONFIG, ENDPOINT, MODEL, NAMES
from iamcheck.deployment.cloudformation._functions import Resolver
from iamcheck.deployment.cloudformation._requests import OPERATIONS, request_member
from iamcheck.deployment.cloudformation._template import literal, members_of
from iamcheck.deployment.cloudformation._tree import shape_of, text_of
from iamcheck.deployment.located import UNKNOWN, Tool, WrittenDeployment, WrittenRequest

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from iamcheck.deployment.cloudformation._template import Given, Template
    from iamcheck.deployment.cloudformation._tree import Tree

__all__ = ["deployments"]


def deployments(template: Template, given: Given) -> tuple[WrittenDeployment, ...]:
    """The endpoints of a template, in its order; none where it has none.

    Raises:
        InvalidInputError: The template is none that CloudFormation takes.
    """
    stack = _StackResources(template, given)
    return tuple(
        found
        for logical in template.resources
        if template.type_of(logical) == ENDPOINT and (found := stack.deployment(logical)) is not None
    )


class _StackResources:
    """The resources of SageMaker in one stack."""

    def __init__(self, template: Template, given: Given) -> None:
        self._template = template
        self._given = given
        self._resolver = Resolver(template, given)
        self._properties: dict[str, Tree] = {}
        self._requests: dict[str, WrittenRequest] = {}
        self._models: dict[str, tuple[WrittenRequest, ...]] = {}
        self._names: dict[str, Mapping[tuple[bool, str], str]] = {}

    def deployment(self, logical: str) -> WrittenDeployment | None:
        """An endpoint with what belongs to it; None where its condition does not hold."""
        exists = self._resolver.exists(logical)
        if exists is False:
            return None
        condition = members_of(self._template.resources[logical]).get("Condition")
        when = "" if exists is True else f" (if {literal(condition)[:100]})"
        config = self._linked(self._member(logical, "EndpointConfigName"), CONFIG)
        return WrittenDeployment(
            tool=Tool.CLOUDFORMATION,
            label=f"{self._template.place}: Resources.{logical}{when}",
            endpoint=self._request(logical),
            config=None if config is None else self._request(config),
            models=() if config is None else self._models_of(config),
            region=self._given.region,
            account_id=self._given.account_id,
        )

    def _resolved(self, logical: str) -> Tree:
        if logical not in self._properties:
            properties = self._template.properties(logical)
            found = self._resolver.resolve(properties)
            self._properties[logical] = properties.put({}) if found is None else found
        return self._properties[logical]

    def _member(self, logical: str, name: str) -> Tree | None:
        value = self._resolved(logical).value
        return value.get(name) if isinstance(value, dict) else None

    def _request(self, logical: str) -> WrittenRequest:
        if logical not in self._requests:
            kind = self._template.type_of(logical)
            root = request_member(self._resolved(logical), kind, self._template.place, self._name_of)
            here = self._template.resources[logical].place(self._template.place)
            self._requests[logical] = WrittenRequest(OPERATIONS[kind], root, here)
        return self._requests[logical]

    def _name_of(self, logical: str, kind: str) -> Tree | None:
        if self._template.type_of(logical) != kind:
            return None
        return self._member(logical, NAMES[kind]) or self._template.resources[logical].put(UNKNOWN)

    def _models_of(self, config: str) -> tuple[WrittenRequest, ...]:
        if config not in self._models:
            found: dict[str, WrittenRequest] = {}
            for member in _members_named(self._resolved(config), "ModelName", "ModelNameOverride"):
                model = self._linked(member, MODEL)
                if model is not None and model not in found:
                    found[model] = self._request(model)
            self._models[config] = tuple(found.values())
        return self._models[config]

    def _linked(self, tree: Tree | None, kind: str) -> str | None:
        """The resource of that type that a value names."""
        if tree is None:
            return None
        logical = tree.named
        if logical is None:
            logical = self._by_name(kind).get(_identity(tree))
        if logical is None or self._template.type_of(logical) != kind or self._resolver.exists(logical) is False:
            return None
        return logical

    def _by_name(self, kind: str) -> Mapping[tuple[bool, str], str]:
        """Logical ids of resources by their names, known or worked out of the same."""
        if kind not in self._names:
            found = {}
            for logical in self._template.resources:
                if self._template.type_of(logical) == kind and self._resolver.exists(logical) is not False:
                    name = self._member(logical, NAMES[kind])
                    if name is not None:
                        found[_identity(name)] = logical
            self._names[kind] = found
        return self._names[kind]


def _identity(tree: Tree) -> tuple[bool, str]:
    """What two names have in common that are the same."""
    text = text_of(tree)
    return (True, text) if isinstance(text, str) else (False, shape_of(tree.made_of or tree))


def _members_named(tree: Tree, *names: str) -> Iterator[Tree]:
    if isinstance(tree.value, tuple):
        for item in tree.value:
            yield from _members_named(item, *names)
    elif isinstance(tree.value, dict):
        for name, member in tree.value.items():
            if name in names:
                yield member
            else:
                yield from _members_named(member, *names)
