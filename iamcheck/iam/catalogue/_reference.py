"""Answers what the service reference knows about an action, a resource type, a condition key.

The data is AWS's Service Authorization Reference; `iamcheck/data/NOTICE` names the source, `reference_date()` its date.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple

from iamcheck.errors import InvalidInputError
from iamcheck.iam.catalogue._keys import has_key, shared_keys
from iamcheck.iam.catalogue._services import ActionInfo, ActionResource, ResourceType, Service, service
from iamcheck.iam.model.nearest import did_you_mean
from iamcheck.iam.packaged import read

if TYPE_CHECKING:
    from iamcheck.iam.model.context import KeyType

# Where the simulator's own placeholder names are known (observed in AWS's answers, September 2026).
_OBSERVED_TEMPLATES = {("s3", "object"): "arn:${Partition}:s3:::${BucketName}/${KeyName}"}
_SHOWN = 3
"""Formats of ARNs that an error lists."""


@lru_cache(maxsize=1)
def _index() -> dict[str, Any]:
    return read("services", "_index.json")


def _split(full_name: str) -> tuple[Service | None, str]:
    prefix, _, name = full_name.partition(":")
    return service(prefix.lower()), name


@lru_cache(maxsize=1)
def services() -> tuple[str, ...]:
    """Returns the prefixes of all services of the reference, sorted."""
    return tuple(prefix for prefix, _ in _index()["services"])


def actions(prefix: str) -> tuple[str, ...]:
    """Returns the full names of a service's actions, sorted; none where the service is unknown."""
    found = service(prefix.lower())
    return tuple(f"{found.prefix}:{name}" for name in found.action_names()) if found else ()


def action(full_name: str) -> ActionInfo | None:
    """Returns what the reference knows about an action, `sagemaker:CreateEndpoint` in any case; None if nothing."""
    found, name = _split(full_name)
    return found.action(name) if found else None


def resource_type(prefix: str, name: str) -> ResourceType | None:
    """Returns a service's resource type by its name in any case; None where the reference does not have it."""
    found = service(prefix.lower())
    return found.resource_type(name) if found else None


def accepts(action: str, arn: str) -> bool | None:
    """Tells whether an action accepts an ARN of this form, as AWS's policy simulator asks before anything else.

    A known action on an ARN of a type that it does not accept is an implicit deny in the simulator, even under an
    Allow of everything; an unknown one is matched literally (observed in AWS's answers, September 2026). Live AWS has
    no such gate for some actions. `*` is accepted by every action, and by an action without resource types nothing
    else is. Which characters a placeholder of an ARN format stands for is inferred, not documented.

    Args:
        action: The full name, in any case.
        arn: The ARN, or `*`.

    Returns:
        None where the action is unknown.
    """
    found, name = _split(action)
    return found.accepts(name, arn) if found else None


def arn_template(action: str, partition: str = "aws") -> str | None:
    """Returns the ARN template that the simulator gives as the top-level resource of an action.

    AWS fills in the partition and leaves the other placeholders. Its table is its own: rely on partition and service,
    for the placeholders' names come from the Service Authorization Reference but where the simulator's are known. Of
    several types it is the plainest (the shortest format) of the required ones, else of all: inferred.

    Returns:
        None where the action is unknown, or has no resource types.
    """
    found, name = _split(action)
    info = found.action(name) if found else None
    if found is None or info is None or not info.resource_types:
        return None
    candidates = [one for one in info.resource_types if one.required] or list(info.resource_types)
    formats = [
        (_OBSERVED_TEMPLATES.get((found.prefix, one.name)) or one.arn_formats[0])
        for one in found.resources
        if one.name in {used.name for used in candidates}
    ]
    return min(formats, key=lambda text: (len(text), text)).replace("${Partition}", partition)


def condition_keys(action: str, resource_type: str | None = None) -> frozenset[str] | None:
    """Returns the keys that the reference lists for an action, those of its resource types included.

    Args:
        action: The full name, in any case.
        resource_type: Only the action's keys and those of this type of resource.

    Returns:
        Keys as the reference spells them (`aws:RequestTag/${TagKey}`); None where the action is unknown. A type that
        the action does not accept adds no keys.
    """
    found, name = _split(action)
    info = found.action(name) if found else None
    if found is None or info is None:
        return None
    keys = set(info.condition_keys)
    parts: tuple[ActionResource | ResourceType, ...] = (*info.resource_types, *found.types_of(info))
    for one in parts:
        if resource_type is None or one.name.lower() == resource_type.lower():
            keys.update(one.condition_keys)
    return frozenset(keys)


