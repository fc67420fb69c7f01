"""Explains a result that is no pass: what was nearest, what AWS's message would be, and what to do about it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from iamcheck.aws.refusals import is_access_denied
from iamcheck.checks.principal.decide_locally import decide_locally
from iamcheck.checks.principal.judge import outcomes, request_text, spelled_keys
from iamcheck.deployment.features import Tags
from iamcheck.errors import AwsUnavailableError
from iamcheck.explain.policy_types import words_of
from iamcheck.explain.remedies.remedy import World, remedy_for
from iamcheck.explain.remedies.wording import ask_text
from iamcheck.explain.why import applied_denies, denial_message, nearest_misses
from iamcheck.iam import catalogue
from iamcheck.iam.engine import cannot_be_passed
from iamcheck.iam.model import Decision, Policy, PolicyType, Unread
from iamcheck.iam.model.nearest import did_you_mean
from iamcheck.iam.model.wording import counted
from iamcheck.iam.request_context import TIME_KEYS
from iamcheck.policies.checker import checker_of
from iamcheck.results import AwsCall, CheckId, CheckResult, Evidence, Remedy, Status, could_not_ask, not_asked

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from iamcheck.checks.principal.decide import Decisions
    from iamcheck.checks.principal.gather import PrincipalFacts
    from iamcheck.checks.principal.judge import JudgedRequest
    from iamcheck.checks.principal.layers import PrincipalPolicies
    from iamcheck.checks.principal.question import PrincipalQuestion
    from iamcheck.deployment import Deployment
    from iamcheck.explain.policy_types import PolicyWords
    from iamcheck.iam.model import Evaluation, PolicySet
    from iamcheck.simulators import Simulator

__all__ = ["ask_owners", "could_not_decide", "explain", "layer_cures"]

_ID: Final = CheckId.PRINCIPAL_ALLOWED


def explain(
    result: CheckResult, question: PrincipalQuestion, facts: PrincipalFacts, decisions: Decisions, local: Simulator
) -> CheckResult:
    """The result with why, and with what to do.

    Args:
        result: The judgement.
        question: What was asked.
        facts: What was known.
        decisions: What was decided.
        local: The local engine, which tries remedies.
    """
    evidence = (*_with_reasons(result.evidence, decisions.rows, facts), *_organization_notes(question, facts))
    result = result._replace(evidence=evidence)
    if result.status is Status.PASS:
        return result
    if result.status is Status.FAIL:
        proved = None if not facts.policies.are_known else _proved(facts, local)
        remedy = proved or _asked(question, facts, decisions)
        misspelled = tuple(_actions_that_do_not_exist(facts))
        texts = (*(f"{fact.note}" for fact in misspelled), remedy.text)
        return result._replace(remedy=remedy._replace(text="; ".join(texts)), evidence=(*evidence, *misspelled))
    result = result._replace(remedy=_settling(question, facts, decisions, local))
    if decisions.error is not None:
        result = _without_aws(result, decisions.error)
    if not facts.gaps:
        return result
    gaps = tuple(Evidence(note=f"not read: {gap}") for gap in facts.gaps)
    return result._replace(evidence=(*result.evidence, *gaps), remedy=_either(result.remedy, _grants(question, facts)))


def _actions_that_do_not_exist(facts: PrincipalFacts) -> Iterator[Evidence]:
    """Of the principal's own policies: actions that are spelled nearly as actions that exist, and allow nothing."""
    identity = facts.policies.layers.identity
    for policy in () if isinstance(identity, Unread) else identity:
        for action in dict.fromkeys(action for statement in policy.statements for action in statement.actions or ()):
            known = catalogue.actions(action.partition(":")[0])
            if not known or "*" in action or "?" in action or catalogue.action(action) is not None:
                continue
            if meant := did_you_mean(action, known):
                note = f"{policy.name} allows {action}, which the packaged reference does not have ({meant})"
                yield Evidence(note=note)


