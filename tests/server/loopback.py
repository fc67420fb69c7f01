"""The loopback AWS, as tests see it."""

from __future__ import annotations

import json
import tempfile
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, overload

from moto.moto_api._internal.models import moto_api_backend

from tests.server.calls import GLOBAL_REGIONS
from tests.server.gateway import INTERNAL_HEADER, Gateway, Hook, Orders, Wrap
from tests.server.hosting import SageMaker
from tests.server.http import Server
from tests.server.iam import set_user_boundary
from tests.server.identities import (
    ACCOUNT,
    ALLOW_ALL,
    OIDC_HOST,
    WEB_IDENTITY_TOKEN,
    Credentials,
    Document,
    backend,
    clean_environment,
    trust_statement,
)

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import boto3
    from botocore.awsrequest import AWSRequest
    from botocore.client import BaseClient
    from botocore.config import Config
    from moto.iam.models import IAMBackend, Role
    from mypy_boto3_iam import IAMClient
    from mypy_boto3_sagemaker import SageMakerClient
    from mypy_boto3_sts import STSClient

    from tests.server.calls import Call
    from tests.server.iam import Iam
    from tests.server.organizations import Organizations
    from tests.server.quotas import Quotas
    from tests.server.sts import Sts

REGION = "eu-west-1"


