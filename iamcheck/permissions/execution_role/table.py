"""Lists the permissions of an execution role: one table, what is used -> permission, why, and the page that says so.

Never made from the template, so that simulation proves something. Source of the list:
https://docs.aws.amazon.com/sagemaker/latest/dg/sagemaker-roles.html#sagemaker-roles-createmodel-perms
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from iamcheck.deployment.unsettled import Unsettled
from iamcheck.errors import InvalidInputError
from iamcheck.iam.model import Place, Request
from iamcheck.iam.request_context import ContextFacts, call_context
from iamcheck.permissions.execution_role.containers import model_uses
from iamcheck.permissions.execution_role.kinds import RoleUse, UseKind
from iamcheck.permissions.execution_role.places import Home
from iamcheck.permissions.execution_role.uses import (
    RoleInputs,
    config_uses,
    endpoint_uses,
    execution_roles,
    given_uses,
    unnamed_models,
)
from iamcheck.permissions.execution_role.walk import Walk
from iamcheck.permissions.needed import RequiredPermission
from iamcheck.results import Assumption

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import datetime

    from iamcheck.iam.model import ContextInput

__all__ = ["RoleNeeds", "needed_by_role"]

_ROLES: Final = "https://docs.aws.amazon.com/sagemaker/latest/dg/sagemaker-roles.html#sagemaker-roles-createmodel-perms"
_LOGS: Final = "https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/iam-access-control-overview-cwl.html"
_CAPTURE: Final = "https://docs.aws.amazon.com/sagemaker/latest/dg/model-monitor-data-capture-endpoint.html"
_ASYNC: Final = "https://docs.aws.amazon.com/sagemaker/latest/dg/async-inference-create-endpoint-prerequisites.html"
_API: Final = "https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_"
_S3_KEYS: Final = "https://docs.aws.amazon.com/AmazonS3/latest/userguide/UsingKMSEncryption.html"
_WRITE_WITH_KEY: Final = ("kms:Encrypt", "kms:GenerateDataKey")


@dataclass(frozen=True, slots=True)
class _UseRow:
    kind: UseKind
    actions: tuple[str, ...]
    reason: str
    source: str


_TABLE: Final = (
    _UseRow(UseKind.METRICS, ("cloudwatch:PutMetricData",), "SageMaker publishes the endpoint's metrics", _ROLES),
    _UseRow(
        UseKind.LOG_GROUP,
        ("logs:CreateLogGroup", "logs:DescribeLogStreams"),
        "the containers log to the endpoint's log group",
        _LOGS,
    ),
    _UseRow(
        UseKind.LOG_STREAM,
        ("logs:CreateLogStream", "logs:PutLogEvents"),
        "each container logs to a stream of the endpoint's log group",
        _LOGS,
    ),
    _UseRow(
        UseKind.REGISTRY, ("ecr:GetAuthorizationToken",), "images are pulled from ECR, which takes a token", _ROLES
    ),
    _UseRow(
        UseKind.IMAGE,
        ("ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"),
        "the container's image is pulled",
        _ROLES,
    ),
    _UseRow(UseKind.MODEL_DATA, ("s3:GetObject",), "the model data are downloaded", _ROLES),
    _UseRow(
        UseKind.MODEL_LISTING,
        ("s3:ListBucket",),
        "the model data are all objects below a prefix, so they are listed",
        f"{_API}S3ModelDataSource.html",
    ),
    _UseRow(UseKind.MODEL_KEY, ("kms:Decrypt",), "the model data are encrypted with this key", _ROLES),
    _UseRow(UseKind.CAPTURE, ("s3:PutObject",), "captured data are written there", _CAPTURE),
    _UseRow(UseKind.CAPTURE_KEY, _WRITE_WITH_KEY, "captured data are encrypted with this key", _S3_KEYS),
    _UseRow(UseKind.ASYNC_OUTPUT, ("s3:PutObject",), "results of asynchronous inference are written there", _ASYNC),
    _UseRow(UseKind.ASYNC_FAILURE, ("s3:PutObject",), "failures of asynchronous inference are written there", _ASYNC),
    _UseRow(UseKind.ASYNC_INPUT, ("s3:GetObject",), "inputs of asynchronous inference are read from there", _ASYNC),
    _UseRow(
        UseKind.ASYNC_KEY, _WRITE_WITH_KEY, "results of asynchronous inference are encrypted with this key", _S3_KEYS
    ),
    _UseRow(UseKind.ASYNC_TOPIC, ("sns:Publish",), "the end of an asynchronous inference is published there", _ASYNC),
    _UseRow(
        UseKind.CORE_DUMP,
        ("s3:PutObject",),
        "core dumps of the model container are written there",
        f"{_API}ProductionVariantCoreDumpConfig.html",
    ),
    _UseRow(UseKind.CORE_DUMP_KEY, _WRITE_WITH_KEY, "core dumps are encrypted with this key", _S3_KEYS),
    _UseRow(
        UseKind.INTERFACE,
        (
            "ec2:CreateNetworkInterface",
            "ec2:CreateNetworkInterfacePermission",
            "ec2:DeleteNetworkInterface",
            "ec2:DeleteNetworkInterfacePermission",
        ),
        "the containers reach the VPC through network interfaces",
        _ROLES,
    ),
    _UseRow(
        UseKind.INTERFACE_PLACE,
        ("ec2:CreateNetworkInterface",),
        "a network interface is made in this subnet, with this security group",
        "https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonec2.html",
    ),
    _UseRow(
        UseKind.NETWORK,
        (
            "ec2:DescribeDhcpOptions",
            "ec2:DescribeNetworkInterfaces",
            "ec2:DescribeSecurityGroups",
            "ec2:DescribeSubnets",
            "ec2:DescribeVpcs",
        ),
        "SageMaker looks at the VPC that it connects the containers to",
        _ROLES,
    ),
    _UseRow(
        UseKind.ALARM,
        ("cloudwatch:DescribeAlarms",),
        "the alarm rolls the update back",
        "https://docs.aws.amazon.com/sagemaker/latest/dg/deployment-guardrails-configuration.html",
    ),
)
"""Adding a permission is adding a row, and a statement to `execution-role.json.j2`."""

_BY_S3: Final = (UseKind.MODEL_KEY, UseKind.CAPTURE_KEY, UseKind.ASYNC_KEY, UseKind.CORE_DUMP_KEY)
"""Keys that S3 uses, with the role's rights: the data are encrypted in S3."""
_REGION_NOT_KNOWN: Final = (
    UseKind.CAPTURE,
    UseKind.ASYNC_OUTPUT,
    UseKind.ASYNC_FAILURE,
    UseKind.ASYNC_INPUT,
    UseKind.CORE_DUMP,
)
"""Buckets that may be in another Region; those of model data must not be (API_ContainerDefinition, ModelDataUrl)."""


