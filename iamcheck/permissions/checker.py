"""Lists the AWS calls that each check makes: one table, check -> permission, on what, why.

`generate --for checker`, the documentation and the registry of checks read it.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, Final

from iamcheck.errors import InvalidInputError
from iamcheck.iam.catalogue.organization_actions import ORGANIZATION_ACTIONS
from iamcheck.iam.model import Arn, Request
from iamcheck.iam.request_context import call_context
from iamcheck.permissions.dependent_calls.create_grant import alias_of, key_arn
from iamcheck.permissions.needed import RequiredPermission
from iamcheck.permissions.parts import scaling_role_arn
from iamcheck.results import CheckId

if TYPE_CHECKING:
    from collections.abc import Iterator

    from iamcheck.deployment import Deployment
    from iamcheck.iam.model import ContextInput

__all__ = ["CHECKS_WITH_CALLS", "CHECK_CALLS", "CheckCall", "Checked", "actions_of", "needed_by_checks"]


class _On(Enum):
    """What a check's call is on."""

    ANY = "*"
    PRINCIPAL = "the principal's ARN"
    USER = "the user"
    ROLE = "the role"
    GROUPS = "the user's groups"
    POLICIES = "the account's and AWS's managed policies"
    KEY = "the key"
    EXECUTION_ROLE = "the execution role"
    PROBE_ROLE = "the role of --sts-probe-role"
    ACCOUNT = "the account"
    ENDPOINT = "the endpoint"
    ENDPOINTS = "every endpoint"
    CONFIG = "the endpoint config"
    CONFIGS = "every endpoint config"
    MODELS = "the models"
    NEW_MODELS = "the models that the deployment makes"
    SCALING_ROLE = "the service-linked role of Application Auto Scaling"
    SCALABLE_TARGETS = "every scalable target"


@dataclass(frozen=True, slots=True)
class CheckCall:
    """A call that checks make.

    Args:
        checks: Ids of the checks that make it.
        actions: The permissions that it takes.
        on: What it is on.
        reason: What it is for, one clause.
        source: The AWS page of the call, a URL.
    """

    checks: tuple[str, ...]
    actions: tuple[str, ...]
    on: _On
    reason: str
    source: str


_IAM: Final = "https://docs.aws.amazon.com/IAM/latest/APIReference/API_"
_SAGEMAKER: Final = "https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_"
_ORGANIZATIONS: Final = "https://docs.aws.amazon.com/organizations/latest/APIReference/API_"
_ALLOWED: Final = (CheckId.PRINCIPAL_ALLOWED,)
_OF_ROLES: Final = (CheckId.EXECUTION_ROLE_TRUSTED, CheckId.EXECUTION_ROLE_ALLOWED)
_READ_ROLE: Final = ("iam:GetRolePolicy", "iam:ListAttachedRolePolicies", "iam:ListRolePolicies")

