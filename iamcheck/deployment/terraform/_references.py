"""Which resource's name an attribute will have, where the name is known only after the plan was applied.

A plan says what an expression refers to and not how it is put together. So a resource is taken for the one meant only
if its name is all in the expression that the plan does not know: `var.create ? aws_x.this[0].name : var.existing` is
`aws_x.this[0]`, since variables are known; with a random id in it, it is nobody's.

Source: https://developer.hashicorp.com/terraform/internals/json-format#expression-representation
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from iamcheck.deployment.terraform._plan import is_true, members, references

if TYPE_CHECKING:
    from collections.abc import Iterator

    from iamcheck.deployment.terraform._plan import Resource, TerraformPlan
    from iamcheck.iam.model.json_text import Node

__all__ = ["named_by"]

_DEEPEST: Final = 30
"""Variables and outputs that are followed, one after the other."""
_INDEX: Final = r'((?:\[(?:\d+|"(?:[^"\\]|\\.)*")\])?)'
_OUTPUT: Final = rf"module\.([\w-]+){_INDEX}\.([\w-]+)(?:[.\[].*)?"
_RESOURCE: Final = rf"(data\.|)([\w-]+)\.([\w-]+){_INDEX}((?:\.[\w-]+)?)(?:[.\[].*)?"
_NAMES: Final = frozenset({"name", "id"})
"""Attributes of an endpoint config and of a model that are its name."""
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
    for_each: Node | None = None
    is_each: bool = False


def named_by(plan: TerraformPlan, expression: Node | None, user: Resource, wanted: str) -> Resource | None:
    """The resource whose name the value of an expression will be; None where that cannot be told.

    Args:
        plan: The plan.
        expression: The expression, as the plan's configuration has it.
        user: The resource that the expression belongs to.
        wanted: Type of the resource that is looked for.
    """
    scope = _Scope(user.module, user.index, plan.configuration(user).get("for_each_expression"))
    found: dict[str, Resource] = {}
    for source in _sources(plan, expression, scope, wanted, _DEEPEST):
        if source is None:
            return None
        found[source.address] = source
    return next(iter(found.values())) if len(found) == 1 else None


def _sources(
    plan: TerraformPlan, expression: Node | None, scope: _Scope, wanted: str, depth: int
) -> Iterator[Resource | None]:
    """The resources whose unknown names are in an expression, and None for anything else that is not known."""
    names = references(expression)
    for name in names:
        head = re.split(r"[.\[]", name, maxsplit=1)[0]
        if depth == 0 or head == "local":
            # plans do not show how local values are made
            yield None
        elif head in _KNOWN or name == "each.key":
            continue
        elif head == "each":
            each = _Scope(scope.module, scope.index, is_each=True)
            yield from _or_unknown(scope.for_each, _sources(plan, scope.for_each, each, wanted, depth - 1))
        elif head == "var":
            yield from _variable(plan, name, scope, wanted, depth)
        elif head == "module":
            yield from _output(plan, name, _by_index(scope, names), wanted, depth)
        else:
            yield from _resources(plan, name, _by_index(scope, names), wanted)


def _or_unknown(expression: Node | None, sources: Iterator[Resource | None]) -> Iterator[Resource | None]:
    if expression is None:
        yield None
    yield from sources


def _by_index(scope: _Scope, names: tuple[str, ...]) -> _Scope:
    """The scope, without the index where the expression does not use it."""
    uses = scope.is_each or "count.index" in names or "each.key" in names
    return scope if uses else _Scope(scope.module)


def _variable(plan: TerraformPlan, name: str, scope: _Scope, wanted: str, depth: int) -> Iterator[Resource | None]:
    if not scope.module:
        # the root module's variables are known whenever there is a plan
        return
    parent, index, call = plan.call(scope.module)
    expression = members(call.get("expressions")).get(re.split(r"[.\[]", name)[1])
    # without one, the variable has its default, which is a constant
    outer = _Scope(parent, index, call.get("for_each_expression"))
    yield from _sources(plan, expression, outer, wanted, depth - 1)


def _output(plan: TerraformPlan, name: str, scope: _Scope, wanted: str, depth: int) -> Iterator[Resource | None]:
    match = re.fullmatch(_OUTPUT, name, re.DOTALL)
    call = members(members(plan.module(scope.module).get("module_calls")).get(match[1])) if match else {}
    output = members(members(call.get("module")).get("outputs")).get(match[3]) if match else None
    repeated = "count_expression" in call or "for_each_expression" in call
    if match is None or output is None:
        yield None
        return
    index = match[2] or scope.index if repeated else ""
    if repeated and not index:
        yield None
        return
    module = f"{scope.module}.module.{match[1]}{index}".removeprefix(".")
    yield from _sources(plan, members(output).get("expression"), _Scope(module), wanted, depth - 1)


def _resources(plan: TerraformPlan, name: str, scope: _Scope, wanted: str) -> Iterator[Resource | None]:
    match = re.fullmatch(_RESOURCE, name, re.DOTALL)
    if match is None:
        yield None
        return
    kind, type_, attribute = "data" if match[1] else "managed", match[2], match[5].removeprefix(".")
    found = list(plan.instances(scope.module, kind, type_, match[3]))
    if not found and kind != "data":
        yield None
    index = match[4] or (scope.index if len(found) > 1 else "")
    if index and found:
        found = [one for one in found if one.index == index]
        if not found:
            yield None
    for one in found:
        # a data source that is read at once is not among the changes
        open_now = one.unknown.get(attribute) if attribute else None
        if attribute and not is_true(open_now):
            continue
        if not attribute and not any(map(is_true, one.unknown.values())):
            continue
        yield one if type_ == wanted and (not attribute or attribute in _NAMES) else None
