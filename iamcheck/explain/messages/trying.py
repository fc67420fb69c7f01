"""Tries a denied call under policies that the user gives: why they deny it, and what is seen to help."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final

from iamcheck.errors import InvalidInputError
from iamcheck.explain.messages.missing_statement import CREATE_GRANT, purpose_of
from iamcheck.explain.policy_types import POLICIES, words_of
from iamcheck.explain.remedies.additions import text_diff, with_statements
from iamcheck.explain.remedies.layers import adding, changing, without
from iamcheck.explain.remedies.remedy import World, named, remedy_for
from iamcheck.explain.remedies.statements import needed_policy
from iamcheck.explain.remedies.wording import add_text, administrator, ask_text, denies_text, owner_of
from iamcheck.explain.why import applied_denies, nearest_misses
from iamcheck.explain.why.reasons import reasons
from iamcheck.explain.why.ways import ways_out
from iamcheck.iam.engine import evaluate
from iamcheck.iam.engine.explain import explain
from iamcheck.iam.engine.keys import context_keys
from iamcheck.iam.model import Decision, Effect, Policy, PolicySet, PolicyType, Request, StatementRef
from iamcheck.iam.request_context import ContextFacts, call_context, merged, settle
from iamcheck.results import Remedy

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from iamcheck.explain.messages.facts import Facts
    from iamcheck.explain.policy_types import PolicyWords
    from iamcheck.iam.engine.explain import StatementTrace
    from iamcheck.iam.model import ContextInput, Evaluation

__all__ = ["GivenPolicies", "Trial", "try_call"]

_GOAL: Final = "the call is allowed under the policies that you give"
_UNDER: Final = "under the policies that you give"


@dataclass(frozen=True, slots=True)
class GivenPolicies:
    """The policies under which a denied call is tried.

    Args:
        layers: All layers but resource policies; a layer that the user did not give is empty.
        by_resource: Resource policies by the ARN of their resource.
        text: The text of the first identity policy, which gets a statement that is missing; empty: there is none.
        context: Known context keys with their values.
        absent: Context keys known to be absent.
    """

    layers: PolicySet
    by_resource: Mapping[str, Policy] = field(default_factory=dict)
    text: str = ""
    context: Mapping[str, ContextInput] = field(default_factory=dict)
    absent: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Trial:
    """What the policies that the user gives say of a denied call.

    Args:
        nearest: What came nearest to allowing it, or which statements deny it.
        remedy: What to do.
    """

    nearest: tuple[str, ...]
    remedy: Remedy


@dataclass(frozen=True, slots=True)
class _Case:
    """A denied call under given policies."""

    facts: Facts
    is_explicit: bool
    request: Request
    policies: PolicySet
    text: str

    @property
    def principal(self) -> str | None:
        """The ARN of who called."""
        return self.facts.principal_arn

    @property
    def call(self) -> str:
        """The call, in words."""
        return f"{self.request.action} on {self.request.resource}"

    @property
    def words(self) -> PolicyWords | None:
        """The words of the type of policy that the message names."""
        return POLICIES[self.facts.policy] if self.facts.policy else None


def try_call(facts: Facts, given: GivenPolicies, *, is_explicit: bool) -> Trial | None:
    """Tries the call of a message; None where the message names no action, or no resource with its account and Region.

    Args:
        facts: What the message says.
        given: The policies.
        is_explicit: Whether the message says that a Deny applies.

    Raises:
        UnsupportedElementError: A policy stands in a layer that does not take it.
    """
    request = _request(facts, given)
    if request is None:
        return None
    policies = replace(given.layers, resource=given.by_resource.get(request.resource))
    case = _Case(facts, is_explicit, request, policies, given.text)
    if case.words is not None and not _is_given(case.words, policies):
        gives = f": {case.words.flag} gives it" if case.words.flag else ", and iamcheck does not judge it"
        missing = f"the {case.words.short} that decided is not among the policies that you give{gives}"
        trial = _judged(case)
        # what denies the call is known to be another policy, so that nothing is proved
        return replace(trial, remedy=trial.remedy._replace(text=f"{missing}; {trial.remedy.text}", proved=False))
    if is_explicit and case.words and case.words.layer:
        return _denied_by(case, case.words.layer)
    return _judged(case)


def _request(facts: Facts, given: GivenPolicies) -> Request | None:
    """The call of the message, with what is known of its context."""
    resource = facts.whole_resource
    if facts.action is None or resource is None:
        return None
    known_keys = {key.lower() for key in (*given.context, *given.absent)}
    context = {key: value for key, value in purpose_of(facts).items() if key.lower() not in known_keys}
    request = Request(
        facts.action, resource, facts.principal_arn, {**context, **given.context}, absent=tuple(given.absent)
    )
    by_service = request.action_key == CREATE_GRANT
    call = call_context(facts.region, facts.account_id or "", by_service=by_service, called_via=None)
    known = call if facts.account_id else call._replace(known={k: v for k, v in call.known.items() if v != ""})
    policies = [*given.layers.every_policy(), *given.by_resource.values()]
    keys = context_keys(policies).values()
    return settle(request, merged((known, _of_principal(facts.principal_arn))), keys)


def _of_principal(arn: str | None) -> ContextFacts:
    """What the principal's ARN says of the context; nothing where it is not one that iamcheck knows."""
    if arn is None:
        return ContextFacts()
    from iamcheck.aws.principals import parse_principal

    try:
        return parse_principal(arn).facts()
    except InvalidInputError:
        return ContextFacts()


