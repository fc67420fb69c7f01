"""Reads the deployments that a command line means: from names, request files, a template or a plan."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from iamcheck.cli.policy_files import model_requests, pair, requests_for
from iamcheck.errors import InvalidInputError
from iamcheck.iam import catalogue

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from iamcheck.cli.words import DeploymentWords
    from iamcheck.deployment import UnplacedDeployment
    from iamcheck.deployment.located import WrittenDeployment, WrittenRequest
    from iamcheck.deployment.resolving import Name

__all__ = ["drafts", "only"]


def drafts(words: DeploymentWords) -> tuple[UnplacedDeployment, ...]:
    """The deployments that are meant, with what is known of the account besides; see `_drafts`."""
    role = words["service_linked_role"]
    unplaced = _drafts(words)
    if role is None:
        return unplaced
    return tuple(replace(draft, service_linked_role=role == "present") for draft in unplaced)


def _drafts(words: DeploymentWords) -> tuple[UnplacedDeployment, ...]:
    """The deployments that are meant: of names alone, of request files, or of a template or plan.

    Args:
        words: The words of the command line. The endpoint's name picks an endpoint where several are written.

    Raises:
        InvalidInputError: A file cannot be read or is none of these, or names are missing or disagree.
    """
    endpoint_name = _name(words["endpoint_argument"], words["endpoint_name"], what="ENDPOINT", flag="--endpoint-name")
    config_name = _name(
        words["config_argument"], words["endpoint_config_name"], what="CONFIG", flag="--endpoint-config-name"
    )
    source, request, config_request = words["source"], words["request"], words["config_request"]
    _refuse_besides(words)
    added = (*model_requests(words["model_request"]), *requests_for(words["request_for"]))
    patterns = _name_patterns(words["name_patterns"])
    if request is None and config_request is None and source is None:
        return (_with_requests(_named(endpoint_name, config_name, patterns), added, words),)
    # imported when used: most commands have only names
    from iamcheck.deployment.resolving import draft_of

    if source is None:
        from iamcheck.deployment.requests import read_requests

        written: tuple[WrittenDeployment, ...] = (read_requests(request, config_request),)
    else:
        in_file = _read(source, words)
        written = in_file if len(in_file) == 1 or endpoint_name is None else (_picked(in_file, endpoint_name),)
        is_picked = len(in_file) > 1 and endpoint_name is not None
        if is_picked and (written[0].endpoint is None or _logical_name(written[0]) == endpoint_name):
            endpoint_name = None
    if words["only"] is not None:
        from iamcheck.deployment.parts import only_part

        written = tuple(map(only_part, written))
    drafted = (
        draft_of(deployment, endpoint_name=endpoint_name, endpoint_config_name=config_name, name_patterns=patterns)
        for deployment in written
    )
    return tuple(_with_requests(draft, added, words) for draft in drafted)


def _with_requests(
    deployment: UnplacedDeployment, requests: tuple[WrittenRequest, ...], words: DeploymentWords
) -> UnplacedDeployment:
    """The deployment with what `--model-request` and `--request-for` make, unless `--only` leaves it out."""
    if not requests:
        return deployment
    from iamcheck.deployment.added_requests import with_requests

    return with_requests(deployment, requests, are_created=words["only"] is None)


def _name(argument: str | None, option: str | None, *, what: str, flag: str) -> str | None:
    """A name that is an argument, an option, or both where they are the same."""
    if argument is not None and option is not None and argument != option:
        raise InvalidInputError(
            f"{argument!r} as an argument and {option!r} as {flag} differ", where=what, cure="give one"
        )
    return argument if argument is not None else option


def _read(source: str, words: DeploymentWords) -> tuple[WrittenDeployment, ...]:
    """The deployments of a template or plan."""
    from iamcheck.deployment.sources import read_sources

    if words["region"] is not None:
        catalogue.region(words["region"], where="--region")  # the file is not to blame for it
    return read_sources(
        source,
        parameters=_pairs(words["parameters"], flag="--parameter", form="KEY=VALUE"),
        stack_name=words["stack_name"],
        stack_tags=_stack_tags(words),
        values=_pairs(words["values"], flag="--set", form="LOGICAL_ID.MEMBER=VALUE"),
        region=words["region"],
        account_id=words["account_id"],
    )


def _stack_tags(words: DeploymentWords) -> dict[str, str] | None:
    """The tags of the stack; none where there are none, None where nobody says."""
    if words["stack_tags"] and words["no_stack_tags"]:
        raise InvalidInputError(
            "it says that the stack has no tags, and --stack-tag gives some",
            where="--no-stack-tags",
            cure="leave out one of the two",
        )
    if not words["stack_tags"]:
        return {} if words["no_stack_tags"] else None
    return _pairs(words["stack_tags"], flag="--stack-tag", form="KEY=VALUE")


def _pairs(words: Iterable[str], *, flag: str, form: str) -> dict[str, str]:
    """Words of a form such as `KEY=VALUE`; a key that comes twice is refused, for one of the values would be lost."""
    by_key: dict[str, str] = {}
    for word in words:
        key, value = pair(word, flag=flag, form=form)
        if key in by_key:
            raise InvalidInputError(f"{key!r} comes twice", where=flag, cure="give it once")
        by_key[key] = value
    return by_key


def only(deployments: Sequence[UnplacedDeployment]) -> UnplacedDeployment:
    """The one deployment that is meant.

    Raises:
        InvalidInputError: There are several.
    """
    if len(deployments) > 1:
        labels = ", ".join(deployment.written.label for deployment in deployments if deployment.written is not None)
        raise InvalidInputError(f"there are {len(deployments)} endpoints: {labels}", where="--from", cure="name one")
    return deployments[0]


_OF_TEMPLATES: Final = {
    "--parameter": "parameters",
    "--stack-name": "stack_name",
    "--stack-tag": "stack_tags",
    "--no-stack-tags": "no_stack_tags",
    "--set": "values",
}
"""Flags that only a template gives a meaning, with their words."""


def _refuse_besides(words: DeploymentWords) -> None:
    """Returns where the words about files go together."""
    source, request = words["source"], words["request"] or words["config_request"]
    if source is not None and request is not None:
        raise InvalidInputError("a template or plan says both requests", where="--from", cure="give one or the other")
    given: Mapping[str, object] = {**words}
    for flag, name in _OF_TEMPLATES.items():
        if given[name] and source is None:
            raise InvalidInputError("there is no template", where=flag, cure="give --from FILE")
    added = words["model_request"] or words["request_for"]
    if words["only"] is not None and source is None and request is None and not added:
        raise InvalidInputError("there is no file of which it is a part", where="--only", cure="give --from FILE")
    for prefix, what in (("model=", "a model"), ("component=", "an inference component"), ("alarm=", "an alarm")):
        if source is None and request is None and any(word.startswith(prefix) for word in words["name_patterns"]):
            raise InvalidInputError(
                f"there is no file that makes {what}", where="--name-pattern", cure="give --from FILE"
            )


def _named(
    endpoint_name: str | None, endpoint_config_name: str | None, patterns: Mapping[Name, str]
) -> UnplacedDeployment:
    """The deployment of names alone; a name with `*` stands for every name of that form.

    Raises:
        InvalidInputError: A name is missing or stands for every name, or patterns are given beside both names.
    """
    from iamcheck.deployment import UnplacedDeployment

    if patterns and endpoint_name is not None and endpoint_config_name is not None:
        raise InvalidInputError("both names are given", where="--name-pattern", cure="leave it out")
    if endpoint_name is None:
        endpoint_name = patterns.get("EndpointName")
    if endpoint_config_name is None:
        endpoint_config_name = patterns.get("EndpointConfigName")
    names = ((endpoint_name, "ENDPOINT", "--endpoint-name"), (endpoint_config_name, "CONFIG", "--endpoint-config-name"))
    for name, what, flag in names:
        if name is None:
            raise InvalidInputError("not given", where=what, cure=f"give it as an argument or as {flag}")
    if not any("*" in name for name, _, _ in names if name is not None):
        return UnplacedDeployment(endpoint_name, endpoint_config_name)
    from iamcheck.deployment.families import is_family, require_known_part  # most names are of a single deployment

    for name, what, _ in names:
        if name is not None and is_family(name):
            require_known_part(name, what)
    return UnplacedDeployment(endpoint_name, endpoint_config_name, names_are_patterns=True)


def _logical_name(written: WrittenDeployment) -> str:
    """What a template itself calls an endpoint."""
    return written.label.rpartition(": ")[2].rpartition(".")[2]


def _picked(found: Sequence[WrittenDeployment], endpoint_name: str) -> WrittenDeployment:
    """The one of several endpoints that is meant, by its name or by what the template calls it."""
    names: list[str] = []
    for written in found:
        member = None if written.config is None else written.config.root.get("EndpointConfigName")
        if written.endpoint is not None:
            member = written.endpoint.root.get("EndpointName")
        name = member.value if member is not None and isinstance(member.value, str) else None
        if endpoint_name in (name, _logical_name(written)):
            return written
        names.append(name or _logical_name(written))
    raise InvalidInputError(
        f"none of the endpoints there is {endpoint_name!r}", where="ENDPOINT", cure=f"one of {', '.join(names)}"
    )


def _name_patterns(words: Iterable[str]) -> dict[Name, str]:
    """`[endpoint=|config=|model=]PATTERN` words to patterns by the name that they are of."""
    members: dict[str, tuple[Name, ...]] = {
        "": ("EndpointName", "EndpointConfigName", "ModelName", "InferenceComponentName", "AlarmName"),
        "endpoint": ("EndpointName",),
        "config": ("EndpointConfigName",),
        "model": ("ModelName",),
        "component": ("InferenceComponentName",),
        "alarm": ("AlarmName",),
    }
    patterns: dict[Name, str] = {}
    for word in words:
        left, sign, right = word.partition("=")
        which, pattern = (left, right) if sign else ("", left)
        if which not in members or not pattern:
            raise InvalidInputError(
                f"{word!r} is no pattern",
                where="--name-pattern",
                cure="give PATTERN, or endpoint=, config=, model=, component= or alarm= before it",
            )
        from iamcheck.deployment.families import require_known_part  # few runs have a pattern

        patterns |= dict.fromkeys(members[which], require_known_part(pattern, "--name-pattern"))
    return patterns
