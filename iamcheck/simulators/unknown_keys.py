"""What AWS's simulator hides: whether keys that nobody knows could change its answer.

The simulator takes a key that was not sent as absent, and answers with confidence. So it is asked again with
contrasting values: one unknown key after the other, then all of them together. A decision that flips is open.

This finds much and proves nothing. What it cannot find:

* a condition that only a particular value meets: `StringEquals` to a tag's value, an `IpAddress` range that holds none
  of the addresses tried;
* a decision that flips only where some of the keys have values and others, that are tried as well, are absent, or for
  a mixture of values that was not tried;
* keys of SCPs and boundaries other than those in `HIDDEN_KEYS`, for AWS lists neither's keys.

Negated conditions are found whatever their values, for a key that is sent as a list meets no plain operator, not even a
negated one (observed in AWS's answers, September 2026).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from iamcheck.iam import catalogue
from iamcheck.iam.model import ContextValue, Decision, Evaluation, KeyType

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from iamcheck.iam.model import PolicySet, Request
    from iamcheck.simulators.aws import AwsEvaluation, AwsSimulator

__all__ = ["HIDDEN_KEYS", "Survey", "contrasts", "survey"]

HIDDEN_KEYS: Final = ("aws:MultiFactorAuthPresent", "aws:SourceIp", "aws:SourceVpc", "aws:SourceVpce")
"""What SCPs and boundaries, whose keys AWS does not list, most often look at."""
NAME_LENGTHS: Final = range(5, 257)
"""Characters of a key's name that the simulator takes (API_ContextEntry)."""

_NOBODY = "iamcheck-contrast"
_NOBODYS_ARN = "arn:aws:iam::000000000000:role/iamcheck-contrast"
_TEXTS: Final[Mapping[KeyType, tuple[str, ...]]] = {
    KeyType.STRING: (_NOBODY,),
    KeyType.NUMERIC: ("0", "999999999999"),
    KeyType.BOOLEAN: ("true", "false"),
    # the networks of RFC 5737 and RFC 3849 stand for any public address, and policies copied from documents name them
    KeyType.IP: ("203.0.113.77", "10.77.77.77", "192.0.2.77", "198.51.100.77", "2001:db8::77"),
    KeyType.BINARY: ("AA==", "//8="),
    KeyType.DATE: ("1970-01-02T00:00:00Z", "2999-01-01T00:00:00Z"),
}


@dataclass(frozen=True)
class Survey:
    """What was found out."""

    evaluations: tuple[Evaluation, ...]
    """One a request: `certain` where no value that was tried changed whether it is allowed, else with `open_keys`."""
    tried: tuple[str, ...]
    """The unknown keys that were tried and changed no decision, sorted."""
    organizations: bool
    """Whether SCPs were in play."""


def contrasts(key: str, service: str) -> tuple[ContextValue, ...]:
    """The values to try for a key.

    Args:
        key: The key.
        service: The prefix of the service whose action is asked about.
    """
    kind = catalogue.condition_key_type(key, service) or KeyType.STRING
    texts = _TEXTS[kind.base]
    if key.lower().removesuffix("s").endswith("arn"):
        texts = (*texts, _NOBODYS_ARN)
    if kind.many:
        return tuple(ContextValue((text,), kind, many=True) for text in texts)
    single = tuple(ContextValue((text,), kind) for text in texts)
    return (*single, ContextValue(texts[:1], kind.listed, many=True))


