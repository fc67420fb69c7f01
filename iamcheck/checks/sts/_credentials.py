"""Chooses the probe that the credentials allow: reads the session here, and hands on a value.

botocore is imported inside the functions: an offline run never pays for it.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from iamcheck.aws.clients import core_of, profile_of, session_on
from iamcheck.aws.refusals import attempt, translated
from iamcheck.checks.sts._verdict import Probe
from iamcheck.errors import InvalidInputError
from iamcheck.iam.model import Arn

if TYPE_CHECKING:
    from collections.abc import Mapping

    import boto3
    from botocore.credentials import Credentials

    from iamcheck.checks.sts._clients import Clients, SessionClients

SESSION_NAME = "iamcheck-sts-probe"
_WEB_IDENTITY = {
    "web_identity_token_file": "AWS_WEB_IDENTITY_TOKEN_FILE",
    "role_arn": "AWS_ROLE_ARN",
    "role_session_name": "AWS_ROLE_SESSION_NAME",
}
_CREDENTIAL_SOURCES = {"Ec2InstanceMetadata": "iam-role", "EcsContainer": "container-role"}
"""The values of `credential_source` -> botocore's name of the provider; `Environment` is read here."""


@dataclass(frozen=True)
class ProbePlan:
    """How to try the setting.

    Args:
        probe: Which of the probes.
        clients: Clients with the credentials that sign the probe.
        long_term: Whether these are long-term keys.
        role_arn: The role to assume, where the probe assumes one.
        role_session_name: Its session name; a trust policy may ask for a certain one.
        external_id: The external id that the role's trust policy asks for, None where the profile has none.
        token_file: Where the web identity token is read from.
    """

    probe: Probe
    clients: Clients
    long_term: bool
    role_arn: str | None = None
    role_session_name: str = SESSION_NAME
    external_id: str | None = None
    token_file: Path | None = None

    @property
    def account_id(self) -> str | None:
        """The account that credentials are requested from; None where only GetCallerIdentity can tell."""
        return Arn.parse(self.role_arn).account_id if self.role_arn else None


def plan_probe(clients: SessionClients, *, probe_role: str | None = None) -> ProbePlan:
    """Returns the best probe that these credentials allow; makes no call of STS.

    Args:
        clients: Clients with the credentials that the check runs with.
        probe_role: ARN of a role that they may assume (`--sts-probe-role`); comes before all other probes.

    Raises:
        InvalidInputError: `probe_role` is not the ARN of a role.
        AwsUnavailableError: There are no credentials, or they are configured so that none can be had.
    """
    session = clients.session
    profile = profile_of(session, session.profile_name)
    credentials = _credentials(session)
    long_term = _long_term(credentials)
    if probe_role is not None:
        return ProbePlan(Probe.PROBE_ROLE, clients, long_term, role_arn=role_arn(probe_role, "--sts-probe-role"))
    plan = _web_identity(clients, credentials, profile) or _source_role(clients, credentials, profile)
    return plan or ProbePlan(Probe.SESSION_TOKEN, clients, long_term)


def _credentials(session: boto3.Session) -> Credentials:
    """The credentials of a session, not yet resolved where they come from a call."""
    from botocore.exceptions import NoCredentialsError

    credentials = attempt(session.get_credentials, "sts:GetCallerIdentity", None)
    if credentials is None:
        raise translated(NoCredentialsError(), "sts:GetCallerIdentity", None)
    return credentials


def _long_term(credentials: Credentials) -> bool:
    from botocore.credentials import RefreshableCredentials

    # what refreshes itself expires; reading its token would make it call AWS
    return not isinstance(credentials, RefreshableCredentials) and credentials.token is None


def role_arn(arn: str, where: str) -> str:
    """Returns `arn`; InvalidInputError where it is not the ARN of a role."""
    parsed = Arn.parse(arn, where=where)
    if parsed.service != "iam" or not parsed.resource.startswith("role/") or not parsed.account_id:
        cure = "the ARN of a role is arn:PARTITION:iam::ACCOUNT:role/NAME"
        raise InvalidInputError(f"{arn!r} is not the ARN of a role", where=where, cure=cure)
    return arn


def _web_identity(clients: SessionClients, credentials: Credentials, profile: Mapping[str, str]) -> ProbePlan | None:
    """The plan for credentials that were made from a web identity token, as most CI systems have them."""
    settings: dict[str, str] = {}
    if credentials.method == "assume-role-with-web-identity":
        settings = {name: profile[name] for name in _WEB_IDENTITY if name in profile}
    elif credentials.method != "env" or _long_term(credentials):
        return None
    if core_of(clients.session).instance_variables().get("profile") is None:
        # botocore's order: the environment comes first, unless a profile was asked for
        settings |= {name: os.environ[variable] for name, variable in _WEB_IDENTITY.items() if variable in os.environ}
    if not settings.get("web_identity_token_file") or not settings.get("role_arn"):
        return None
    return ProbePlan(
        Probe.WEB_IDENTITY,
        clients,
        long_term=False,
        role_arn=role_arn(settings["role_arn"], "AWS_ROLE_ARN"),
        role_session_name=settings.get("role_session_name") or SESSION_NAME,
        token_file=Path(settings["web_identity_token_file"]),
    )


def _source_role(clients: SessionClients, credentials: Credentials, profile: Mapping[str, str]) -> ProbePlan | None:
    """The plan for a profile with `role_arn`: the same role again, from the same source."""
    # with MFA botocore would ask for a second code on the terminal
    if credentials.method != "assume-role" or "role_arn" not in profile or "mfa_serial" in profile:
        return None
    session = clients.session
    source = clients.of_source(lambda: _source(session, profile))
    if source is None:
        return None
    return ProbePlan(
        Probe.SOURCE_ROLE,
        source,
        long_term=_long_term(_credentials(source.session)),
        role_arn=role_arn(profile["role_arn"], f"profile {session.profile_name}"),
        role_session_name=profile.get("role_session_name") or SESSION_NAME,
        external_id=profile.get("external_id"),
    )


def _source(session: boto3.Session, profile: Mapping[str, str]) -> boto3.Session | None:
    """A session on the credentials that the profile's role is assumed with; None where they cannot be found."""
    import botocore.session

    core = botocore.session.Session()
    for name in ("config_file", "credentials_file", "region"):
        core.set_config_variable(name, core_of(session).get_config_variable(name))
    core.set_default_client_config(core_of(session).get_default_client_config())
    source = profile.get("source_profile")
    if source is None:
        credentials = _named_source(session, profile.get("credential_source"))
        if credentials is None:
            return None
        frozen = credentials.get_frozen_credentials()
        core.set_credentials(frozen.access_key or "", frozen.secret_key or "", frozen.token)
    elif source == session.profile_name:
        # a profile that is its own source has its keys beside the role
        if "aws_access_key_id" not in profile or "aws_secret_access_key" not in profile:
            return None
        core.set_credentials(
            profile["aws_access_key_id"], profile["aws_secret_access_key"], profile.get("aws_session_token")
        )
    else:
        core.set_config_variable("profile", source)
    return session_on(core)


def _named_source(session: boto3.Session, source: str | None) -> Credentials | None:
    from botocore.credentials import EnvProvider

    if source == "Environment":
        return EnvProvider().load()
    method = _CREDENTIAL_SOURCES.get(source or "")
    provider = method and core_of(session).get_component("credential_provider").get_provider(method)
    return provider.load() if provider else None
