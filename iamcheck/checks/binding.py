"""Binds the checks that read AWS to what they need: each becomes a function without arguments.

Loaded only where there is a way to AWS, or where the user names a check.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Final

from iamcheck.checks.plan import CheckOutcome, NotKnownError
from iamcheck.checks.sagemaker import (
    alarms,
    endpoint_config,
    endpoint_config_unused,
    endpoint_name,
    model_name,
    models,
    quota,
)
from iamcheck.checks.sagemaker.variants import variants_of
from iamcheck.deployment.features import ProductionVariant
from iamcheck.deployment.resources import InferenceComponentRequest
from iamcheck.deployment.unknown import UNKNOWN, Tool
from iamcheck.errors import AwsUnavailableError
from iamcheck.results import CheckId, CheckResult, Remedy, Status

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from iamcheck.aws.principals import PrincipalIdentity
    from iamcheck.aws.session import Access
    from iamcheck.checks.options import CheckOptions
    from iamcheck.deployment import Deployment
    from iamcheck.deployment.located import WrittenDeployment

__all__ = ["execution_role_checks", "sagemaker_checks", "sts_active"]


def sagemaker_checks(
    deployment: Deployment, options: CheckOptions, access: Access, existing: Deployment | None = None
) -> Mapping[str, Callable[[], CheckOutcome]]:
    """The checks that read SageMaker, by id.

    Args:
        deployment: What will be created.
        options: What is checked, and how.
        access: The way to AWS.
        existing: The same deployment over the endpoint config that exists, where `--config any` found one.
    """
    reads = access.reads(deployment.region)
    endpoint, config = deployment.endpoint_name, deployment.endpoint_config_name
    request, alarmed = deployment.config_request, deployment.endpoint_request
    config_found = options.config_found(deployment)
    requests = (request, None if existing is None else existing.config_request)
    keys = [request.kms_key_id for request in requests if request is not None]
    # the file's key comes first: where what exists has another, endpoint-config.ready tells them apart
    known_key = next((key for key in keys if isinstance(key, str)), None)

    def variants() -> tuple[ProductionVariant, ...]:
        if config_found != "new" and _is_pattern(deployment, config):
            raise NotKnownError(*_known_later(config))
        return variants_of(request, config, config_found, reads)

    def instances_fit() -> CheckResult:
        rolls = False if alarmed is None else None if alarmed.is_rolling is UNKNOWN else alarmed.is_rolling
        updates = options.endpoint_found() == "existing"
        return quota.instances(quota.InstanceDemand(variants(), updates=updates, rolls=rolls), reads)

    def endpoint_ready() -> CheckResult:
        if endpoint is None:
            return CheckResult(CheckId.ENDPOINT_NAME_READY, Status.SKIPPED, "the file has no endpoint")
        return endpoint_name.ready(endpoint, options.endpoint_found(), reads)

    def models_there() -> CheckResult:
        of_components = (
            ProductionVariant(model_name=request.model_name)
            for request in deployment.resource_requests
            if isinstance(request, InferenceComponentRequest)
        )
        return models.exist((*variants(), *of_components), reads, _created_models(deployment))

    def models_ready() -> CheckResult:
        written = deployment.written
        is_stack = written is not None and written.tool is Tool.CLOUDFORMATION
        return model_name.ready(
            deployment.model_requests,
            reads,
            of_a_stack=is_stack and options.endpoint_found() == "existing",
            deleted=_deleted_models(written),
        )

    checks: tuple[tuple[CheckId, str, Callable[[], CheckResult]], ...] = (
        (
            CheckId.ENDPOINT_CONFIG_READY,
            config,
            lambda: endpoint_config.ready(config, config_found, reads, known_key=known_key),
        ),
        (CheckId.ENDPOINT_NAME_READY, endpoint or "", endpoint_ready),
        (CheckId.MODEL_NAME_READY, "", models_ready),
        (CheckId.ENDPOINT_CONFIG_UNUSED, config, lambda: endpoint_config_unused.unused(config, reads)),
        (CheckId.MODELS_EXIST, "", models_there),
        (CheckId.QUOTA_INSTANCES, "", instances_fit),
        (CheckId.ALARMS_EXIST, "", lambda: alarms.exist(alarmed, reads, _names(deployment, "alarm"))),
    )
    return {
        check_id: partial(_run, check_id, deployment, name, check, is_named=check_id in options.checks)
        for check_id, name, check in checks
    }


def _deleted_models(written: WrittenDeployment | None) -> tuple[str, ...]:
    deletes = () if written is None else written.deletes
    return tuple(
        delete.name for delete in deletes if delete.operation == "DeleteModel" and isinstance(delete.name, str)
    )


def _names(deployment: Deployment, kind: str) -> frozenset[str]:
    """The names of what the deployment makes of a kind besides, such as alarms."""
    return frozenset(str(request.name) for request in deployment.resource_requests if request.kind == kind)


def _created_models(deployment: Deployment) -> frozenset[str]:
    return frozenset(model.name for model in deployment.model_requests if isinstance(model.name, str))


def execution_role_checks(
    deployment: Deployment,
    options: CheckOptions,
    access: Access | None,
    who: PrincipalIdentity | AwsUnavailableError | None,
) -> Mapping[str, Callable[[], CheckOutcome]]:
    """The checks of execution roles, by id; none where the user names neither.

    Args:
        deployment: What will be created.
        options: What is checked, and how.
        access: The way to AWS; None: offline, with authorization details.
        who: Who calls, or why nobody can tell.
    """
    if set(options.checks).isdisjoint({"all", *_EXECUTION_ROLE_CHECKS}):
        return {}
    from iamcheck.checks.execution_role.check import (
        Roles,  # brings the local engine and the reading of IAM along, which few runs need
    )

    roles = Roles(deployment, options, access, who)
    return {
        check_id: partial(_run, check_id, deployment, "", check, is_named=check_id in options.checks)
        for check_id, check in zip(_EXECUTION_ROLE_CHECKS, (roles.trusted, roles.allowed), strict=True)
    }


def sts_active(
    deployment: Deployment, options: CheckOptions, access: Access, who: PrincipalIdentity | AwsUnavailableError | None
) -> CheckOutcome:
    """Whether STS issues credentials in the Region of a deployment.

    Args:
        deployment: The deployment.
        options: What is checked, and how.
        access: The way to AWS.
        who: Who calls, or why nobody can tell.
    """
    from iamcheck.checks.sts import StsAccess, check_region

    sts_access = StsAccess(
        session=None if access.given_sts is not None else access.session,
        client=access.given_sts,
        account_id=deployment.account_id,
        caller=None if isinstance(who, AwsUnavailableError) else who,
        probe_role=options.sts_probe_role,
        deadline=access.deadline,
        clients=None if access.given_sts is not None else access.clients,
    )
    return CheckOutcome(check_region(deployment.region, sts_access).check())


_EXECUTION_ROLE_CHECKS: Final = (CheckId.EXECUTION_ROLE_TRUSTED, CheckId.EXECUTION_ROLE_ALLOWED)


def _run(
    check_id: CheckId,
    deployment: Deployment,
    name: str,
    check: Callable[[], CheckResult | CheckOutcome],
    *,
    is_named: bool,
) -> CheckOutcome:
    """What a check finds; where what it is about is not known, unknown only if the user names it."""
    try:
        if _is_pattern(deployment, name):
            raise NotKnownError(*_known_later(name))
        result = check()
        return result if isinstance(result, CheckOutcome) else CheckOutcome(result)
    except NotKnownError as error:
        status = Status.UNKNOWN if is_named else Status.SKIPPED
        return CheckOutcome(CheckResult(check_id, status, error.reason, remedy=Remedy(f"to settle it, {error.cure}")))


def _is_pattern(deployment: Deployment, name: str) -> bool:
    return deployment.names_are_patterns and "*" in name


def _known_later(pattern: str) -> tuple[str, str]:
    return f"the name is known only when the deployment is made: {pattern}", "give the name"
