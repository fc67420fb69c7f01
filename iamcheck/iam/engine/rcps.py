"""Says which requests resource control policies (RCPs) can touch.

Source: https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_rcps.html
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final, cast

from iamcheck.iam.catalogue import action
from iamcheck.iam.model import PrincipalKind
from iamcheck.iam.model.principal import SERVICE_LINKED_NAME, SERVICE_LINKED_PATH, is_service_linked_role
from iamcheck.iam.model.rcp import rcp_services

if TYPE_CHECKING:
    from iamcheck.iam.engine.semantics import Rules
    from iamcheck.iam.model import PolicySet, Request

__all__ = ["in_force", "path_tells", "rcps_can_touch"]

_AWS_MANAGED_ALIAS: Final = "alias/aws/"
_EXEMPT_ACTION: Final = "kms:retiregrant"
_WITHOUT_RCPS: Final = "without RCPs"


def rcps_can_touch(request: Request) -> bool:
    """Tells whether an RCP can deny a request.

    RCPs act on the resources of some services only, and there on actions that have a type of resource; an action that
    the packaged reference does not know may have one. They act neither on service-linked roles, as callers or as what
    is assumed, nor on KMS keys that AWS manages (as an alias of the key says), nor on `kms:RetireGrant`. That the
    resource belongs to a member account, not to the management account, is for the caller to know.
    """
    return _act_on_what_is_asked(request) and not _is_service_linked(request)


def path_tells(request: Request) -> bool:
    """Tells whether it hangs on the path of a session's role, which is not known, that an RCP can deny a request.

    The ARN of a session holds no path, and a role in any path may have the name of a service-linked one.
    """
    return _has_linked_name(request) and _act_on_what_is_asked(request)


def _act_on_what_is_asked(request: Request) -> bool:
    if request.action_key.partition(":")[0] not in rcp_services() or request.action_key == _EXEMPT_ACTION:
        return False
    known = action(request.action)
    if known is not None and not known.resource_types:
        return False
    return not (_is_assumed_service_linked(request) or _is_key_of_aws(request))


def _is_service_linked(request: Request) -> bool:
    caller = request.caller
    if caller.kind is PrincipalKind.SESSION:
        role = request.known.get("aws:principalarn")
        if role is not None:
            return any(is_service_linked_role(arn) for arn in role.values)
        return _has_linked_name(request)
    return caller.kind is PrincipalKind.ROLE and is_service_linked_role(caller.text)


def _has_linked_name(request: Request) -> bool:
    """Whether nothing but the name tells of a session that its role is a service-linked one."""
    caller = request.caller
    has_name = caller.kind is PrincipalKind.SESSION and caller.name.startswith(SERVICE_LINKED_NAME)
    return has_name and "aws:principalarn" not in request.known


def _is_assumed_service_linked(request: Request) -> bool:
    return (
        request.action_key.startswith("sts:assumerole")
        and request.parts is not None
        and request.parts[5].startswith(SERVICE_LINKED_PATH)
    )


def _is_key_of_aws(request: Request) -> bool:
    if not request.action_key.startswith("kms:"):
        return False
    if request.parts is not None and request.parts[5].startswith(_AWS_MANAGED_ALIAS):
        return True
    aliases = request.known.get("kms:resourcealiases")
    return aliases is not None and any(alias.startswith(_AWS_MANAGED_ALIAS) for alias in aliases.values)


def in_force(request: Request, policies: PolicySet, rules: Rules) -> PolicySet:
    """Returns the policies that have a say in a request: without RCPs, read or not, where they cannot touch it."""
    if not policies.rcps or not rules.rcps_count or rcps_can_touch(request):
        return policies
    without = policies.compiled.get(_WITHOUT_RCPS)
    if without is None:
        without = policies.compiled[_WITHOUT_RCPS] = replace(policies, rcps=())
    return cast("PolicySet", without)
