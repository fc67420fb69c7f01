"""Evaluates each action on each resource, and gives the answers AWS's shape."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Final

from iamcheck.iam.catalogue import accepts, arn_template
from iamcheck.iam.engine import Semantics, evaluate, missing_context
from iamcheck.iam.model import Arn, ContextValue, Decision, KeyType, Policy, PolicySet, PolicyType, Request, Statement
from iamcheck.iam.model.request import resource_account
from iamcheck.iam.model.statement import Effect
from iamcheck.simulators.local_iam.context import filled_in
from iamcheck.simulators.local_iam.shapes import response_metadata

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

    from iamcheck.iam.model import Evaluation, Position, StatementRef
    from iamcheck.simulators.local_iam.call import SimulateCall
    from iamcheck.simulators.local_iam.shapes import (
        EvaluationResult,
        MatchedStatement,
        ResourceSpecificResult,
        SimulatePolicyResponse,
        StatementPlace,
    )

__all__ = ["LocalSimulation"]

_SOURCE_TYPES: Final = {
    PolicyType.IDENTITY: "IAM Policy",
    PolicyType.RESOURCE: "Resource Policy",
    PolicyType.BOUNDARY: "Permissions Boundary Policy",
}
"""The layers whose statements are shown; those of an SCP never are."""

_MOST_RESTRICTIVE: Final = (Decision.EXPLICIT_DENY, Decision.IMPLICIT_DENY, Decision.ALLOWED)
_ALLOW_ALL: Final = Policy((Statement(Effect.ALLOW, actions=("*",), resources=("*",)),))


@dataclass(frozen=True)
class LocalSimulation:
    """One call of a simulate operation, ready to be decided."""

    call: SimulateCall
    policies: PolicySet
    semantics: Semantics
    account_id: str
    """The account that calls, 12 digits; whose resources they are where neither ARN nor ResourceOwner says."""
    is_account_known: bool = True
    """False: `account_id` is a stand-in, which enforcement does not look at."""
    absent: Collection[str] = ()
    """Keys that are known not to be in the context; only `certain` and `open_keys` of an evaluation look at it."""

    def evaluations(self, actions: Sequence[str] | None = None) -> tuple[Evaluation, ...]:
        """Decides actions, by default all of them, on each resource: all resources of the first action come first."""
        names = self.call.actions if actions is None else actions
        return tuple(
            evaluate(self._request(action, resource), self.policies_for(action), semantics=self.semantics)
            for action in names
            for resource in self.call.resources or ("*",)
        )

    def response(self) -> SimulatePolicyResponse:
        """Returns the page of AWS's response that `Marker` and `MaxItems` ask for; pages count actions."""
        call = self.call
        end = call.offset + call.limit
        page = call.actions[call.offset : end]
        results = self.results(self.evaluations(page))
        truncated = end < len(call.actions)
        response: SimulatePolicyResponse = {
            "EvaluationResults": results,
            "IsTruncated": truncated,
            "ResponseMetadata": response_metadata(),
        }
        if truncated:
            response["Marker"] = str(end)
        return response

    def results(self, evaluations: Sequence[Evaluation]) -> list[EvaluationResult]:
        """Returns evaluations, as `evaluations` made them, in AWS's shape: one result for each action."""
        count = len(self.call.resources) or 1
        return [self._result(evaluations[start : start + count]) for start in range(0, len(evaluations), count)]

    def _request(self, action: str, resource: str) -> Request:
        return Request(
            action,
            resource,
            principal=self.call.caller,
            context=self._context,
            absent=self.absent,
            wildcards_are_text=self.semantics is Semantics.SIMULATOR,
        )

    def ignores_trust_policy(self, action: str) -> bool:
        """Tells whether a trust policy was given that this action is decided without.

        The simulator takes a resource policy beside `sts:Assume*` and ignores it, its denials too (observed).
        """
        ignored = self.semantics is Semantics.SIMULATOR and action.lower().startswith("sts:assume")
        return ignored and self.policies.resource is not None

    def policies_for(self, action: str) -> PolicySet:
        """Returns the policies that an action is decided by."""
        return self._without_resource_policy if self.ignores_trust_policy(action) else self.policies

    @cached_property
    def made_up_keys(self) -> frozenset[str]:
        """The keys, in lower case, whose values the simulator fills in and that the real request will not have.

        `aws:userid` is the caller's ARN or a stub there, and the account is a stand-in where nobody named it.
        """
        known = {name.lower() for name in self.call.context}
        made_up = {"aws:userid"} if self.is_account_known else {"aws:userid", "aws:principalaccount"}
        return frozenset(made_up - known)

    @cached_property
    def _without_resource_policy(self) -> PolicySet:
        return replace(self.policies, resource=None)

    @cached_property
    def _context(self) -> Mapping[str, ContextValue]:
        explicit = self.call.context
        settled = {name.lower() for name in (*explicit, *self.absent)}
        if self.semantics is Semantics.SIMULATOR:
            filled = filled_in(self.call.caller, self.account_id)
        elif self.call.caller is None and self.is_account_known:
            filled = {"aws:PrincipalAccount": ContextValue((self.account_id,), KeyType.STRING)}
        else:
            filled = {}
        if self.call.owner is not None:
            # the engine learns from this key whose a resource is; that conditions see it as well is inferred
            filled["aws:ResourceAccount"] = ContextValue((self.call.owner,), KeyType.STRING)
        return {**{name: value for name, value in filled.items() if name.lower() not in settled}, **explicit}

    # --- AWS's shape

    def _result(self, evaluations: Sequence[Evaluation]) -> EvaluationResult:
        first = evaluations[0].request
        decision = _most_restrictive(each.decision for each in evaluations)
        specific = [self._specific(each) for each in evaluations]
        result: EvaluationResult = {
            "EvalActionName": first.action,
            "EvalResourceName": self._name(first.action),
            "EvalDecision": decision.value,
            "MatchedStatements": _statements(ref for each in evaluations for ref in each.matched),
            "MissingContextValues": _union(each.get("MissingContextValues", []) for each in specific),
        }
        if self.policies.scps:
            result["OrganizationsDecisionDetail"] = {"AllowedByOrganizations": not any(map(self._ended, evaluations))}
        if self.policies.boundary:
            result["PermissionsBoundaryDecisionDetail"] = {
                "AllowedByPermissionsBoundary": not any(
                    self._stopped(each, PolicyType.BOUNDARY) for each in evaluations
                )
            }
        if self.call.resources:
            # documented: an SCP that denies ends the simulation, and there are no details
            if not any(map(self._ended, evaluations)):
                result["EvalDecisionDetails"] = _merged(each.get("EvalDecisionDetails", {}) for each in specific)
            result["ResourceSpecificResults"] = specific
        return result

    def _name(self, action: str) -> str:
        resources = self.call.resources
        if len(resources) < 2:
            return resources[0] if resources else "*"
        return arn_template(action, Arn.parse(resources[0]).partition) or "*"

    def _specific(self, evaluation: Evaluation) -> ResourceSpecificResult:
        result: ResourceSpecificResult = {
            "EvalResourceName": evaluation.request.resource,
            "EvalResourceDecision": evaluation.decision.value,
        }
        if matched := _statements(evaluation.matched):
            result["MatchedStatements"] = matched
        if missing := self._missing(evaluation):
            result["MissingContextValues"] = missing
        if details := self._details(evaluation):
            result["EvalDecisionDetails"] = details
        if self.policies.boundary:
            result["PermissionsBoundaryDecisionDetail"] = {
                "AllowedByPermissionsBoundary": not self._stopped(evaluation, PolicyType.BOUNDARY)
            }
        return result

    def _missing(self, evaluation: Evaluation) -> list[str]:
        request = evaluation.request
        if evaluation.decision is not Decision.IMPLICIT_DENY:
            return []
        # a resource of a type that the action does not accept is denied before any policy is looked at
        gated = self.semantics is Semantics.SIMULATOR and accepts(request.action, request.resource) is False
        return [] if gated else list(self._missing_keys)

    @cached_property
    def _missing_keys(self) -> tuple[str, ...]:
        """The keys of all policies but SCPs that the call does not give.

        What the simulator fills in counts as missing although it is compared (observed).
        """
        known = {name.lower() for name in self.call.context}
        return missing_context(self.policies, known, self.semantics)

    # --- what each layer says by itself

    def _stopped(self, evaluation: Evaluation, layer: PolicyType) -> bool:
        return evaluation.blocked_by is layer or self._alone(evaluation, layer).blocked_by is layer

    def _ended(self, evaluation: Evaluation) -> bool:
        """Tells whether an SCP denies, whatever else does."""
        return bool(self.policies.scps) and self._stopped(evaluation, PolicyType.SCP)

    def _alone(self, evaluation: Evaluation, layer: PolicyType) -> Evaluation:
        """Decides as if only this layer could deny, and the caller were of the resource's account."""
        request = evaluation.request
        principal = request.principal if layer is PolicyType.RESOURCE else None
        return evaluate(replace(request, principal=principal), self._layers[layer], semantics=self.semantics)

    @cached_property
    def _layers(self) -> dict[PolicyType, PolicySet]:
        policies = self.policies
        return {
            PolicyType.IDENTITY: PolicySet(identity=policies.identity),
            PolicyType.BOUNDARY: PolicySet(identity=[_ALLOW_ALL], boundary=policies.boundary),
            PolicyType.SCP: PolicySet(identity=[_ALLOW_ALL], scps=policies.scps),
            PolicyType.RESOURCE: PolicySet(identity=[_ALLOW_ALL], resource=policies.resource),
        }

    def _details(self, evaluation: Evaluation) -> dict[str, str]:
        if not self._across_accounts(evaluation.request) or self._ended(evaluation):
            return {}
        layers = [PolicyType.IDENTITY, PolicyType.RESOURCE]
        if self.policies.boundary:
            layers.append(PolicyType.BOUNDARY)
        return {_SOURCE_TYPES[layer]: self._alone(evaluation, layer).decision.value for layer in layers}

    def _across_accounts(self, request: Request) -> bool:
        """Tells whether the resource belongs to another account than the caller.

        The account in the ARN decides, else ResourceOwner; the order of the two is inferred.
        """
        owner = resource_account(request) or self.call.owner
        return bool(self.call.caller and owner and owner != Arn.parse(self.call.caller).account_id)


