"""`principal.allowed` under the policies that the principal has: who reads them, and who decides."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from iamcheck.checks.plan import CheckOutcome
from iamcheck.checks.principal.decisions import ID, NOT_ASKED, PrincipalPolicies, by_aws, by_own_policies
from iamcheck.errors import AwsUnavailableError, UnsupportedElementError
from iamcheck.iam.model import UNREAD, Policy, PolicySet
from iamcheck.results import AwsCall, CheckResult, Evidence, Remedy, Status, could_not_ask

if TYPE_CHECKING:
    from collections.abc import Sequence

    from iamcheck.aws.account.policies import AttachedPolicies
    from iamcheck.aws.organizations import OrganizationPolicies
    from iamcheck.aws.principals import PrincipalIdentity
    from iamcheck.aws.session import Access
    from iamcheck.checks.principal.question import PrincipalQuestion
    from iamcheck.checks.principal.reading import PrincipalFacts, PrincipalSimulation
    from iamcheck.iam.model import Unread
    from iamcheck.simulators import Simulator

__all__ = ["under_own"]

_NO_SCPS: Final = ({"PolicyType": "scp"},)
"""https://docs.aws.amazon.com/IAM/latest/APIReference/API_SimulatePrincipalPolicy.html (PolicyExclusionList)"""
_IGNORED: Final = "SCPs were left out, as --organizations ignore says"
_AWS_ALONE: Final = "the principal's policies could not all be read ({gaps}): AWS's simulator decided alone"


def under_own(asked: PrincipalQuestion, access: Access | None, local: Simulator) -> CheckOutcome:
    """The outcome under the policies that the principal has in IAM, or in authorization details.

    Args:
        asked: What is asked.
        access: The way to AWS; None: offline, and then there are authorization details.
        local: The local engine.

    Raises:
        AwsUnavailableError: Nobody could tell who calls.
        InvalidInputError: The authorization details cannot be used.
    """
    principal = asked.principal()
    if principal is None:
        # nobody was named and nobody could be asked: this is why
        raise asked.unknown_caller()
    if principal.why_not:
        return CheckOutcome(CheckResult(ID, Status.UNKNOWN, principal.why_not), principal.assumptions)
    from_file = _from_file(asked, principal)
    if access is None:
        from iamcheck.checks.principal.reading import PrincipalFacts

        return _alone(asked, PrincipalFacts(from_file, gaps=from_file.unread) if from_file else None, None, local)
    from iamcheck.checks.principal.reading import found_role, hold

    role = None
    if from_file is None:
        principal, role = found_role(principal, access)
    else:
        principal = from_file.who
    simulation = None if asked.wanted.engine == "local" else _simulation(asked, principal, access)
    if asked.wanted.engine == "aws" and simulation is not None:
        result, assumed = by_aws(
            asked.permissions,
            principal,
            iam=access.iam,
            deadline=access.deadline,
            simulator=simulation.simulator,
        )
        ignored = (_IGNORED,) if asked.wanted.organizations == "ignore" else ()
        return CheckOutcome(result, (*assumed, *ignored), "aws")
    held = hold(
        principal,
        asked.permissions,
        access,
        policies=from_file,
        role=role,
        simulation=simulation,
        given=asked.wanted.layers.resource_policies,
    )
    outcome = _decided(asked, held, access, local, simulation)
    return replace(outcome, judged=outcome.judged or _own(asked, held, None, online=True).policies)


def _from_file(asked: PrincipalQuestion, principal: PrincipalIdentity) -> AttachedPolicies | None:
    if asked.wanted.authorization_details is None:
        return None
    from iamcheck.aws.account.authorization_details import read_details  # only for those who have such a file

    return read_details(str(asked.wanted.authorization_details), principal)


def _simulation(asked: PrincipalQuestion, principal: PrincipalIdentity, access: Access) -> PrincipalSimulation:
    from iamcheck.checks.principal.reading import UNKNOWN, PrincipalSimulation
    from iamcheck.simulators.aws import AwsSimulator

    given = asked.given
    boundary = UNREAD if given is None or given.boundary is None else given.boundary
    simulator = AwsSimulator(
        access.iam,
        principal.policy_source_arn,
        access.deadline,
        max_concurrency=access.max_concurrency,
        exclusions=_NO_SCPS if asked.wanted.organizations == "ignore" else (),
    )
    return PrincipalSimulation(simulator, replace(UNKNOWN, boundary=boundary))


def _decided(
    asked: PrincipalQuestion,
    held: PrincipalFacts,
    access: Access,
    local: Simulator,
    simulation: PrincipalSimulation | None,
) -> CheckOutcome:
    engine, answers = asked.wanted.engine, held.answers
    if simulation is None or answers is None:
        return _alone(asked, held, access, local)
    if isinstance(answers, AwsUnavailableError):
        if engine == "both":
            return CheckOutcome(could_not_ask(ID, answers, _grants(asked, held)), held.policies.who.assumptions, "both")
        return _alone(asked, held, access, local, error=answers)
    # AWS names SCPs where there are any
    are_named = any(one.by_organizations is not None for one in answers)
    above = _above(asked, access) if are_named or asked.wanted.organizations else None
    own = _own(asked, held, above, online=True)
    if UNREAD in (own.policies.identity, own.policies.boundary):
        if engine == "both":
            return _alone(asked, held, access, local)
        return _aws_alone(asked, held, access, simulation)
    requests = own.requests(asked.permissions)
    try:
        again = simulation.ask_again(held.asked, answers, requests)
        result, assumed = by_own_policies(
            asked.permissions, own, local=local, answers=again, simulator=simulation.simulator
        )
    except UnsupportedElementError as error:
        return CheckOutcome(_not_understood(error), held.policies.assumptions, "aws")
    return CheckOutcome(
        _with_gaps(result, asked, held, above), assumed, "both" if engine == "both" else "aws", own.policies
    )


