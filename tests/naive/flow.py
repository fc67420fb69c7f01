"""The flow chart, box by box, statement by statement.

Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic_policy-eval-denyallow.html
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from iamcheck.iam import catalogue
from iamcheck.iam.model import Decision, Effect, PolicyType, Unread
from iamcheck.iam.packaged import read
from tests.naive.conditions import holds
from tests.naive.context import context_of
from tests.naive.patterns import action_matches, resource_matches
from tests.naive.principals import Caller, Grant, grants

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from iamcheck.iam.model import Policy, PolicySet, Request, Statement
    from tests.naive.patterns import Value

__all__ = ["Answer", "Place", "decide"]

_RCP_SERVICES = frozenset(read("rcp_services.json")["services"])


@dataclass(frozen=True, order=True)
class Place:
    """Where a statement stands."""

    policy_type: PolicyType
    level: int | None
    source: int
    index: int


@dataclass(frozen=True)
class Answer:
    """What the naive reading says."""

    decision: Decision
    matched: frozenset[Place]


@dataclass(frozen=True)
class _Match:
    place: Place
    effect: Effect
    grants: frozenset[Grant]


def decide(request: Request, policies: PolicySet, *, simulator: bool = False) -> Answer:
    """Decides a request whose keys are all known or absent: those that it does not name are absent.

    Unread layers are taken as not there.
    """
    context = context_of(request, derived=not simulator)
    caller = _caller(request, context, simulator)
    if not simulator and request.action.lower() == "sts:getcalleridentity":
        return Answer(Decision.ALLOWED, frozenset())
    if simulator and catalogue.accepts(request.action, request.resource) is False:
        return Answer(Decision.IMPLICIT_DENY, frozenset())
    if not _rcps_act(request, caller, context):
        policies = replace(policies, rcps=())
    found = list(_matches(request, policies, context, caller, simulator))

    denies = frozenset(one.place for one in found if one.effect is Effect.DENY)
    if denies:
        return Answer(Decision.EXPLICIT_DENY, denies)
    if _allowed(found, request, policies, caller, context, simulator):
        given = (PolicyType.IDENTITY, PolicyType.RESOURCE)
        return Answer(Decision.ALLOWED, frozenset(one.place for one in found if one.place.policy_type in given))
    return Answer(Decision.IMPLICIT_DENY, frozenset())


def _caller(request: Request, context: Mapping[str, Value], simulator: bool) -> Caller | None:
    if request.principal is None:
        account = None if simulator else context.get("aws:principalaccount")
        return None if account is None else Caller("", of_account=account.texts[0])
    caller = Caller(request.principal)
    if caller.kind == "assumed-role" and "aws:principalarn" in context:
        return Caller(request.principal, role=context["aws:principalarn"].texts[0])
    return caller


def _rcps_act(request: Request, caller: Caller | None, context: Mapping[str, Value]) -> bool:
    """Source: https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_rcps.html."""
    service, _, name = request.action.lower().partition(":")
    if service not in _RCP_SERVICES or (service, name) == ("kms", "retiregrant"):
        return False
    info = catalogue.action(request.action)
    if info is not None and not info.resource_types:
        return False
    if caller is not None and re.search(":role/aws-service-role/|:assumed-role/AWSServiceRoleFor", caller.arn):
        return False
    last = request.resource.split(":", 5)[5] if request.resource.count(":") >= 5 else ""
    if service == "sts" and name.startswith("assumerole") and last.startswith("role/aws-service-role/"):
        return False
    aliases = (last, *(context["kms:resourcealiases"].texts if "kms:resourcealiases" in context else ()))
    return not (service == "kms" and any(alias.startswith("alias/aws/") for alias in aliases))


def _allowed(
    found: list[_Match],
    request: Request,
    policies: PolicySet,
    caller: Caller | None,
    context: Mapping[str, Value],
    simulator: bool,
) -> bool:
    """Everything after the explicit denies."""
    # every level of the organization must allow
    for kind in (PolicyType.SCP,) if simulator else (PolicyType.RCP, PolicyType.SCP):
        levels = policies.scps if kind is PolicyType.SCP else policies.rcps
        for level in range(0 if isinstance(levels, Unread) else len(levels)):
            if not any(one.place.policy_type is kind and one.place.level == level for one in found):
                return False

    identity = any(one.place.policy_type is PolicyType.IDENTITY for one in found)
    boundary = not _there(policies.boundary) or any(one.place.policy_type is PolicyType.BOUNDARY for one in found)
    session = (
        simulator or not _there(policies.session) or any(one.place.policy_type is PolicyType.SESSION for one in found)
    )
    resource = {how for one in found if one.place.policy_type is PolicyType.RESOURCE for how in one.grants}

    if _across_accounts(request, caller, context):
        return identity and bool(resource) and boundary and session
    if Grant.DIRECT in resource:
        return True
    if simulator and Grant.ACCOUNT in resource and caller is not None and caller.kind == "user":
        return True
    if Grant.LIMITED in resource or (simulator and Grant.ACCOUNT in resource):
        return boundary and session
    read = _there(policies.resource)
    if read and not simulator and not resource and _must_be_allowed_by_the_resource(request):
        return False
    return identity and boundary and session


def _there(layer: object) -> bool:
    return layer is not None and not isinstance(layer, Unread) and layer != () and layer != []


def _must_be_allowed_by_the_resource(request: Request) -> bool:
    """KMS keys and roles to assume: no identity policy is enough."""
    service = request.action.split(":")[0].lower()
    parts = request.resource.split(":", 5)
    if len(parts) < 6:
        return False
    if service == "kms":
        return parts[2] == "kms" and parts[5].startswith("key/")
    return service == "sts" and parts[2] == "iam" and parts[5].startswith("role/")


def _across_accounts(request: Request, caller: Caller | None, context: Mapping[str, Value]) -> bool:
    parts = request.resource.split(":", 5)
    account = parts[4] if len(parts) == 6 else ""
    if not account and "aws:resourceaccount" in context:
        account = context["aws:resourceaccount"].texts[0]
    # AWS's own policies stand in the account `aws`, which is nobody else's
    return caller is not None and account.isdigit() and account != caller.account


def _matches(
    request: Request,
    policies: PolicySet,
    context: Mapping[str, Value],
    caller: Caller | None,
    simulator: bool,
) -> Iterator[_Match]:
    for kind, level, source, policy in _policies(policies, simulator):
        variables = policy.version == "2012-10-17"
        for statement in policy.statements:
            if not _applies(statement, request, context, variables=variables, simulator=simulator):
                continue
            given = grants(statement, caller, is_bounded=_there(policies.boundary))
            if given:
                yield _Match(Place(kind, level, source, statement.index), statement.effect, given)


def _policies(policies: PolicySet, simulator: bool) -> Iterator[tuple[PolicyType, int | None, int, Policy]]:
    """Every policy that was given, with its place."""
    for kind, layer in ((PolicyType.IDENTITY, policies.identity), (PolicyType.SESSION, policies.session)):
        if not isinstance(layer, Unread) and not (simulator and kind is PolicyType.SESSION):
            for source, policy in enumerate(layer):
                yield kind, None, source, policy
    for kind, single in ((PolicyType.BOUNDARY, policies.boundary), (PolicyType.RESOURCE, policies.resource)):
        if single is not None and not isinstance(single, Unread):
            yield kind, None, 0, single
    for kind, levels in ((PolicyType.SCP, policies.scps), (PolicyType.RCP, policies.rcps)):
        if not isinstance(levels, Unread) and not (simulator and kind is PolicyType.RCP):
            for level, policies_of_level in enumerate(levels):
                for source, policy in enumerate(policies_of_level):
                    yield kind, level, source, policy


def _applies(
    statement: Statement, request: Request, context: Mapping[str, Value], *, variables: bool, simulator: bool
) -> bool:
    """Action, resource and conditions."""
    if statement.actions is not None and not any(action_matches(one, request.action) for one in statement.actions):
        return False
    if statement.not_actions is not None and any(action_matches(one, request.action) for one in statement.not_actions):
        return False

    def named(patterns: tuple[str, ...]) -> bool:
        return any(resource_matches(one, request.resource, context, variables=variables) for one in patterns)

    if statement.resources is not None and not named(statement.resources):
        return False
    if statement.not_resources is not None and named(statement.not_resources):
        return False
    denies = statement.effect is Effect.DENY
    return all(
        holds(condition, context, denies=denies, variables=variables, simulator=simulator)
        for condition in statement.conditions
    )
