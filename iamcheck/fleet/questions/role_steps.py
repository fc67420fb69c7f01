"""Finds the principals that may perhaps become a role, without a decision about each pair of principal and role."""

from __future__ import annotations

from collections import defaultdict
from functools import lru_cache
from typing import TYPE_CHECKING, Final, NamedTuple

from iamcheck.checks.policy.reach import acts_on, has_wildcard
from iamcheck.fleet.questions.outsiders import names_everyone
from iamcheck.iam.engine.wildcards import compile_glob, glob_pieces
from iamcheck.iam.model import Effect, Policy, PolicySet, Principal, PrincipalKind, Unread

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from iamcheck.iam.model import Statement
    from iamcheck.iam.request_context import ContextFacts

__all__ = ["ASSUME", "AssumableRole", "Assumer", "Assumers"]

ASSUME: Final = "sts:AssumeRole"


class AssumableRole(NamedTuple):
    """A role that may do what is asked about, or may perhaps."""

    arn: str
    trust: Policy | Unread
    may: bool
    """Whether it may for certain."""


class Assumer(NamedTuple):
    """A principal, with what its policies say of becoming a role."""

    arn: str
    policies: PolicySet
    facts: ContextFacts


class Assumers:
    """Principals, found by the roles that their policies let them become.

    Args:
        assumers: The principals, in the order of the files.
    """

    def __init__(self, assumers: Sequence[Assumer]) -> None:
        self._all: Final = assumers
        self._by_name = {_name_of(one.arn): one for one in assumers}
        self._by_entry: dict[str, list[Assumer]] = defaultdict(list)
        for one in assumers:
            for entry in dict.fromkeys(_entries(one.policies)):
                self._by_entry[entry].append(one)
        self._patterns = tuple(entry for entry in self._by_entry if has_wildcard(entry))

    def of(self, role: AssumableRole) -> Iterator[Assumer]:
        """Those who may perhaps become a role, each once: the role names them, or their policies the role."""
        found: dict[str, Assumer] = {}
        for name in map(_name_of, _named(role.trust)):
            if name in self._by_name:
                found[self._by_name[name].arn] = self._by_name[name]
        for entry in (role.arn, *(one for one in self._patterns if _matcher(one)(role.arn))):
            found.update((one.arn, one) for one in self._by_entry.get(entry, ()))
        if _is_for_everyone(role.trust):
            found.update((one.arn, one) for one in self._all)
        found.pop(role.arn, None)
        yield from found.values()


_matcher = lru_cache(maxsize=4096)(lambda entry: compile_glob(glob_pieces(entry)))


def _entries(policies: PolicySet) -> Iterator[str]:
    """The resources that the Allows of identity policies name; `*` where they may name any."""
    if isinstance(policies.identity, Unread):
        yield "*"
        return
    for policy in policies.identity:
        for statement in policy.statements:
            if statement.effect is Effect.ALLOW:
                yield from ("*" if "${" in entry else entry for entry in statement.resources or ("*",))


def _name_of(arn: str) -> tuple[str, str, str]:
    """Account, kind and name of a principal: a role session's are those of its role."""
    caller = Principal.read(arn)
    kind = PrincipalKind.ROLE if caller.kind is PrincipalKind.SESSION else caller.kind
    return caller.account_id, kind.value, caller.name


def _named(trust: Policy | Unread) -> Iterator[str]:
    """The users, roles and sessions that a trust policy names."""
    for statement in _statements(trust):
        if statement.principals is not None:
            yield from statement.principals.aws


def _is_for_everyone(trust: Policy | Unread) -> bool:
    """Whether a trust policy lets principals in that it does not name, and whose own policies do not matter then."""
    return any(
        one.effect is Effect.ALLOW and acts_on(one, ASSUME) and names_everyone(one) for one in _statements(trust)
    )


def _statements(trust: Policy | Unread) -> Iterable[Statement]:
    return () if isinstance(trust, Unread) else trust.statements
