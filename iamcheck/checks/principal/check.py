"""How `principal.allowed` is put: what was asked of the run -> what is asked under which policies, and of whom.

Loaded only where it runs: a check of the policy alone has nobody to ask.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from iamcheck.checks.plan import CheckOutcome
from iamcheck.iam.model import UNREAD, PolicySet
from iamcheck.iam.request_context import ContextFacts
from iamcheck.results import Status

if TYPE_CHECKING:
    from iamcheck.aws.session import Access
    from iamcheck.checks.principal.question import PrincipalQuestion
    from iamcheck.results import Evidence
    from iamcheck.simulators import Simulator

__all__ = ["principal_allowed"]

_RENDERED_JUDGED = "no identity policy was given: the rendered policy was judged in its place"


def principal_allowed(asked: PrincipalQuestion, access: Access | None, local: Simulator) -> CheckOutcome:
    """`principal.allowed`, under the policies that were given, else under those that the principal has.

    Args:
        asked: What is asked.
        access: The way to AWS; None: offline.
        local: The local engine.

    Raises:
        AwsUnavailableError: Nobody could tell who calls.
        InvalidInputError: The authorization details cannot be used.
    """
    wanted = asked.wanted
    is_given = wanted.layers.has_identity or (access is None and wanted.authorization_details is None)
    if is_given and asked.given is not None:
        outcome = _under_given(asked, asked.given, access, local)
    else:
        from iamcheck.checks.principal.own_policies import under_own  # policies that were given need nothing of it

        outcome = under_own(asked, access, local)
    result = outcome.result
    if wanted.strict and result.status is Status.PASS and outcome.assumptions:
        summary = f"{result.summary}, but on assumptions, and --strict takes none"
        return replace(outcome, result=replace(result, status=Status.UNKNOWN, summary=summary))
    return outcome


def _under_given(asked: PrincipalQuestion, given: PolicySet, access: Access | None, local: Simulator) -> CheckOutcome:
    from iamcheck.checks.principal.decisions import by_policies

    wanted = asked.wanted
    principal = asked.principal()
    layers = given
    assumed: tuple[str, ...] = ()
    if not wanted.layers.has_identity:
        layers, assumed = replace(layers, identity=(asked.rendered.policy,)), (_RENDERED_JUDGED,)
    notes: tuple[Evidence, ...] = ()
    if wanted.layers.scps is None and wanted.layers.whole is None:
        from iamcheck.checks.principal.organization import evidence_of, organization_of

        above = organization_of(asked.deployment.account_id, wanted.organizations, access)
        if above is not None:
            rcps = layers.rcps if wanted.layers.rcps is not None else () if above.rcps is UNREAD else above.rcps
            # what nobody has read can deny
            layers = replace(layers, scps=above.scps, rcps=rcps)
            assumed, notes = (*assumed, *above.assumptions), evidence_of(above, wanted.organizations)
    facts = ContextFacts() if principal is None else principal.facts()
    arn = None if principal is None else principal.policy_source_arn or principal.arn
    permissions = [replace(one, request=replace(one.request, principal=arn)) for one in asked.permissions]
    by_aws = None
    if access is not None and wanted.engine != "local":
        from iamcheck.simulators.aws import AwsSimulator

        by_aws = AwsSimulator(access.iam, None, access.deadline)
    result, assumptions = by_policies(
        permissions,
        layers,
        local=local,
        aws=by_aws,
        aws_may_fail=wanted.engine == "auto",
        facts=facts,
        resource_policies=wanted.layers.resource_policies,
    )
    return CheckOutcome(replace(result, evidence=(*result.evidence, *notes)), (*assumed, *assumptions), judged=layers)
