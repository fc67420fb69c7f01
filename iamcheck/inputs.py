"""Words of a command line to values: policy files, levels of SCPs and RCPs, context entries.

Whatever is wrong is an `InvalidInputError` with what, where and the cure.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from iamcheck import catalogue
from iamcheck.documents import read_policy
from iamcheck.errors import InvalidInputError
from iamcheck.model import Arn, ContextValue, Effect, Policy, PolicyType

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from typing import Literal

    from iamcheck.deployment import Named
    from iamcheck.deployment.drafts import Draft
    from iamcheck.deployment.written import WrittenDeployment, WrittenRequest

__all__ = [
    "absent_keys",
    "boundary",
    "context_entries",
    "drafts",
    "levels",
    "model_requests",
    "only",
    "policies",
    "resource_policies",
]

_EVERYTHING = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}
_EVERYTHING_FOR_EVERYONE = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*"}],
}

# The policies that AWS attaches by itself.
# https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_scps.html
# https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_rcps.html
_DEFAULTS: Mapping[str, tuple[PolicyType, str, Mapping[str, object]]] = {
    "--scp": (PolicyType.SCP, "FullAWSAccess", _EVERYTHING),
    "--rcp": (PolicyType.RCP, "RCPFullAWSAccess", _EVERYTHING_FOR_EVERYONE),
}


def policies(files: Sequence[str]) -> tuple[Policy, ...]:
    """One policy a file, in the order given.

    Raises:
        InvalidInputError: A file cannot be read or is not a policy.
    """
    return tuple(read_policy(file, layer=PolicyType.IDENTITY) for file in files)


def model_requests(files: Sequence[str]) -> tuple[WrittenRequest, ...]:
    """The CreateModel requests in files, `-` is standard input.

    Raises:
        InvalidInputError: A file cannot be read or is no such request.
    """
    if not files:
        return ()
    from iamcheck.deployment.requests import read_request  # few runs have some

    return tuple(read_request(file, "CreateModel") for file in files)


def boundary(file: str) -> Policy:
    """The permissions boundary in a file.

    Raises:
        InvalidInputError: The file cannot be read or is not a policy.
    """
    return read_policy(file, layer=PolicyType.BOUNDARY)


def levels(words: Sequence[str], *, flag: str) -> tuple[tuple[Policy, ...], ...]:
    """The levels of `--scp` or `--rcp`, root first.

    Args:
        words: For each level a file, a folder of `.json` files, or a comma-separated list of these; the name of AWS's
            own default policy stands for that policy.
        flag: `--scp` or `--rcp`.

    Raises:
        InvalidInputError: A file is bad, a folder is empty, or a level has no Allow: then it would deny everything.
    """
    return tuple(_level(word, flag) for word in words)


def _level(word: str, flag: str) -> tuple[Policy, ...]:
    layer, name, document = _DEFAULTS[flag]
    level: list[Policy] = []
    for part in word.split(","):
        if part == name:
            level.append(Policy.parse(document, name=name))
        else:
            level.extend(read_policy(file, layer=layer) for file in _files(part, flag))
    if not any(statement.effect is Effect.ALLOW for policy in level for statement in policy.statements):
        raise InvalidInputError(
            "this level has no Allow, so it denies everything",
            where=f"{flag} {word}",
            cure=f"if {name} is attached there too, write {flag} {name},{word}",
        )
    return tuple(level)


def _files(part: str, flag: str) -> list[str]:
    from pathlib import Path

    path = Path(part)
    if not path.exists():
        name = _DEFAULTS[flag][1]
        cure = f"did you mean {name}?" if part.lower() == name.lower() else f"check the path, or write {name}"
        raise InvalidInputError("there is no such file", where=f"{flag} {part}", cure=cure)
    if not path.is_dir():
        return [part]
    files = sorted(str(file) for file in path.glob("*.json"))
    if not files:
        raise InvalidInputError("the folder holds no .json file", where=f"{flag} {part}", cure="name the policy files")
    return files


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
    from iamcheck.deployment.drafts import draft_of

    patterns = _name_patterns(name_patterns)
    if source is None:
        from iamcheck.deployment.requests import read_requests

        written: tuple[WrittenDeployment, ...] = (read_requests(request, config_request),)
    else:
        from iamcheck.deployment.sources import read_sources

        values = dict(_pair(word, flag="--parameter", form="KEY=VALUE") for word in parameters)
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


def resource_policies(words: Iterable[str]) -> dict[str, Policy]:
    """`ARN=FILE` words to policies by the ARN of their resource.

    Raises:
        InvalidInputError: A word is not ARN=FILE, an ARN comes twice, or a file is bad.
    """
    found: dict[str, Policy] = {}
    for word in words:
        arn, file = _pair(word, flag="--resource-policy", form="ARN=FILE")
        Arn.parse(arn, where="--resource-policy")
        if arn in found:
            raise InvalidInputError(f"{arn} comes twice", where="--resource-policy", cure="a resource has one policy")
        found[arn] = read_policy(file, layer=PolicyType.RESOURCE)
    return found


def context_entries(words: Iterable[str]) -> dict[str, ContextValue]:
    """`KEY=VALUE` words to typed context values.

    A comma separates values only where the reference calls the key a list, or where the key comes more than once.

    Raises:
        InvalidInputError: A word is not KEY=VALUE, or a single-valued key comes twice.
    """
    found: dict[str, tuple[str, list[str]]] = {}
    for word in words:
        key, value = _pair(word, flag="--context", form="KEY=VALUE")
        _require_key(key, flag="--context")
        key_type = catalogue.condition_key_type(key)
        many = key_type is not None and key_type.many
        _, values = found.setdefault(key.lower(), (key, []))
        if values and not many:
            raise InvalidInputError(f"{key} comes twice", where="--context", cure="the key has one value")
        values.extend(value.split(",") if many else [value])
    return {key: ContextValue(tuple(values), catalogue.condition_key_type(key)) for key, values in found.values()}


def _require_key(key: str, *, flag: str) -> None:
    prefix, colon, name = key.partition(":")
    # a tag's key, behind the slash, may hold any of these
    plain = name.partition("/")[0]
    if not (prefix and colon and plain) or "=" in plain or any(char.isspace() for char in prefix + plain):
        raise InvalidInputError(f"{key!r} is not a context key", where=flag, cure="name one, such as aws:SourceIp")


def absent_keys(keys: Iterable[str]) -> tuple[str, ...]:
    """The keys of `--absent`.

    Raises:
        InvalidInputError: One is no name of a key.
    """
    absent = tuple(keys)
    for key in absent:
        _require_key(key, flag="--absent")
    return absent


def _pair(word: str, *, flag: str, form: str) -> tuple[str, str]:
    left, sign, right = word.partition("=")
    if not sign or not left or (form.startswith("ARN") and not right):
        raise InvalidInputError(f"{word!r} is not {form}", where=flag)
    return left, right
