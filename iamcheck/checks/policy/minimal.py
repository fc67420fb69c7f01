"""Checks `policy.minimal`: every statement is needed, and nothing beyond the need is allowed."""

from __future__ import annotations

from dataclasses import replace
from itertools import islice
from typing import TYPE_CHECKING, Final, NamedTuple

from iamcheck.checks.policy.beyond import beyond
from iamcheck.checks.policy.evidence import (
    and_more,
    call_text,
    evidence_of,
    evidence_of_statement,
    open_keys_of,
    spelled,
    statement_name,
)
from iamcheck.checks.policy.reach import gaps
from iamcheck.iam.model import Effect, PolicySet
from iamcheck.iam.model.wording import counted
from iamcheck.results import CheckId, CheckResult, Evidence, Remedy, Status
from iamcheck.simulators.settled import ask

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from iamcheck.checks.policy.reach import Gap
    from iamcheck.iam.model import Evaluation, Policy, Request, Statement
    from iamcheck.permissions import RequiredPermission
    from iamcheck.simulators import Simulator

__all__ = ["minimal"]

_ID: Final = CheckId.POLICY_MINIMAL
_SHOWN = 10
"""Requests beyond what is needed that are listed as evidence."""
_BATCH = 250
"""Requests beyond what is needed that are asked at once."""


def minimal(
    policy: Policy, permissions: Sequence[RequiredPermission], simulator: Simulator, *, pin: bool = False
) -> CheckResult:
    """Proves that a policy allows what is needed and nothing beyond it.

    Every statement, action and resource that allows something is dropped in turn, and some needed permission must then
    be lost. Each Allow is compared with what is needed, entry by entry. Names, Regions, accounts and partitions next to
    those of the deployment, every other action that the policy names, and whatever its wildcards stand for must be
    denied; where comparison leaves a gap, so must everything that the policy itself mentions, and then the result is
    `unknown` even so, for samples prove nothing. Conditions and Deny statements only narrow a policy, so they are not
    dropped.

    Args:
        policy: The identity policy to judge.
        permissions: What must be allowed. Where nothing is needed, nothing is proved, and that is no pass.
        simulator: Who answers.
        pin: Whether the policy is narrowed to the deployment. Then its conditions are dropped too, and something more
            must get through; and each needed permission must be denied with another value of what they look at.

    Raises:
        AwsUnavailableError: The simulator could not be asked.
    """
    if not permissions:
        return CheckResult(_ID, Status.UNKNOWN, "no permission is known to be needed, so there is nothing to prove")
    needed = [permission.request for permission in permissions]
    superfluous, undecided, parts = _superfluous(policy, needed, simulator)
    unproved = gaps(policy, needed)
    excess, open_ended, tried = _excess(policy, needed, unproved, simulator)
    pinned = _pinned(policy, needed, simulator) if pin else _Pinned()
    excess += [pair for pair in pinned.through if pair[0].allowed]
    if superfluous or excess or pinned.loose:
        return _too_much(policy, superfluous, excess, pinned.loose)
    undecided += [*open_ended, *(answer for answer, _ in pinned.through if answer.allowed is None)]
    if undecided:
        return _undecided(policy, undecided)
    if unproved or pinned.unproved:
        return _not_proved(policy, (*unproved, *pinned.unproved), tried)
    return CheckResult(
        _ID,
        Status.PASS,
        "every statement is needed, and nothing beyond the need is allowed",
        (
            Evidence(note=f"{parts} statements, actions and resources dropped one at a time: each is needed"),
            Evidence(note=f"{tried} requests with another name, Region, account, partition or action: all are denied"),
            *pinned.evidence,
        ),
    )


class _Pinned(NamedTuple):
    """What was found of the conditions of a policy that is narrowed to one deployment; nothing for any other policy."""

    through: Sequence[tuple[Evaluation, str]] = ()
    """Requests with another value that the policy does not deny, each with what it is in words."""
    loose: Sequence[tuple[Statement, str]] = ()
    """Conditions that narrow nothing, each with its statement, in words."""
    unproved: Sequence[Gap] = ()
    evidence: Sequence[Evidence] = ()


