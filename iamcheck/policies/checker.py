"""Renders the policy of whoever runs iamcheck online."""

from __future__ import annotations

from typing import TYPE_CHECKING

from iamcheck.deployment import Deployment
from iamcheck.deployment.unsettled import UnsettledError
from iamcheck.permissions.checker import CHECKS_WITH_CALLS, Checked, needed_by_checks
from iamcheck.permissions.execution_role import execution_roles
from iamcheck.policies.rendering import RenderedPolicy, render_packaged
from iamcheck.policies.trust import trust_place

if TYPE_CHECKING:
    from collections.abc import Sequence

    from iamcheck.deployment import PartialDeployment
    from iamcheck.permissions import RequiredPermission
    from iamcheck.results import Json

__all__ = ["checker_of", "render_checker"]


def checker_of(
    deployment: Deployment | PartialDeployment,
    principal: str,
    *,
    execution_role: str | None = None,
    probe_role: str | None = None,
    checks: Sequence[str] = (),
) -> dict[str, Json]:
    """The policy of whoever runs iamcheck online for a deployment.

    Args:
        deployment: The deployment.
        principal: ARN of the user, role or group that will deploy.
        execution_role: ARN of an execution role, besides those that are written.
        probe_role: ARN of the role of `--sts-probe-role`.
        checks: Ids of the checks that will run; none: every check.

    Raises:
        UnsettledError: A name is not known.
        InvalidInputError: The principal is no user, role or group, or one of the checks needs no permission.
    """
    if not isinstance(deployment, Deployment):
        raise UnsettledError(deployment.unsettled)
    written, config = deployment.written, deployment.config_request
    roles = execution_roles(written.config, written.models) if written else ()
    given_roles = () if execution_role is None else (execution_role,)
    variants = () if config is None else config.known_variants
    names = tuple(dict.fromkeys(variant.model_name for variant in variants if isinstance(variant.model_name, str)))
    # where a variant names no model, or one that is known only later, it may be any
    known = bool(variants) and all(
        isinstance(variant.model_name, str) and not variant.has_instance_pools for variant in variants
    )
    rendered, _ = render_checker(
        Checked(
            deployment,
            principal,
            execution_roles=tuple(dict.fromkeys((*given_roles, *roles))),
            model_names=names if known else None,
            probe_role=probe_role,
            checks=tuple(dict.fromkeys(checks)) or CHECKS_WITH_CALLS,
        )
    )
    return rendered.document


def render_checker(checked: Checked) -> tuple[RenderedPolicy, tuple[RequiredPermission, ...]]:
    """The policy of whoever runs iamcheck online, and what it is for.

    Raises:
        InvalidInputError: The account's number is none.
    """
    deployment = checked.deployment
    config = deployment.config_request
    key = config.kms_key_id if config else None
    variables = {
        **trust_place(deployment.region, deployment.account_id),
        "endpoint_name": deployment.endpoint_name,
        "endpoint_config_name": deployment.endpoint_config_name,
        "principal": checked.principal,
        "execution_roles": list(checked.execution_roles),
        "model_names": None if checked.model_names is None else list(checked.model_names),
        "new_models": list(checked.new_models),
        "sts_probe_role": checked.probe_role or "",
        "kms_key_id": key if isinstance(key, str) else "",
        "checks": list(checked.checks),
        "registers_targets": deployment.registers_targets,
    }
    return render_packaged("checker", variables), needed_by_checks(checked)
