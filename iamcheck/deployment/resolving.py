"""Turns what is written of a deployment, and what a user adds, into names and features, or says what is not known."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final, Literal

from iamcheck.deployment.deployment import UnplacedDeployment
from iamcheck.deployment.families import is_family, require_known_part
from iamcheck.deployment.located import UNKNOWN, Member, Pattern, Tool
from iamcheck.deployment.reading import config_request_of, endpoint_request_of, model_request_of
from iamcheck.deployment.unsettled import Unsettled, by_cause, settle_with
from iamcheck.errors import InvalidInputError
from iamcheck.iam.catalogue import NameKind, validate_name
from iamcheck.iam.engine.wildcards import compile_glob, glob_pieces
from iamcheck.iam.model.json_text import shown

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from iamcheck.deployment.features import ConfigRequest, EndpointRequest, ModelRequest
    from iamcheck.deployment.located import WrittenDeployment, WrittenRequest
    from iamcheck.deployment.resources import ResourceRequest

__all__ = ["Name", "draft_of", "require_few_tags", "settle_model", "settle_resources"]

Name = Literal["EndpointName", "EndpointConfigName", "ModelName", "InferenceComponentName", "AlarmName"]

_MOST_TAGS: Final = 50
"""https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_AddTags.html"""
_REFUSED: Final = "is not what AWS accepts"
_CORRECT: Final = "correct it; request.valid says what is wrong"
_WHATS: Final[Mapping[Name, str]] = {
    "EndpointName": "the name of the endpoint",
    "EndpointConfigName": "the name of the endpoint config",
    "ModelName": "the name of the model",
}
_SINGLE: Final[tuple[Name, ...]] = ("EndpointName", "EndpointConfigName")
"""The names of which a deployment has one; of models it may have several."""
_FLAGS: Final[Mapping[Name, str]] = {
    "EndpointName": "--endpoint-name",
    "EndpointConfigName": "--endpoint-config-name",
    "ModelName": "--set LOGICAL_ID.ModelName=NAME",
}
_KINDS: Final[Mapping[Name, NameKind]] = {
    "EndpointName": NameKind.ENDPOINT,
    "EndpointConfigName": NameKind.ENDPOINT_CONFIG,
    "ModelName": NameKind.MODEL,
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
    require_few_tags(written)
    given: dict[Name, str | None] = {"EndpointName": endpoint_name, "EndpointConfigName": endpoint_config_name}
    patterns = name_patterns or {}
    found = {
        name: _settled(name, written, given[name], patterns.get(name))
        for name in _SINGLE
        if name != "EndpointName" or not _is_config_alone(written, given[name])
    }
    names = {name: text if isinstance(text := found.get(name), str) else None for name in _SINGLE}
    filled = _filled(written, found)
    endpoint = None if filled.endpoint is None else endpoint_request_of(filled.endpoint)
    config = None if filled.config is None else config_request_of(filled.config)
    models = tuple(settle_model(model, written.tool, patterns.get("ModelName")) for model in written.created_models)
    resources = tuple(
        settle_resources(written.resources, written.tool, names["EndpointName"], patterns, endpoint=written.endpoint)
    )
    return UnplacedDeployment(
        names["EndpointName"],
        names["EndpointConfigName"],
        written=filled,
        endpoint_request=endpoint,
        config_request=config,
        model_requests=tuple(model for model, _ in models),
        resource_requests=tuple(resource for resource, _ in resources),
        unsettled=by_cause(
            (
                *(one for one in found.values() if isinstance(one, Unsettled)),
                *filled.unsettled,
                *_unsettled(filled, endpoint, config),
                *(one for _, unsettled in (*models, *resources) for one in unsettled),
            )
        ),
        names_are_patterns=_has_pattern((*names.values(), *(model.name for model, _ in models))),
    )


def settle_resources(
    requests: Sequence[WrittenRequest],
    tool: Tool,
    endpoint_name: str | None,
    name_patterns: Mapping[Name, str] | None = None,
    *,
    endpoint: WrittenRequest | None = None,
    is_separate: bool = False,
) -> Iterator[tuple[ResourceRequest, tuple[Unsettled, ...]]]:
    """What each request makes beside the endpoint, its config and models, and what of it is not known.

    Args:
        requests: The requests.
        tool: What makes the calls.
        endpoint_name: Name of the deployment's endpoint, or the pattern of it; None: not known, or there is none.
        name_patterns: For a name that is known only when the deployment is made, a pattern of it.
        endpoint: The CreateEndpoint request as it is written; None: it is written nowhere.
        is_separate: Whether a script makes the requests beside a template or plan.
    """
    if not requests:
        return
    # most files have the endpoint alone
    from iamcheck.deployment.resource_reading import ReadingContext, open_text, read_resource

    patterns = {str(name): pattern for name, pattern in (name_patterns or {}).items()}
    open_endpoint = None if endpoint is None else open_text(endpoint.root.get("EndpointName"))
    context = ReadingContext(tool, endpoint_name, open_endpoint, patterns, is_separate)
    components = [request for request in requests if request.operation == "CreateInferenceComponent"]
    for request in components:
        made = read_resource(request, context)
        written, name = open_text(request.root.get("InferenceComponentName")), made[0].name
        if written is not None and isinstance(name, str):
            context = context._replace(components=(*context.components, (written, name)))
        yield made
    yield from (read_resource(one, context) for one in requests if one.operation != "CreateInferenceComponent")


def _has_pattern(names: Sequence[object]) -> bool:
    return any(isinstance(name, str) and is_family(name) for name in names)


def _is_config_alone(written: WrittenDeployment, endpoint_name: str | None) -> bool:
    """Whether the source has an endpoint config and no endpoint, and nobody names one."""
    return endpoint_name is None and written.endpoint is None and written.config is not None


def require_few_tags(written: WrittenDeployment) -> None:
    """Returns where no request has more tags than AWS takes: many more would cost time, and be refused there."""
    for request in (written.endpoint, written.config, *written.known_models, *written.resources):
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
        return _given_name(name, given, members)
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


def _given_name(name: Name, given: str, members: Sequence[Member]) -> str:
    """The name that is given besides, or the family of names, where what is written agrees with it.

    Raises:
        InvalidInputError: What is written is another name, or AWS would refuse the name.
    """
    is_of_family = compile_glob(glob_pieces(given)) if is_family(given) else None
    for member in members:
        text = member.value.text if isinstance(member.value, Pattern) else member.value
        if not isinstance(text, str) or not text:
            continue
        if isinstance(member.value, Pattern):
            agrees = _may_agree(given, text) if is_of_family else compile_glob(glob_pieces(text))(given)
        else:
            agrees = is_of_family(text) if is_of_family else text == given
        if not agrees:
            cure = "leave one of them out" if member.value == text else "give one that can come of it"
            raise InvalidInputError(
                f"{shown(given)} is given, and {member.place} says {shown(text)}", where=name, cure=cure
            )
    if is_of_family:
        require_known_part(given, _FIELDS[name])
    validate_name(_KINDS[name], given.replace("*", "x"), _FIELDS[name])
    return given


def settle_model(
    request: WrittenRequest, tool: Tool, pattern: str | None, *, is_separate: bool = False
) -> tuple[ModelRequest, tuple[Unsettled, ...]]:
    """What a CreateModel request has, and what of it permissions depend on and is not known."""
    name = _model_name(request, tool, pattern)
    unsettled = [name] if isinstance(name, Unsettled) else []
    model = model_request_of(request, UNKNOWN if isinstance(name, Unsettled) else name, is_separate=is_separate)
    about = "" if isinstance(name, Unsettled) else f" {name}"
    unsettled += _open_members(
        (
            (f"whether the model{about} has tags", _member(request, "Tags"), model.tags is UNKNOWN),
            (
                f"the execution role of the model{about}",
                _member(request, "ExecutionRoleArn"),
                model.execution_role_arn is UNKNOWN,
            ),
        )
    )
    return model, tuple(unsettled)


def _model_name(request: WrittenRequest, tool: Tool, pattern: str | None) -> str | Unsettled:
    """The name of a model, or the pattern of it, or why neither is known."""
    member = request.root.get("ModelName")
    if member is None:
        return Unsettled(_WHATS["ModelName"], "is missing", request.place, _CORRECT)
    if isinstance(member.value, str) and _is_name("ModelName", member.value):
        return member.value
    known = member.value.text if isinstance(member.value, Pattern) else ""
    if known and not _is_arn(member) and tool is Tool.TERRAFORM:
        # a name_prefix: the plan itself says that the rest is made up
        return known
    if _is_arn(member) or not _is_later(member):
        return Unsettled(_WHATS["ModelName"], _REFUSED, member.place, _CORRECT)
    if pattern is not None and known:
        _require_agreement("ModelName", pattern, known)
    return pattern or _open_name("ModelName", member)


def _open_name(name: Name, member: Member) -> Unsettled:
    """Why a name is not known, with what settles it: what its causes need, else the name itself."""
    known = member.value.text if isinstance(member.value, Pattern) else ""
    which = "model=" if name == "ModelName" else ""
    shape = f"--name-pattern '{which}{known}'" if known else f"--name-pattern {which}PATTERN with `*` for what varies"
    cures = [cause.cure for cause in member.causes]
    settled_by_file = any(not cure.startswith("--set") for cure in cures)
    by_name = cures[0] if name == "ModelName" and cures else _FLAGS[name]
    cure = "" if settled_by_file else f"give {by_name}, or {shape}"
    return settle_with(_WHATS[name], member.place, member.causes, cure)


def _is_arn(member: Member) -> bool:
    """Whether a name that is known in part is an ARN, as `Ref` of a resource gives it."""
    return isinstance(member.value, Pattern) and member.value.text.startswith("arn:")


def _require_agreement(name: Name, pattern: str, known: str) -> None:
    """Returns where a pattern and what a template says of a name can both hold, as far as their beginnings tell."""
    if not _may_agree(pattern, known):
        raise InvalidInputError(
            f"{shown(pattern)} is given, and the template says {shown(known)}",
            where=f"--name-pattern, {name}",
            cure="give one that can come of it",
        )


def _may_agree(pattern: str, known: str) -> bool:
    """Whether two patterns can stand for the same name, as far as their beginnings tell."""
    one, other = pattern.partition("*")[0], known.partition("*")[0]
    return one.startswith(other) or other.startswith(one)


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
    yield from _open_members(
        (
            ("whether the endpoint has tags", _member(written.endpoint, "Tags"), endpoint and endpoint.tags is UNKNOWN),
            ("whether the endpoint config has tags", _member(written.config, "Tags"), made and made.tags is UNKNOWN),
            (
                "the execution role",
                _member(written.config, "ExecutionRoleArn"),
                made and made.execution_role_arn is UNKNOWN,
            ),
            ("the volume key", _member(written.config, "KmsKeyId"), config and config.kms_key_id is UNKNOWN),
        )
    )


def _open_members(members: Iterable[tuple[str, Member | None, object]]) -> Iterator[Unsettled]:
    """Why members are not known: of each what it is, where it is written, and whether it is unknown."""
    for what, member, is_unknown in members:
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
