"""Words of a command line to the deployments that are meant: names, request files, a template or a plan."""

from __future__ import annotations

from typing import TYPE_CHECKING

from iamcheck.cli.policy_files import pair
from iamcheck.errors import InvalidInputError

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from typing import Literal

    from iamcheck.deployment import Named
    from iamcheck.deployment.located import WrittenDeployment
    from iamcheck.deployment.resolving import Draft

__all__ = ["drafts", "only"]


def drafts(
    endpoint_name: str | None,
    endpoint_config_name: str | None,
    *,
    request: str | None = None,
    config_request: str | None = None,
    source: str | None = None,
    parameters: Sequence[str] = (),
    stack_name: str | None = None,
    name_patterns: Sequence[str] = (),
    region: str | None = None,
    account_id: str | None = None,
) -> tuple[Named | Draft, ...]:
    """The deployments that are meant: of names alone, of request files, or of a template or plan.

    Args:
        endpoint_name: The endpoint; None: as written. It picks one where several are written.
        endpoint_config_name: The endpoint config; None: as written.
        request: File of `--request`.
        config_request: File of `--config-request`.
        source: File of `--from`.
        parameters: `KEY=VALUE` words of `--parameter`.
        stack_name: Name of the stack that a template is for.
        name_patterns: Words of `--name-pattern`.
        region: Region code, for what a template makes of it.
        account_id: The account, likewise.

    Raises:
        InvalidInputError: A file cannot be read or is none of these, or names are missing or disagree.
    """
    only_names = request is None and config_request is None and source is None
    _refuse_besides(source, request or config_request, parameters=parameters, stack_name=stack_name)
    if only_names:
        if name_patterns:
            raise InvalidInputError("no template leaves a name open", where="--name-pattern", cure="give --from FILE")
        return (_named(endpoint_name, endpoint_config_name),)
    # imported when used: most commands have only names
    from iamcheck.deployment.resolving import draft_of

    patterns = _name_patterns(name_patterns)
    if source is None:
        from iamcheck.deployment.requests import read_requests

        written: tuple[WrittenDeployment, ...] = (read_requests(request, config_request),)
    else:
        from iamcheck.deployment.sources import read_sources

        values = dict(pair(word, flag="--parameter", form="KEY=VALUE") for word in parameters)
        found = read_sources(source, parameters=values, stack_name=stack_name, region=region, account_id=account_id)
        written = found if len(found) == 1 or endpoint_name is None else (_picked(found, endpoint_name),)
        if len(found) > 1 and endpoint_name is not None and _logical_name(written[0]) == endpoint_name:
            endpoint_name = None
    return tuple(
        draft_of(
            one,
            endpoint_name=endpoint_name,
            endpoint_config_name=endpoint_config_name,
            name_patterns=patterns,
        )
        for one in written
    )


def only(found: Sequence[Named | Draft]) -> Named | Draft:
    """The one deployment that is meant.

    Raises:
        InvalidInputError: There are several.
    """
    if len(found) > 1:
        labels = ", ".join(one.written.label for one in found if one.written is not None)
        raise InvalidInputError(f"there are {len(found)} endpoints: {labels}", where="--from", cure="name one")
    return found[0]


def _refuse_besides(
    source: str | None, request: str | None, *, parameters: Sequence[str], stack_name: str | None
) -> None:
    if source is not None and request is not None:
        raise InvalidInputError("a template or plan says both requests", where="--from", cure="give one or the other")
    for flag, given in (("--parameter", parameters), ("--stack-name", stack_name)):
        if given and source is None:
            raise InvalidInputError("there is no template", where=flag, cure="give --from FILE")


def _named(endpoint_name: str | None, endpoint_config_name: str | None) -> Named:
    from iamcheck.deployment import Named

    for name, what, flag in (
        (endpoint_name, "ENDPOINT", "--endpoint-name"),
        (endpoint_config_name, "CONFIG", "--endpoint-config-name"),
    ):
        if name is None:
            raise InvalidInputError("not given", where=what, cure=f"give it as an argument or as {flag}")
    return Named(endpoint_name or "", endpoint_config_name or "")


def _logical_name(written: WrittenDeployment) -> str:
    """What a template itself calls an endpoint."""
    return written.label.rpartition(": ")[2].rpartition(".")[2]


def _picked(found: Sequence[WrittenDeployment], endpoint_name: str) -> WrittenDeployment:
    """The one of several endpoints that is meant, by its name or by what the template calls it."""
    names: list[str] = []
    for one in found:
        member = None if one.endpoint is None else one.endpoint.root.get("EndpointName")
        name = member.value if member is not None and isinstance(member.value, str) else None
        if endpoint_name in (name, _logical_name(one)):
            return one
        names.append(name or _logical_name(one))
    raise InvalidInputError(
        f"none of the endpoints there is {endpoint_name!r}", where="ENDPOINT", cure=f"one of {', '.join(names)}"
    )


def _name_patterns(words: Iterable[str]) -> dict[Literal["EndpointName", "EndpointConfigName"], str]:
    """`[endpoint=|config=]PATTERN` words to patterns by the name that they are of."""
    members: dict[str, tuple[Literal["EndpointName", "EndpointConfigName"], ...]] = {
        "": ("EndpointName", "EndpointConfigName"),
        "endpoint": ("EndpointName",),
        "config": ("EndpointConfigName",),
    }
    found: dict[Literal["EndpointName", "EndpointConfigName"], str] = {}
    for word in words:
        left, sign, right = word.partition("=")
        which, pattern = (left, right) if sign else ("", left)
        if which not in members or not pattern:
            raise InvalidInputError(
                f"{word!r} is no pattern",
                where="--name-pattern",
                cure="give PATTERN, endpoint=PATTERN or config=PATTERN",
            )
        if not pattern.strip("*"):
            raise InvalidInputError(
                f"{pattern!r} stands for every name", where="--name-pattern", cure="give the part that is known"
            )
        found |= dict.fromkeys(members[which], pattern)
    return found
