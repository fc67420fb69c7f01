"""Checks STS in one Region or many: observes, judges, reports."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING

from iamcheck.aws.concurrency import together
from iamcheck.checks.sts._clients import GivenClient, SessionClients, is_regional
from iamcheck.checks.sts._credentials import ProbePlan, plan_probe, role_arn
from iamcheck.checks.sts._investigation import Investigation, Means
from iamcheck.checks.sts._opt_in import OptIns
from iamcheck.checks.sts._verdict import OptIn, Probe, StsState, judge
from iamcheck.errors import AwsUnavailableError, InvalidInputError
from iamcheck.iam import catalogue
from iamcheck.results import (
    SCHEMA_VERSION,
    WITHOUT_CREDENTIALS,
    AwsCall,
    CheckId,
    CheckResult,
    Evidence,
    Remedy,
    Status,
    Verdict,
    evidence_to_dict,
    remedy_to_dict,
    verdict_of,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import boto3
    from mypy_boto3_sts import STSClient

    from iamcheck.aws.client_pool import ClientPool
    from iamcheck.aws.clients import Deadline
    from iamcheck.aws.principals import PrincipalIdentity
    from iamcheck.checks.sts._clients import Clients
    from iamcheck.checks.sts._verdict import Observation
    from iamcheck.iam.catalogue import Region
    from iamcheck.results import Json

MAX_CONCURRENCY = 4
_CONFIGURE = Remedy("configure AWS credentials")


@dataclass(frozen=True)
class StsAccess:
    """What to ask STS with.

    Args:
        session: The credentials.
        client: An STS client in place of a session; it must be of the Region that is asked about. It knows less:
            neither a web identity nor a profile's role is tried again, and no opt-in status is read.
        account_id: The 12 digits of the account whose setting is asked about; None: that of the role that is assumed
            to probe, else that of the credentials.
        caller: Who the credentials belong to, where GetCallerIdentity was asked already; saves a call.
        probe_role: ARN of a role that the credentials may assume, for those that cannot probe otherwise.
        probe_root: Whether to probe with the root user's keys too.
        deadline: When the run must have ended.
        clients: Where the clients of the session are kept; None: each is made anew.
    """

    session: boto3.Session | None = None
    client: STSClient | None = None
    account_id: str | None = None
    caller: PrincipalIdentity | None = None
    probe_role: str | None = None
    probe_root: bool = False
    deadline: Deadline | None = None
    clients: ClientPool | None = None


@dataclass(frozen=True)
class RegionResult:
    """What is known of STS in one Region.

    Attributes:
        region: The Region's code.
        state: The state that the evidence proves.
        status: `pass`, `fail`, `unknown` or `skipped`.
        summary: One sentence.
        evidence: Each call that was made, the endpoint asked, and what answered.
        remedy: What to do, None where nothing is to be done.
    """

    region: str
    state: StsState
    status: Status
    summary: str
    evidence: tuple[Evidence, ...] = ()
    remedy: Remedy | None = None

    @property
    def may_change(self) -> bool:
        """Whether waiting may help: STS may yet be activated there, the Region enabled."""
        if self.status is Status.FAIL:
            return self.state in (StsState.DEACTIVATED, StsState.REGION_NOT_ENABLED)
        answers = {fact.call.answer for fact in self.evidence if fact.call is not None}
        return self.state is StsState.UNKNOWN and OptIn.ENABLING.value in answers

    def check(self) -> CheckResult:
        """The result as the check `sts.active` of a report."""
        # of the commands that ask STS, `check` alone can do without it
        remedy = Remedy(f"{_CONFIGURE.text}, or {WITHOUT_CREDENTIALS}") if self.remedy == _CONFIGURE else self.remedy
        return CheckResult(CheckId.STS_ACTIVE, self.status, self.summary, self.evidence, remedy=remedy)

    def to_dict(self) -> dict[str, Json]:
        """The JSON form."""
        return {
            "region": self.region,
            "state": self.state.value,
            "status": self.status.value,
            "summary": self.summary,
            "evidence": [evidence_to_dict(fact) for fact in self.evidence],
            "remedy": remedy_to_dict(self.remedy),
        }


@dataclass(frozen=True)
class StsReport:
    """STS in several Regions, in the order asked."""

    regions: tuple[RegionResult, ...]

    @property
    def verdict(self) -> Verdict:
        """The worst Region's: fail before unknown."""
        return verdict_of(result.check() for result in self.regions)

    def to_dict(self) -> dict[str, Json]:
        """The JSON report of `iamcheck sts`."""
        return {
            "schema_version": SCHEMA_VERSION,
            "verdict": self.verdict.value,
            "regions": [result.to_dict() for result in self.regions],
        }