CHECK_CALLS: Final = (
    CheckCall(
        _ALLOWED,
        ("iam:GetContextKeysForPrincipalPolicy", "iam:SimulatePrincipalPolicy"),
        _On.PRINCIPAL,
        "AWS's simulator decides under the principal's policies",
        f"{_IAM}SimulatePrincipalPolicy.html",
    ),
    CheckCall(
        _ALLOWED,
        ("iam:SimulateCustomPolicy",),
        _On.ANY,
        "AWS's simulator decides under policies that are given with --policy",
        f"{_IAM}SimulateCustomPolicy.html",
    ),
    CheckCall(_ALLOWED, ("iam:GetUser",), _On.USER, "a user's tags and boundary are read", f"{_IAM}GetUser.html"),
    CheckCall(
        _ALLOWED,
        ("iam:GetUserPolicy", "iam:ListAttachedUserPolicies", "iam:ListGroupsForUser", "iam:ListUserPolicies"),
        _On.USER,
        "a user's policies and groups are read",
        f"{_IAM}ListUserPolicies.html",
    ),
    CheckCall(
        _ALLOWED,
        ("iam:GetRole",),
        _On.ROLE,
        "the role behind a session is found, with its path, tags and boundary",
        f"{_IAM}GetRole.html",
    ),
    CheckCall(_ALLOWED, _READ_ROLE, _On.ROLE, "a role's policies are read", f"{_IAM}ListRolePolicies.html"),
    CheckCall(
        _ALLOWED,
        ("iam:GetGroupPolicy", "iam:ListAttachedGroupPolicies", "iam:ListGroupPolicies"),
        _On.GROUPS,
        "a group's policies are read",
        f"{_IAM}ListGroupPolicies.html",
    ),
    CheckCall(
        (*_ALLOWED, CheckId.EXECUTION_ROLE_ALLOWED),
        ("iam:GetPolicy", "iam:GetPolicyVersion"),
        _On.POLICIES,
        "the default version of an attached policy is read",
        f"{_IAM}GetPolicyVersion.html",
    ),
    CheckCall(
        _ALLOWED,
        ORGANIZATION_ACTIONS,
        # their ARNs hold the organization's id and management account, which nobody knows beforehand
        _On.ANY,
        "service and resource control policies are read",
        f"{_ORGANIZATIONS}ListPoliciesForTarget.html",
    ),
    CheckCall(
        _ALLOWED,
        ("kms:GetKeyPolicy",),
        _On.KEY,
        "the policy of the volume key is read",
        "https://docs.aws.amazon.com/kms/latest/APIReference/API_GetKeyPolicy.html",
    ),
    CheckCall(
        _ALLOWED,
        ("sagemaker:DescribeEndpointConfig", "sagemaker:ListTags"),
        _On.CONFIG,
        "an endpoint config that exists is read, with its tags: they are in the context of CreateEndpoint",
        f"{_SAGEMAKER}ListTags.html",
    ),
    CheckCall(
        _ALLOWED,
        ("iam:GetRole",),
        _On.SCALING_ROLE,
        "whether the account has the role by which endpoints are scaled is read",
        f"{_IAM}GetRole.html",
    ),
    CheckCall(
        _ALLOWED,
        ("application-autoscaling:DescribeScalableTargets",),
        _On.SCALABLE_TARGETS,
        "whether an endpoint that is deleted is scaled is read",
        "https://docs.aws.amazon.com/autoscaling/application/APIReference/API_DescribeScalableTargets.html",
    ),
    CheckCall(
        _OF_ROLES,
        ("iam:GetRole",),
        _On.EXECUTION_ROLE,
        "the execution role's trust policy and boundary are read",
        f"{_IAM}GetRole.html",
    ),
    CheckCall(
        (CheckId.EXECUTION_ROLE_ALLOWED,),
        _READ_ROLE,
        _On.EXECUTION_ROLE,
        "the execution role's policies are read",
        f"{_IAM}ListRolePolicies.html",
    ),
    CheckCall(
        (CheckId.STS_ACTIVE,),
        ("account:GetRegionOptStatus",),
        _On.ACCOUNT,
        "whether the account has the Region enabled is read",
        "https://docs.aws.amazon.com/accounts/latest/reference/API_GetRegionOptStatus.html",
    ),
    CheckCall(
        (CheckId.STS_ACTIVE,),
        ("sts:AssumeRole",),
        _On.PROBE_ROLE,
        "STS issues credentials for a role without permissions, where the caller has session credentials",
        "https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html",
    ),
    CheckCall(
        (CheckId.ENDPOINT_CONFIG_READY,),
        ("sagemaker:DescribeEndpointConfig",),
        _On.CONFIG,
        "whether the endpoint config is there is read",
        f"{_SAGEMAKER}DescribeEndpointConfig.html",
    ),
    CheckCall(
        (CheckId.MODELS_EXIST, *_OF_ROLES),
        ("sagemaker:DescribeEndpointConfig",),
        _On.CONFIG,
        "the variants of an endpoint config that exists are read",
        f"{_SAGEMAKER}DescribeEndpointConfig.html",
    ),
    CheckCall(
        (CheckId.ENDPOINT_NAME_READY,),
        ("sagemaker:DescribeEndpoint",),
        _On.ENDPOINT,
        "whether the endpoint is there, and in which state, is read",
        f"{_SAGEMAKER}DescribeEndpoint.html",
    ),
    CheckCall(
        (CheckId.ENDPOINT_NAME_READY, CheckId.ENDPOINT_CONFIG_UNUSED, CheckId.QUOTA_INSTANCES),
        ("sagemaker:ListEndpoints",),
        _On.ANY,
        "the endpoints of the Region are looked through",
        f"{_SAGEMAKER}ListEndpoints.html",
    ),
    CheckCall(
        (CheckId.ENDPOINT_CONFIG_UNUSED, CheckId.QUOTA_INSTANCES),
        ("sagemaker:DescribeEndpoint",),
        _On.ENDPOINTS,
        "which endpoint configs and instances the endpoints of the Region use is read",
        f"{_SAGEMAKER}DescribeEndpoint.html",
    ),
    CheckCall(
        (CheckId.QUOTA_INSTANCES,),
        ("sagemaker:DescribeEndpointConfig",),
        _On.CONFIGS,
        "which instance types the endpoints of the Region have is read",
        f"{_SAGEMAKER}DescribeEndpointConfig.html",
    ),
    CheckCall(
        (CheckId.MODELS_EXIST, *_OF_ROLES),
        ("sagemaker:DescribeModel",),
        _On.MODELS,
        "whether a model is there, with which role, image and model data, is read",
        f"{_SAGEMAKER}DescribeModel.html",
    ),
    CheckCall(
        (CheckId.MODEL_NAME_READY,),
        ("sagemaker:DescribeModel",),
        _On.NEW_MODELS,
        "whether the name of a model that is made is taken is read",
        f"{_SAGEMAKER}DescribeModel.html",
    ),
    CheckCall(
        (CheckId.QUOTA_INSTANCES,),
        ("servicequotas:ListAWSDefaultServiceQuotas", "servicequotas:ListServiceQuotas"),
        _On.ANY,
        "the account's quotas of instances are read",
        "https://docs.aws.amazon.com/servicequotas/2019-06-24/apireference/API_ListServiceQuotas.html",
    ),
    CheckCall(
        (CheckId.ALARMS_EXIST,),
        ("cloudwatch:DescribeAlarms",),
        # composite alarms are described only to who may describe every alarm
        _On.ANY,
        "whether an alarm is there is read",
        "https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_DescribeAlarms.html",
    ),
)
"""Adding a call to a check is adding a row, and a statement to `checker.json.j2`."""

