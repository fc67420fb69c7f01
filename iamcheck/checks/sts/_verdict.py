"""Judges from the evidence whether AWS STS is active in a Region for an account. No I/O, no clock.

No API reads the setting, so it is proved by behaviour. The rules:

1. `RegionDisabledException` naming the account: *deactivated*. It is modelled on the operations that issue
   credentials, and on no other (STS API reference).
2. A call that issues credentials succeeded in that Region for that account: *active*. What counts is the account from
   which the credentials are requested (IAM User Guide, "Manage AWS STS in an AWS Region").
3. Opt-in status `DISABLED`: *region-not-enabled*. `ENABLED` in an opt-in Region: *active*, for there STS cannot be
   deactivated (same page). `ENABLED_BY_DEFAULT` says nothing: those Regions can be deactivated.
4. us-east-1 with valid credentials: *active*; it cannot be deactivated (same page).
5. `InvalidClientTokenId` is asked again in the partition's home Region. Refused there too: *invalid-credentials*.
   Accepted there, with long-term keys, in an opt-in Region: *region-not-enabled*; with session tokens, which may be
   valid in default Regions only (`GlobalEndpointTokenVersion` 1): *unknown*.
6. Nothing else is a yes. `GetCallerIdentity` answers in a deactivated Region as in any other (seen in public reports),
   and a denied probe may have been denied before the setting was looked at.

Two pieces of evidence that contradict each other never make a pass.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

from iamcheck.results import Remedy, Status

if TYPE_CHECKING:
    from collections.abc import Sequence

    from iamcheck.iam.catalogue import Region
    from iamcheck.results import AwsCall

CANNOT_BE_DEACTIVATED = "us-east-1"
_IDENTITY = "GetCallerIdentity"


class StsState(str, Enum):
    """Whether STS is active in a Region for an account."""

    ACTIVE = "active"
    DEACTIVATED = "deactivated"
    REGION_NOT_ENABLED = "region-not-enabled"
    UNKNOWN = "unknown"
    UNREACHABLE = "unreachable"
    INVALID_CREDENTIALS = "invalid-credentials"

    __str__ = str.__str__

    @property
    def status(self) -> Status:
        """The status of a check that found this state."""
        return _STATUS.get(self, Status.UNKNOWN)


_STATUS = {
    StsState.ACTIVE: Status.PASS,
    StsState.DEACTIVATED: Status.FAIL,
    StsState.REGION_NOT_ENABLED: Status.FAIL,
}


class ProbeOutcome(Enum):
    """What came back from a call, as far as it matters here."""

    ISSUED = "credentials were issued; they are thrown away unseen"
    IDENTIFIED = "GetCallerIdentity answered: the credentials are valid"
    REGION_DISABLED = "RegionDisabledException"
    ACCESS_DENIED = "refused for want of permission, or because session credentials may not call it"
    INVALID_TOKEN = "the credentials are not known there"  # noqa: S105  an explanation, not a password
    EXPIRED_TOKEN = "the credentials have expired"  # noqa: S105  likewise
    NO_CREDENTIALS = "there are no credentials to call with"
    UNREACHABLE = "no connection, time-out, DNS, proxy, TLS"
    UNUSABLE = "throttled, a server's error, garbage, or a refusal that says nothing about the setting"


class OptIn(Enum):
    """`RegionOptStatus` of the Account Management API."""

    ENABLED = "ENABLED"
    ENABLED_BY_DEFAULT = "ENABLED_BY_DEFAULT"
    DISABLED = "DISABLED"
    ENABLING = "ENABLING"
    DISABLING = "DISABLING"


class Probe(Enum):
    """How the setting is tried; none has a side effect."""

    SESSION_TOKEN = "GetSessionToken"  # noqa: S105  an operation's name
    """For an IAM user; session credentials are refused it, which proves nothing."""
    WEB_IDENTITY = "AssumeRoleWithWebIdentity"
    """Again with the web identity token that the credentials were made from."""
    SOURCE_ROLE = "AssumeRole with the profile's source credentials"
    PROBE_ROLE = "AssumeRole"
    """Of the role given for the purpose."""
    NONE = "none"
    """The root user's keys are not probed with unless told to."""


