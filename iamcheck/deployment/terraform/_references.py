"""Finds the resource whose name an attribute will have, where the name is known only after the plan was applied.

A plan says what an expression refers to and not how it is put together. So a resource is taken for the one meant only
if its name is all in the expression that the plan does not know: `var.create ? aws_x.this[0].name : var.existing` is
`aws_x.this[0]`, since variables are known; with a random id in it, it is nobody's.

Source: https://developer.hashicorp.com/terraform/internals/json-format#expression-representation
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from iamcheck.deployment.terraform._document import is_true, members
from iamcheck.deployment.terraform._plan import references

if TYPE_CHECKING:
    from collections.abc import Iterator

    from iamcheck.deployment.terraform._plan import PlannedResource, TerraformPlan

__all__ = ["named_by"]

_DEEPEST: Final = 30
"""Variables and outputs that are followed, one after the other."""
_INDEX: Final = r'((?:\[(?:\d+|"(?:[^"\\]|\\.)*")\])?)'
_OUTPUT: Final = rf"module\.([\w-]+){_INDEX}\.([\w-]+)(?:[.\[].*)?"
_RESOURCE: Final = rf"(data\.|)([\w-]+)\.([\w-]+){_INDEX}((?:\.[\w-]+)?)(?:[.\[].*)?"
_NAMES: Final = frozenset({"name", "id", "resource_id"})
"""Attributes that are the name of an endpoint, an endpoint config or a model, or say what a scalable target scales."""
_KNOWN: Final = frozenset({"count", "path", "terraform"})


@dataclass(frozen=True, slots=True)
class _Scope:
    """Where an expression stands.

    Args:
        module: Address of the module instance.
        index: Index of the resource, or of the called module, that the expression belongs to.
        for_each: The expression that this was repeated for, which stands in the same module.
        is_each: True where the expression is that `for_each` itself.
    """

    module: str
    index: str = ""
    for_each: object = None
    is_each: bool = False


@dataclass(frozen=True, slots=True)
class _Search:
    """One search for a resource by the expressions that lead to its name.

    Args:
        plan: The plan.
        wanted: Type of the resource that is looked for.
        seen: The expressions that were met, each with where it stands: True while what it refers to is followed.
    """

    plan: TerraformPlan
    wanted: str
    seen: dict[tuple[int, str, str, bool], bool] = field(default_factory=dict)

    def sources(self, expression: object, scope: _Scope, depth: int) -> Iterator[PlannedResource | None]:
        """The resources whose unknown names are in an expression, and None for anything else that is not known."""
        key = (id(expression), scope.module, scope.index, scope.is_each)
        if key in self.seen:
            if self.seen[key]:
                # it leads to itself
                yield None
            return
        self.seen[key] = True
        names = references(expression)
        for name in names:
            yield from self._source(name, names, scope, depth)
        self.seen[key] = False

    def _source(self, name: str, names: tuple[str, ...], scope: _Scope, depth: int) -> Iterator[PlannedResource | None]:
        head = re.split(r"[.\[]", name, maxsplit=1)[0]
        if depth == 0 or head == "local":
            # plans do not show how local values are made
            yield None
        elif head in _KNOWN or name == "each.key":
            return
        elif head == "each":
            if scope.for_each is None:
                yield None
            each = _Scope(scope.module, scope.index, is_each=True)
            yield from self.sources(scope.for_each, each, depth - 1)
        elif head == "var":
            yield from self._variable(name, scope, depth)
        elif head == "module":
            yield from self._output(name, _by_index(scope, names), depth)
        else:
            yield from self._resources(name, _by_index(scope, names))

    def _variable(self, name: str, scope: _Scope, depth: int) -> Iterator[PlannedResource | None]:
        if not scope.module:
            # the root module's variables are known whenever there is a plan
            return
        parent, index, call = self.plan.call(scope.module)
        expression = members(call.get("expressions"), scope.module).get(re.split(r"[.\[]", name)[1])
        # without one, the variable has its default, which is a constant
        outer = _Scope(parent, index, call.get("for_each_expression"))
        yield from self.sources(expression, outer, depth - 1)

    def _output(self, name: str, scope: _Scope, depth: int) -> Iterator[PlannedResource | None]:
        match = re.fullmatch(_OUTPUT, name, re.DOTALL)
        if match is None:
            yield None
            return
        calls = members(self.plan.module(scope.module).get("module_calls"), "module_calls")
        call = members(calls.get(match[1]), f"module_calls.{match[1]}")
        output = members(members(call.get("module"), match[1]).get("outputs"), "outputs").get(match[3])
        is_repeated = "count_expression" in call or "for_each_expression" in call
        index = match[2] or scope.index if is_repeated else ""
        if output is None or (is_repeated and not index):
            yield None
            return
        module = f"{scope.module}.module.{match[1]}{index}".removeprefix(".")
        yield from self.sources(members(output, "outputs").get("expression"), _Scope(module), depth - 1)

    def _resources(self, name: str, scope: _Scope) -> Iterator[PlannedResource | None]:
        match = re.fullmatch(_RESOURCE, name, re.DOTALL)
        if match is None:
            yield None
            return
        kind, type_, attribute = "data" if match[1] else "managed", match[2], match[5].removeprefix(".")
        resources = list(self.plan.instances(scope.module, kind, type_, match[3]))
        if not resources and kind != "data":
            yield None
        index = match[4] or (scope.index if len(resources) > 1 else "")
        if index and resources:
            resources = [resource for resource in resources if resource.index == index]
            if not resources:
                yield None
        for resource in resources:
            # a data source that is read at once is not among the changes
            if attribute and not is_true(resource.unknown.get(attribute)):
                continue
            if not attribute and not any(map(is_true, resource.unknown.values())):
                continue
            yield resource if type_ == self.wanted and (not attribute or attribute in _NAMES) else None


def named_by(plan: TerraformPlan, expression: object, user: PlannedResource, type_: str) -> PlannedResource | None:
    """The resource whose name the value of an expression will be; None where that cannot be told.

    Args:
        plan: The plan.
        expression: The expression, as the plan's configuration has it.
        user: The resource that the expression belongs to.
        type_: Type of the resource that is looked for.
    """
    configuration = plan.configuration_of(user) or {}
    scope = _Scope(user.module, user.index, configuration.get("for_each_expression"))
    resources_named: dict[str, PlannedResource] = {}
    for source in _Search(plan, type_).sources(expression, scope, _DEEPEST):
        if source is None:
            return None
        resources_named[source.address] = source
    return next(iter(resources_named.values())) if len(resources_named) == 1 else None


def _by_index(scope: _Scope, names: tuple[str, ...]) -> _Scope:
    """The scope, without the index where the expression does not use it."""
    uses = scope.is_each or "count.index" in names or "each.key" in names
    return scope if uses else _Scope(scope.module)
