"""Finds resources and their configuration in a plan.

Source: https://developer.hashicorp.com/terraform/internals/json-format
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from enum import Enum
from functools import lru_cache
from itertools import islice, repeat
from typing import TYPE_CHECKING, Final

from iamcheck.deployment.terraform._document import CURE, READ_TYPES, is_true, items, members, require_plan, text
from iamcheck.errors import InvalidInputError
from iamcheck.iam.model.json_text import shown

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from iamcheck.deployment.terraform._document import PlanDocument
    from iamcheck.iam.model import Place
    from iamcheck.iam.model.position import Position

__all__ = ["Action", "PlannedResource", "TerraformPlan", "module_steps", "read", "references"]

# patterns are texts, which `re` compiles when they are first used: start-up is a feature
_MODULE: Final = r'module\.([\w-]+)((?:\[(?:\d+|"(?:[^"\\]|\\.)*")\])?)(?:\.|$)'


_MOST_STEPS: Final = 50
"""Steps of a reference that are looked at: no reference of Terraform's needs as many."""


class Action(Enum):
    """What a plan does with a resource."""

    CREATE = "create"
    REPLACE = "replace"
    UPDATE = "update"
    KEEP = "keep"
    DELETE = "delete"
    FORGET = "forget"

    @property
    def creates(self) -> bool:
        """Whether the resource is made."""
        return self in (Action.CREATE, Action.REPLACE)

    @property
    def deletes(self) -> bool:
        """Whether the resource that is there is deleted."""
        return self in (Action.REPLACE, Action.DELETE)

    @property
    def is_gone(self) -> bool:
        """Whether the plan's state has no such resource afterwards."""
        return self in (Action.DELETE, Action.FORGET)


_ACTIONS: Final[Mapping[tuple[str, ...], Action]] = {
    ("create",): Action.CREATE,
    ("delete", "create"): Action.REPLACE,
    ("create", "delete"): Action.REPLACE,
    ("create", "forget"): Action.CREATE,
    ("forget", "create"): Action.CREATE,
    ("update",): Action.UPDATE,
    ("no-op",): Action.KEEP,
    ("read",): Action.KEEP,
    ("delete",): Action.DELETE,
    ("forget",): Action.FORGET,
}


@dataclass(frozen=True, slots=True)
class PlannedResource:
    """A resource instance of a plan.

    Args:
        address: Its address, such as `module.a["x"].aws_sagemaker_endpoint.this[0]`.
        module: Address of the module instance that it is in; empty for the root.
        kind: `managed`, `data`, or what else Terraform has, such as `ephemeral`.
        type: Its type, such as `aws_sagemaker_endpoint`.
        name: Its name in the configuration.
        index: What follows the name, such as `[0]` or `["prod"]`; empty without count and for_each.
        action: What the plan does with it.
        is_deposed: Whether it is what is left of an object that was replaced, and has the address of its replacement.
        before: Its attributes before the plan is applied.
        after: Its attributes, as far as they are known and set.
        unknown: The same tree, true where a value is known only after the plan was applied.
        sensitive: The same tree, true where a value may not be shown.
        before_sensitive: The same of `before`.
    """

    address: str
    module: str
    kind: str
    type: str
    name: str
    index: str
    action: Action
    is_deposed: bool
    before: Mapping[str, object]
    after: Mapping[str, object]
    unknown: Mapping[str, object]
    sensitive: Mapping[str, object]
    before_sensitive: Mapping[str, object]
    position: Position | None = None
    """Where the plan has it; None: not known."""

    @property
    def changes_tags_alone(self) -> bool:
        """Whether it is updated, and nothing but its tags is: the provider calls AddTags and DeleteTags then."""
        changed = {
            name
            for name in (*self.before, *self.after, *self.unknown)
            if is_true(self.unknown.get(name)) or self.before.get(name) != self.after.get(name)
        }
        return self.action is Action.UPDATE and bool(changed) and changed <= {"tags", "tags_all"}

    def place(self, file: Place) -> Place:
        """Where it is written in the file of the plan."""
        line, column = (None, None) if self.position is None else self.position
        # plans stand on one line: people find a resource by its address
        return file._replace(line=line, column=column, path=self.address, label=file.file or file.label)


_InstancesKey = tuple[str, str, str, str]


