"""Turns words of a command line into values: policy files, levels of SCPs and RCPs, context entries.

Whatever is wrong is an `InvalidInputError` with what, where and the cure.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Protocol

from iamcheck.errors import InvalidInputError
from iamcheck.iam import catalogue
from iamcheck.iam.files import is_there, local_path, read_policy
from iamcheck.iam.model import Arn, ContextValue, Effect, Policy, PolicyType

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from iamcheck.deployment.located import WrittenRequest

__all__ = [
    "ReadPolicy",
    "absent_keys",
    "boundary",
    "context_entries",
    "levels",
    "model_requests",
    "pair",
    "policies",
    "requests_for",
    "resource_policies",
    "session_policies",
]

_LAYERS: Final[Mapping[str, PolicyType]] = {"--scp": PolicyType.SCP, "--rcp": PolicyType.RCP}


class ReadPolicy(Protocol):
    """Reads a policy file, as `read_policy` does."""

    def __call__(self, path: str, *, layer: PolicyType | None = None, stored: bool = True) -> Policy:
        """The policy in a file, for a layer."""


def policies(files: Sequence[str], read: ReadPolicy = read_policy) -> tuple[Policy, ...]:
    """One policy a file, in the order given.

    Raises:
        InvalidInputError: A file cannot be read or is not a policy.
    """
    return tuple(read(file, layer=PolicyType.IDENTITY) for file in files)


def model_requests(files: Sequence[str]) -> tuple[WrittenRequest, ...]:
    """The CreateModel requests in files, `-` is standard input.

    Raises:
        InvalidInputError: A file cannot be read or is no such request.
    """
    if not files:
        return ()
    from iamcheck.deployment.requests import read_request  # few runs have some

    return tuple(read_request(file, "CreateModel") for file in files)


def requests_for(words: Sequence[str]) -> tuple[WrittenRequest, ...]:
    """The requests in the files of `OPERATION=FILE` words, `-` is standard input.

    Raises:
        InvalidInputError: A word has no operation whose requests are read, or a file cannot be read or is no such
            request.
    """
    if not words:
        return ()
    from iamcheck.deployment.requests import of_sagemaker, operation_beside, read_request  # few runs have some

    pairs = [pair(word, flag="--request-for", form="OPERATION=FILE") for word in words]
    return tuple(of_sagemaker(read_request(file, operation_beside(operation))) for operation, file in pairs)


def boundary(file: str, read: ReadPolicy = read_policy) -> Policy:
    """The permissions boundary in a file.

    Raises:
        InvalidInputError: The file cannot be read or is not a policy.
    """
    return read(file, layer=PolicyType.BOUNDARY)


def session_policies(files: Sequence[str], read: ReadPolicy = read_policy) -> tuple[Policy, ...]:
    """The policies that are passed with a session.

    Raises:
        InvalidInputError: A file cannot be read, or is no session policy.
    """
    return tuple(read(file, layer=PolicyType.SESSION, stored=False) for file in files)


def levels(words: Sequence[str], *, flag: str, read: ReadPolicy = read_policy) -> tuple[tuple[Policy, ...], ...]:
    """The levels of `--scp` or `--rcp`, root first.

    Args:
        words: For each level a file, a folder of JSON and YAML files, or a comma-separated list of these; the name of
            AWS's own default policy stands for that policy.
        flag: `--scp` or `--rcp`.
        read: Reads a file.

    Raises:
        InvalidInputError: A file is bad, a folder is empty, or a level has no Allow: then it would deny everything.
    """
    return tuple(_level(word, flag, read) for word in words)


def _level(word: str, flag: str, read: ReadPolicy) -> tuple[Policy, ...]:
    from iamcheck.iam.default_policies import DEFAULT_NAMES, default_policy  # few commands give levels

    layer = _LAYERS[flag]
    level: list[Policy] = []
    parts = word.split(",")
    if not all(part.strip() for part in parts):
        cure = "leave out the comma, or name the file"
        raise InvalidInputError("one of its names is empty", where=f"{flag} {word}", cure=cure)
    for part in parts:
        default = default_policy(part, layer)
        if default is not None:
            level.append(default)
        else:
            level.extend(read(file, layer=layer) for file in _files(part, flag))
    if not any(statement.effect is Effect.ALLOW for policy in level for statement in policy.statements):
        name = DEFAULT_NAMES[layer]
        raise InvalidInputError(
            "this level has no Allow, so it denies everything",
            where=f"{flag} {word}",
            cure=f"if {name} is attached there too, write {flag} {name},{word}",
        )
    return tuple(level)


def _files(part: str, flag: str) -> list[str]:
    from iamcheck.iam.default_policies import DEFAULT_NAMES, policy_files

    path = local_path(part)
    if path != "-" and not is_there(path):
        name = DEFAULT_NAMES[_LAYERS[flag]]
        cure = f"did you mean {name}?" if part.lower() == name.lower() else f"check the path, or write {name}"
        raise InvalidInputError("there is no such file", where=f"{flag} {part}", cure=cure)
    return policy_files(path, where=f"{flag} {part}")


def resource_policies(words: Iterable[str], read: ReadPolicy = read_policy) -> dict[str, Policy]:
    """`ARN=FILE` words to policies by the ARN of their resource.

    Raises:
        InvalidInputError: A word is not ARN=FILE, an ARN comes twice, or a file is bad.
    """
    by_arn: dict[str, Policy] = {}
    for word in words:
        arn, file = pair(word, flag="--resource-policy", form="ARN=FILE")
        Arn.parse(arn, where="--resource-policy")
        if arn in by_arn:
            raise InvalidInputError(f"{arn} comes twice", where="--resource-policy", cure="a resource has one policy")
        by_arn[arn] = read(file, layer=PolicyType.RESOURCE)
    return by_arn


def context_entries(words: Iterable[str]) -> dict[str, ContextValue]:
    """`KEY=VALUE` words to typed context values.

    A comma separates values only where the reference calls the key a list, or where the key comes more than once.

    Raises:
        InvalidInputError: A word is not KEY=VALUE, or a single-valued key comes twice.
    """
    entries: dict[str, tuple[str, list[str]]] = {}
    for word in words:
        key, value = pair(word, flag="--context", form="KEY=VALUE")
        _require_key(key, flag="--context")
        key_type = catalogue.condition_key_type(key)
        many = key_type is not None and key_type.many
        _, values = entries.setdefault(key.lower(), (key, []))
        if values and not many:
            raise InvalidInputError(f"{key} comes twice", where="--context", cure="the key has one value")
        values.extend(value.split(",") if many else [value])
    return {key: ContextValue(tuple(values), catalogue.condition_key_type(key)) for key, values in entries.values()}


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


def pair(word: str, *, flag: str, form: str) -> tuple[str, str]:
    """The two sides of a word of this form, such as `KEY=VALUE`.

    Raises:
        InvalidInputError: It is not of the form.
    """
    left, sign, right = word.partition("=")
    if not sign or not left or (form.startswith("ARN") and not right):
        raise InvalidInputError(f"{word!r} is not {form}", where=flag)
    return left, right
