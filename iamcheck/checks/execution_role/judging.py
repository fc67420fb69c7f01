"""Judges `execution-role.trusted` and `execution-role.allowed`: may SageMaker become the role, and is that enough?

Both decide by the local engine over policies that were read before.
Source: https://docs.aws.amazon.com/sagemaker/latest/dg/sagemaker-roles.html
"""

from __future__ import annotations

import re
from dataclasses import replace
from functools import lru_cache
from typing import TYPE_CHECKING, Final, TypeAlias

from iamcheck.checks.assumptions import LayerState, layer_assumptions
from iamcheck.checks.principal.explain import ask_owners, layer_cures
from iamcheck.checks.principal.judge import JudgedRequest, judge
from iamcheck.checks.principal.layers import PrincipalPolicies
from iamcheck.checks.principal.name_patterns import instances, is_pattern, resource_patterns
from iamcheck.checks.principal.other_owners import open_where_another_owns_it
from iamcheck.errors import InvalidInputError
from iamcheck.explain.why.words import listed
from iamcheck.iam import catalogue
from iamcheck.iam.catalogue.registries import is_aws_registry, registries_source
from iamcheck.iam.model import UNREAD, Arn, Decision, Policy, PolicySet, PolicyType, Request, Unread
from iamcheck.iam.request_context import principal_context, settle
from iamcheck.policies.rendering import render_trust
from iamcheck.results import Assumption, CheckId, CheckResult, Evidence, Remedy, Status

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import datetime

    from iamcheck.iam.model import ContextInput, Evaluation
    from iamcheck.iam.request_context import ContextFacts
    from iamcheck.permissions.execution_role import RoleNeeds
    from iamcheck.simulators import Simulator

__all__ = ["ALLOWED", "TRUSTED", "allowed", "trusted"]

Outcome: TypeAlias = "tuple[CheckResult, tuple[Assumption, ...]]"
"""The result, and the assumptions that it rests on."""

TRUSTED: Final = CheckId.EXECUTION_ROLE_TRUSTED
ALLOWED: Final = CheckId.EXECUTION_ROLE_ALLOWED

_SAGEMAKER: Final = "sagemaker.amazonaws.com"
_BUCKETS: Final = Assumption(
    "assumed: no policy of a bucket or topic denies it, and buckets are the account's (none given; --resource-policy "
    "gives them)",
    "--resource-policy",
)
_REGISTRY: Final = "a registry of AWS"
_SHOWN: Final = 3
_PULL: Final = ("ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer")
"""https://docs.aws.amazon.com/AmazonECR/latest/userguide/repository-policy-examples.html"""


def trusted(
    trust_policy: Policy,
    role_arn: str,
    *,
    region: str,
    account_id: str,
    simulator: Simulator,
    rcps: Sequence[Sequence[Policy]] | Unread = (),
    now: datetime | None = None,
) -> Outcome:
    """Tells whether SageMaker may become a role, for a deployment to this account and Region.

    Which ARN SageMaker names as `aws:SourceArn` is not documented beyond that it is one of its own in the account and
    Region: a condition that takes every such ARN holds, a narrower one leaves it open.

    Args:
        trust_policy: The role's trust policy.
        role_arn: ARN of the role.
        region: Region code of the deployment.
        account_id: The 12 digits of its account.
        simulator: Who answers: the local engine.
        rcps: Levels of resource control policies, root first; UNREAD: not read.
        now: The time of the check; None leaves the keys of time unknown.

    Source: https://docs.aws.amazon.com/sagemaker/latest/dg/security-confused-deputy-prevention.html
    """
    partition = catalogue.region(region).partition
    context: dict[str, ContextInput] = {
        "aws:PrincipalIsAWSService": True,
        "aws:PrincipalServiceName": _SAGEMAKER,
        "aws:SecureTransport": True,
        "aws:SourceAccount": account_id,
        "aws:SourceArn": f"arn:{partition}:sagemaker:{region}:{account_id}:*",
    }
    if now is not None:
        context |= {"aws:CurrentTime": now, "aws:EpochTime": int(now.timestamp())}
    # a service principal has no user name
    request = Request("sts:AssumeRole", role_arn, principal=_SAGEMAKER, context=context, absent=("aws:username",))
    policies = PolicySet(rcps=rcps, resource=trust_policy)
    decided = _decided(request, policies, simulator)
    result = _with_remedy(judge([decided], PrincipalPolicies(policies).spelled_keys, check_id=TRUSTED), [decided])
    if result.status is Status.PASS:
        result = result._replace(summary=f"SageMaker may become {role_arn}")
    elif result.status is Status.FAIL and decided.evaluation.decision is Decision.IMPLICIT_DENY:
        remedy = _trusting(request, policies, trust_policy, simulator, region=region, account_id=account_id)
        result = result._replace(remedy=remedy or result.remedy)
    return result, layer_assumptions({} if rcps else {PolicyType.RCP: LayerState.NOT_GIVEN}, [request])