def lists_condition_key(action: str, key: str, resource_type: str | None = None) -> bool | None:
    """Tells whether the reference lists a key, in any case and with a real tag, for an action; None if unknown."""
    listed = condition_keys(action, resource_type)
    return None if listed is None else has_key(listed, key)


@lru_cache(maxsize=4096)
def condition_key_type(key: str, service_hint: str | None = None) -> KeyType | None:
    """Returns the type of a condition key, in any case; None where the reference does not have it.

    Keys that the reference calls ARNs are strings to AWS's simulator, and so here.

    Args:
        key: `aws:RequestTag/team`, `sagemaker:InstanceTypes`.
        service_hint: The prefix of the service whose action is asked for. Some keys have another type there
            (`identitystore:UserId` is a list for `qbusiness` and a single text elsewhere).
    """
    lowered = key.lower()
    global_keys, elsewhere = shared_keys()
    hinted = service(service_hint.lower()) if service_hint else None
    own = service(lowered.partition(":")[0])
    tables = (hinted and hinted.keys, global_keys, own and own.keys, elsewhere)
    return next((kind for table in tables if table and (kind := table.get(lowered))), None)


def keys_of_prefix(prefix: str) -> tuple[str, ...]:
    """Returns the condition keys with this prefix, in any case, such as `aws`; none where there is no such prefix.

    Keys with a placeholder, such as `aws:RequestTag/${TagKey}`, are left out.
    """
    lowered = prefix.lower()
    own = service(lowered)
    names = [*shared_keys()[0].names, *(own.keys.names if own else ())]
    return tuple(name for name in names if name.lower().startswith(f"{lowered}:"))


def reference_date() -> str:
    """Returns the day on which the reference data was taken, as `YYYY-MM-DD`."""
    return str(_index()["date"])


def reference_source() -> str:
    """Returns where the reference data comes from: package, version, licence."""
    index = _index()
    return (
        f"{index['source']} {index['version']} ({index['licence']}), from AWS's Service Authorization Reference; "
        f"dependent actions as of {index['dependentActionsDate']}"
    )


class Description(NamedTuple):
    """What the package knows about a service, or about one action of it.

    Attributes:
        service: The prefix.
        service_name: The service's name.
        action: The action; None where the whole service is described.
        actions: The full names of all actions of the service, or the one that is described.
        resource_types: The types of the service, or those that the action accepts.
        condition_keys: The keys, likewise, each with its type as the reference spells it: `ArrayOfString`, `ARN`.
        date: When the data was taken, `YYYY-MM-DD`.
        source: Where it comes from.
    """

    service: str
    service_name: str
    action: ActionInfo | None
    actions: tuple[str, ...]
    resource_types: tuple[ResourceType, ...]
    condition_keys: tuple[tuple[str, str], ...]
    date: str
    source: str


def require_accepted(action: str, resource: str, *, where: str = "") -> None:
    """Returns where the reference has an action, and the action takes a resource of this form.

    Args:
        action: The full name, in any case.
        resource: An ARN, or `*`.
        where: What gave the resource, for the error.

    Raises:
        InvalidInputError: It has no such action, or the resource is of no type of the action.
    """
    described = describe(action)
    if described.action is None:
        raise InvalidInputError(f"{action!r} names a service and no action", cure="write it as service:Operation")
    if accepts(action, resource) is not False:
        return
    formats = [text for one in described.resource_types for text in one.arn_formats]
    cure = f"its resources are {', '.join(formats[:_SHOWN])}{', ...' if len(formats) > _SHOWN else ''}"
    raise InvalidInputError(
        f"{resource} is of no type of resource that {described.actions[0]} has",
        where=where,
        cure=cure if formats else "it has none: give *",
    )


def describe(name: str) -> Description:
    """Returns what the package knows about a service (`sagemaker`) or an action (`sagemaker:CreateEndpoint`).

    Raises:
        InvalidInputError: The reference does not have it; names that are near are in the cure.
    """
    found, action_name = _split(name)
    if found is None:
        raise InvalidInputError(
            f"the reference of {reference_date()} has no service {name.partition(':')[0]!r}",
            cure=did_you_mean(name.partition(":")[0], services(), most=3),
        )
    if not action_name:
        keys, types, listed, info = {key for key, _ in found.key_types}, found.resources, actions(found.prefix), None
    else:
        info = found.action(action_name)
        if info is None:
            raise InvalidInputError(
                f"the reference of {reference_date()} has no action {name!r}",
                cure=did_you_mean(name, actions(found.prefix), most=3),
            )
        keys, types, listed = set(condition_keys(name) or ()), found.types_of(info), (info.full_name,)
    return Description(
        found.prefix,
        found.name,
        info,
        listed,
        types,
        tuple((key, kind) for key, kind in found.key_types if key in keys),
        reference_date(),
        reference_source(),
    )