class LoopbackAws:
    """AWS on 127.0.0.1: real HTTP, one endpoint for all services and Regions.

    One is started for a test process, and ``reset`` before each test. Credentials are refused unless a method of this
    class, or STS or IAM of this server, has made them. ``admin`` is an IAM user who may do all; it is who calls where
    a test names nobody. Calls are not authorised by policies, but for what ``enforce`` says: what shall be denied
    is told by ``deny``.

    Attributes:
        account_id: the account of everything that is made without naming one.
        sts: STS's worlds: ``aws.sts.deactivate("eu-central-1")``, ``aws.sts.world("*", "throttled")``.
        iam: the simulator: ``aws.iam.scps = [[root_scp], [account_scp]]`` is what it sees of the organization,
            ``aws.iam.simulator = lambda **known: stub`` replaces it.
        quotas: SageMaker's quotas: ``aws.quotas.applied["ml.m5.large for endpoint usage"] = 4``.
        organizations: ``aws.organizations.create()`` gives a tree, which no account but the management account and
            ``aws.organizations.delegated`` may read.
        sagemaker: what there is: ``aws.sagemaker.create_endpoint("churn", endpoint_status="Deleting")``.
    """

    account_id = ACCOUNT
    region_name = REGION
    web_identity_token = WEB_IDENTITY_TOKEN

    def __init__(self) -> None:
        self._orders = Orders(unsigned_region=REGION)
        self._gateway = Gateway(self._authorization_details, self._orders)
        self._server = Server(self._gateway)
        self._folder = tempfile.TemporaryDirectory(prefix="loopback-aws-")
        self._empty = Path(self._folder.name, "empty")
        self._empty.write_text("")
        self._config = Path(self._folder.name, "config")
        self._config.write_text(f"[default]\nendpoint_url = {self.url}\n")
        self._inside: dict[tuple[str, str], IAMClient] = {}
        self._inside_lock = threading.Lock()
        self._clients: list[BaseClient] = []
        self.sts: Sts = self._gateway.sts
        self.iam: Iam = self._gateway.iam
        self.sagemaker = SageMaker(ACCOUNT, REGION)
        self.quotas: Quotas = self._gateway.quotas
        self.organizations: Organizations = self._gateway.organizations
        self.admin: Credentials
        self.reset()

    @property
    def url(self) -> str:
        """The endpoint of every service."""
        return self._server.url

    @property
    def calls(self) -> Sequence[Call]:
        """The calls seen since the last reset, in order of arrival; setting the world up is not among them."""
        return tuple(self._orders.calls)

    @property
    def actions(self) -> Sequence[str]:
        """The calls as ``service:Operation``."""
        return [call.action for call in self._orders.calls]

    def reset(self) -> None:
        """Make a fresh AWS: no resources, all Regions active, nothing denied, ``admin`` anew."""
        self._close_clients(self._clients)
        moto_api_backend.reset()
        self._gateway.identities.clear()
        self.sts.clear()
        self.iam.clear()
        self.quotas.clear()
        self.organizations.clear()
        orders = self._orders
        orders.unsigned_region = REGION
        for told in (orders.rules, orders.hooks, orders.wraps, orders.calls, orders.failures):
            told.clear()
        orders.is_enforced = False
        self.admin = self.create_user("admin", policy=ALLOW_ALL)

    def check_failures(self) -> None:
        """Fail if the server itself failed since the last reset, whatever the client made of it."""
        if self._orders.failures:
            raise AssertionError("\n".join(self._orders.failures))

    def stop(self) -> None:
        """Close the port, the clients and the files."""
        self._close_clients(self._clients)
        self._close_clients([*self._inside.values()])
        self._server.stop()
        self._folder.cleanup()

    @staticmethod
    def _close_clients(clients: list[BaseClient]) -> None:
        for client in clients:
            client.close()
        clients.clear()

    # --- the world

    def deny(self, action: str, *, principal: str = "*") -> None:
        """Deny calls, before all else; both are patterns: ``sagemaker:Describe*``, ``arn:aws:iam::*:role/ci``."""
        self._orders.deny(action, principal)

    def enforce(self) -> None:
        """Let the policies of users and ``iam.scps`` decide whether endpoints and their configs may be created."""
        self._orders.is_enforced = True

    def hook(self, action: str, answer: Hook) -> None:
        """Let a callable answer the calls that match a pattern, in its own time and in any shape.

        It gets the ``Call`` and gives an ``Answer``, or ``None`` to let the call go on. Hooks are asked in order,
        before credentials are looked at.
        """
        self._orders.hooks.append((action, answer))

    def wrap(self, action: str, around: Wrap) -> None:
        """Put a callable around the serving of the calls that match a pattern.

        It gets the ``Call`` and a function that serves it, which it may call or not, and gives the ``Answer``.
        """
        self._orders.wraps.append((action, around))

    def unsigned_calls_go_to(self, region: str) -> None:
        """Say which Region AssumeRoleWithWebIdentity is called in: no signature tells it."""
        self._orders.unsigned_region = region

    def expire(self, credentials: Credentials) -> None:
        """Let every service answer that these credentials have expired."""
        self._gateway.identities.expire(credentials)

    def revoke(self, credentials: Credentials) -> None:
        """Let every service answer that it does not know these credentials."""
        self._gateway.identities.revoke(credentials)

    def create_user(
        self,
        name: str,
        *,
        policy: Document | None = None,
        boundary: Document | None = None,
        path: str = "/",
        account_id: str = ACCOUNT,
        partition: str = "aws",
    ) -> Credentials:
        """Make an IAM user with an inline policy and a boundary; give an access key of its."""
        iam = backend(account_id, partition)
        iam.create_user(partition, name, path)
        if policy is not None:
            iam.put_user_policy(name, f"{name}-inline", json.dumps(policy))
        if boundary is not None:
            set_user_boundary(account_id, partition, name, _boundary(iam, name, boundary))
        return self._gateway.identities.user(account_id, partition, name)

    def create_alarm(self, name: str) -> None:
        """Make a CloudWatch alarm such as one that rolls an endpoint back."""
        self.client("cloudwatch").put_metric_alarm(
            AlarmName=name,
            MetricName="Invocation5XXErrors",
            Namespace="AWS/SageMaker",
            Statistic="Sum",
            Period=60,
            EvaluationPeriods=1,
            Threshold=1,
            ComparisonOperator="GreaterThanThreshold",
        )

    def root(self, *, account_id: str = ACCOUNT, partition: str = "aws") -> Credentials:
        """Make an access key of the account's root user."""
        return self._gateway.identities.root(account_id, partition)

    def create_role(
        self,
        name: str,
        *,
        policy: Document | None = None,
        boundary: Document | None = None,
        trust: Document | None = None,
        path: str = "/",
        session: str = "session",
        account_id: str = ACCOUNT,
        partition: str = "aws",
    ) -> Credentials:
        """Make a role with an inline policy and a boundary; give the credentials of a session in it.

        ``trust`` is by default the account itself and the identity provider of ``web_identity``.
        """
        iam = backend(account_id, partition)
        document = trust or self._default_trust(account_id, partition)
        role: Role = iam.create_role(name, json.dumps(document), path, None, "", [], "3600")
        if policy is not None:
            iam.put_role_policy(name, f"{name}-inline", json.dumps(policy))
        if boundary is not None:
            iam.put_role_permissions_boundary(name, _boundary(iam, name, boundary))
        return self._gateway.identities.assume(role, partition, session)

    @staticmethod
    def _default_trust(account_id: str, partition: str) -> Document:
        prefix = f"arn:{partition}:iam::{account_id}"
        own = trust_statement({"AWS": f"{prefix}:root"})
        web = trust_statement({"Federated": f"{prefix}:oidc-provider/{OIDC_HOST}"}, "sts:AssumeRoleWithWebIdentity")
        return {"Version": "2012-10-17", "Statement": [own, web]}

    def _authorization_details(self, account_id: str, partition: str, **asked: Any) -> Mapping[str, object]:  # noqa: ANN401  a client's keywords
        with self._inside_lock:
            client = self._inside.get((account_id, partition)) or self._inside_client(account_id, partition)
        details = client.get_account_authorization_details(**asked)
        for policy in details["Policies"]:
            policy["PolicyName"] = policy["Arn"].rpartition("/")[2]  # moto leaves it out
        return {name: value for name, value in details.items() if name != "ResponseMetadata"}

    def _inside_client(self, account_id: str, partition: str) -> IAMClient:
        """Make a client that goes straight to moto, unseen, in the name of an account."""

        def mark(request: AWSRequest, **_: object) -> None:
            request.headers[INTERNAL_HEADER] = "yes"
            request.headers["x-moto-account-id"] = account_id

        client = self.session(region_name=GLOBAL_REGIONS[partition]).client("iam")
        client.meta.events.register("before-sign.iam", mark)
        self._inside[account_id, partition] = client
        return client

    # --- the clients

    def environment(
        self, credentials: Credentials | None = None, *, region_name: str | None = REGION, **more: str
    ) -> dict[str, str]:
        """Give the whole environment for a process that shall see this AWS and no other."""
        region = {} if region_name is None else {"AWS_REGION": region_name, "AWS_DEFAULT_REGION": region_name}
        return {
            **clean_environment(),
            "AWS_ENDPOINT_URL": self.url,
            "AWS_CONFIG_FILE": str(self._empty),
            "AWS_SHARED_CREDENTIALS_FILE": str(self._empty),
            "AWS_EC2_METADATA_DISABLED": "true",
            **region,
            **(credentials or self.admin).environment(),
            **more,
        }

    def web_identity(self, role_arn: str, token_file: Path, *, region_name: str = REGION) -> dict[str, str]:
        """Give the environment of a CI job that has a web identity token and no keys; writes the token."""
        token_file.write_text(self.web_identity_token)
        self.unsigned_calls_go_to(region_name)
        environment = self.environment(region_name=region_name)
        for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
            del environment[name]
        return {**environment, "AWS_ROLE_ARN": role_arn, "AWS_WEB_IDENTITY_TOKEN_FILE": str(token_file)}

    def session(
        self, credentials: Credentials | None = None, *, region_name: str | None = REGION, attempts: int | None = None
    ) -> boto3.Session:
        """Give a boto3 session whose clients all come here, whatever the environment says, and try so many times."""
        import boto3
        import botocore.session
        from botocore.config import Config

        core = botocore.session.Session()
        core.set_config_variable("profile", "default")
        core.set_config_variable("config_file", str(self._config))
        core.set_config_variable("credentials_file", str(self._empty))
        retries: Any = None if attempts is None else {"total_max_attempts": attempts}
        core.set_default_client_config(Config(proxies={}, retries=retries))
        who = credentials or self.admin
        return boto3.Session(
            aws_access_key_id=who.access_key_id,
            aws_secret_access_key=who.secret_access_key,
            aws_session_token=who.session_token,
            region_name=region_name,
            botocore_session=core,
        )

    @overload
    def client(
        self,
        service: Literal["iam"],
        *,
        region_name: str = ...,
        credentials: Credentials | None = ...,
        config: Config | None = ...,
    ) -> IAMClient: ...
    @overload
    def client(
        self,
        service: Literal["sts"],
        *,
        region_name: str = ...,
        credentials: Credentials | None = ...,
        config: Config | None = ...,
    ) -> STSClient: ...
    @overload
    def client(
        self,
        service: Literal["sagemaker"],
        *,
        region_name: str = ...,
        credentials: Credentials | None = ...,
        config: Config | None = ...,
    ) -> SageMakerClient: ...
    @overload
    def client(
        self,
        service: str,
        *,
        region_name: str = ...,
        credentials: Credentials | None = ...,
        config: Config | None = ...,
    ) -> Any: ...  # noqa: ANN401  boto3 makes the class of a client at run time
    def client(
        self,
        service: str,
        *,
        region_name: str = REGION,
        credentials: Credentials | None = None,
        config: Config | None = None,
    ) -> BaseClient:
        """Give a boto3 client that tries once, so that a refusal is seen at once; ``reset`` closes it."""
        from botocore.config import Config

        once = Config(retries={"total_max_attempts": 1})
        session: Any = self.session(credentials, region_name=region_name)
        client: BaseClient = session.client(service, config=once.merge(config) if config else once)
        self._clients.append(client)
        return client


def _boundary(iam: IAMBackend, name: str, document: Document) -> str:
    policy = iam.create_policy("", "/", json.dumps(document), f"{name}-boundary", [])
    return str(policy.arn)