def _trusting(
    request: Request, policies: PolicySet, trust_policy: Policy, simulator: Simulator, *, region: str, account_id: str
) -> Remedy | None:
    """The statement to add to a trust policy, where SageMaker was seen to be let in with it."""
    partition = catalogue.region(region).partition
    document = render_trust(
        "execution-role-trust", {"region": region, "account_id": account_id, "partition": partition}
    )
    added = Policy.parse(document, name="remedy", layer=PolicyType.RESOURCE)
    both = replace(trust_policy, statements=(*trust_policy.statements, *added.statements))
    with_it = replace(policies, resource=both)
    again = _decided(request, with_it, simulator)
    if again.evaluation.allowed is not True:
        return None
    text = "add to the role's trust policy what iamcheck generate --for execution-role-trust prints"
    return Remedy(text, document, proved=True)


def allowed(
    needs: RoleNeeds,
    policies: PolicySet,
    *,
    simulator: Simulator,
    resource_policies: Mapping[str, Policy] | None = None,
    facts: ContextFacts | None = None,
) -> Outcome:
    """Tells whether a role may do what the deployment's models, images and outputs need.

    Args:
        needs: What the role needs; `role` must be known.
        policies: The role's policies, boundary, SCPs and RCPs.
        simulator: Who answers: the local engine.
        resource_policies: Policies of buckets, repositories, keys and topics by the ARN of their resource. One of
            another account that was not given leaves its permissions open, for it must allow too.
        facts: What is known of the context besides; None: what the role's ARN says.

    Raises:
        InvalidInputError: The role is not known.
    """
    if needs.role is None:
        raise InvalidInputError("which role it is is not known", where="ExecutionRoleArn", cure="give --execution-role")
    known = facts or principal_context(needs.role)
    granted = PrincipalPolicies(policies, resource_policies or {})
    keys = granted.spelled_keys
    requests = [
        settle(replace(permission.request, principal=needs.role), known, keys.values())
        for permission in needs.permissions
    ]
    account_id = Arn.parse(needs.role).account_id
    sets: dict[str, PolicySet] = {}
    rows = []
    of_aws = {_aws_registry(request) for request in requests if request.resource not in granted.by_resource}
    registries = sorted(account for account in of_aws if account is not None)
    for request in requests:
        name, layer = _resource_policy(request, account_id, granted.by_resource, policies)
        # no organization but AWS's is over the accounts of AWS's images
        rcps = () if name == _REGISTRY else policies.rcps
        layers = sets.setdefault(name, replace(policies, resource=layer, rcps=rcps))
        rows.append(open_where_another_owns_it(_decided(request, layers, simulator), layers, simulator))
    result = _with_remedy(judge(rows, keys, check_id=ALLOWED), rows)
    states = {PolicyType.SESSION: LayerState.NEVER_GIVEN} | {
        kind: LayerState.NOT_GIVEN
        for kind, content in ((PolicyType.SCP, policies.scps), (PolicyType.RCP, policies.rcps))
        if not content
    }
    assumptions = [
        *needs.assumptions,
        *(() if granted.by_resource else (_BUCKETS,)),
        *((_registries_assumed(registries),) if registries else ()),
        *layer_assumptions(states, requests),
    ]
    return _with_unsettled(result, needs), tuple(assumptions)


_WHOLE_POLICY: Final = (
    "`iamcheck generate --for execution-role`, with the same names and files, prints all that the execution role needs"
)


def _with_remedy(result: CheckResult, rows: Sequence[JudgedRequest]) -> CheckResult:
    """The result with what to do.

    What `--context` says is of the deployer's calls, so it settles nothing of a call of SageMaker's.
    """
    if result.status is Status.FAIL:
        remedy = ask_owners(rows)
        if result.id is ALLOWED and any(_lacks_an_allow(row.evaluation) for row in rows):
            remedy = Remedy(f"{remedy.text}; {_WHOLE_POLICY}")
        return result._replace(remedy=remedy)
    if result.open_keys:
        keys = ", ".join(result.open_keys)
        return result._replace(remedy=Remedy(f"nobody knows {keys} of a call of SageMaker's: allow it without"))
    cures = layer_cures([row.evaluation for row in rows])
    return result._replace(remedy=Remedy(f"to settle it, {'; '.join(cures)}")) if cures else result


def _lacks_an_allow(evaluation: Evaluation) -> bool:
    return evaluation.allowed is False and evaluation.blocked_by is PolicyType.IDENTITY


