"""Refuses options of a check that make no sense together. Adding a rule is adding a row.

Texts name the flags of the command line; `iamcheck.errors.keywords_in_errors` translates them for the library.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from iamcheck.errors import InvalidInputError
from iamcheck.iam.files import is_folder, is_there, local_path
from iamcheck.results import CheckId

if TYPE_CHECKING:
    import os
    from collections.abc import Callable

    from iamcheck.checks.options import CheckOptions

__all__ = ["CONFIGS", "ENDPOINTS", "ENGINES", "require_consistent"]

ENGINES: Final = ("auto", "aws", "local", "both")
ENDPOINTS: Final = ("new", "existing")
CONFIGS: Final = ("new", "existing", "any")


class OptionRule(NamedTuple):
    """A combination of options that is refused.

    Args:
        flags: The flags that the error names as its place.
        is_broken: Tells from the options, and from whether the run is offline, that the rule is broken.
        what: What is wrong; `{options}` stands for the options.
        cure: What to do about it.
    """

    flags: str
    is_broken: Callable[[CheckOptions, bool], bool]
    what: str
    cure: str


def require_consistent(options: CheckOptions, *, offline: bool) -> None:
    """Returns where the options make sense together.

    Raises:
        InvalidInputError: They do not; the first rule of the table that is broken says why.
    """
    for rule in _RULES:
        if rule.is_broken(options, offline):
            what, where = rule.what.format(options=options), rule.flags.format(options=options)
            raise InvalidInputError(what, where=where, cure=rule.cure)


def _is_no_role(options: CheckOptions) -> bool:
    if options.execution_role is None:
        return False
    from iamcheck.permissions.execution_role import is_role  # only for those who name a role

    return not is_role(options.execution_role)


def _is_folder(organizations: str | None) -> bool:
    """Whether the value of `--organizations` stands for a folder."""
    return organizations not in (None, "aws", "ignore")


def _is_no_folder(organizations: str | None) -> bool:
    return not is_folder(organizations or ".")


def _is_missing(path: str | os.PathLike[str] | None) -> bool:
    """Whether a path names no file; standard input and files that came from another machine are there."""
    return path is not None and str(path) != "-" and not is_there(local_path(str(path)))


def _layers_without_identity(options: CheckOptions) -> bool:
    """Whether layers were given that AWS's principal simulation does not take."""
    return options.layers.policy_set() is not None and not options.layers.has_identity


def _asks_for_principal(options: CheckOptions) -> bool:
    return options.skip.isdisjoint({CheckId.PRINCIPAL_ALLOWED, "all"})


_RULES: Final[tuple[OptionRule, ...]] = (
    OptionRule(
        "--engine",
        lambda options, _: options.engine not in ENGINES,
        "no engine {options.engine!r}",
        f"one of {', '.join(ENGINES)}",
    ),
    OptionRule(
        "--endpoint",
        lambda options, _: options.endpoint is not None and options.endpoint not in ENDPOINTS,
        "{options.endpoint!r} is not known",
        f"one of {', '.join(ENDPOINTS)}",
    ),
    OptionRule(
        "--config",
        lambda options, _: options.config is not None and options.config not in CONFIGS,
        "{options.config!r} is not known",
        f"one of {', '.join(CONFIGS)}",
    ),
    OptionRule(
        "--execution-role",
        lambda options, _: _is_no_role(options),
        "{options.execution_role!r} is no ARN of a role",
        "write it as arn:aws:iam::ACCOUNT:role/NAME",
    ),
    OptionRule(
        "--absent",
        lambda options, _: options.settled_twice is not None,
        "{options.settled_twice} is given by --context too",
        "a key has a value or is absent",
    ),
    OptionRule(
        "--excess",
        lambda options, offline: (
            options.excess and offline and options.layers.policy_set() is None and options.authorization_details is None
        ),
        "there are no policies to look at",
        "give --policy FILE",
    ),
    OptionRule(
        "--engine",
        lambda options, offline: offline and options.engine in {"aws", "both"},
        "{options.engine} asks AWS",
        "leave out --offline",
    ),
    OptionRule(
        "--organizations {options.organizations}",
        lambda options, _: options.organizations is not None and options.layers.scps is not None,
        "--scp says what the SCPs are",
        "give one of the two",
    ),
    OptionRule(
        "--organizations {options.organizations}",
        lambda options, offline: offline and options.organizations == "aws",
        "it asks AWS",
        "offline, give ignore or a folder",
    ),
    OptionRule(
        "--organizations {options.organizations}",
        lambda options, _: _is_folder(options.organizations) and _is_no_folder(options.organizations),
        "there is no such folder",
        "aws, ignore, or a folder as docs/organizations.md describes it",
    ),
    OptionRule(
        "--organizations {options.organizations}",
        lambda options, _: (
            options.engine == "aws" and _is_folder(options.organizations) and not options.layers.has_identity
        ),
        "AWS's principal simulation takes no SCPs",
        "give --policy too, or use another --engine",
    ),
    OptionRule(
        "--authorization-details",
        lambda options, _: _is_missing(options.authorization_details),
        "there is no file {options.authorization_details}",
        "check the path",
    ),
    OptionRule(
        "--authorization-details",
        lambda options, _: options.authorization_details is not None and options.layers.has_identity,
        "--policy is in place of the principal's policies",
        "give one of the two",
    ),
    OptionRule(
        "--authorization-details",
        lambda options, offline: options.authorization_details is not None and offline and options.principal is None,
        "whose policies in the file count is not known",
        "give --principal ARN",
    ),
    OptionRule(
        "--authorization-details",
        lambda options, _: options.authorization_details is not None and options.engine == "aws",
        "AWS's simulator has the account's policies of its own",
        "use another --engine",
    ),
    OptionRule(
        "--principal",
        lambda options, offline: offline and options.principal is not None and not options.principal.startswith("arn:"),
        "{options.principal!r} is not an ARN",
        "write it as arn:aws:iam::ACCOUNT:role/NAME",
    ),
    OptionRule(
        "--principal",
        lambda options, offline: (
            offline
            and options.principal is not None
            and not options.principal_is_written
            and options.authorization_details is None
            and not options.layers.has_identity
        ),
        "its identity policies are not known",
        "offline, give --policy FILE or --authorization-details FILE",
    ),
    OptionRule(
        "--scp, --rcp, --boundary, --resource-policy, --session-policy",
        lambda options, offline: (
            not offline
            and options.engine == "aws"
            and _layers_without_identity(options)
            and _asks_for_principal(options)
        ),
        "AWS's principal simulation takes no SCPs, RCPs, boundary, resource or session policies",
        "give the principal's policies with --policy FILE as well, or use another --engine",
    ),
)