def could_not_decide(facts: PrincipalFacts, error: AwsUnavailableError) -> CheckResult:
    """The result where AWS's simulator alone was to decide, and could not be asked."""
    remedy = None
    if is_access_denied(error):
        source = None if facts.principal is None else facts.principal.policy_source_arn
        is_about_principal = error.operation.endswith("PrincipalPolicy")
        grant_on = source if source and is_about_principal else "*"
        remedy = Remedy(
            f"grant {error.operation} on {grant_on} to whoever runs the check, or check offline with --policy"
        )
    return could_not_ask(_ID, error, remedy)


# --- why


def _with_reasons(
    evidence: Sequence[Evidence], rows: Sequence[JudgedRequest], facts: PrincipalFacts
) -> tuple[Evidence, ...]:
    """Each piece of evidence of a denial with what was nearest, and with AWS's message."""
    if not facts.policies.are_known:
        return tuple(evidence)
    who = None if facts.principal is None else facts.principal.arn
    return tuple(
        _with_reason(fact, row.evaluation, facts.policies, who) for fact, row in zip(evidence, rows, strict=True)
    )


def _with_reason(evidence: Evidence, evaluation: Evaluation, policies: PrincipalPolicies, who: str | None) -> Evidence:
    # nothing is near to allowing what no policy can allow
    if evaluation.decision is Decision.ALLOWED or cannot_be_passed(evaluation.request):
        return evidence
    layers = policies.about(evaluation.request.resource)
    if evaluation.decision is Decision.EXPLICIT_DENY:
        nearest = tuple(deny.text for deny in applied_denies(evaluation.request, layers))
    else:
        nearest = tuple(miss.text for miss in nearest_misses(evaluation.request, layers))
    return evidence._replace(nearest=nearest, denial=denial_message(evaluation, who))


def _organization_notes(question: PrincipalQuestion, facts: PrincipalFacts) -> tuple[Evidence, ...]:
    """What was read of the organization, and what was not."""
    organization, word = facts.organization, question.options.organizations
    if organization is None or word == "ignore":
        return ()
    source = "AWS Organizations" if word in (None, "aws") else word
    notes = [f"{note} ({source})" for note in organization.notes]
    for name, levels in (("SCPs", organization.scps), ("RCPs", organization.rcps)):
        if not isinstance(levels, Unread) and levels:
            of = counted(len(levels), "level")
            notes.append(f"{name} of {of} were read from {source}")
    notes += [f"not read: {gap}" for gap in organization.unread]
    return tuple(Evidence(note=note) for note in notes)


def _without_aws(result: CheckResult, error: AwsUnavailableError) -> CheckResult:
    call = AwsCall(error.operation, error.endpoint or "", error.code or "no usable answer")
    summary = f"{not_asked(error)}; {result.summary}"
    return result._replace(summary=summary, evidence=(Evidence(call=call), *result.evidence))


# --- what to do


def ask_owners(rows: Sequence[JudgedRequest], principal: str | None = None) -> Remedy:
    """Whom to ask for what; that it helps is not proved.

    Args:
        rows: The decisions, of which at least one is a denial.
        principal: The ARN of who calls; None: not known.
    """
    requests: dict[tuple[Decision, PolicyWords], list[str]] = {}
    denied = [row.evaluation for row, outcome in zip(rows, outcomes(rows), strict=True) if outcome is False]
    never = [evaluation.request for evaluation in denied if cannot_be_passed(evaluation.request)]
    for evaluation in denied:
        if cannot_be_passed(evaluation.request):
            continue
        words = words_of(evaluation.blocked_by or PolicyType.IDENTITY, evaluation.request.action)
        requests.setdefault((evaluation.decision, words), []).append(request_text(evaluation.request))
    texts = [ask_text(decision, words, principal, named) for (decision, words), named in requests.items()]
    texts += [
        f"name a role of account {request.caller_account} in the request, for no policy can allow "
        f"{request_text(request)}"
        for request in never
    ]
    return Remedy("; ".join(dict.fromkeys(texts)))


def _asked(question: PrincipalQuestion, facts: PrincipalFacts, decisions: Decisions) -> Remedy:
    """Whom to ask for the calls that are denied, and what settles those that are not certain."""
    remedy = ask_owners(decisions.rows, _arn(facts))
    cures = _cures(question, facts, decisions)
    if not cures:
        return remedy
    return remedy._replace(text=f"{remedy.text}; to settle the calls that are not certain, {'; '.join(cures)}")


