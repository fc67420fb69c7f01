"""Know before you deploy a SageMaker endpoint: will it be allowed, and what is the smallest policy that makes it so?

Every public name is imported when it is first used, so that `import iamcheck` costs next to nothing.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from iamcheck._version import __version__

if TYPE_CHECKING:
    from iamcheck.api import check, generate_policy
    from iamcheck.checks.report import PreflightFailed, PreflightUnknown, Report, Reports
    from iamcheck.deployment import Deployment
    from iamcheck.deployment.from_file import deployments_from_file
    from iamcheck.errors import (
        AwsUnavailableError,
        IamcheckError,
        InvalidInputError,
        TemplateError,
        UnsupportedElementError,
    )
    from iamcheck.fleet.library import check_all
    from iamcheck.iam.engine.evaluate import evaluate
    from iamcheck.iam.engine.many import evaluate_many
    from iamcheck.iam.model import UNREAD, Decision, Evaluation, Policy, PolicySet, Request, StatementRef
    from iamcheck.permissions import RequiredPermission
    from iamcheck.policies.execution_role import generate_execution_role_policy
    from iamcheck.policies.splitting import generate_policies
    from iamcheck.provisioning import Guard, create_endpoint, guard, wait_for_endpoint_config, wait_in_service
    from iamcheck.provisioning.failures import EndpointFailedError
    from iamcheck.results import CheckResult, Status, Verdict
    from iamcheck.simulators.local_iam import LocalIAM

__all__ = [
    "UNREAD",
    "AwsUnavailableError",
    "CheckResult",
    "Decision",
    "Deployment",
    "EndpointFailedError",
    "Evaluation",
    "Guard",
    "IamcheckError",
    "InvalidInputError",
    "LocalIAM",
    "Policy",
    "PolicySet",
    "PreflightFailed",
    "PreflightUnknown",
    "Report",
    "Reports",
    "Request",
    "RequiredPermission",
    "StatementRef",
    "Status",
    "TemplateError",
    "UnsupportedElementError",
    "Verdict",
    "__version__",
    "check",
    "check_all",
    "create_endpoint",
    "deployments_from_file",
    "evaluate",
    "evaluate_many",
    "generate_execution_role_policy",
    "generate_policies",
    "generate_policy",
    "guard",
    "wait_for_endpoint_config",
    "wait_in_service",
]

_HOMES = {
    "iamcheck.api": ("check", "generate_policy"),
    "iamcheck.fleet.library": ("check_all",),
    "iamcheck.checks.report": ("PreflightFailed", "PreflightUnknown", "Report", "Reports"),
    "iamcheck.deployment": ("Deployment",),
    "iamcheck.deployment.from_file": ("deployments_from_file",),
    "iamcheck.iam.engine": ("evaluate",),
    "iamcheck.iam.engine.many": ("evaluate_many",),
    "iamcheck.errors": (
        "AwsUnavailableError",
        "IamcheckError",
        "InvalidInputError",
        "TemplateError",
        "UnsupportedElementError",
    ),
    "iamcheck.policies.execution_role": ("generate_execution_role_policy",),
    "iamcheck.policies.splitting": ("generate_policies",),
    "iamcheck.iam.model": ("UNREAD", "Decision", "Evaluation", "Policy", "PolicySet", "Request", "StatementRef"),
    "iamcheck.permissions": ("RequiredPermission",),
    "iamcheck.provisioning": ("Guard", "create_endpoint", "guard", "wait_for_endpoint_config", "wait_in_service"),
    "iamcheck.provisioning.failures": ("EndpointFailedError",),
    "iamcheck.results": ("CheckResult", "Status", "Verdict"),
    "iamcheck.simulators.local_iam": ("LocalIAM",),
}
_HOME = {name: home for home, names in _HOMES.items() for name in names}


def __getattr__(name: str) -> object:
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_HOME[name]), name)


def __dir__() -> list[str]:
    return sorted(__all__)
