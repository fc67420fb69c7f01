"""What is written of a deployment, and what is given besides -> names and features, or why they are not known."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final, Literal

from iamcheck.deployment.deployment import UnplacedDeployment
from iamcheck.deployment.located import UNKNOWN, Member, Pattern, Tool
from iamcheck.deployment.reading import config_request_of, endpoint_request_of
from iamcheck.deployment.unsettled import Unsettled, by_cause, settle_with
from iamcheck.errors import InvalidInputError
from iamcheck.iam.catalogue import NameKind, validate_name
from iamcheck.iam.engine.wildcards import compile_glob, glob_pieces
from iamcheck.iam.model.json_text import shown

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from iamcheck.deployment.features import ConfigRequest, EndpointRequest
    from iamcheck.deployment.located import WrittenDeployment, WrittenRequest

__all__ = ["Name", "draft_of"]

Name = Literal["EndpointName", "EndpointConfigName"]

_MOST_TAGS: Final = 50
"""https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_AddTags.html"""
_REFUSED: Final = "is none that AWS would take"
_CORRECT: Final = "correct it; request.valid says what is wrong"
_WHATS: Final[Mapping[Name, str]] = {
    "EndpointName": "the name of the endpoint",
    "EndpointConfigName": "the name of the endpoint config",
}
_FLAGS: Final[Mapping[Name, str]] = {"EndpointName": "--endpoint-name", "EndpointConfigName": "--endpoint-config-name"}
_KINDS: Final[Mapping[Name, NameKind]] = {
    "EndpointName": NameKind.ENDPOINT,
    "EndpointConfigName": NameKind.ENDPOINT_CONFIG,
}
_FIELDS: Final[Mapping[Name, str]] = {"EndpointName": "endpoint_name", "EndpointConfigName": "endpoint_config_name"}


def draft_of(
    written: WrittenDeployment,
    *,
    endpoint_name: str | None = None,
    endpoint_config_name: str | None = None,
    name_patterns: Mapping[Name, str] | None = None,
) -> UnplacedDeployment:
    """Settles what is known of a deployment.

    Args:
        written: What is written of it.
        endpoint_name: Name of the endpoint, given besides.
        endpoint_config_name: Name of the endpoint config, given besides.
        name_patterns: For a name that is known only when the deployment is made, a pattern of it: `*` is any text.

    Raises:
        InvalidInputError: A name is nowhere, what is given and what is written differ, or AWS would refuse what is
            given.
    """
    _require_few_tags(written)
    given: dict[Name, str | None] = {"EndpointName": endpoint_name, "EndpointConfigName": endpoint_config_name}
    patterns = name_patterns or {}
    found = {
        name: _settled(name, written, given[name], patterns.get(name))
        for name in _WHATS
        if name != "EndpointName" or not _is_config_alone(written, given[name])
    }
    names = {name: text if isinstance(text := found.get(name), str) else None for name in _WHATS}
    filled = _filled(written, found)
    endpoint = None if filled.endpoint is None else endpoint_request_of(filled.endpoint)
    config = None if filled.config is None else config_request_of(filled.config)
    return UnplacedDeployment(
        names["EndpointName"],
        names["EndpointConfigName"],
        written=filled,
        endpoint_request=endpoint,
        config_request=config,
        unsettled=by_cause(
            (
                *(one for one in found.values() if isinstance(one, Unsettled)),
                *filled.unsettled,
                *_unsettled(filled, endpoint, config),
            )
        ),
        names_are_patterns=any(name is not None and "*" in name for name in names.values()),
    )


def _is_config_alone(written: WrittenDeployment, endpoint_name: str | None) -> bool:
    """Whether the source has an endpoint config and no endpoint, and nobody names one."""
    return endpoint_name is None and written.endpoint is None and written.config is not None


def _require_few_tags(written: WrittenDeployment) -> None:
    """Returns where no request has more tags than AWS takes: many more would cost time, and be refused there."""
    for request in (written.endpoint, written.config, *written.models):
        tags = None if request is None else request.root.get("Tags")
        if tags is not None and len(tags.items()) > _MOST_TAGS:
            what = f"{len(tags.items())} tags, where AWS takes {_MOST_TAGS}"
            raise InvalidInputError(what, where=str(tags.place), cure="leave some out")


def _written_names(name: Name, written: WrittenDeployment) -> Iterator[Member]:
    for request in (written.endpoint, written.config):
        member = None if request is None else request.root.get(name)
        if member is not None:
            yield member


def _settled(name: Name, written: WrittenDeployment, given: str | None, pattern: str | None) -> str | Unsettled:
    """The name, or the pattern of it, or why neither is known."""
    members = list(_written_names(name, written))
    texts = [member for member in members if isinstance(member.value, str) and member.value]
    refused = next((member for member in texts if not _is_name(name, str(member.value))), None)
    if refused is None:
        refused = next((member for member in members if _is_arn(member)), None)
    if given is None and refused is not None:
        return Unsettled(_WHATS[name], _REFUSED, refused.place, _CORRECT)
    if len(texts) == 2 and texts[0].value != texts[1].value:
        raise InvalidInputError(
            f"{shown(str(texts[0].value))} here and {shown(str(texts[1].value))} in {texts[1].place} differ",
            where=str(texts[0].place),
            cure="an endpoint names the endpoint config that is created for it",
        )
    if given is not None:
        if texts and texts[0].value != given:
            raise InvalidInputError(
                f"{shown(given)} is given, and {texts[0].place} says {shown(str(texts[0].value))}",
                where=name,
                cure="leave one of them out",
            )
        for member in members:
            if isinstance(member.value, Pattern) and not compile_glob(glob_pieces(member.value.text))(given):
                raise InvalidInputError(
                    f"{shown(given)} is given, and {member.place} says {shown(member.value.text)}",
                    where=name,
                    cure="give one that can come of it",
                )
        return validate_name(_KINDS[name], given, _FIELDS[name])
    if texts:
        return str(texts[0].value)
    known_in_part = [member.value.text for member in members if isinstance(member.value, Pattern)]
    if known_in_part and written.tool is Tool.TERRAFORM:
        # a name_prefix: the plan itself says that the rest is made up
        return known_in_part[0]
    if known_in_part or any(member.value is UNKNOWN for member in members):
        if pattern is not None:
            for part in known_in_part:
                _require_agreement(name, pattern, part)
        return pattern or _open_name(name, next(member for member in members if not isinstance(member.value, str)))
    if members and members[0].value != "":
        return Unsettled(_WHATS[name], _REFUSED, members[0].place, _CORRECT)
    raise InvalidInputError(
        "not given", where=name, cure=f"give it in the request, as an argument or as {_FLAGS[name]}"
    )


def _open_name(name: Name, member: Member) -> Unsettled:
    """Why a name is not known, with what settles it: what its causes need, else the name itself."""
    known = member.value.text if isinstance(member.value, Pattern) else ""
    shape = f"--name-pattern '{known}'" if known else "--name-pattern with `*` for what varies"
    cures = [cause.cure for cause in member.causes]
    settled_by_file = any(not cure.startswith("--set") for cure in cures)
    cure = "" if settled_by_file else f"give {_FLAGS[name]}, or {shape}"
    return settle_with(_WHATS[name], member.place, member.causes, cure)


def _is_arn(member: Member) -> bool:
    """Whether a name that is known in part is an ARN, as `Ref` of a resource gives it."""
    return isinstance(member.value, Pattern) and member.value.text.startswith("arn:")


def _require_agreement(name: Name, pattern: str, known: str) -> None:
    """Returns where a pattern and what a template says of a name can both hold, as far as their beginnings tell."""
    one, other = pattern.partition("*")[0], known.partition("*")[0]
    if not one.startswith(other) and not other.startswith(one):
        raise InvalidInputError(
            f"{shown(pattern)} is given, and the template says {shown(known)}",
            where=f"--name-pattern, {name}",
            cure="give one that can come of it",
        )


def _is_name(name: Name, text: str) -> bool:
    try:
        validate_name(_KINDS[name], text)
    except InvalidInputError:
        return False
    return True


def _filled(written: WrittenDeployment, found: Mapping[Name, str | Unsettled]) -> WrittenDeployment:
    """The same with the names that were found, where a request left them out."""
    return replace(
        written,
        endpoint=_with_names(written.endpoint, found, ("EndpointName", "EndpointConfigName")),
        config=_with_names(written.config, found, ("EndpointConfigName",)),
    )


def _with_names(
    request: WrittenRequest | None, found: Mapping[Name, str | Unsettled], names: tuple[Name, ...]
) -> WrittenRequest | None:
    if request is None or not isinstance(request.root.value, dict):
        return request
    more: dict[str, Member] = {}
    for name in names:
        text, member = found[name], request.root.get(name)
        if isinstance(text, str) and (member is None or not isinstance(member.value, str) or not member.value):
            value = Pattern(text) if "*" in text else text
            more[name] = Member(value, name, request.place if member is None else member.place)
    return replace(request, root=replace(request.root, value={**request.root.value, **more})) if more else request


def _unsettled(
    written: WrittenDeployment, endpoint: EndpointRequest | None, config: ConfigRequest | None
) -> Iterator[Unsettled]:
    """What permissions depend on beside the names, as far as it is not known."""
    if written.config_is_open:
        # which endpoint config it is, the reader says: what it has follows from that
        config = None
    made = None if written.config_exists else config
    for what, member, is_unknown in (
        ("whether the endpoint has tags", _member(written.endpoint, "Tags"), endpoint and endpoint.tags is UNKNOWN),
        ("whether the endpoint config has tags", _member(written.config, "Tags"), made and made.tags is UNKNOWN),
        (
            "the execution role",
            _member(written.config, "ExecutionRoleArn"),
            made and made.execution_role_arn is UNKNOWN,
        ),
        ("the volume key", _member(written.config, "KmsKeyId"), config and config.kms_key_id is UNKNOWN),
    ):
        if is_unknown and member is not None:
            later = next((open_ for open_ in (member, *member.items()) if _is_later(open_)), None)
            if later is None:
                yield Unsettled(what, _REFUSED, member.place, _CORRECT)
            else:
                yield settle_with(what, member.place, later.causes)


def _is_later(member: Member) -> bool:
    return member.value is UNKNOWN or isinstance(member.value, Pattern)


def _member(request: WrittenRequest | None, name: str) -> Member | None:
    return None if request is None else request.root.get(name)