CHECKS_WITH_CALLS: Final = tuple(dict.fromkeys(check for call in CHECK_CALLS for check in call.checks))
"""Ids of the checks that call AWS with permissions of their own."""


def actions_of(check_id: str) -> tuple[str, ...]:
    """The permissions that a check takes, sorted; none where it makes no call that needs one."""
    return tuple(sorted({action for call in CHECK_CALLS if check_id in call.checks for action in call.actions}))


@dataclass(frozen=True)
class Checked:
    """What is checked, by whom and about whom.

    Args:
        deployment: The deployment.
        principal: ARN of the user, role or group that will deploy.
        execution_roles: ARNs of the execution roles.
        model_names: Names of the models; None: not known.
        probe_role: ARN of the role of `--sts-probe-role`; None: there is none.
        checks: Ids of the checks that will run.

    Raises:
        InvalidInputError: The principal is no user, role or group, or one of the checks needs no permission.
    """

    deployment: Deployment
    principal: str
    execution_roles: tuple[str, ...] = ()
    model_names: tuple[str, ...] | None = None
    probe_role: str | None = None
    checks: tuple[str, ...] = CHECKS_WITH_CALLS

    def __post_init__(self) -> None:
        if self.kind not in ("user", "role", "group"):
            raise InvalidInputError(
                f"{self.principal!r} is no user, role or group", where="principal", cure="give the ARN of one"
            )
        for check in self.checks:
            if check not in CHECKS_WITH_CALLS:
                raise InvalidInputError(
                    f"{check!r} needs no permission", where="checks", cure=f"some of {', '.join(CHECKS_WITH_CALLS)}"
                )

    @property
    def new_models(self) -> tuple[str, ...]:
        """The names of the models that the deployment makes, as far as they or their form are known."""
        names = (model.name for model in self.deployment.model_requests)
        return tuple(dict.fromkeys(name for name in names if isinstance(name, str)))

    @property
    def kind(self) -> str:
        """What the principal is: `user`, `role` or `group`."""
        return Arn.parse(self.principal, where="principal").resource.partition("/")[0]