@dataclass(frozen=True, slots=True)
class Observation:
    """One call and what it says."""

    call: AwsCall
    region: str
    """The Region whose endpoint was asked."""
    outcome: ProbeOutcome
    account_id: str | None
    """The account that the answer speaks of, 12 digits; None where the answer does not tell."""


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked, and what it is asked with."""

    region: Region
    account_id: str | None
    """The account whose setting is asked about; None: that of the credentials, whichever it is."""
    probe: Probe
    long_term: bool
    """Whether the probing credentials are long-term keys, not session credentials."""
    opt_in: OptIn | None = None
    """The Region's opt-in status for the account, where AWS told it."""


@dataclass(frozen=True, slots=True)
class StsFinding:
    """A state with its words."""

    state: StsState
    summary: str
    remedy: Remedy | None = None


def judge(question: Question, seen: Sequence[Observation]) -> StsFinding:
    """Returns the state that the evidence proves; `unknown` and its kin where it proves none."""
    here = [observation for observation in seen if observation.region == question.region.name]
    if any(
        observation.outcome is ProbeOutcome.REGION_DISABLED and _may_be_about(question, observation)
        for observation in here
    ):
        return _deactivated(question)
    issued = any(
        observation.outcome is ProbeOutcome.ISSUED and _is_about(question, observation) for observation in here
    )
    if opted := _by_opt_in(question, issued=issued):
        return opted
    if issued:
        return StsFinding(StsState.ACTIVE, f"STS issues credentials in {question.region.name}")
    if question.region.name == CANNOT_BE_DEACTIVATED and any(
        observation.outcome is ProbeOutcome.IDENTIFIED and _is_about(question, observation) for observation in here
    ):
        return StsFinding(StsState.ACTIVE, "the credentials are valid, and STS cannot be deactivated in us-east-1")
    return _not_proved(
        question, here, [observation for observation in seen if observation.region != question.region.name]
    )


def _is_about(question: Question, observation: Observation) -> bool:
    return question.account_id in (None, observation.account_id)


def _may_be_about(question: Question, observation: Observation) -> bool:
    return observation.account_id is None or _is_about(question, observation)


def _by_opt_in(question: Question, *, issued: bool) -> StsFinding | None:
    """What the opt-in status settles by itself, or forbids to say."""
    name, status = question.region.name, question.opt_in
    if status in (None, OptIn.ENABLED_BY_DEFAULT) or question.region.enabled_by_default is not False:
        return None
    if status is OptIn.ENABLED:
        return StsFinding(
            StsState.ACTIVE, f"{name} is an opt-in Region that is enabled; STS cannot be deactivated there"
        )
    if status is OptIn.DISABLED and not issued:
        return _not_enabled(question)
    if status is OptIn.ENABLING and issued:
        return None
    doing = "being enabled" if status is OptIn.ENABLING else "being disabled, or disabled, as its opt-in status says"
    cure = "try again when `aws account get-region-opt-status` says ENABLED"
    return StsFinding(StsState.UNKNOWN, f"{name} is {doing}", Remedy(cure))


def _not_proved(question: Question, here: Sequence[Observation], elsewhere: Sequence[Observation]) -> StsFinding:
    answers = {observation.outcome for observation in here}
    if ProbeOutcome.EXPIRED_TOKEN in answers:
        return _invalid("the credentials have expired")
    if ProbeOutcome.INVALID_TOKEN in answers:
        return _refused_token(question, elsewhere)
    others = {observation.account_id for observation in here if not _may_be_about(question, observation)}
    if others:
        whose = ", ".join(sorted(str(other) for other in others))
        summary = f"the evidence is about account {whose}, not about {question.account_id}"
        return StsFinding(
            StsState.UNKNOWN, summary, Remedy(f"use credentials or a probe role of {question.account_id}")
        )
    if ProbeOutcome.NO_CREDENTIALS in answers:
        return StsFinding(StsState.UNKNOWN, "there are no credentials to ask with", Remedy("configure AWS credentials"))
    for observation in here:
        if observation.outcome is ProbeOutcome.UNREACHABLE:
            summary = f"{observation.call.operation} at {observation.call.endpoint}: {observation.call.answer}"
            return StsFinding(
                StsState.UNREACHABLE, summary, Remedy(f"make {observation.call.endpoint} reachable from here")
            )
    for observation in [*here, *elsewhere]:
        if observation.outcome in (ProbeOutcome.UNUSABLE, ProbeOutcome.REGION_DISABLED, ProbeOutcome.UNREACHABLE):
            call = observation.call
            summary = f"{call.operation} at {call.endpoint}: {call.answer}: nothing is proved"
            return StsFinding(StsState.UNKNOWN, summary, Remedy("try again"))
    return _no_conclusive_probe(question, _denied(question, here))