def _pinned(policy: Policy, needed: Sequence[Request], simulator: Simulator) -> _Pinned:
    # imported when used: most policies are not pinned
    from iamcheck.checks.policy.pinned import let_through, otherwise, unneeded_conditions, unproved_conditions

    others = otherwise(policy, needed)
    conditions = counted(sum(len(statement.conditions) for statement in policy.statements), "condition")
    return _Pinned(
        let_through(policy, others, simulator),
        unneeded_conditions(policy, others, simulator),
        unproved_conditions(policy, needed, simulator),
        (Evidence(note=f"{counted(len(others), 'request')} with another value of the keys of {conditions}"),),
    )


class _Part(NamedTuple):
    """A statement, or one entry of its actions or resources.

    Attributes:
        statement: The statement.
        rest: The statement without the part; None where the part is the whole statement.
        alone: The statement cut down to the part.
        what: The part in words.
        concerns: The action or resource that the part is, in the spelling to compare; None where that is more than one.
    """

    statement: Statement
    rest: Statement | None
    alone: Statement
    what: str
    concerns: str | None = None


def _parts(policy: Policy) -> Iterator[_Part]:
    for statement in policy.statements:
        if statement.effect is Effect.DENY:
            continue
        name = statement_name(statement)
        yield _Part(statement, None, statement, name)
        for place, action in _entries(statement.actions):
            rest = replace(statement, actions=_but(statement.actions, place))
            yield _Part(
                statement, rest, replace(statement, actions=(action,)), f"action {action} in {name}", action.lower()
            )
        for place, arn in _entries(statement.resources):
            rest = replace(statement, resources=_but(statement.resources, place))
            yield _Part(statement, rest, replace(statement, resources=(arn,)), f"resource {arn} in {name}", arn)


def _entries(values: tuple[str, ...] | None) -> list[tuple[int, str]]:
    """The entries with their places; none of a single one, for dropping it drops the statement."""
    return list(enumerate(values)) if values is not None and len(values) > 1 else []


def _but(values: tuple[str, ...] | None, place: int) -> tuple[str, ...]:
    return tuple(value for index, value in enumerate(values or ()) if index != place)


def _superfluous(
    policy: Policy, needed: Sequence[Request], simulator: Simulator
) -> tuple[list[_Part], list[Evaluation], int]:
    """The parts that can be dropped, evaluations on which it depends whether one can, and how many parts there are."""
    before = ask(simulator, needed, PolicySet(identity=[policy]))
    superfluous: list[_Part] = []
    undecided: list[Evaluation] = []
    parts = list(_parts(policy))
    for part in parts:
        kept = [part.rest if statement is part.statement else statement for statement in policy.statements]
        without = PolicySet(
            identity=[replace(policy, statements=tuple(statement for statement in kept if statement is not None))]
        )
        # those that the part names come first: where one of them is lost, the rest need not be asked
        named = [answer for answer in before if _concerns(part, answer.request)]
        others = [answer for answer in before if not _concerns(part, answer.request)]
        if any(_lost(answers, without, simulator) for answers in (named, others) if answers):
            continue
        only = PolicySet(identity=[replace(policy, statements=(part.alone,))])
        doubtful = [answer for answer in before if answer.allowed is None]
        if doubtful and any(
            evaluation.could_allow for evaluation in ask(simulator, [variation.request for variation in doubtful], only)
        ):
            undecided += doubtful
        else:
            superfluous.append(part)
    return superfluous, undecided, len(parts)


def _concerns(part: _Part, request: Request) -> bool:
    return part.concerns in (None, request.action.lower(), request.resource)


def _lost(before: Sequence[Evaluation], without: PolicySet, simulator: Simulator) -> bool:
    """Tells whether a permission is less allowed under `without` than it was."""
    after = ask(simulator, [answer.request for answer in before], without)
    return any(_rank(new) < _rank(old) for old, new in zip(before, after, strict=True))


