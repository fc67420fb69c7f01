"""Stands in for boto3's IAM client in the four simulator operations, answered by the engine."""

from __future__ import annotations

import json
import os
import re
from typing import TYPE_CHECKING, Final, TypeVar

from iamcheck.errors import InvalidInputError
from iamcheck.iam.engine import Semantics, missing_context
from iamcheck.iam.files import read_document
from iamcheck.iam.model import PolicySet
from iamcheck.iam.model.principal import is_service_linked_role
from iamcheck.simulators.local_iam.call import boundary_of, call_of, entity_of, input_policies, levels_of, objects
from iamcheck.simulators.local_iam.documents import parse_levels
from iamcheck.simulators.local_iam.errors import Exceptions, Refusal, invalid_input, no_such_entity
from iamcheck.simulators.local_iam.exclusions import Exclusions
from iamcheck.simulators.local_iam.paging import Paginator
from iamcheck.simulators.local_iam.parameters import check
from iamcheck.simulators.local_iam.shapes import response_metadata
from iamcheck.simulators.local_iam.simulation import LocalSimulation
from iamcheck.simulators.local_iam.state import IamState

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Mapping, Sequence

    from iamcheck.iam.model import Evaluation, Policy
    from iamcheck.simulators.local_iam.shapes import ContextKeys, SimulatePolicyResponse
    from iamcheck.simulators.local_iam.state import Entity

__all__ = ["LocalIAM"]

_Answer = TypeVar("_Answer")

_CUSTOM: Final = "SimulateCustomPolicy"
_PRINCIPAL: Final = "SimulatePrincipalPolicy"
_KEYS_OF_CUSTOM: Final = "GetContextKeysForCustomPolicy"
_KEYS_OF_PRINCIPAL: Final = "GetContextKeysForPrincipalPolicy"
_LARGEST_DETAILS: Final = 500_000_000
"""Bytes; the details of a large account are hundreds of megabytes."""