@dataclass(frozen=True)
class RoleNeeds:
    """What a role must be allowed to do.

    Args:
        role: ARN of the role; None: not known.
        permissions: What is needed for certain.
        unsettled: What else may be needed, and why that is not known; each once.
        assumptions: What is taken for granted.
    """

    role: str | None
    permissions: tuple[RequiredPermission, ...]
    unsettled: tuple[Unsettled, ...]
    assumptions: tuple[Assumption, ...]


def needed_by_role(
    inputs: RoleInputs, *, region: str, account_id: str, role: str | None = None, now: datetime | None = None
) -> RoleNeeds:
    """The requests that SageMaker will make as the execution role of a deployment, each with its known context.

    Args:
        inputs: What they follow from; of the models, those of another role are left out.
        region: Region code of the deployment.
        account_id: The 12 digits of its account.
        role: ARN of the role; None: the one that the requests name.
        now: The time of the check; None leaves the keys of time unknown.

    Raises:
        InvalidInputError: The requests name several roles, and `role` is None.
    """
    home = Home(region, account_id)
    roles = execution_roles(inputs.config, inputs.models)
    if role is None and len(roles) > 1:
        raise InvalidInputError(
            f"the requests name several execution roles: {', '.join(roles)}",
            where="ExecutionRoleArn",
            cure="say which with --execution-role",
        )
    who = role or (roles[0] if roles else None)
    uses: list[RoleUse] = []
    unsettled: list[Unsettled] = []
    for need in _uses(inputs, home, who):
        if isinstance(need, RoleUse):
            uses.append(need)
        else:
            unsettled.append(need)
    return RoleNeeds(
        who,
        tuple(_permissions(uses, home, who, now)),
        tuple(dict.fromkeys(unsettled)),
        tuple(_assumptions(uses, inputs)),
    )


