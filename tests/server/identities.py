"""Who calls: users and roles in moto's IAM, and the credentials that stand for them.

The loopback refuses a key that it never handed out, as AWS does; moto alone would take any key for its default account.
Signatures are not verified.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import count
from typing import TYPE_CHECKING

from moto.iam.models import iam_backends
from moto.sts.models import sts_backends

from tests.server.calls import GLOBAL_REGIONS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from moto.iam.models import IAMBackend, Role

ACCOUNT = "123456789012"
SECRET = "not-a-secret"  # every secret access key that the loopback hands out
SESSION_TOKEN = "not-a-session-token"
WEB_IDENTITY_TOKEN = "not-a-web-identity-token"
OIDC_HOST = "ci.example.com"
ALLOW_ALL: Mapping[str, object] = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}],
}

Document = Mapping[str, object]


@dataclass(frozen=True)
class Caller:
    """Whom a key stands for.

    ``arn`` and ``user_id`` are what GetCallerIdentity answers, ``principal`` is the user's, role's or root's ARN that
    policies know.
    """

    account_id: str
    arn: str
    user_id: str
    principal: str
    is_session: bool = False


@dataclass(frozen=True)
class Credentials:
    """A key to call with, and whose it is."""

    access_key_id: str
    caller: Caller
    session_token: str | None = None
    secret_access_key: str = field(default=SECRET, repr=False)

    @property
    def arn(self) -> str:
        """The ARN that GetCallerIdentity answers."""
        return self.caller.arn

    def environment(self) -> dict[str, str]:
        """Give the variables that SDKs and the AWS CLI read."""
        token = {} if self.session_token is None else {"AWS_SESSION_TOKEN": self.session_token}
        return {"AWS_ACCESS_KEY_ID": self.access_key_id, "AWS_SECRET_ACCESS_KEY": self.secret_access_key, **token}


class RefusedError(Exception):
    """The credentials of a call are not taken; ``reason`` is ``unknown`` or ``expired``."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def backend(account_id: str, partition: str) -> IAMBackend:
    """moto's IAM of an account."""
    found: IAMBackend = iam_backends[account_id][partition]
    return found


def trust_statement(principal: Mapping[str, object], action: str = "sts:AssumeRole") -> dict[str, object]:
    """Write a statement of a trust policy."""
    return {"Effect": "Allow", "Principal": principal, "Action": action}


class Identities:
    """The credentials that are in use, over moto's users and roles."""

    def __init__(self) -> None:
        self._temporary: dict[str, Credentials] = {}
        self._dead: dict[str, str] = {}
        self._numbers = count(1)

    def clear(self) -> None:
        """Forget all credentials."""
        self._temporary.clear()
        self._dead.clear()

    def expire(self, credentials: Credentials) -> None:
        """Let every service answer that the token has expired."""
        self._dead[credentials.access_key_id] = "expired"

    def revoke(self, credentials: Credentials) -> None:
        """Let every service answer that it does not know the key."""
        self._dead[credentials.access_key_id] = "unknown"

    def caller(self, access_key_id: str, session_token: str | None, partition: str) -> Caller:
        """Whose key this is.

        Raises:
            RefusedError: nobody's, no longer anybody's, or of another partition.
        """
        if access_key_id in self._dead:
            raise RefusedError(self._dead[access_key_id])
        caller = self._find(access_key_id, session_token)
        if caller is None or caller.arn.split(":")[1] != partition:
            raise RefusedError("unknown")
        return caller

    def _find(self, access_key_id: str, session_token: str | None) -> Caller | None:
        if known := self._temporary.get(access_key_id):
            return known.caller if known.session_token == session_token else None
        if session_token is None:
            for iam in _all_backends():
                if user := iam.get_user_from_access_key_id(access_key_id):
                    return Caller(user.account_id, user.arn, user.id, user.arn)
        return None

    def issue(self, caller: Caller) -> Credentials:
        """Make session credentials for a caller, as the operations of STS do."""
        number = next(self._numbers)
        token = f"{SESSION_TOKEN}-{number}"
        return self._remember(Credentials(f"ASIA{number:016}", replace(caller, is_session=True), token))

    def root(self, account_id: str, partition: str) -> Credentials:
        """Make a root access key."""
        arn = f"arn:{partition}:iam::{account_id}:root"
        return self._remember(Credentials(f"AKIAROOT{account_id}", Caller(account_id, arn, account_id, arn)))

    def user(self, account_id: str, partition: str, name: str) -> Credentials:
        """Make an access key for a user that exists."""
        iam = backend(account_id, partition)
        user, key = iam.get_user(name), iam.create_access_key(name)
        key.secret_access_key = SECRET
        return Credentials(key.access_key_id, Caller(account_id, user.arn, user.id, user.arn))

    def assume(self, role: Role, partition: str, session: str) -> Credentials:
        """Let moto's STS assume a role; the secret and the token are ours, so that none looks like a real one."""
        region = GLOBAL_REGIONS[partition]
        assumed = sts_backends[role.account_id][partition].assume_role(region, session, role.arn, "", 900, "")
        token = f"{SESSION_TOKEN}-{next(self._numbers)}"
        caller = Caller(role.account_id, assumed.arn, assumed.user_id, role.arn, is_session=True)
        return self._remember(Credentials(assumed.access_key_id, caller, token))

    def _remember(self, credentials: Credentials) -> Credentials:
        self._temporary[credentials.access_key_id] = credentials
        return credentials


def _all_backends() -> Iterator[IAMBackend]:
    # a copy, for another thread may be adding an account
    for account in list(iam_backends.values()):
        yield from list(account.values())


def trusts(role: Role, action: str, caller: Caller | None, federated: str | None = None) -> bool:
    """Whether a role's trust policy lets this caller, or this identity provider, assume it.

    Reads AWS, Federated and ``*`` principals; no conditions: a trust policy that has some is for
    ``LoopbackAws.hook``.
    """
    statements = json.loads(role.assume_role_policy_document)["Statement"]
    matching = [
        statement["Effect"]
        for statement in (statements if isinstance(statements, list) else [statements])
        if _statement_matches(statement, action, caller, federated)
    ]
    return "Allow" in matching and "Deny" not in matching


def _statement_matches(
    statement: Mapping[str, object], action: str, caller: Caller | None, federated: str | None
) -> bool:
    if "Condition" in statement:
        raise NotImplementedError("the loopback's trust policies have no conditions")
    if not {action, "sts:*", "*"} & set(_listed(statement["Action"])):
        return False
    principal = statement["Principal"]
    if principal == "*":
        return True
    if not isinstance(principal, dict):
        return False
    if caller is None:
        return federated in _listed(principal.get("Federated", ()))
    account = caller.account_id
    partition = caller.arn.split(":")[1]
    names = {"*", account, f"arn:{partition}:iam::{account}:root", caller.arn, caller.principal}
    return bool(names & set(_listed(principal.get("AWS", ()))))


def _listed(value: object) -> Sequence[str]:
    return [value] if isinstance(value, str) else [str(item) for item in value] if isinstance(value, Sequence) else []


def clean_environment() -> dict[str, str]:
    """Give this process's environment without anything that an AWS client or a proxy would read."""
    proxies = {"http_proxy", "https_proxy", "all_proxy"}
    return {k: v for k, v in os.environ.items() if not k.startswith("AWS_") and k.lower() not in proxies}