def _is_given(words: PolicyWords, policies: PolicySet) -> bool:
    return words.layer is not None and bool(policies.by_layer()[words.layer])


def _judged(case: _Case) -> Trial:
    """What the policies say, whatever the message says."""
    evaluation = evaluate(case.request, case.policies)
    if evaluation.allowed is True:
        text = f"{_UNDER}, {case.call} is allowed: a policy that you do not give denies it, or these have changed since"
        return Trial((), Remedy(text))
    if case.facts.policy == "identity-based policy" and not case.is_explicit:
        return _added(case)
    if evaluation.allowed is None:
        near = _nearest(case, case.policies)
        return Trial(near, Remedy(f"{_UNDER}, {case.call} is not certain: {_open(case, evaluation)}"))
    if evaluation.blocked_by is PolicyType.IDENTITY and evaluation.decision is Decision.IMPLICIT_DENY:
        return _added(case)
    world = World(case.policies, lambda policies: [evaluate(case.request, policies)], case.principal, goal=_GOAL)
    words = words_of(evaluation.blocked_by or PolicyType.IDENTITY, case.request.action)
    remedy = remedy_for(world) or Remedy(ask_text(evaluation.decision, words, case.principal, [case.call]))
    return Trial(_nearest(case, case.policies), remedy)


def _added(case: _Case) -> Trial:
    """The statement that no identity policy has, and whether it is seen to help."""
    words = words_of(PolicyType.IDENTITY, case.request.action)
    if not administrator(case.principal).who:
        text = ask_text(Decision.IMPLICIT_DENY, words, case.principal, [case.call])
        return Trial(_nearest(case, case.policies), Remedy(text))
    policy = needed_policy([case.request])
    text = f"{add_text([case.call], words, case.principal)} (ask {owner_of(words, case.principal)})"
    added = Policy.parse(policy, name="the statement", layer=PolicyType.IDENTITY)
    identity = case.policies.identity
    if not case.text or not isinstance(identity, tuple) or not identity:
        after = adding(case.policies, added, PolicyType.IDENTITY)
        return _proved(case, after or case.policies, Remedy(text, policy))
    first = identity[0]
    rows = [replace(statement, index=len(first.statements) + index) for index, statement in enumerate(added.statements)]
    changed = replace(first, statements=(*first.statements, *rows))
    name, before_text, after_text = first.name, case.text, with_statements(case.text, first, added)
    if after_text is None:
        # the change of the document, where the file has no place for it that is known
        name = f"{first.name} (as JSON)"
        before_text, after_text = (f"{document.to_json(indent=2)}\n" for document in (first, changed))
    after = changing(case.policies, StatementRef(PolicyType.IDENTITY, first.name, None, None), changed)
    diff = text_diff(before_text, after_text, name).rstrip("\n")
    return _proved(case, after or case.policies, Remedy(text, policy, diff=diff))


