"""Reads one service of the reference from its file: actions, resource types, ARN formats, condition keys."""

from __future__ import annotations

from functools import cached_property, lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple

from iamcheck.iam.catalogue._arns import arn_form, has_form
from iamcheck.iam.catalogue._keys import KeyTable
from iamcheck.iam.packaged import read

if TYPE_CHECKING:
    from iamcheck.iam.catalogue._arns import ArnForm

_PREFIX = frozenset("abcdefghijklmnopqrstuvwxyz0123456789-")
_LONGEST_PREFIX = 64
"""No service of AWS has a prefix nearly as long; every file system takes names of this length and a suffix."""
_ANY_RESOURCE = "*"


class ActionResource(NamedTuple):
    """A resource type that an action accepts.

    Attributes:
        name: The resource type, `endpoint-config`.
        required: Whether every call is authorised against a resource of this type.
        condition_keys: Keys that the action has with this type only.
        dependent_actions: Actions that the caller needs besides, for this type only.
    """

    name: str
    required: bool
    condition_keys: tuple[str, ...]
    dependent_actions: tuple[str, ...]


class ActionInfo(NamedTuple):
    """An action as the Service Authorization Reference has it.

    Attributes:
        service: The prefix, `sagemaker`.
        name: The action without its prefix, `CreateEndpoint`.
        access_level: `List`, `Read`, `Write`, `Tagging` or `Permissions management`.
        resource_types: What it accepts; empty where it authorises against `*` only.
        condition_keys: Keys of the action itself, as the reference spells them: `aws:RequestTag/${TagKey}`.
        dependent_actions: Actions that the caller needs besides, in some of the calls. They are of an older edition of
            the reference (`reference_source()` says which), and none are known of actions that came since.
    """

    service: str
    name: str
    access_level: str
    resource_types: tuple[ActionResource, ...]
    condition_keys: tuple[str, ...]
    dependent_actions: tuple[str, ...]

    @property
    def full_name(self) -> str:
        """The action with its prefix, `sagemaker:CreateEndpoint`."""
        return f"{self.service}:{self.name}"


class ResourceType(NamedTuple):
    """A resource type: its ARN formats, with `${...}` placeholders, and the condition keys that belong to it."""

    service: str
    name: str
    arn_formats: tuple[str, ...]
    condition_keys: tuple[str, ...]


class Service:
    """One service's part of the reference; everything beyond the names is made when asked for."""

    def __init__(self, prefix: str, document: dict[str, Any]) -> None:
        self.prefix = prefix
        self.name: str = document["name"]
        self.key_types: tuple[tuple[str, str], ...] = tuple((key, kind) for key, kind in document["keys"])
        self._sets = [tuple(self.key_types[place][0] for place in members) for members in document["sets"]]
        self._actions: dict[str, list[Any]] = {row[0].lower(): row for row in document["actions"]}
        self._forms: dict[str, tuple[ArnForm, ...]] = {}
        self.resources = tuple(
            ResourceType(prefix, name, tuple(formats), self._sets[rest[0] if rest else 0])
            for name, formats, *rest in document["resources"]
        )

    @cached_property
    def keys(self) -> KeyTable:
        """The condition keys that the service lists, with their types."""
        return KeyTable(self.key_types)

    def action_names(self) -> tuple[str, ...]:
        """Returns the actions' names without their prefix, in order."""
        return tuple(row[0] for row in self._actions.values())

    def action(self, name: str) -> ActionInfo | None:
        """Returns an action by its name in any case and without its prefix."""
        row = self._actions.get(name.lower())
        if row is None:
            return None
        _, level, used, keys, dependent = _padded(row, ["", "", [], 0, []])
        return ActionInfo(
            self.prefix,
            row[0],
            level,
            tuple(self._action_resource(row) for row in used),
            self._sets[keys],
            tuple(dependent),
        )

    def _action_resource(self, row: list[Any]) -> ActionResource:
        place, required, keys, dependent = _padded(row, [0, 0, 0, []])
        return ActionResource(self.resources[place].name, bool(required), self._sets[keys], tuple(dependent))

    def resource_type(self, name: str) -> ResourceType | None:
        """Returns a resource type by its name in any case."""
        return next((resource for resource in self.resources if resource.name.lower() == name.lower()), None)

    def types_of(self, action: ActionInfo) -> tuple[ResourceType, ...]:
        """Returns the resource types that an action accepts, each once."""
        used = {accepted.name for accepted in action.resource_types}
        return tuple(resource for resource in self.resources if resource.name in used)

    def accepts(self, name: str, arn: str) -> bool | None:
        """Tells whether an action (any case, no prefix) accepts an ARN; None where the action is unknown."""
        name = name.lower()
        if name not in self._forms:
            action = self.action(name)
            if action is None:
                return None
            formats = (arn_format for accepted in self.types_of(action) for arn_format in accepted.arn_formats)
            self._forms[name] = tuple(map(arn_form, formats))
        return arn == _ANY_RESOURCE or has_form(arn, self._forms[name])


def _padded(row: list[Any], defaults: list[Any]) -> list[Any]:
    """Returns a row with the trailing default values that its file leaves out."""
    return row + defaults[len(row) :]


@lru_cache(maxsize=512)
def service(prefix: str) -> Service | None:
    """Returns a service by its prefix in lower case; None where the reference does not have it."""
    if not 0 < len(prefix) <= _LONGEST_PREFIX or not _PREFIX.issuperset(prefix):
        return None
    try:
        return Service(prefix, read("services", f"{prefix}.json"))
    except FileNotFoundError:
        return None