def needed_by_checks(checked: Checked) -> tuple[RequiredPermission, ...]:
    """The requests that whoever runs the checks must be allowed, each once."""
    permissions: dict[tuple[str, str], RequiredPermission] = {}
    for call in CHECK_CALLS:
        if set(call.checks).isdisjoint(checked.checks):
            continue
        for resource in _resources(call.on, checked):
            for action in call.actions:
                request = Request(action, resource, context=_context(checked, resource, is_key=call.on is _On.KEY))
                permissions.setdefault((action, resource), RequiredPermission(request, call.reason, call.source))
    return tuple(permissions.values())


def _resources(on: _On, checked: Checked) -> Iterator[str]:
    deployment = checked.deployment
    partition = f"arn:{deployment.partition}"
    account = deployment.account_id
    fixed = {
        _On.ANY: ("*",),
        _On.PRINCIPAL: (checked.principal,),
        _On.USER: (checked.principal,) if checked.kind == "user" else (),
        _On.ROLE: (checked.principal,) if checked.kind == "role" else (),
        _On.POLICIES: (f"{partition}:iam::{account}:policy/*", f"{partition}:iam::aws:policy/*"),
        _On.EXECUTION_ROLE: checked.execution_roles,
        _On.PROBE_ROLE: (checked.probe_role,) if checked.probe_role else (),
        _On.ACCOUNT: (f"{partition}:account::{account}:account",),
        _On.ENDPOINT: deployment.endpoint_arns,
        _On.ENDPOINTS: (f"{partition}:sagemaker:{deployment.region}:{account}:endpoint/*",),
        _On.CONFIG: deployment.endpoint_config_arns,
        _On.CONFIGS: (f"{partition}:sagemaker:{deployment.region}:{account}:endpoint-config/*",),
    }
    if on in fixed:
        yield from fixed[on]
    elif on is _On.GROUPS:
        if checked.kind == "group":
            yield checked.principal
        elif checked.kind == "user":
            # in which groups a user is, nobody knows before it is read
            yield f"{partition}:iam::{account}:group/*"
    elif on in (_On.SCALING_ROLE, _On.SCALABLE_TARGETS):
        if deployment.registers_targets:
            yield scaling_role_arn(deployment) if on is _On.SCALING_ROLE else "*"
    elif on is _On.KEY:
        key = deployment.config_request.kms_key_id if deployment.config_request else None
        if isinstance(key, str):
            yield key_arn(deployment, key)
    elif on in (_On.MODELS, _On.NEW_MODELS):
        names = checked.new_models if on is _On.NEW_MODELS else checked.model_names
        for name in ("*",) if names is None else names:
            for spelling in dict.fromkeys((name, name.lower())):
                yield f"{partition}:sagemaker:{deployment.region}:{account}:model/{spelling}"


def _context(checked: Checked, resource: str, *, is_key: bool) -> dict[str, ContextInput]:
    region, owner = resource.split(":")[3:5] if resource != "*" else ("", "")
    facts = call_context(region or None, owner)
    known = {key: value for key, value in facts.known.items() if key != "aws:ResourceAccount"}
    if owner:
        known["aws:ResourceAccount"] = owner
    alias = alias_of(checked.deployment) if is_key else None
    if alias is not None:
        known["kms:ResourceAliases"] = [alias]
    return known