@dataclass(frozen=True, slots=True)
class PlanItem:
    """What else a plan names: a resource that is left to a later plan, or an action.

    Source: https://developer.hashicorp.com/terraform/internals/json-format#plan-representation
    """

    address: str
    type: str


@dataclass(frozen=True)
class TerraformPlan:
    """A plan, as far as it matters here.

    Args:
        resources: What will be there, and what will be gone, in the plan's order.
        configuration: The configuration, of which `root_module` and `provider_config` are read.
        variables: The root module's variables.
        secrets: The texts in those variables that are sensitive.
        deferred: The resources that the plan leaves to a later plan.
        invoked: The actions that Terraform invokes, some of them with a later plan.
    """

    resources: tuple[PlannedResource, ...]
    configuration: Mapping[str, object]
    variables: Mapping[str, object]
    secrets: frozenset[str]
    deferred: tuple[PlanItem, ...] = ()
    invoked: tuple[PlanItem, ...] = ()
    _instances: dict[_InstancesKey, list[PlannedResource]] = field(
        default_factory=dict, init=False, repr=False, compare=False
    )
    _configured: dict[tuple[str, ...], Mapping[str, Mapping[str, object]]] = field(
        default_factory=dict, init=False, repr=False, compare=False
    )

    def __post_init__(self) -> None:
        for resource in self.resources:
            if not resource.action.is_gone and not resource.is_deposed:
                key = (resource.module, resource.kind, resource.type, resource.name)
                self._instances.setdefault(key, []).append(resource)

    @property
    def providers(self) -> Mapping[str, object]:
        """The configuration of providers, by key."""
        return members(self.configuration.get("provider_config"), "configuration.provider_config")

    @property
    def root_module(self) -> Mapping[str, object]:
        """The configuration of the root module."""
        return members(self.configuration.get("root_module"), "configuration.root_module")

    def module(self, address: str) -> Mapping[str, object]:
        """The configuration of a module instance; nothing where it has none."""
        module = self.root_module
        for name, _ in module_steps(address):
            calls = members(module.get("module_calls"), "module_calls")
            module = members(members(calls.get(name), f"module_calls.{name}").get("module"), f"module {name}")
        return module

    def call(self, address: str) -> tuple[str, str, Mapping[str, object]]:
        """Address of the module that calls a module instance, the instance's index, and the call's configuration."""
        steps = module_steps(address)
        parent = ".".join(f"module.{name}{index}" for name, index in steps[:-1])
        name, index = steps[-1]
        calls = members(self.module(parent).get("module_calls"), "module_calls")
        return parent, index, members(calls.get(name), f"module_calls.{name}")

    def configuration_of(self, resource: PlannedResource) -> Mapping[str, object] | None:
        """The configuration of a resource; None where the plan does not have it."""
        names = tuple(name for name, _ in module_steps(resource.module))
        if names not in self._configured:
            self._configured[names] = _by_address(self.module(resource.module))
        return self._configured[names].get(f"{resource.kind} {resource.type}.{resource.name}")

    def instances(self, module: str, kind: str, type_: str, name: str) -> Iterator[PlannedResource]:
        """The instances of a resource of a module instance, but those that will be gone."""
        yield from self._instances.get((module, kind, type_, name), ())


def read(document: PlanDocument) -> TerraformPlan:
    """Reads a plan.

    Raises:
        InvalidInputError: It is a state, a plan that Terraform could not complete, or of a format that is not known.
    """
    require_plan(document)
    whole = document.members
    configuration = members(whole.get("configuration"), "configuration")
    variables = members(whole.get("variables"), "variables")
    declared = members(members(configuration.get("root_module"), "root_module").get("variables"), "variables")
    secrets = (
        secret
        for name, declaration in declared.items()
        if is_true(members(declaration, f"variables.{name}").get("sensitive"))
        for secret in _texts(members(variables.get(name), f"variables.{name}").get("value"))
    )
    changes = items(whole.get("resource_changes"), "resource_changes")
    places = (*document.positions, *repeat(None, len(changes) - len(document.positions)))
    return TerraformPlan(
        tuple(
            _resource(members(change, "resource_changes"), position)
            for change, position in zip(changes, places, strict=True)
        ),
        configuration,
        variables,
        frozenset(secrets),
        tuple(_deferred(whole.get("deferred_changes"))),
        tuple(_invoked(whole)),
    )