def _aws_alone(
    asked: PrincipalQuestion, held: PrincipalFacts, access: Access, simulation: PrincipalSimulation
) -> CheckOutcome:
    """Where AWS knows the policies and nobody else may read them."""
    folder = asked.wanted.organizations not in (None, "aws", "ignore")
    given = asked.given is not None and (asked.given.scps or asked.given.rcps or asked.wanted.layers.resource_policies)
    if folder or given:
        why = (
            "AWS's simulator cannot be told of SCPs, RCPs and resource policies, and the principal's could not be read"
        )
        return CheckOutcome(_with_gaps(CheckResult(ID, Status.UNKNOWN, why), asked, held), (), "aws")
    result, assumed = by_aws(
        asked.permissions,
        held.policies.who,
        iam=access.iam,
        deadline=access.deadline,
        simulator=simulation.simulator,
    )
    gaps = "; ".join(str(gap) for gap in held.gaps)
    ignored = (_IGNORED,) if asked.wanted.organizations == "ignore" else ()
    return CheckOutcome(result, (*assumed, *ignored, _AWS_ALONE.format(gaps=gaps)), "aws")


def _alone(
    asked: PrincipalQuestion,
    held: PrincipalFacts | None,
    access: Access | None,
    local: Simulator,
    *,
    error: AwsUnavailableError | None = None,
) -> CheckOutcome:
    """The local engine alone; a layer that nobody has read keeps its decisions from being certain."""
    if held is None:
        return CheckOutcome(CheckResult(ID, Status.UNKNOWN, "the principal's policies are not known"))
    above = _above(asked, access)
    own = _own(asked, held, above, online=access is not None)
    try:
        result, assumed = by_own_policies(asked.permissions, own, local=local)
    except UnsupportedElementError as unsupported:
        return CheckOutcome(_not_understood(unsupported), held.policies.assumptions, "local")
    if error is not None:
        if result.status is not Status.UNKNOWN:
            assumed = (*assumed, NOT_ASKED.format(error=error))
        else:
            call = AwsCall(error.operation, error.endpoint or "", error.code or "no usable answer")
            result = replace(
                result,
                summary=f"could not ask AWS: {error}; {result.summary}",
                evidence=(Evidence(call=call), *result.evidence),
            )
    return CheckOutcome(_with_gaps(result, asked, held, above), assumed, "local", own.policies)


def _above(asked: PrincipalQuestion, access: Access | None) -> OrganizationPolicies | None:
    """The organization's policies; None where they were given, or where nobody was to read them."""
    if asked.wanted.layers.scps is not None:
        return None
    from iamcheck.checks.principal.organization import organization_of

    return organization_of(asked.deployment.account_id, asked.wanted.organizations, access)


def _own(
    asked: PrincipalQuestion, held: PrincipalFacts, above: OrganizationPolicies | None, *, online: bool
) -> PrincipalPolicies:
    """What is known of the policies: as given, else as read."""
    given, read = asked.given, held.policies
    boundary = read.boundary if given is None or given.boundary is None else given.boundary
    wanted = asked.wanted
    # offline nobody could read what was not given, and an assumption says so
    unread: Sequence[Sequence[Policy]] | Unread = UNREAD if online else ()
    scps, rcps = (unread, unread) if above is None else (above.scps, above.rcps)
    if given is not None:
        scps = given.scps if wanted.layers.scps is not None else scps
        rcps = given.rcps if wanted.layers.rcps is not None else rcps
    policies = PolicySet(
        identity=read.identity,
        boundary=boundary,
        scps=() if read.service_linked else scps,
        rcps=rcps,
    )
    by_resource = {**held.resource_policies, **wanted.layers.resource_policies}
    assumed = (*read.assumptions, *(above.assumptions if above else ()))
    spared = frozenset(label for label, source in read.sources.items() if source.aws_managed)
    return PrincipalPolicies(read.who, policies, by_resource, assumptions=assumed, spared=spared)


def _with_gaps(
    result: CheckResult, asked: PrincipalQuestion, held: PrincipalFacts, above: OrganizationPolicies | None = None
) -> CheckResult:
    """The result with what nobody has read, where that keeps it from being known."""
    if above is not None:
        from iamcheck.checks.principal.organization import evidence_of

        result = replace(result, evidence=(*result.evidence, *evidence_of(above, asked.wanted.organizations)))
    if result.status is not Status.UNKNOWN or not held.gaps:
        return result
    notes = tuple(Evidence(note=f"not read: {gap}") for gap in held.gaps)
    remedy = _grants(asked, held) or result.remedy
    return replace(result, evidence=(*result.evidence, *notes), remedy=remedy)


def _grants(asked: PrincipalQuestion, held: PrincipalFacts) -> Remedy | None:
    """What whoever runs the check must be allowed, where that is what is missing."""
    denied = isinstance(held.answers, AwsUnavailableError) or any(gap.grant_on for gap in held.gaps)
    source = held.policies.who.policy_source_arn
    if not denied or source is None:
        return None
    from iamcheck.policies.checker import checker_of  # only for a caller who may not

    policy = checker_of(asked.deployment, source, checks=[ID])
    actions = {one for statement in Policy.parse(policy).statements for one in statement.actions or ()}
    text = (
        "grant to whoever runs the check what iamcheck generate --for checker --check principal.allowed prints "
        f"({', '.join(sorted(actions))}), or give the policies with --policy FILE"
    )
    return Remedy(text, policy)


def _not_understood(error: UnsupportedElementError) -> CheckResult:
    why = f"one of the principal's policies is not understood: {error}"
    return CheckResult(ID, Status.UNKNOWN, why)
