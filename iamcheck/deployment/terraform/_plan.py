"""What a plan says: the resources as they will be, and the configuration that they come from.

Source: https://developer.hashicorp.com/terraform/internals/json-format
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from iamcheck.errors import InvalidInputError
from iamcheck.iam.model.json_text import shown

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from iamcheck.iam.model.json_text import Node

__all__ = [
    "Resource",
    "TerraformPlan",
    "is_true",
    "items",
    "members",
    "module_steps",
    "read",
    "references",
    "text",
]

_CURE: Final = "give what `terraform show -json PLANFILE` prints"
# patterns are texts, which `re` compiles when they are first used: start-up is a feature
_MODULE: Final = r'module\.([\w-]+)((?:\[(?:\d+|"(?:[^"\\]|\\.)*")\])?)(?:\.|$)'
_ACTIONS: Final[Mapping[tuple[str, ...], str]] = {
    ("create",): "create",
    ("delete", "create"): "create",
    ("create", "delete"): "create",
    ("create", "forget"): "create",
    ("forget", "create"): "create",
    ("update",): "update",
    ("no-op",): "keep",
    ("read",): "keep",
    ("delete",): "drop",
    ("forget",): "drop",
}


@dataclass(frozen=True, slots=True)
class Resource:
    """A resource instance of a plan.

    Args:
        address: Its address, such as `module.a["x"].aws_sagemaker_endpoint.this[0]`.
        module: Address of the module instance that it is in; empty for the root.
        kind: `managed` or `data`.
        type: Its type, such as `aws_sagemaker_endpoint`.
        name: Its name in the configuration.
        index: What follows the name, such as `[0]` or `["prod"]`; empty without count and for_each.
        action: `create` (also for a replacement), `update`, `keep`, or `drop` for one that will be gone.
        after: Its attributes, as far as they are known and set.
        unknown: The same tree, true where a value is known only after the plan was applied.
        sensitive: The same tree, true where a value may not be shown.
    """

    address: str
    module: str
    kind: str
    type: str
    name: str
    index: str
    action: str
    after: Mapping[str, Node]
    unknown: Mapping[str, Node]
    sensitive: Mapping[str, Node]


@dataclass(frozen=True, slots=True)
class TerraformPlan:
    """A plan, as far as it matters here.

    Args:
        resources: What will be there, and what will be gone.
        root_module: The configuration of the root module.
        providers: The configuration of providers, by key.
        variables: The root module's variables.
        secrets: The texts in those variables that are sensitive.
    """

    resources: tuple[Resource, ...]
    root_module: Mapping[str, Node]
    providers: Mapping[str, Node]
    variables: Mapping[str, Node]
    secrets: frozenset[str]

    def module(self, address: str) -> Mapping[str, Node]:
        """The configuration of a module instance; nothing where it has none."""
        found = self.root_module
        for name, _ in module_steps(address):
            found = members(members(members(found.get("module_calls")).get(name)).get("module"))
        return found

    def call(self, address: str) -> tuple[str, str, Mapping[str, Node]]:
        """Address of the module that calls a module instance, the instance's index, and the call's configuration."""
        steps = module_steps(address)
        parent = ".".join(f"module.{name}{index}" for name, index in steps[:-1])
        name, index = steps[-1]
        return parent, index, members(members(self.module(parent).get("module_calls")).get(name))

    def configuration(self, resource: Resource) -> Mapping[str, Node]:
        """The configuration of a resource; nothing where it has none."""
        for node in items(self.module(resource.module).get("resources")):
            found = members(node)
            wanted = (("mode", resource.kind), ("type", resource.type), ("name", resource.name))
            if all(text(found.get(member)) == value for member, value in wanted):
                return found
        return {}

    def instances(self, module: str, kind: str, type_: str, name: str) -> Iterator[Resource]:
        """The instances of a resource of a module instance, but those that will be gone."""
        for one in self.resources:
            if (one.module, one.kind, one.type, one.name) == (module, kind, type_, name) and one.action != "drop":
                yield one


def read(root: Node) -> TerraformPlan:
    """Reads a plan.

    Raises:
        InvalidInputError: It is no plan, or one that Terraform could not complete, or of a format that is not known.
    """
    if not isinstance(root.value, dict) or "format_version" not in root.value:
        raise InvalidInputError("not a Terraform plan in JSON", cure=_CURE)
    version = text(root.value["format_version"]) or ""
    if not re.fullmatch(r"[01]\.\d+", version):
        raise InvalidInputError(
            f"the plan's format {shown(version)} is not known", where="format_version", cure="0.x and 1.x are read"
        )
    if "planned_values" not in root.value and "resource_changes" not in root.value:
        what = "this is a Terraform state, which deploys nothing" if "values" in root.value else "not a Terraform plan"
        raise InvalidInputError(what, cure=_CURE)
    if is_true(root.value.get("errored")):
        raise InvalidInputError("Terraform could not complete this plan", where="errored", cure="plan again")
    configuration = members(root.value.get("configuration"))
    changes = (members(node) for node in items(root.value.get("resource_changes")))
    root_module, variables = members(configuration.get("root_module")), members(root.value.get("variables"))
    return TerraformPlan(
        # what is left of an object that was replaced has the address of the object that replaced it
        tuple(_resource(change) for change in changes if "deposed" not in change),
        root_module,
        members(configuration.get("provider_config")),
        variables,
        frozenset(
            secret
            for name, declared in members(root_module.get("variables")).items()
            if is_true(members(declared).get("sensitive"))
            for secret in _texts(members(variables.get(name)).get("value"))
        ),
    )


def _texts(node: Node | None) -> Iterator[str]:
    """Every text in a value, but the empty one."""
    value = None if node is None else node.value
    if isinstance(value, (dict, list)):
        for member in value.values() if isinstance(value, dict) else value:
            yield from _texts(member)
    elif isinstance(value, str) and value:
        yield value


def _resource(found: Mapping[str, Node]) -> Resource:
    address, type_, name = (text(found.get(member)) or "" for member in ("address", "type", "name"))
    module, kind = text(found.get("module_address")) or "", text(found.get("mode")) or ""
    start = "".join((f"{module}." if module else "", "data." if kind == "data" else "", f"{type_}.{name}"))
    if not address.startswith(start) or not address.isprintable() or not type_ or not name:
        raise InvalidInputError(f"a resource has the address {shown(address)}", where="resource_changes", cure=_CURE)
    change = members(found.get("change"))
    actions = tuple(text(node) or "" for node in items(change.get("actions")))
    if actions not in _ACTIONS and type_.startswith("aws_sagemaker_"):
        raise InvalidInputError(
            f"the actions {shown(', '.join(actions))} are not known", where=address, cure="use a newer version"
        )
    return Resource(
        address,
        module,
        kind,
        type_,
        name,
        address[len(start) :],
        _ACTIONS.get(actions, "keep"),
        *(_tree(change.get(part), address) for part in ("after", "after_unknown", "after_sensitive")),
    )


def _tree(node: Node | None, address: str) -> Mapping[str, Node]:
    if node is not None and node.value is True:
        # the whole resource, which is true of none of AWS's
        raise InvalidInputError("nothing is known of the resource", where=address, cure=_CURE)
    return {} if node is not None and node.value is False else members(node)


@lru_cache(maxsize=256)
def module_steps(address: str) -> tuple[tuple[str, str], ...]:
    """The names and indices on the way to a module instance.

    Raises:
        InvalidInputError: It is no address of a module.
    """
    steps = []
    at = 0
    while at < len(address):
        match = re.compile(_MODULE).match(address, at)
        if match is None:
            raise InvalidInputError(f"{shown(address)} is no address of a module", cure=_CURE)
        steps.append((match[1], match[2]))
        at = match.end()
    return tuple(steps)


def members(node: Node | None) -> Mapping[str, Node]:
    """The members of an object; none where it is null or left out.

    Raises:
        InvalidInputError: It is anything else.
    """
    if node is None or node.value is None:
        return {}
    if not isinstance(node.value, dict):
        raise InvalidInputError("an object is due here", where=node.where, cure=_CURE)
    return node.value


def items(node: Node | None) -> list[Node]:
    """The items of a list; none where it is null or left out.

    Raises:
        InvalidInputError: It is anything else.
    """
    if node is None or node.value is None:
        return []
    if not isinstance(node.value, list):
        raise InvalidInputError("a list is due here", where=node.where, cure=_CURE)
    return node.value


def text(node: Node | None) -> str | None:
    """A text; None for anything else."""
    return node.value if node is not None and isinstance(node.value, str) else None


def is_true(node: Node | None) -> bool:
    """True where anything in a tree is true, as in `after_unknown`."""
    if node is None:
        return False
    if isinstance(node.value, dict):
        return any(map(is_true, node.value.values()))
    if isinstance(node.value, list):
        return any(map(is_true, node.value))
    return node.value is True


def references(expression: Node | None) -> tuple[str, ...]:
    """What an expression refers to, but what only leads to another: of `a.b.name`, `a.b`, the first alone."""
    found = [name for node in items(members(expression).get("references")) if (name := text(node))]
    return tuple(
        dict.fromkeys(one for one in found if not any(other.startswith((f"{one}.", f"{one}[")) for other in found))
    )
