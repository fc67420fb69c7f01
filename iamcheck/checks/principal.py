"""`principal.allowed`: may the principal do each thing that the deployment needs?

Denied, not certain and could-not-ask are three different answers.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final, TypeAlias

from iamcheck._dataclass import dataclass
from iamcheck.checks.stands_for import differing, is_pattern, resource_patterns
from iamcheck.clients import call
from iamcheck.context import ContextFacts, settle
from iamcheck.errors import AwsUnavailableError
from iamcheck.model import UNREAD, Decision, Policy, PolicySet, PolicyType, Unread
from iamcheck.principals import PrincipalKind
from iamcheck.refusals import is_access_denied
from iamcheck.report import POLICY_NAMES, CheckResult, Evidence, Remedy, Status, could_not_ask
from iamcheck.simulators.aws import AwsSimulator
from iamcheck.simulators.contrast import HIDDEN_KEYS, survey

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from iamcheck.clients import Deadline
    from iamcheck.model import Evaluation, Request, StatementRef
    from iamcheck.permissions import RequiredPermission
    from iamcheck.principals import Principal
    from iamcheck.simulators import Simulator

__all__ = ["ID", "NEVER_READ", "NOT_GIVEN", "Found", "Outcome", "by_aws", "by_policies", "judge"]

ID: Final = "principal.allowed"

Outcome: TypeAlias = tuple[CheckResult, tuple[str, ...]]
"""The result and the assumptions that it rests on."""

LONGEST_LIST = 3
_OWNERS: Final[Mapping[PolicyType, str]] = {
    PolicyType.IDENTITY: "whoever administers the principal",
    PolicyType.BOUNDARY: "whoever administers the account's permissions boundaries",
    PolicyType.SCP: "the organization's administrator",
    PolicyType.RCP: "the organization's administrator",
    PolicyType.RESOURCE: "the resource's owner",
    PolicyType.SESSION: "whoever opens the session",
}
NOT_GIVEN: Final[Mapping[PolicyType, str]] = {
    PolicyType.BOUNDARY: "no permissions boundary was given: there is taken to be none",
    PolicyType.SCP: "no SCPs were given: there are taken to be none",
    PolicyType.RCP: "no RCPs were given: there are taken to be none",
}
_GIVING: Final[Mapping[PolicyType, str]] = {
    PolicyType.SCP: "give the SCPs with --scp, root first; --scp FullAWSAccess where there are no others",
    PolicyType.RCP: "give the RCPs with --rcp, root first; --rcp RCPFullAWSAccess where there are no others",
    PolicyType.RESOURCE: "give the resource's policy with --resource-policy ARN=FILE",
}
NEVER_READ = "session policies and VPC endpoint policies cannot be read: there are taken to be none"
_NOT_SIMULATED = (
    "AWS's simulator leaves out RCPs, resource policies, session policies and VPC endpoint policies: they are taken to "
    "deny nothing"
)


def by_policies(
    permissions: Sequence[RequiredPermission],
    policies: PolicySet,
    *,
    local: Simulator,
    aws: Simulator | None = None,
    aws_may_fail: bool = False,
    facts: ContextFacts | None = None,
    resource_policies: Mapping[str, Policy] | None = None,
) -> Outcome:
    """Decides under policies that were given.

    Args:
        permissions: What is needed.
        policies: The layers that were given; `resource` is replaced by `resource_policies`.
        local: The local engine: it says which decisions are certain.
        aws: AWS's simulator, where its decisions are asked for too; where the two differ, nothing is certain.
        aws_may_fail: Whether the local engine decides alone where AWS's cannot be asked; then an assumption says so.
        facts: What is known of the context from who calls; None: nothing.
        resource_policies: Resource policies by the ARN of their resource.
    """
    by_resource = resource_policies or {}
    keys = {key.lower(): key for policy in _all(policies, by_resource) for key in _keys(policy)}
    requests = [settle(permission.request, facts or ContextFacts(), keys.values()) for permission in permissions]
    evaluations = _simulate(local, requests, policies, by_resource)
    found = [_whatever_it_stands_for(one, local, policies, by_resource) for one in evaluations]
    given = {PolicyType.BOUNDARY: policies.boundary, PolicyType.SCP: policies.scps, PolicyType.RCP: policies.rcps}
    assumed = [*(text for layer, text in NOT_GIVEN.items() if not given[layer]), NEVER_READ]
    if aws is not None:
        try:
            answers = _simulate(aws, requests, policies, by_resource)
        except AwsUnavailableError as error:
            if not aws_may_fail:
                return _could_not_ask(error), ()
            assumed.append(f"AWS's simulator could not be asked ({error}): the local engine decided alone")
        else:
            found = [_compared(one, answer) for one, answer in zip(found, answers, strict=True)]
    return judge(found, keys), tuple(assumed)


def by_aws(
    permissions: Sequence[RequiredPermission],
    principal: Principal,
    *,
    iam: object,
    deadline: Deadline | None = None,
) -> Outcome:
    """Decides by AWS's simulator under the policies that the principal has, and looks for what that hides.

    Args:
        permissions: What is needed.
        principal: Who deploys, resolved.
        iam: A boto3 client for IAM, or a `LocalIAM`.
        deadline: When the run must have ended.
    """
    source = principal.policy_source_arn
    if source is None:
        return CheckResult(ID, Status.UNKNOWN, principal.why_not or f"{principal.arn} was not resolved"), ()
    # the ARN of a session stands for a role whose path nobody knows
    who = source if principal.path_known else principal.arn
    unread = PolicySet(identity=UNREAD, boundary=UNREAD, scps=UNREAD, rcps=UNREAD, resource=UNREAD, session=UNREAD)
    try:
        answer = call(iam, "iam:GetContextKeysForPrincipalPolicy", deadline, PolicySourceArn=source)
        keys = answer.texts("ContextKeyNames")
        facts = principal.facts()
        requests = [
            settle(replace(permission.request, principal=who), facts, (*keys, *HIDDEN_KEYS))
            for permission in permissions
        ]
        found = survey(AwsSimulator(iam, source, deadline), requests, unread, keys)
    except AwsUnavailableError as error:
        return _could_not_ask(error, source), principal.assumptions
    assumed = [*principal.assumptions, _NOT_SIMULATED]
    for pattern in dict.fromkeys(one.request.resource for one in permissions if is_pattern(one.request.resource)):
        assumed.append(f"{pattern} was asked about as it stands: no policy is taken to single out a part of it")
    if principal.kind is PrincipalKind.GROUP:
        assumed.append("a group's policies were asked about: its members have others as well")
    if found.organizations:
        assumed.append(f"AWS does not list the keys that SCPs look at: of these, {', '.join(HIDDEN_KEYS)} were tried")
    else:
        assumed.append("AWS named no SCPs: there are taken to be none")
    if found.tried:
        assumed.append(f"unknown, and no value that was tried changed a decision: {', '.join(found.tried)}")
    spelled = {key.lower(): key for key in (*HIDDEN_KEYS, *keys)}
    return judge([Found(one) for one in found.evaluations], spelled), tuple(assumed)


@dataclass(frozen=True)
class Found:
    """One evaluation; `why` is what it does not say itself."""

    evaluation: Evaluation
    why: str = ""


def judge(
    found: Sequence[Evaluation | Found], spelled: Mapping[str, str] | None = None, *, check_id: str = ID
) -> CheckResult:
    """The result over all evaluations.

    Pass only where each is certain and allowed; fail where one is denied whatever is unknown. A name with capitals is
    asked about in both spellings of its ARN, for nobody can know which of them AWS will use: allowed under one and
    denied under the other is unknown.

    Args:
        found: An evaluation for each thing that is needed.
        spelled: Context keys in the policies' own spelling, by their lower case.
        check_id: The id of the check.
    """
    rows = [one if isinstance(one, Found) else Found(one) for one in found]
    names = spelled or {}
    outcomes = _outcomes([row.evaluation for row in rows])
    evidence = tuple(_evidence(row, outcome, names) for row, outcome in zip(rows, outcomes, strict=True))
    if not rows:
        return CheckResult(check_id, Status.UNKNOWN, "nothing was asked about, so nothing is known")
    for answer, status, word in ((False, Status.FAIL, "denied"), (None, Status.UNKNOWN, "not certain")):
        picked = [at for at, outcome in enumerate(outcomes) if outcome is answer]
        if picked:
            open_keys = sorted({key for at in picked for key in rows[at].evaluation.open_keys})
            first, more = rows[picked[0]], len(picked) - 1
            also = f", and {more} more of {len(rows)}" if more else ""
            reasons = _reasons([rows[at] for at in picked], answer, names)
            return CheckResult(
                check_id,
                status,
                f"{word}: {_asked(first.evaluation)}{also}: {_listed(reasons)}",
                evidence,
                tuple(open_keys),
                _settling([rows[at].evaluation for at in picked], open_keys, names)
                if answer is None
                else _remedy([rows[at].evaluation for at in picked]),
            )
    return CheckResult(check_id, Status.PASS, f"all {len(rows)} needed permissions are allowed", evidence)


def _outcomes(evaluations: Sequence[Evaluation]) -> list[bool | None]:
    together: dict[tuple[str, str], set[bool | None]] = {}
    keys = [_spelling_group(one.request) for one in evaluations]
    for key, one in zip(keys, evaluations, strict=True):
        together.setdefault(key, set()).add(one.allowed)
    return [next(iter(together[key])) if len(together[key]) == 1 else None for key in keys]


def _spelling_group(request: Request) -> tuple[str, str]:
    # only the names of SageMaker are known to be authorised in another case than they were given, and log groups to be
    # written with `:*` and without
    has_spellings = ":sagemaker:" in request.resource
    resource = request.resource.removesuffix(":*") if ":log-group:" in request.resource else request.resource
    return request.action.lower(), resource.lower() if has_spellings else resource


def _evidence(row: Found, outcome: bool | None, spelled: Mapping[str, str]) -> Evidence:
    one = row.evaluation
    reasons = _open(row, outcome, spelled)
    if not one.matched:
        reasons.insert(0, _decided(one))
    return Evidence(
        action=one.request.action,
        resource=one.request.resource,
        decision=one.decision,
        certain=one.certain,
        decided_by=one.matched[0] if one.matched else None,
        note="; ".join(reasons) or None,
    )


def _open(row: Found, outcome: bool | None, spelled: Mapping[str, str]) -> list[str]:
    """What keeps a decision from being certain."""
    one = row.evaluation
    reasons = [row.why] if row.why else []
    if one.open_keys:
        reasons.append(f"it depends on {', '.join(_spelled(sorted(one.open_keys), spelled))}, which is not known")
    if one.open_layers and one.allowed is None and not one.open_keys and not row.why:
        layers = ", ".join(sorted(f"{POLICY_NAMES[layer]}" for layer in one.open_layers))
        reasons.append(f"it depends on what nobody has read: {layers}")
    if one.allowed is not None and outcome is None:
        reasons.append(
            "under the other spelling of the name the answer is another, and AWS may authorise either spelling"
        )
    return reasons


def _reasons(rows: Sequence[Found], outcome: bool | None, spelled: Mapping[str, str]) -> list[str]:
    """Why each is not allowed, each reason once."""
    texts = (
        "; ".join([f"{row.evaluation.decision}, {_decided(row.evaluation)}", *_open(row, outcome, spelled)])
        for row in rows
    )
    return list(dict.fromkeys(texts))


def _decided(one: Evaluation) -> str:
    if one.matched:
        return f"by {_statement(one.matched[0])}"
    layer = POLICY_NAMES[one.blocked_by or PolicyType.IDENTITY]
    if one.decision is Decision.IMPLICIT_DENY:
        return f"no Allow of an {layer} matched" if layer[0] in "aeiou" else f"no Allow of a {layer} matched"
    # AWS never lists the statements of SCPs
    return f"a Deny of the {layer} matched" if one.decision is Decision.EXPLICIT_DENY else "allowed"


def _statement(ref: StatementRef) -> str:
    place = f"statement {ref.sid}" if ref.sid else "a statement" if ref.index is None else f"Statement[{ref.index}]"
    named = f"{POLICY_NAMES[ref.policy_type]} {ref.policy}".rstrip()
    return f"{place} of {named}" + (f", line {ref.line}" if ref.line else "")


def _asked(one: Evaluation) -> str:
    return f"{one.request.action} on {one.request.resource}"


def _listed(texts: Sequence[str]) -> str:
    more = len(texts) - LONGEST_LIST
    return "; ".join(texts[:LONGEST_LIST]) + (f"; and {more} more" if more > 0 else "")


def _spelled(keys: Sequence[str], spelled: Mapping[str, str]) -> list[str]:
    return [spelled.get(key, key) for key in keys]


def _settling(picked: Sequence[Evaluation], open_keys: Sequence[str], spelled: Mapping[str, str]) -> Remedy | None:
    if open_keys:
        choices = [f"--context {key}=VALUE or --absent {key}" for key in _spelled(open_keys, spelled)]
        return Remedy(f"to settle it, say what the request will have: {'; '.join(choices)}")
    cures = [cure for layer, cure in _GIVING.items() if any(layer in one.open_layers for one in picked)]
    return Remedy(f"to settle it, {'; '.join(cures)}") if cures else None


def _remedy(denied: Sequence[Evaluation]) -> Remedy:
    """Whom to ask for what; that it helps is not proved."""
    wanted: dict[str, list[str]] = {}
    for one in denied:
        layer = one.blocked_by or PolicyType.IDENTITY
        cure = "stop denying" if one.decision is Decision.EXPLICIT_DENY else "allow"
        wanted.setdefault(f"ask {_OWNERS[layer]} to {cure} in the {POLICY_NAMES[layer]}", []).append(_asked(one))
    return Remedy("; ".join(f"{who}: {', '.join(texts)}" for who, texts in wanted.items()))


def _compared(local: Found, aws: Evaluation) -> Found:
    """AWS's decision with the local engine's certainty; none where the two differ."""
    one = local.evaluation
    if one.decision is aws.decision:
        return replace(local, evaluation=replace(one, simulator="aws"))
    differ = f"AWS's simulator says {aws.decision}, and the local engine {one.decision}"
    return Found(replace(one, decision=aws.decision, matched=aws.matched, certain=False, could_allow=True), differ)


def _whatever_it_stands_for(
    one: Evaluation, local: Simulator, policies: PolicySet, by_resource: Mapping[str, Policy]
) -> Found:
    """The evaluation, certain only where everything that its resource stands for gets the same."""
    resource = one.request.resource
    if not is_pattern(resource):
        return Found(one)
    under = replace(policies, resource=by_resource[resource]) if resource in by_resource else policies
    other = differing(
        one,
        resource_patterns(_all(policies, by_resource)),
        lambda request: local.simulate([request], under)[0],
    )
    if other is None:
        return Found(one)
    what = "which key the alias names" if resource.endswith(":key/*") else "the name that it will get"
    return Found(
        replace(one, certain=False, could_allow=True), f"it depends on {what}: for {other} the answer is another"
    )


def _simulate(
    simulator: Simulator, requests: Sequence[Request], policies: PolicySet, by_resource: Mapping[str, Policy]
) -> list[Evaluation]:
    """Each request under the resource policy of its own resource."""
    groups: dict[str | None, list[int]] = {}
    for at, request in enumerate(requests):
        groups.setdefault(request.resource if request.resource in by_resource else None, []).append(at)
    found: dict[int, Evaluation] = {}
    for resource, places in groups.items():
        under = policies if resource is None else replace(policies, resource=by_resource[resource])
        answers = simulator.simulate([requests[at] for at in places], under)
        found.update(zip(places, answers, strict=True))
    return [found[at] for at in range(len(requests))]


def _all(policies: PolicySet, by_resource: Mapping[str, Policy]) -> Iterator[Policy]:
    for layer in (policies.identity, policies.session):
        yield from () if isinstance(layer, Unread) else layer
    for levels in (policies.scps, policies.rcps):
        for level in () if isinstance(levels, Unread) else levels:
            yield from level
    yield from (one for one in (policies.boundary, policies.resource) if isinstance(one, Policy))
    yield from by_resource.values()


def _keys(policy: Policy) -> Iterator[str]:
    return (condition.key for statement in policy.statements for condition in statement.conditions)


def _could_not_ask(error: AwsUnavailableError, principal_arn: str = "*") -> CheckResult:
    grant = f"grant {error.operation} on {principal_arn} to whoever runs the check, or check offline with --policy"
    return could_not_ask(ID, error, Remedy(grant) if is_access_denied(error) else None)