def _denied(question: Question, here: Sequence[Observation]) -> list[str]:
    """The names of the calls that were denied, in order; the probe has the words of `Probe`."""
    operations = [
        observation.call.operation.partition(":")[2]
        for observation in here
        if observation.outcome is ProbeOutcome.ACCESS_DENIED
    ]
    probe = question.probe.value
    return [probe if operation == probe.partition(" ")[0] else operation for operation in dict.fromkeys(operations)]


def _refused_token(question: Question, elsewhere: Sequence[Observation]) -> StsFinding:
    """Where the credentials were not known in the Region: what the home Region said tells why."""
    name = question.region.name
    answers = {observation.outcome for observation in elsewhere}
    if ProbeOutcome.IDENTIFIED in answers:
        if question.region.enabled_by_default is False and question.long_term:
            return _not_enabled(question)
        why = "the Region may not be enabled"
        if not question.long_term:
            why += ", or the session token may be valid in default Regions only (GlobalEndpointTokenVersion 1)"
        cure = f"allow account:GetRegionOptStatus, or use credentials made at the regional endpoint of {name}"
        return StsFinding(StsState.UNKNOWN, f"the credentials are valid, but not in {name}: {why}", Remedy(cure))
    if ProbeOutcome.EXPIRED_TOKEN in answers:
        return _invalid("the credentials have expired")
    if ProbeOutcome.INVALID_TOKEN in answers or not elsewhere:
        return _invalid("the credentials are invalid" + (" everywhere" if elsewhere else ""))
    other = elsewhere[0].call
    summary = f"the credentials are not accepted in {name}; {other.operation} at {other.endpoint}: {other.answer}"
    return StsFinding(StsState.UNKNOWN, summary, Remedy("try again"))


def _no_conclusive_probe(question: Question, denied: Sequence[str]) -> StsFinding:
    name, probe = question.region.name, question.probe.value
    if question.probe is Probe.NONE:
        why = "the keys are the root user's, which are not probed with"
        cure = "use an IAM user's or a role's credentials"
    elif question.probe is Probe.SESSION_TOKEN and not question.long_term and _IDENTITY not in denied:
        why = "session credentials cannot prove it by themselves"
        cure = (
            "give --sts-probe-role, a role that these credentials may assume "
            "(`iamcheck generate --for sts-probe-role` prints its trust policy)"
        )
    else:
        were = "were" if len(denied) > 1 else "was"
        why = f"{' and '.join(denied)} {were} denied" if denied else "no call that issues credentials was possible"
        needed = " and ".join(denied) or probe
        # no policy of IAM denies GetCallerIdentity (AWS STS API Reference)
        where = " (a VPC endpoint policy or a proxy may deny GetCallerIdentity)" if _IDENTITY in denied else ""
        cure = f"allow {needed}{where}, or give --sts-probe-role, a role that these credentials may assume"
    return StsFinding(StsState.UNKNOWN, f"whether STS is active in {name} is not proved: {why}", Remedy(cure))


def _deactivated(question: Question) -> StsFinding:
    name, account = question.region.name, question.account_id
    whom = f"account {account}" if account else "the account"
    cure = (
        f"an administrator of {whom} activates it: IAM console, Account settings, Security Token Service (STS), "
        f"{name}; a new account may answer so for minutes to hours after its creation"
    )
    return StsFinding(StsState.DEACTIVATED, f"STS is deactivated in {name} for {whom}", Remedy(cure))


def _not_enabled(question: Question) -> StsFinding:
    name = question.region.name
    cure = f"an administrator enables the Region: `aws account enable-region --region-name {name}` (minutes to hours)"
    return StsFinding(StsState.REGION_NOT_ENABLED, f"the Region {name} is not enabled for the account", Remedy(cure))


def _invalid(why: str) -> StsFinding:
    return StsFinding(StsState.INVALID_CREDENTIALS, why, Remedy("renew the credentials"))