def _rank(answer: Evaluation) -> int:
    return 1 if answer.allowed is None else 2 * answer.allowed


def _excess(
    policy: Policy, needed: Sequence[Request], unproved: Sequence[Gap], simulator: Simulator
) -> tuple[list[tuple[Evaluation, str]], list[Evaluation], int]:
    """What is allowed beyond what is needed, evaluations that leave it open, and how many requests were tried."""
    policies = PolicySet(identity=[policy])
    undecided: list[Evaluation] = []
    tried = 0
    near = beyond(policy, needed, unproved)
    # a wildcard may stand for thousands of actions: the first ones that are allowed say enough
    while batch := list(islice(near, _BATCH)):
        tried += len(batch)
        answers = ask(simulator, [variation.request for variation in batch], policies)
        excess = [
            (answer, variation.what) for answer, variation in zip(answers, batch, strict=True) if answer.allowed is True
        ]
        if excess:
            return excess, undecided, tried
        undecided += [answer for answer in answers if answer.allowed is None]
    return [], undecided, tried


def _undecided(policy: Policy, undecided: Sequence[Evaluation]) -> CheckResult:
    keys = open_keys_of(undecided)
    # several parts of a policy may hang on the same call
    by_call = {call_text(answer): answer for answer in reversed(undecided)}
    calls = dict.fromkeys(call_text(answer) for answer in undecided)
    summary = (
        f"whether the policy is minimal depends on {spelled(keys, policy) or 'what is not known'}: "
        f"it looks at that for {and_more(list(calls))}"
    )
    shown = tuple(evidence_of(by_call[call]) for call in islice(calls, _SHOWN))
    return CheckResult(_ID, Status.UNKNOWN, summary, shown, open_keys=keys)


def _not_proved(policy: Policy, unproved: Sequence[Gap], tried: int) -> CheckResult:
    summary = (
        f"not proved minimal: {and_more([gap.what for gap in unproved])} may reach beyond what is needed; "
        f"all of {tried} requests beyond it were denied, which is no proof"
    )
    evidence = tuple(
        evidence_of_statement(gap.statement, policy, f"{gap.what}: not known to be within the need")
        for gap in unproved[:_SHOWN]
    )
    cure = "name the actions and ARNs that are needed, without wildcards, NotAction and NotResource"
    return CheckResult(_ID, Status.UNKNOWN, summary, evidence, remedy=Remedy(cure))


def _too_much(
    policy: Policy,
    superfluous: Sequence[_Part],
    excess: Sequence[tuple[Evaluation, str]],
    loose: Sequence[tuple[Statement, str]],
) -> CheckResult:
    findings: list[str] = []
    cures: list[str] = []
    if superfluous:
        findings.append(f"not needed: {and_more([part.what for part in superfluous])}")
        cures.append(f"drop {', '.join(part.what for part in superfluous)}")
    if excess:
        findings.append(
            f"allowed besides: {call_text(excess[0][0])} ({excess[0][1]})" + (" and others" if excess[1:] else "")
        )
        cures.append("name the actions and ARNs that are needed, without wildcards")
    if loose:
        words = [f"{what} in {statement_name(statement)}" for statement, what in loose]
        findings.append(f"narrows nothing: {and_more(words)}")
        cures.append(f"drop {', '.join(words)}")
    evidence = (
        *(evidence_of_statement(part.statement, policy, f"{part.what}: nothing is lost without it")
          for part in superfluous),
        *(evidence_of(answer, what) for answer, what in excess[:_SHOWN]),
        *(evidence_of_statement(statement, policy, f"{what}: nothing more gets through without it")
          for statement, what in loose),
    )  # fmt: skip
    return CheckResult(_ID, Status.FAIL, "; ".join(findings), evidence, remedy=Remedy("; ".join(cures)))
