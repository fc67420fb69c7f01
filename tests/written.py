"""Written requests as plain values, so that tests can compare them."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

from iamcheck.deployment.located import UNKNOWN, Member, Pattern, Unknown

if TYPE_CHECKING:
    from collections.abc import Iterator

    from iamcheck.deployment.located import WrittenDeployment, WrittenRequest

Plain: TypeAlias = "str | int | float | bool | list[Plain] | dict[str, Plain] | None"


def plain(member: Member) -> Plain:
    """A value without its places; `?` is one that is not known, `churn-*?` one of which a part is."""
    value = member.value
    if isinstance(value, Pattern):
        return f"{value.text}?"
    if isinstance(value, Unknown):
        return "?"
    if isinstance(value, tuple):
        return [plain(item) for item in value]
    if isinstance(value, (str, int, float)) or value is None:
        return value
    return {name: plain(one) for name, one in value.items()}


def plain_request(request: WrittenRequest | None) -> Plain:
    return None if request is None else plain(request.root)


def plain_deployment(deployment: WrittenDeployment) -> Plain:
    return {
        "label": deployment.label,
        "region": deployment.region.value if isinstance(deployment.region, Unknown) else deployment.region,
        "account_id": deployment.account_id,
        "updates": deployment.updates,
        "config_exists": deployment.config_exists,
        "endpoint": plain_request(deployment.endpoint),
        "config": plain_request(deployment.config),
        "models": [plain_request(model) for model in deployment.models],
    }


def members(member: Member) -> Iterator[Member]:
    """A member and all that are in it."""
    yield member
    if isinstance(member.value, tuple):
        for item in member.value:
            yield from members(item)
    elif member.value is not UNKNOWN and not isinstance(member.value, (str, int, float, Pattern, Unknown, type(None))):
        for one in member.value.values():
            yield from members(one)