def _deferred(changes: object) -> Iterator[PlanItem]:
    for change in items(changes, "deferred_changes"):
        found = members(members(change, "deferred_changes").get("resource_change"), "deferred_changes")
        if text(found.get("mode")) != "data":
            yield _item(found)


def _invoked(whole: Mapping[str, object]) -> Iterator[PlanItem]:
    name = "action_invocations"
    for invocation in items(whole.get(name), name):
        yield _item(members(invocation, name))
    for deferred in items(whole.get(f"deferred_{name}"), f"deferred_{name}"):
        yield _item(members(members(deferred, name).get("action_invocation"), name))


def _item(described: Mapping[str, object]) -> PlanItem:
    return PlanItem(text(described.get("address")) or "", text(described.get("type")) or "a part of the plan")


def references(expression: object) -> tuple[str, ...]:
    """What an expression refers to, but what only leads to another: of `a.b.name`, `a.b`, the first alone."""
    texts = items(members(expression, "expressions").get("references"), "references")
    names = dict.fromkeys(name for name in texts if isinstance(name, str) and name)
    # Terraform lists `a.b.c` before `a.b` and `a`: the beginnings of each name are looked up, not compared one by one
    ends = ((name, match.start()) for name in names for match in islice(re.finditer(r"[.\[]", name), _MOST_STEPS))
    beginnings = {name[:end] for name, end in ends}
    return tuple(name for name in names if name not in beginnings)


def _by_address(module: Mapping[str, object]) -> Mapping[str, Mapping[str, object]]:
    """The configurations of a module's resources, the first of each address."""
    by_address: dict[str, Mapping[str, object]] = {}
    for item in items(module.get("resources"), "resources"):
        resource = members(item, "resources")
        mode, type_, name = (text(resource.get(member)) for member in ("mode", "type", "name"))
        by_address.setdefault(f"{mode} {type_}.{name}", resource)
    return by_address


def _texts(value: object) -> Iterator[str]:
    """Every text in a value, but the empty one."""
    if isinstance(value, (dict, list)):
        for member in value.values() if isinstance(value, dict) else value:
            yield from _texts(member)
    elif isinstance(value, str) and value:
        yield value


def _resource(described: Mapping[str, object], position: Position | None) -> PlannedResource:
    address, type_, name = (text(described.get(member)) or "" for member in ("address", "type", "name"))
    module, kind = text(described.get("module_address")) or "", text(described.get("mode")) or ""
    start = "".join((f"{module}." if module else "", "" if kind in ("", "managed") else f"{kind}.", f"{type_}.{name}"))
    if not address.startswith(start) or not address.isprintable() or not type_ or not name:
        raise InvalidInputError(f"a resource has the address {shown(address)}", where="resource_changes", cure=CURE)
    change = members(described.get("change"), address)
    actions = tuple(text(action) or "" for action in items(change.get("actions"), f"{address}, actions"))
    if actions not in _ACTIONS and type_.startswith(READ_TYPES):
        raise InvalidInputError(
            f"the actions {shown(', '.join(actions))} are not known", where=address, cure="use a newer version"
        )
    return PlannedResource(
        address,
        module,
        kind,
        type_,
        name,
        address[len(start) :],
        # of a resource that is not read it matters alone whether anything is done with it
        _ACTIONS.get(actions, Action.UPDATE),
        "deposed" in described,
        _tree(change.get("before"), address),
        _tree(change.get("after"), address),
        _tree(change.get("after_unknown"), address),
        _tree(change.get("after_sensitive"), address),
        _tree(change.get("before_sensitive"), address),
        position,
    )


def _tree(tree: object, address: str) -> Mapping[str, object]:
    if tree is True:
        # the whole resource, which is true of none of AWS's
        raise InvalidInputError("nothing is known of the resource", where=address, cure=CURE)
    return {} if tree is False else members(tree, address)


@lru_cache(maxsize=256)
def module_steps(address: str) -> tuple[tuple[str, str], ...]:
    """The names and indices on the way to a module instance.

    Raises:
        InvalidInputError: It is no address of a module.
    """
    steps = []
    offset = 0
    while offset < len(address):
        match = re.compile(_MODULE).match(address, offset)
        if match is None:
            raise InvalidInputError(f"{shown(address)} is no address of a module", cure=CURE)
        steps.append((match[1], match[2]))
        offset = match.end()
    return tuple(steps)