def _arn(facts: PrincipalFacts) -> str | None:
    """The ARN of the principal; remedies name the role of a session by the session's ARN."""
    return None if facts.principal is None else facts.principal.arn


def _proved(facts: PrincipalFacts, local: Simulator) -> Remedy | None:
    """A change of the policies that was seen to make everything allowed; None where none was found."""
    policies = facts.policies

    def decided(layers: PolicySet) -> list[Evaluation]:
        return [row.evaluation for row in decide_locally(facts.requests, replace(policies, layers=layers), local)]

    return remedy_for(World(policies.layers, decided, _arn(facts), policies.unchangeable))


_OF_RESOURCE: Final = "--resource-policy ARN=FILE"
_GIVING: Final[Mapping[PolicyType, str]] = {
    PolicyType.IDENTITY: "give the principal's policies with --policy FILE",
    PolicyType.BOUNDARY: "give the permissions boundary with --boundary FILE",
    PolicyType.SCP: "give the SCPs with --scp, root first (--scp FullAWSAccess where there are no others), or with "
    "--organizations DIR; --organizations ignore leaves them out",
    PolicyType.RCP: "give the RCPs with --rcp, root first; --rcp RCPFullAWSAccess where there are no others",
    PolicyType.RESOURCE: f"give the resource's policy with {_OF_RESOURCE}",
}
"""What settles a layer that nobody has read; nobody can give a session policy."""
_FILES: Final = (PolicyType.BOUNDARY, PolicyType.SCP, PolicyType.RCP, PolicyType.RESOURCE)
_SAID_BY_PRINCIPAL: Final = frozenset({"aws:principalarn", "aws:principaltype", "aws:username"})
"""Keys whose values follow from the ARN of who calls."""
_TAG_KEYS: Final = "aws:tagkeys"
_TAGS: Final = ("aws:requesttag/", _TAG_KEYS)
"""Keys, or how they begin, that tell the tags of a request."""


def _settling(
    question: PrincipalQuestion, facts: PrincipalFacts, decisions: Decisions, local: Simulator
) -> Remedy | None:
    """What would make the decisions certain; None where nothing that the user can say would."""
    cures = _cures(question, facts, decisions)
    if cures:
        return Remedy(f"to settle it, {'; '.join(cures)}")
    open_evaluations = _open_evaluations(decisions)
    if any(evaluation.allowed is not None for evaluation in open_evaluations):
        return _both_spellings(open_evaluations, facts, local)
    return None


def _open_evaluations(decisions: Decisions) -> list[Evaluation]:
    answers = outcomes(decisions.rows)
    return [row.evaluation for row, answer in zip(decisions.rows, answers, strict=True) if answer is None]


def _cures(question: PrincipalQuestion, facts: PrincipalFacts, decisions: Decisions) -> list[str]:
    """What the user can say of the keys, else of the layers, that keep decisions from being certain."""
    open_evaluations = _open_evaluations(decisions)
    keys = sorted({key for evaluation in open_evaluations for key in evaluation.open_keys})
    if keys:
        return _settling_keys(keys, question, facts)
    is_aws = question.options.engine == "aws" and not question.options.layers.has_identity
    return layer_cures(open_evaluations, by_aws=is_aws)


def _settling_keys(keys: Sequence[str], question: PrincipalQuestion, facts: PrincipalFacts) -> list[str]:
    by_principal = [key for key in keys if facts.principal is None and key in _SAID_BY_PRINCIPAL]
    by_stack = [key for key in keys if key.startswith(_TAGS) and _stack_tags_are_open(question.deployment)]
    # CloudFormation adds tags of its own, so that no list of tags is ever whole
    others = [key for key in keys if key not in by_principal and (key not in by_stack or key == _TAG_KEYS)]
    cures = []
    if by_principal:
        with_policies = "" if question.options.layers.has_identity else " and its policies with --policy FILE"
        cures.append(f"name the principal with --principal ARN{with_policies}")
    if by_stack:
        cures.append("say the stack's tags with --stack-tag KEY=VALUE, or with --no-stack-tags that it has none")
    if others:
        listed = spelled_keys(others, facts.spelled_keys)
        choices = "; ".join(_choice(key) for key in listed)
        cures.append(f"say what the request will have: {choices}")
        cures.extend(_misspelled(listed))
    return cures