def _uses(inputs: RoleInputs, home: Home, role: str | None) -> Iterator[RoleUse | Unsettled]:
    """What SageMaker uses as the role, and what is not known of it."""
    walk = Walk()
    yield RoleUse(UseKind.METRICS, "*")
    yield RoleUse(UseKind.REGISTRY, "*")
    if inputs.endpoint_name is None:
        yield Unsettled(
            "the name of the endpoint", "is not known", Place(label="its log group has it"), "give ENDPOINT"
        )
    else:
        # the reference names log groups without `:*` and the CloudWatch Logs User Guide with it: both are asked about
        group = home.arn("logs", f"log-group:/aws/sagemaker/Endpoints/{inputs.endpoint_name}")
        yield RoleUse(UseKind.LOG_GROUP, group)
        yield RoleUse(UseKind.LOG_GROUP, f"{group}:*")
        yield RoleUse(UseKind.LOG_STREAM, f"{group}:log-stream:*")
    for model in inputs.serving(role).models:
        yield from model_uses(walk, model.root, home)
    if inputs.config is None:
        yield Unsettled(
            "the endpoint config", "is not known", Place(label="its request"), "give it with --config-request"
        )
    else:
        yield from config_uses(walk, inputs.config.root, home, inputs.async_inputs)
        unnamed_models(walk, inputs.config.root, inputs.models)
    if inputs.endpoint is None:
        yield Unsettled(
            "the alarms of the endpoint", "are not known", Place(label="its request"), "give it with --request"
        )
    else:
        yield from endpoint_uses(walk, inputs.endpoint.root, home)
    yield from given_uses(inputs, home)
    yield from walk.unsettled


def _permissions(
    uses: Iterable[RoleUse], home: Home, role: str | None, now: datetime | None
) -> Iterator[RequiredPermission]:
    seen: set[tuple[str, str, str]] = set()
    by_kind: dict[UseKind, list[RoleUse]] = {}
    for use in uses:
        by_kind.setdefault(use.kind, []).append(use)
    for row in _TABLE:
        for use in by_kind.get(row.kind, ()):
            for action in row.actions:
                # two models may share an image, and captured data a place with results
                if (action, use.arn, repr(use.context)) not in seen:
                    seen.add((action, use.arn, repr(use.context)))
                    facts = _facts(use, home, now)
                    request = Request(
                        action, use.arn, principal=role, context={**facts.known, **use.context}, absent=facts.absent
                    )
                    yield RequiredPermission(request, row.reason, row.source, use.place)


def _facts(use: RoleUse, home: Home, now: datetime | None) -> ContextFacts:
    """What is known of a call that SageMaker makes as the role: the Region that it asks in, and the owner."""
    own_region, owner = use.arn.split(":")[3:5] if use.arn != "*" else ("", "")
    region = None if use.kind in _REGION_NOT_KNOWN else own_region or home.region
    by_s3 = use.kind in _BY_S3
    facts = call_context(region, owner, now=now, by_service=by_s3)
    known: dict[str, ContextInput] = {key: value for key, value in facts.known.items() if key != "aws:ResourceAccount"}
    if owner:
        known["aws:ResourceAccount"] = owner
    if by_s3:
        known |= {"kms:CallerAccount": home.account_id, "kms:ViaService": f"s3.{own_region}.amazonaws.com"}
    return ContextFacts(known, facts.absent)


_ALARMS = Assumption(
    "the alarms are taken to be metric alarms: CloudWatch describes composite alarms only to who may describe every "
    "alarm (https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_DescribeAlarms.html)"
)
_KEYS = Assumption(
    "model data are taken not to be encrypted with a KMS key, for no request says so: --model-data-key names one",
    "--model-data-key",
)
_ONE_ROLE = Assumption("models whose execution role is not known are taken to have this one")
_NETWORK = Assumption("subnets and security groups are taken to be the account's own")


def _assumptions(uses: Iterable[RoleUse], inputs: RoleInputs) -> Iterator[Assumption]:
    kinds = {use.kind for use in uses}
    if UseKind.MODEL_DATA in kinds and not inputs.model_data_keys:
        yield _KEYS
    named = [model.root.get("ExecutionRoleArn") for model in inputs.models]
    if len(named) > 1 and any(member is None or not isinstance(member.value, str) for member in named):
        yield _ONE_ROLE
    if UseKind.INTERFACE_PLACE in kinds:
        yield _NETWORK
    if UseKind.ALARM in kinds:
        yield _ALARMS