class LocalIAM:
    """A drop-in for `boto3.client("iam")` in the four simulator operations, without a network.

    The same keyword arguments, responses and errors: `botocore.exceptions.ParamValidationError` for what botocore
    refuses, and the classes of `exceptions` (all of them `ClientError`) for what IAM does. botocore is loaded only
    for those. What AWS leaves open is inferred: the order of keys in `ContextKeyNames`, the texts of errors that were
    not observed, and which actions "require different authorization information" (only `sts:AssumeRole` beside
    `iam:PassRole` is refused so).

    Args:
        account_id: The account that calls, 12 digits.
        authorization_details: The JSON of `aws iam get-account-authorization-details`, or the path of a file with it,
            for the two principal operations. Documents may be objects or text (JSON, URL-encoded or not). Positions are
            those of the decoded text, for an object those of what `json.dumps(document)` gives. AWS managed policies
            must be among its `Policies`: what cannot be read is never left out.
        scps: Levels of service control policies, root first and account last, each a list of documents (objects, text,
            paths of files, `"FullAWSAccess"` or `Policy`); they apply to the principal operations, but not to
            service-linked roles. The custom operations take theirs as an argument, as AWS's do.
        semantics: `simulator` answers as AWS's simulator does, `live` as enforcement does.

    Raises:
        InvalidInputError: An argument is not of its form.

    Source: https://docs.aws.amazon.com/IAM/latest/APIReference/API_SimulatePrincipalPolicy.html
    """

    def __init__(
        self,
        account_id: str,
        *,
        authorization_details: Mapping[str, object] | os.PathLike[str] | None = None,
        scps: Sequence[Sequence[object]] = (),
        semantics: str = "simulator",
    ) -> None:
        if not re.fullmatch("[0-9]{12}", str(account_id)):
            raise InvalidInputError(f"{account_id!r} is not an account id", where="account_id", cure="12 digits")
        known = [each.value for each in (Semantics.LIVE, Semantics.SIMULATOR)]
        if semantics not in known:
            raise InvalidInputError(f"unknown semantics {semantics!r}", where="semantics", cure=" or ".join(known))
        self._account_id = account_id
        self._state = None if authorization_details is None else IamState(_details(authorization_details))
        self._scps = parse_levels(scps, "scps")
        self._semantics = Semantics(semantics)
        self.exceptions = Exceptions()

    # --- the operations

    def simulate_custom_policy(self, **kwargs: object) -> SimulatePolicyResponse:
        """Simulates policies that the call gives; arguments and response are those of boto3.

        Raises:
            botocore.exceptions.ClientError: `InvalidInput` or `ValidationError`, with AWS's text.
            botocore.exceptions.ParamValidationError: What botocore refuses to send.
        """
        return self._simulate(_CUSTOM, kwargs).response()

    def simulate_principal_policy(self, **kwargs: object) -> SimulatePolicyResponse:
        """Simulates the policies of a user, group or role of `authorization_details`, and those that the call adds.

        Raises:
            botocore.exceptions.ClientError: As `simulate_custom_policy`, and `NoSuchEntity`.
            botocore.exceptions.ParamValidationError: What botocore refuses to send.
            InvalidInputError: `authorization_details` was not given, or does not hold what reaches the principal.
        """
        return self._simulate(_PRINCIPAL, kwargs).response()

    def get_context_keys_for_custom_policy(self, **kwargs: object) -> ContextKeys:
        """Lists the condition keys and variables that the policies of the call look at.

        Raises:
            botocore.exceptions.ClientError: As `simulate_custom_policy`.
            botocore.exceptions.ParamValidationError: What botocore refuses to send.
        """
        return _answered(_KEYS_OF_CUSTOM, kwargs, lambda: _keys(input_policies(kwargs)))

    def get_context_keys_for_principal_policy(self, **kwargs: object) -> ContextKeys:
        """Lists the keys of a principal's identity policies and of those that the call adds.

        Neither the keys of its boundary nor those of SCPs are among them (documented).

        Raises:
            botocore.exceptions.ClientError: As `simulate_principal_policy`.
            botocore.exceptions.ParamValidationError: What botocore refuses to send.
            InvalidInputError: As `simulate_principal_policy`.
        """

        def keys() -> ContextKeys:
            entity = self._entity(_KEYS_OF_PRINCIPAL, str(kwargs["PolicySourceArn"]))
            return _keys((*self._identity(entity, Exclusions()), *input_policies(kwargs)))

        return _answered(_KEYS_OF_PRINCIPAL, kwargs, keys)

    # --- what else a boto3 client has

    def get_paginator(self, operation_name: str) -> Paginator:
        """Returns a paginator for `simulate_custom_policy` or `simulate_principal_policy`.

        Raises:
            botocore.exceptions.OperationNotPageableError: The operation has no pages.
        """
        if operation_name not in ("simulate_custom_policy", "simulate_principal_policy"):
            from botocore.exceptions import OperationNotPageableError

            raise OperationNotPageableError(operation_name=operation_name)
        return Paginator(getattr(self, operation_name))

    def can_paginate(self, operation_name: str) -> bool:
        """Tells whether `get_paginator` knows the operation."""
        return operation_name in ("simulate_custom_policy", "simulate_principal_policy")

    # --- beyond boto3

    def simulation(self, *, absent: Collection[str] = (), **kwargs: object) -> LocalSimulation:
        """Prepares a simulation: `evaluations()` decides it, `results(evaluations)` gives AWS's shape of the answers.

        Args:
            absent: Condition keys that are known not to be in the context; what is neither here nor in ContextEntries
                may leave an evaluation not certain, with `open_keys`. The decision is AWS's all the same.
            **kwargs: Those of `simulate_principal_policy` where PolicySourceArn is among them, else those of
                `simulate_custom_policy`.

        Raises:
            botocore.exceptions.ClientError: As the operation.
            botocore.exceptions.ParamValidationError: As the operation.
        """
        return self._simulate(_PRINCIPAL if "PolicySourceArn" in kwargs else _CUSTOM, kwargs, absent)

    def evaluations(self, *, absent: Collection[str] = (), **kwargs: object) -> tuple[Evaluation, ...]:
        """Decides all actions on all resources, pages aside: all resources of the first action come first.

        The arguments and errors are those of `simulation`.
        """
        return self.simulation(absent=absent, **kwargs).evaluations()

    # --- how

    def _simulate(self, operation: str, kwargs: dict[str, object], absent: Collection[str] = ()) -> LocalSimulation:
        as_simulator = self._semantics is Semantics.SIMULATOR

        def prepared() -> LocalSimulation:
            if operation == _CUSTOM:
                call = call_of(kwargs, as_simulator=as_simulator)
                identity, boundary, scps = input_policies(kwargs), boundary_of(kwargs), levels_of(kwargs)
            else:
                entity = self._entity(operation, str(kwargs["PolicySourceArn"]))
                call = call_of(kwargs, default_caller=entity.arn, as_simulator=as_simulator)
                excluded = Exclusions.parse(objects(kwargs, "PolicyExclusionList"))
                added, boundary = input_policies(kwargs), boundary_of(kwargs)
                identity = (*self._identity(entity, excluded), *added)
                if boundary is None and entity.boundary and not excluded.boundary:
                    boundary = self._details().managed(entity.boundary)
                scps = () if excluded.scps or is_service_linked_role(entity.arn) else self._scps
            policies = PolicySet(identity=identity, boundary=boundary, scps=scps, resource=call.resource_policy)
            return LocalSimulation(call, policies, self._semantics, self._account_id, absent=tuple(absent))

        return _answered(operation, kwargs, prepared)

    def _entity(self, operation: str, arn: str) -> Entity:
        kind, name, account = entity_of(arn)
        if not kind or account != self._account_id:
            # the text is inferred: it changed over the years
            raise Refusal(f"Invalid Entity Arn: {arn} does not clearly define entity type and name.")
        entity = self._details().find(kind, name)
        if entity is None:
            raise no_such_entity(kind, name, operation)
        return entity

    def _details(self) -> IamState:
        if self._state is None:
            raise InvalidInputError(
                "no IAM state was given", where="authorization_details", cure="LocalIAM(..., authorization_details=...)"
            )
        return self._state

    def _identity(self, entity: Entity, excluded: Exclusions) -> tuple[Policy, ...]:
        inline = [policy.parse() for policy in entity.inline if not excluded.drops_inline(policy)]
        managed = [policy for policy in entity.attached if not excluded.drops_attached(policy)]
        return (*inline, *(self._details().managed(policy) for policy in managed))


def _answered(operation: str, kwargs: dict[str, object], answer: Callable[[], _Answer]) -> _Answer:
    """The answer to a call, or AWS's error in its place."""
    check(operation, kwargs)
    try:
        return answer()
    except Refusal as refusal:
        raise invalid_input(str(refusal), operation) from refusal


def _keys(policies: Iterable[Policy]) -> ContextKeys:
    keys = missing_context(PolicySet(identity=tuple(policies)), (), Semantics.SIMULATOR)
    return {"ContextKeyNames": list(keys), "ResponseMetadata": response_metadata()}


def _details(given: Mapping[str, object] | os.PathLike[str]) -> Mapping[str, object]:
    """Authorization details, read where a path is given.

    Raises:
        InvalidInputError: The file cannot be read, or is not JSON.
    """
    if not isinstance(given, os.PathLike):
        return given
    path = os.fspath(given)
    try:
        details: Mapping[str, object] = json.loads(read_document(path, largest=_LARGEST_DETAILS))
    except (ValueError, RecursionError) as error:
        if isinstance(error, InvalidInputError):
            raise
        raise InvalidInputError(
            "not JSON", where=path, cure="give what get-account-authorization-details prints"
        ) from None
    return details