def _proved(case: _Case, after: PolicySet, remedy: Remedy) -> Trial:
    """The remedy, with what the call gets under the policies with it."""
    evaluation, near = evaluate(case.request, after), _nearest(case, case.policies)
    if evaluation.allowed is True:
        taken = ", ".join(f"{key} {value}" for key, value in purpose_of(case.facts).items())
        given = f", where the call has {taken}" if taken else ""
        return Trial(near, remedy._replace(text=f"{remedy.text}: with it, {_GOAL}{given}", proved=True))
    if evaluation.allowed is None:
        why = _open(case, evaluation)
    elif evaluation.decision is Decision.EXPLICIT_DENY:
        why = "; ".join(
            denies_text(named(ref), words_of(ref.policy_type, case.request.action), case.principal)
            for ref in evaluation.matched
        )
    else:
        layer = words_of(evaluation.blocked_by or PolicyType.IDENTITY, case.request.action)
        why = ask_text(evaluation.decision, layer, case.principal, [case.call])
    near = tuple(dict.fromkeys((*near, *_nearest(case, after))))
    return Trial(near, remedy._replace(text=f"{remedy.text}; it is not proved to be enough: {why}"))


def _denied_by(case: _Case, layer: PolicyType) -> Trial:
    """The Deny statements of a layer that the message says to have applied, and what the deployment can change."""
    denies = [
        trace
        for trace in explain(case.request, case.policies)
        if trace.effect is Effect.DENY and trace.matched is not False and trace.ref.policy_type is layer
    ]
    words = words_of(layer, case.request.action)
    if not denies:
        text = f"no Deny of the {words.short} that you give applies to {case.call}: it is in another one"
        return Trial((), Remedy(text))
    after: PolicySet | None = case.policies
    for trace in sorted(denies, key=lambda denial: -(denial.ref.index or 0)):
        after = None if after is None else without(after, trace.ref)
    helps = after is not None and evaluate(case.request, after).allowed is True
    texts = [_deny(case, trace, words) for trace in denies]
    end = f"; without {'it' if len(denies) == 1 else 'them'}, {_GOAL}" if helps else ""
    nearest = tuple(f"{trace.ref}: {'; '.join(reasons(trace, case.request))}" for trace in denies)
    return Trial(nearest, Remedy("; ".join(texts) + end, proved=helps))


def _deny(case: _Case, trace: StatementTrace, words: PolicyWords) -> str:
    ways = ways_out(trace, case.request, case.policies)
    text = denies_text(named(trace.ref), words, case.principal, perhaps=trace.matched is None)
    return ", or ".join((text, *ways))


def _nearest(case: _Case, policies: PolicySet) -> tuple[str, ...]:
    denies = applied_denies(case.request, policies)
    return tuple(miss.text for miss in denies or nearest_misses(case.request, policies))


def _open(case: _Case, found: Evaluation) -> str:
    """What would make a decision certain."""
    spelled = context_keys(case.policies.every_policy())
    names = [spelled.get(key, key) for key in sorted(found.open_keys)]
    keys = [f"--context {key}=VALUE or --absent {key}" for key in names]
    resource = found.request.resource
    flags = [words_of(layer, found.request.action).flag for layer in sorted(found.open_layers)]
    layers = [f"give {flag if '*' in resource else flag.replace(' ARN=', f' {resource}=')}" for flag in flags]
    return "to settle it, " + "; ".join([*keys, *layers]) if keys or layers else "it depends on who calls"