def _most_restrictive(decisions: Iterable[Decision]) -> Decision:
    return min(decisions, key=_MOST_RESTRICTIVE.index)


def _union(lists: Iterable[list[str]]) -> list[str]:
    return list(dict.fromkeys(each for texts in lists for each in texts))


def _merged(details: Iterable[dict[str, str]]) -> dict[str, str]:
    merged: dict[str, str] = {}
    for detail in details:
        for layer, decision in detail.items():
            merged[layer] = _most_restrictive((Decision(decision), Decision(merged.get(layer, decision)))).value
    return merged


def _statements(refs: Iterable[StatementRef]) -> list[MatchedStatement]:
    """Each statement once, in the order of the policies; AWS's own order is not stable."""
    statements: dict[tuple[PolicyType, int, int], MatchedStatement] = {}
    for ref in refs:
        if ref.policy_type in _SOURCE_TYPES:
            statements[ref.policy_type, ref.source, ref.index or 0] = {
                "SourcePolicyId": ref.policy,
                "SourcePolicyType": _SOURCE_TYPES[ref.policy_type],
                "StartPosition": _place(ref.start),
                "EndPosition": _place(ref.end),
            }
    order = list(_SOURCE_TYPES)
    return [statements[key] for key in sorted(statements, key=lambda key: (order.index(key[0]), key[1], key[2]))]


def _place(position: Position | None) -> StatementPlace:
    if position is None:
        raise AssertionError("LocalIAM parses texts, whose statements have positions")
    return {"Line": position.line, "Column": position.column}