def _decided(request: Request, under: PolicySet, simulator: Simulator) -> JudgedRequest:
    """The evaluation of a request, certain only where everything that it stands for gets the same.

    `*` in its resource (but for a lone one) and in texts of its context stands for what nobody knows yet: objects below
    a prefix, the id of a network interface, the ARN that SageMaker will name as its source.
    """
    variants = tuple(_variants(request, tuple(under.every_policy())))
    evaluation, *others = simulator.simulate([request, *(variant for variant, _, _ in variants)], under)
    for other, (_, key, text) in zip(others, variants, strict=True):
        if other.allowed is not evaluation.allowed:
            known = request.resource if key is None else f"{key} {request.context[key]}"
            opened = evaluation.open_keys | other.open_keys | ({key.lower()} if key else set())
            why = f"it depends on what the * of {known} stands for: for {text} the answer is another"
            return JudgedRequest(replace(evaluation, certain=False, could_allow=True, open_keys=frozenset(opened)), why)
    return JudgedRequest(evaluation)


def _variants(request: Request, policies: Sequence[Policy]) -> Iterator[tuple[Request, str | None, str]]:
    """Requests with one text in the place of what stands for many, and the key that has it; None: the resource."""
    if is_pattern(request.resource) and request.resource != "*":
        for text in _texts(request.resource, resource_patterns(policies)):
            yield replace(request, resource=text), None, text
    for key, value in request.context.items():
        if isinstance(value, str) and is_pattern(value):
            conditions = [
                condition
                for policy in policies
                for statement in policy.statements
                for condition in statement.conditions
                if condition.key.lower() == key.lower()
            ]
            exact = [value for condition in conditions for value in condition.values]
            # where a policy takes no notice of case, neither may the search for what it singles out
            folded = [
                value.lower()
                for condition in conditions
                if "IgnoreCase" in str(condition.operator)
                for value in condition.values
            ]
            known = value.partition("*")[0]
            loose = (known + text[len(known) :] for text in _texts(value.lower(), folded))
            for text in dict.fromkeys((*_texts(value, exact), *loose)):
                yield replace(request, context={**request.context, key: text}), key, text


def _texts(value: str, patterns: Sequence[str]) -> Iterator[str]:
    # a variable of a policy may be any text, and behind the colon of an ARN there is something
    widened = [re.sub(r"\$\{[^}]*\}", "*", pattern) for pattern in patterns]
    return (text for text in instances(value, widened) if not text.endswith(":"))


def _resource_policy(
    request: Request, account_id: str, by_resource: Mapping[str, Policy], policies: PolicySet
) -> tuple[str, Policy | Unread | None]:
    """The policy of the resource that a request is on, and a name for what it is."""
    owner = request.resource
    if ":s3:::" in owner:
        owner = owner.partition("/")[0]
    if owner in by_resource:
        return owner, by_resource[owner]
    if _aws_registry(request) is not None:
        return _REGISTRY, _registry_policy()
    account = owner.split(":")[4] if owner != "*" else ""
    # that of another account must allow, and nobody has read it
    return ("another account", UNREAD) if account not in ("", account_id) else ("", policies.resource)


def _aws_registry(request: Request) -> str | None:
    """The registry of AWS's own images that a request is on, such as `763104351884 in eu-west-1`; None: on none."""
    if not request.action.startswith("ecr:") or request.resource == "*":
        return None
    arn = Arn.parse(request.resource)
    return f"{arn.account_id} in {arn.region}" if is_aws_registry(arn.account_id, arn.region) else None


@lru_cache(maxsize=1)
def _registry_policy() -> Policy:
    """What the policies of AWS's repositories are taken to allow: that every account pulls."""
    statement = {"Effect": "Allow", "Principal": "*", "Action": list(_PULL), "Resource": "*"}
    document = {"Version": "2012-10-17", "Statement": [statement]}
    return Policy.parse(document, name="the policy of AWS's repository", layer=PolicyType.RESOURCE)


def _registries_assumed(registries: Sequence[str]) -> Assumption:
    """Names the registries whose policies nobody outside AWS can read: no flag settles it."""
    return Assumption(
        f"assumed: AWS's own registries let the role pull their images ({', '.join(registries)}, by "
        f"{registries_source()}; nobody outside AWS can read the policies of their repositories)"
    )


def _with_unsettled(result: CheckResult, needs: RoleNeeds) -> CheckResult:
    """No pass while something else may be needed; a failure stays one."""
    if not needs.unsettled:
        return result
    notes = tuple(Evidence(note=str(open_point), where=open_point.place) for open_point in needs.unsettled)
    evidence = (*result.evidence, *notes)
    if result.status is not Status.PASS:
        return result._replace(evidence=evidence)
    open_needs = listed([str(open_point) for open_point in needs.unsettled], _SHOWN, "; ")
    return result._replace(
        status=Status.UNKNOWN,
        summary=f"not all that the role needs is known: {open_needs}",
        evidence=evidence,
        remedy=Remedy("to settle it: " + "; ".join(dict.fromkeys(open_point.cure for open_point in needs.unsettled))),
    )