def _misspelled(keys: Sequence[str]) -> Iterator[str]:
    """What there is to say of keys that the packaged reference does not have: AWS may have them, or nobody has."""
    for key in keys:
        if catalogue.condition_key_type(key) is None:
            meant = did_you_mean(key, catalogue.keys_of_prefix(key.partition(":")[0]))
            yield f"the packaged reference has no condition key {key} ({meant or 'check its spelling'})"


def _choice(key: str) -> str:
    """How the user says what a key is; the time is never absent."""
    if key.lower() in TIME_KEYS:
        return f"--context {key}=TIME, when the deployment is made"
    return f"--context {key}=VALUE or --absent {key}"


def _stack_tags_are_open(deployment: Deployment) -> bool:
    """Whether whoever makes the stack may add tags that the file does not have."""
    requests = (deployment.endpoint_request, deployment.config_request)
    tags = [request.tags for request in requests if request is not None]
    return any(isinstance(tag, Tags) and tag.open_prefix == "" for tag in tags)


def layer_cures(evaluations: Sequence[Evaluation], *, by_aws: bool = False) -> list[str]:
    """What settles the layers that nobody has read, on which evaluations depend.

    Args:
        evaluations: The evaluations; those that are certain depend on no layer.
        by_aws: Whether AWS's simulator decides about the principal, which takes no layers from files.
    """
    cures = []
    for layer, cure in _GIVING.items():
        open_evaluations = [one for one in evaluations if one.allowed is None and layer in one.open_layers]
        if open_evaluations:
            if layer is PolicyType.RESOURCE:
                named = dict.fromkeys(_named(one.request.resource) for one in open_evaluations)
                cure = cure.replace(_OF_RESOURCE, " ".join(f"--resource-policy {arn}=FILE" for arn in named))
            cures.append(f"{cure} (files need another --engine than aws)" if by_aws and layer in _FILES else cure)
    return cures


def _named(resource: str) -> str:
    """The ARN of a resource as a cure names it: a placeholder where the request has none or only a pattern."""
    return "ARN" if "*" in resource or not resource.startswith("arn:") else resource


def _both_spellings(open_evaluations: Sequence[Evaluation], facts: PrincipalFacts, local: Simulator) -> Remedy:
    """The cure where the policies treat two spellings of one name differently."""
    why = "AWS may authorise either spelling of a name with capitals, so allow both spellings"
    proved = _proved(facts, local) if facts.policies.are_known else None
    if proved is not None:
        return proved._replace(text=f"{why}: {proved.text}")
    denied = dict.fromkeys(request_text(row.request) for row in open_evaluations if row.allowed is False)
    return Remedy(f"{why}: {', '.join(denied)} too")


def _grants(question: PrincipalQuestion, facts: PrincipalFacts) -> Remedy | None:
    """What whoever runs the check must be allowed, where that is what is missing."""
    is_denied = isinstance(facts.aws, AwsUnavailableError) or any(gap.grant_on for gap in facts.gaps)
    source = None if facts.principal is None else facts.principal.policy_source_arn
    if not is_denied or source is None:
        return None
    policy = checker_of(question.deployment, source, checks=[_ID])
    actions = {action for statement in Policy.parse(policy).statements for action in statement.actions or ()}
    text = (
        "grant to whoever runs the check what iamcheck generate --for checker --check principal.allowed prints "
        f"({', '.join(sorted(actions))}), or give the policies with --policy FILE"
    )
    return Remedy(text, policy)


def _either(first: Remedy | None, second: Remedy | None) -> Remedy | None:
    if first is None or second is None:
        return first or second
    return second._replace(text=f"{first.text}; or {second.text}")