def survey(
    simulator: AwsSimulator,
    requests: Sequence[Request],
    policies: PolicySet,
    keys: Sequence[str],
) -> Survey:
    """Asks AWS about each request, and again with contrasting values for what is unknown.

    Args:
        simulator: AWS's.
        requests: What is asked.
        policies: As `AwsSimulator.simulate` takes them.
        keys: The keys that the policies look at. `HIDDEN_KEYS` are added where SCPs or a boundary are in play.

    Raises:
        AwsUnavailableError: One of the simulations could not be asked.
    """
    base = simulator.simulate(requests, policies)
    hidden = any(one.by_organizations is not None or one.by_boundary is not None for one in base)
    spelled = {key.lower(): key for key in (*(HIDDEN_KEYS if hidden else ()), *keys)}
    listed = frozenset(key.lower() for key in keys)
    search = _Search(simulator, requests, policies, [one.decision is Decision.ALLOWED for one in base], listed)
    unknown = [_unknown(request, spelled) for request in requests]
    for at, names in enumerate(unknown):
        search.open[at].update(name for name in names if len(name) not in NAME_LENGTHS)
    for name, key in sorted(spelled.items()):
        if len(name) in NAME_LENGTHS:
            search.one_key(key, [at for at, names in enumerate(unknown) if name in names])
    search.all_keys([[spelled[name] for name in sorted(names) if len(name) in NAME_LENGTHS] for names in unknown])
    tried = {name for names in unknown for name in names} - {name for names in search.open for name in names}
    return Survey(
        tuple(_judged(one, frozenset(found)) for one, found in zip(base, search.open, strict=True)),
        tuple(sorted((spelled[name] for name in tried), key=str.lower)),
        any(one.by_organizations is not None for one in base),
    )


def _unknown(request: Request, spelled: Mapping[str, str]) -> frozenset[str]:
    return frozenset(name for name in spelled if request.is_unknown(name))


def _judged(answer: AwsEvaluation, open_keys: frozenset[str]) -> Evaluation:
    return replace(
        answer,
        certain=not open_keys,
        open_keys=open_keys,
        could_allow=bool(open_keys) or answer.decision is Decision.ALLOWED,
    )


class _Search:
    """The open keys found so far, by the place of the request."""

    def __init__(
        self,
        simulator: AwsSimulator,
        requests: Sequence[Request],
        policies: PolicySet,
        allowed: Sequence[bool],
        listed: frozenset[str],
    ) -> None:
        self._listed = listed
        self._simulator, self._requests, self._policies, self._allowed = simulator, requests, policies, allowed
        self.open: list[set[str]] = [set() for _ in requests]

    def one_key(self, key: str, places: Sequence[int]) -> None:
        """Tries one key alone."""
        for number in range(max((len(self._values(key, at)) for at in places), default=0)):
            left = [at for at in places if key.lower() not in self.open[at] and number < len(self._values(key, at))]
            for at in self._flipped({at: {key: self._values(key, at)[number]} for at in left}):
                self.open[at].add(key.lower())

    def all_keys(self, keys: Sequence[Sequence[str]]) -> None:
        """Tries all unknown keys of a request together, where none alone changed the decision."""
        rounds = max((len(self._values(key, at)) for at, names in enumerate(keys) for key in names), default=0)
        for number in range(rounds):
            asked = {at: self._nth(number, at, names) for at, names in enumerate(keys) if len(names) > 1}
            flipped = self._flipped({at: context for at, context in asked.items() if not self.open[at]})
            for at in flipped:
                self.open[at].update(self._needed(at, asked[at]))

    def _needed(self, at: int, context: dict[str, ContextValue]) -> set[str]:
        """The keys without which the decision does not flip."""
        for key in list(context):
            less = {name: value for name, value in context.items() if name != key}
            if self._flipped({at: less}):
                context = less
        return {key.lower() for key in context}

    def _nth(self, number: int, at: int, keys: Sequence[str]) -> dict[str, ContextValue]:
        return {key: (values := self._values(key, at))[number % len(values)] for key in keys}

    def _values(self, key: str, at: int) -> tuple[ContextValue, ...]:
        values = contrasts(key, self._requests[at].action.partition(":")[0])
        # a key that may be looked at is worth fewer calls than one that is
        return values if key.lower() in self._listed else (*values[:2], *values[2:][-1:])

    def _flipped(self, contexts: Mapping[int, Mapping[str, ContextValue]]) -> list[int]:
        """The places of those requests that are decided otherwise with more context."""
        places = list(contexts)
        asked = [replace(self._requests[at], context={**self._requests[at].context, **contexts[at]}) for at in places]
        answers = self._simulator.simulate(asked, self._policies) if asked else ()
        return [
            at
            for at, answer in zip(places, answers, strict=True)
            if (answer.decision is Decision.ALLOWED) is not self._allowed[at]
        ]
