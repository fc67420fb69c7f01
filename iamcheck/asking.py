"""How `principal.allowed` is put: what was asked of the run -> what is asked under given policies, or of AWS.

Loaded only where it runs: a check of the policy alone has nobody to ask.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from iamcheck._dataclass import dataclass
from iamcheck.context import ContextFacts
from iamcheck.errors import AwsUnavailableError
from iamcheck.layers import resource_policies_of
from iamcheck.model import UNREAD, PolicySet
from iamcheck.preflight import Outcome
from iamcheck.report import CheckResult, Remedy, Status

if TYPE_CHECKING:
    from iamcheck.access import Access
    from iamcheck.permissions import RequiredPermission
    from iamcheck.principals import Principal
    from iamcheck.rendering import RenderedPolicy
    from iamcheck.simulators import Simulator
    from iamcheck.wanted import Wanted

__all__ = ["Asked", "principal_allowed"]

_RENDERED_JUDGED = "no identity policy was given: the rendered policy was judged in its place"


@dataclass(frozen=True)
class Asked:
    """What `principal.allowed` is asked."""

    wanted: Wanted
    permissions: tuple[RequiredPermission, ...]
    given: PolicySet | None
    rendered: RenderedPolicy
    who: Principal | AwsUnavailableError | None

    def unknown_caller(self) -> AwsUnavailableError:
        """Why nobody knows who calls."""
        if isinstance(self.who, AwsUnavailableError):
            return self.who
        return AwsUnavailableError("nobody was asked", operation="sts:GetCallerIdentity")


def principal_allowed(asked: Asked, access: Access | None, local: Simulator) -> Outcome:
    """`principal.allowed`, under the policies that were given, else under those that AWS has.

    Args:
        asked: What is asked.
        access: The way to AWS; None: offline.
        local: The local engine.

    Raises:
        AwsUnavailableError: Nobody could tell who calls.
    """
    outcome = _under_given(asked, asked.given, access, local) if asked.given else _under_aws(asked, access)
    result = outcome.result
    if asked.wanted.strict and result.status is Status.PASS and outcome.assumptions:
        summary = f"{result.summary}, but on assumptions, and --strict takes none"
        return Outcome(replace(result, status=Status.UNKNOWN, summary=summary), outcome.assumptions)
    return outcome


def _under_given(asked: Asked, given: PolicySet, access: Access | None, local: Simulator) -> Outcome:
    from iamcheck.checks.principal import by_policies
    from iamcheck.simulators.aws import AwsSimulator

    wanted = asked.wanted
    principal = _principal(asked)
    layers = given
    assumed: tuple[str, ...] = ()
    if wanted.policies is None:
        layers, assumed = replace(layers, identity=(asked.rendered.policy,)), (_RENDERED_JUDGED,)
    if access is not None and wanted.scps is None and not isinstance(wanted.policies, PolicySet):
        # nobody has read them, and they can deny
        layers = replace(layers, scps=UNREAD)
    facts = ContextFacts() if principal is None else principal.facts()
    arn = None if principal is None else principal.policy_source_arn or principal.arn
    permissions = [replace(one, request=replace(one.request, principal=arn)) for one in asked.permissions]
    by_aws = None
    if access is not None and wanted.engine != "local":
        by_aws = AwsSimulator(access.iam, None, access.deadline)
    result, assumptions = by_policies(
        permissions,
        layers,
        local=local,
        aws=by_aws,
        aws_may_fail=wanted.engine == "auto",
        facts=facts,
        resource_policies=resource_policies_of(wanted.resource_policies),
    )
    return Outcome(result, (*assumed, *assumptions))


def _under_aws(asked: Asked, access: Access | None) -> Outcome:
    from iamcheck.checks.principal import ID, by_aws
    from iamcheck.principals import resolve

    engine = asked.wanted.engine
    if access is None or engine in {"local", "both"}:
        why = f"the {engine} engine needs the principal's policies, and iamcheck does not read them from IAM"
        return Outcome(CheckResult(ID, Status.UNKNOWN, why, remedy=Remedy("give the policies with --policy FILE")))
    principal = _principal(asked)
    if principal is None:
        # nobody was named and nobody could be asked: this is why
        raise asked.unknown_caller()
    resolved = resolve(principal, access.iam, deadline=access.deadline)
    return Outcome(*by_aws(asked.permissions, resolved, iam=access.iam, deadline=access.deadline))


def _principal(asked: Asked) -> Principal | None:
    """The principal that was named, else the caller; None where nobody is known."""
    from iamcheck.principals import parse_principal

    if asked.wanted.principal is not None:
        return parse_principal(asked.wanted.principal)
    return None if isinstance(asked.who, AwsUnavailableError) else asked.who
