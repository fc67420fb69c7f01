"""Makes the calls for one Region in their order, until enough is known."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from iamcheck.aws.principals import IdentityKind
from iamcheck.checks.sts._clients import SessionClients, is_regional
from iamcheck.checks.sts._opt_in import opt_in_status
from iamcheck.checks.sts._probes import assume, identify, session_token
from iamcheck.checks.sts._verdict import CANNOT_BE_DEACTIVATED, Observation, OptIn, Probe, ProbeOutcome, Question
from iamcheck.iam import catalogue

if TYPE_CHECKING:
    from iamcheck.aws.clients import Deadline
    from iamcheck.aws.principals import PrincipalIdentity
    from iamcheck.checks.sts._clients import Clients
    from iamcheck.checks.sts._credentials import ProbePlan
    from iamcheck.checks.sts._opt_in import OptIns
    from iamcheck.iam.catalogue import Region
    from iamcheck.results import AwsCall

_SETTLED = frozenset({ProbeOutcome.ISSUED, ProbeOutcome.REGION_DISABLED})


@dataclass(frozen=True)
class Means:
    """What every Region is asked with.

    Args:
        clients: Clients with the credentials that the check runs with.
        plan: How they can try the setting.
        account_id: The account that is asked about; None: that of the credentials or of the role to assume.
        caller: Who the credentials belong to, where that is known already.
        probe_root: Whether to probe with the root user's keys.
        deadline: When the run must have ended.
        opt_ins: The opt-in statuses of all Regions, where several are asked about; None: each is asked for by itself.
    """

    clients: Clients
    plan: ProbePlan
    account_id: str | None = None
    caller: PrincipalIdentity | None = None
    probe_root: bool = False
    deadline: Deadline | None = None
    opt_ins: OptIns | None = None


@dataclass
class Investigation:
    """The calls for one Region; each step looks at what is known so far."""

    means: Means
    region: Region
    caller: PrincipalIdentity | None
    seen: list[Observation] = field(default_factory=list)
    opt_in_call: AwsCall | None = None
    opt_in: OptIn | None = None
    probe: Probe = Probe.NONE

    @classmethod
    def of(cls, means: Means, region: Region) -> Investigation:
        """Makes the calls and keeps what they said."""
        investigation = cls(means, region, means.caller, probe=means.plan.probe)
        if means.plan.role_arn is None:
            investigation._try_own_credentials()
        else:
            investigation._try_role()
        investigation._ask_at_home()
        investigation._ask_opt_in_status()
        return investigation

    def question(self) -> Question:
        """What the observations have to answer."""
        plan, region = self.means.plan, self.region
        return Question(region, self._account_id(), self.probe, plan.long_term, self.opt_in)

    def _account_id(self) -> str | None:
        caller = self.caller.account_id if self.caller else None
        return self.means.account_id or self.means.plan.account_id or caller

    def _try_own_credentials(self) -> None:
        """GetSessionToken; who calls is asked before, where the root user's keys must be told from a user's."""
        special = self.region.name == CANNOT_BE_DEACTIVATED
        may_be_root = self.means.plan.long_term or not isinstance(self.means.clients, SessionClients)
        if (may_be_root and self.caller is None) or special:
            identified = self._identify(self.means.plan.clients, self.region)
            if special or not identified:
                return
        caller = self.caller
        if caller is not None and caller.kind is IdentityKind.ROOT and not self.means.probe_root:
            self.probe = Probe.NONE
            return
        account = caller.account_id if caller else None
        self.seen.append(session_token(self.means.plan.clients, self.region, account, self.means.deadline))

    def _try_role(self) -> None:
        tried = assume(self.means.plan, self.region, self.means.deadline)
        self.seen.append(tried)
        if tried.outcome is ProbeOutcome.ISSUED and not self._is_of_region(tried):
            text = f"{tried.call.answer}; but this endpoint is not known to be that of {self.region.name}"
            self.seen[0] = replace(tried, outcome=ProbeOutcome.UNUSABLE, call=tried.call._replace(answer=text))
        if self.region.name == CANNOT_BE_DEACTIVATED and tried.outcome not in _SETTLED:
            self._identify(self.means.clients, self.region)

    def _is_of_region(self, tried: Observation) -> bool:
        """Whether the endpoint that issued credentials is known to be the Region's.

        A signature is for one Region, and an endpoint of another refuses it ("Credential should be scoped to a valid
        region"). AssumeRoleWithWebIdentity is not signed, so that a configured endpoint is asked once more, signed.
        """
        if tried.call.operation != f"sts:{Probe.WEB_IDENTITY.value}" or is_regional(tried.call.endpoint, self.region):
            return True
        return self._identify(self.means.clients, self.region)

    def _ask_at_home(self) -> None:
        """On InvalidClientTokenId: whether the credentials are valid at all."""
        home = home_region(self.region)
        outcomes = {observation.outcome for observation in self.seen}
        if ProbeOutcome.INVALID_TOKEN in outcomes and not outcomes & _SETTLED and home != self.region:
            self._identify(self.means.plan.clients, home)

    def _ask_opt_in_status(self) -> None:
        """In an opt-in Region, where the probes settled nothing and the status is that of the account asked about."""
        clients = self.means.clients
        if self.region.enabled_by_default is not False or not isinstance(clients, SessionClients):
            return
        outcomes = {observation.outcome for observation in self.seen}
        if outcomes & (_SETTLED | {ProbeOutcome.EXPIRED_TOKEN, ProbeOutcome.NO_CREDENTIALS}):
            return
        home = home_region(self.region)
        if self.caller is None and home.name not in {observation.region for observation in self.seen}:
            self._identify(clients, home)
        if self.caller is not None and self._account_id() == self.caller.account_id:
            listed = self.means.opt_ins
            self.opt_in_call, self.opt_in = (
                opt_in_status(clients, self.region, self.means.deadline)
                if listed is None
                else listed.status(self.region)
            )

    def _identify(self, clients: Clients, region: Region) -> bool:
        observed, caller = identify(clients, region, self.means.deadline)
        self.seen.append(observed)
        # whose credentials a role is assumed with says nothing about the session's own
        if caller is not None and clients is self.means.clients:
            self.caller = caller
        return caller is not None


def home_region(region: Region) -> Region:
    """The Region where the credentials of a partition are tried: us-east-1, elsewhere the partition's first."""
    names = catalogue.partition(region.partition).regions
    return catalogue.region(CANNOT_BE_DEACTIVATED if CANNOT_BE_DEACTIVATED in names else names[0])
