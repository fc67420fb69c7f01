"""Makes the calls that try the setting, and turns each into an `Observation`; what they issue is dropped unseen."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from iamcheck.aws.clients import call, endpoint_of
from iamcheck.aws.principals import principal_of
from iamcheck.aws.refusals import ACCESS_DENIED, EXPIRED
from iamcheck.checks.sts._verdict import Observation, Probe, ProbeOutcome
from iamcheck.errors import AwsUnavailableError, InvalidInputError
from iamcheck.iam.model import Arn
from iamcheck.results import AwsCall

if TYPE_CHECKING:
    from collections.abc import Callable

    from iamcheck.aws.clients import AwsAnswer, Deadline
    from iamcheck.aws.principals import PrincipalIdentity
    from iamcheck.checks.sts._clients import Clients
    from iamcheck.checks.sts._credentials import ProbePlan
    from iamcheck.iam.catalogue import Region

SHORTEST = 900
"""Seconds; the shortest life that STS gives (STS API reference, DurationSeconds)."""
DENY_ALL = '{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Action":"*","Resource":"*"}]}'
"""The session policy of the probes: what they issue can do nothing, even if it were kept."""
UNKNOWN_TOKEN = frozenset({"InvalidClientTokenId", "UnrecognizedClientException", "AuthFailure"})
_ACCOUNT = re.compile(r"\b\d{12}\b")


def identify(
    clients: Clients, region: Region, deadline: Deadline | None
) -> tuple[Observation, PrincipalIdentity | None]:
    """GetCallerIdentity: proves the credentials and the Region's reachability, never the setting."""
    identities: list[PrincipalIdentity] = []

    def read(answer: AwsAnswer) -> str:
        identities.append(principal_of(answer))
        return identities[0].account_id

    seen = _observe(clients, region, "GetCallerIdentity", {}, ProbeOutcome.IDENTIFIED, read, deadline)
    return seen, identities[0] if identities else None


def session_token(clients: Clients, region: Region, account_id: str | None, deadline: Deadline | None) -> Observation:
    """GetSessionToken, for which IAM users need no permission and which session credentials are refused."""

    def read(answer: AwsAnswer) -> str | None:
        _issued(answer)
        return account_id

    return _observe(
        clients,
        region,
        "GetSessionToken",
        {"DurationSeconds": SHORTEST},
        ProbeOutcome.ISSUED,
        read,
        deadline,
        account_id,
    )


def assume(plan: ProbePlan, region: Region, deadline: Deadline | None) -> Observation:
    """AssumeRole or AssumeRoleWithWebIdentity, with a session policy that denies everything."""
    parameters: dict[str, object] = {
        "RoleArn": plan.role_arn,
        "RoleSessionName": plan.role_session_name,
        "DurationSeconds": SHORTEST,
        "Policy": DENY_ALL,
    }
    operation = "AssumeRole"
    if plan.external_id is not None:
        parameters["ExternalId"] = plan.external_id
    if plan.probe is Probe.WEB_IDENTITY and plan.token_file is not None:
        operation = "AssumeRoleWithWebIdentity"
        try:
            parameters["WebIdentityToken"] = plan.token_file.read_text(encoding="ascii").strip()
        except (OSError, ValueError) as error:
            text = f"not asked: the web identity token cannot be read ({type(error).__name__})"
            return Observation(AwsCall(f"sts:{operation}", "", text), region.name, ProbeOutcome.NO_CREDENTIALS, None)

    def read(answer: AwsAnswer) -> str:
        _issued(answer)
        user = answer.part("AssumedRoleUser")
        try:
            account = Arn.parse(user.text("Arn")).account_id if user else None
        except InvalidInputError as error:
            raise answer.unusable(str(error)) from error
        if account != plan.account_id or account is None:
            raise answer.unusable("AssumedRoleUser is not of the role's account")
        return account

    return _observe(plan.clients, region, operation, parameters, ProbeOutcome.ISSUED, read, deadline, plan.account_id)


def _issued(answer: AwsAnswer) -> None:
    credentials = answer.part("Credentials")
    if credentials is None:
        raise answer.unusable("it holds no credentials")
    for member in ("AccessKeyId", "SecretAccessKey", "SessionToken"):
        credentials.text(member)


def _observe(
    clients: Clients,
    region: Region,
    operation: str,
    parameters: dict[str, object],
    good: ProbeOutcome,
    read: Callable[[AwsAnswer], str | None],
    deadline: Deadline | None,
    account_id: str | None = None,
) -> Observation:
    """Makes a call; `read` takes from a good answer the account that it speaks of."""
    name = f"sts:{operation}"
    try:
        client = clients.sts(region)
    except AwsUnavailableError as error:
        return Observation(_call(name, error), region.name, ProbeOutcome.UNUSABLE, None)
    try:
        answer = call(client.client, name, deadline, **parameters)
    except AwsUnavailableError as error:
        if client.failed_before(name, error):
            return _chain_failed(error, region.name, clients.region_name)
        return _failed(error, name, region, account_id)
    try:
        account = read(answer)
    except AwsUnavailableError as error:
        return Observation(_call(name, error), region.name, ProbeOutcome.UNUSABLE, None)
    return Observation(AwsCall(name, endpoint_of(client.client) or "", good.value), region.name, good, account)


def _call(operation: str, error: AwsUnavailableError) -> AwsCall:
    return AwsCall(operation, error.endpoint or "", error.reason)


def _failed(error: AwsUnavailableError, operation: str, region: Region, account_id: str | None) -> Observation:
    outcome = outcome_of(error)
    if outcome is ProbeOutcome.REGION_DISABLED:
        named = _ACCOUNT.search(error.reason)
        account_id = named[0] if named else account_id
    return Observation(_call(operation, error), region.name, outcome, account_id)


def _chain_failed(error: AwsUnavailableError, region: str, chain_region: str | None) -> Observation:
    """The credential chain failed: the setting of the Region that it asks in may be the reason, no other's."""
    call = _call(f"sts:{getattr(error.__cause__, 'operation_name', '*')}", error)
    outcome = outcome_of(error)
    if outcome is ProbeOutcome.REGION_DISABLED:
        named = _ACCOUNT.search(error.reason)
        return Observation(call, chain_region or region, outcome, named[0] if named else None)
    if outcome is not ProbeOutcome.EXPIRED_TOKEN:
        outcome = ProbeOutcome.UNUSABLE
    return Observation(call, region, outcome, None)


def outcome_of(error: AwsUnavailableError) -> ProbeOutcome:
    """What a failed call says about the setting."""
    from botocore import exceptions as b

    if error.code == "RegionDisabledException":
        return ProbeOutcome.REGION_DISABLED
    for codes, outcome in (
        (ACCESS_DENIED, ProbeOutcome.ACCESS_DENIED),
        (UNKNOWN_TOKEN, ProbeOutcome.INVALID_TOKEN),
        (EXPIRED, ProbeOutcome.EXPIRED_TOKEN),
    ):
        if error.code in codes:
            return outcome
    cause = error.__cause__
    if isinstance(cause, (b.NoCredentialsError, b.PartialCredentialsError)):
        return ProbeOutcome.NO_CREDENTIALS
    if isinstance(cause, (b.HTTPClientError, b.ConnectionError)) or (cause is None and error.code is None):
        return ProbeOutcome.UNREACHABLE
    return ProbeOutcome.UNUSABLE