def check_region(region: str, access: StsAccess) -> RegionResult:
    """Tells whether STS is active in one Region.

    Args:
        region: The Region's code, such as `eu-west-1`.
        access: What to ask with.

    Raises:
        InvalidInputError: A Region, an ARN, a profile or a configured endpoint that cannot be used.
    """
    return check_regions([region], access).regions[0]


def check_regions(
    regions: Sequence[str],
    access: StsAccess,
    *,
    skip_not_enabled: bool = False,
    max_concurrency: int = MAX_CONCURRENCY,
    on_region: Callable[[RegionResult], None] | None = None,
) -> StsReport:
    """Tells whether STS is active in each of several Regions, asked side by side; the order stays the one asked.

    Args:
        regions: Codes of Regions; a Region named twice is asked once.
        access: What to ask with.
        skip_not_enabled: Whether a Region that is not enabled is skipped, not failed; for all Regions of a partition.
        max_concurrency: How many Regions are asked at a time, at least 1.
        on_region: Called with the result of each Region, on the thread that asked about it.

    Raises:
        InvalidInputError: A Region, an ARN, a profile or a configured endpoint that cannot be used; no Region at all.
    """
    asked_regions = [catalogue.region(name) for name in dict.fromkeys(regions)]
    if not asked_regions:
        raise InvalidInputError("no Region was given", cure="name one, such as eu-west-1")
    try:
        means = _with_list(_means(access), asked_regions)
    except AwsUnavailableError as error:
        results = [_without_credentials(region, error) for region in asked_regions]
    else:
        results = _side_by_side(means, asked_regions, max_concurrency, on_region or (lambda _: None))
    if skip_not_enabled:
        results = [_skipped_if_not_enabled(result) for result in results]
    return StsReport(tuple(results))


def _means(access: StsAccess) -> Means:
    clients: Clients
    if access.client is not None:
        clients = GivenClient(access.client)
        # whether its keys are long-term ones cannot be told, so that nothing is concluded from that
        role = access.probe_role and role_arn(access.probe_role, "probe_role")
        plan = ProbePlan(Probe.PROBE_ROLE if role else Probe.SESSION_TOKEN, clients, long_term=False, role_arn=role)
    elif access.session is not None:
        clients = SessionClients(access.session, access.deadline, access.clients)
        plan = plan_probe(clients, probe_role=access.probe_role)
    else:
        raise InvalidInputError("neither a session nor a client was given", cure="give a boto3.Session")
    return Means(clients, plan, access.account_id, access.caller, access.probe_root, access.deadline)


def _with_list(means: Means, asked: Sequence[Region]) -> Means:
    """The same with one list of opt-in statuses, where more than one Region may need its own."""
    opt_in = [region for region in asked if region.enabled_by_default is False]
    if len(opt_in) < 2 or not isinstance(means.clients, SessionClients):
        return means
    return replace(means, opt_ins=OptIns(means.clients, means.deadline))


def _side_by_side(
    means: Means, regions: Sequence[Region], max_concurrency: int, on_region: Callable[[RegionResult], None]
) -> list[RegionResult]:
    def ask(region: Region) -> RegionResult:
        result = _result(means, region)
        on_region(result)
        return result

    if len(regions) == 1:
        return [ask(regions[0])]
    answers = together([partial(ask, region) for region in regions], max_concurrency=max(1, max_concurrency))
    results = []
    for result in answers:
        if isinstance(result, AwsUnavailableError):
            raise result
        results.append(result)
    return results


def _result(means: Means, region: Region) -> RegionResult:
    investigation = Investigation.of(means, region)
    finding = judge(investigation.question(), investigation.seen)
    evidence = [_evidence(observation) for observation in investigation.seen]
    if investigation.opt_in_call is not None:
        evidence.append(Evidence(call=investigation.opt_in_call))
    state = finding.state
    return RegionResult(region.name, state, state.status, finding.summary, tuple(evidence), finding.remedy)


def _evidence(observation: Observation) -> Evidence:
    region = catalogue.region(observation.region)
    notes = []
    if observation.call.endpoint and not is_regional(observation.call.endpoint, region):
        notes.append("the endpoint is a configured one, such as that of AWS_ENDPOINT_URL_STS")
    if observation.account_id is not None:
        notes.append(f"the answer is about account {observation.account_id}")
    return Evidence(call=observation.call, note="; ".join(notes) or None)


def _without_credentials(region: Region, error: AwsUnavailableError) -> RegionResult:
    call = AwsCall(error.operation, error.endpoint or "", error.reason)
    return RegionResult(
        region.name,
        StsState.UNKNOWN,
        Status.UNKNOWN,
        f"STS was not asked: {error.reason}",
        (Evidence(call=call),),
        _CONFIGURE,
    )


def _skipped_if_not_enabled(result: RegionResult) -> RegionResult:
    if result.state is not StsState.REGION_NOT_ENABLED:
        return result
    return replace(result, status=Status.SKIPPED, remedy=None)
