"""What moto's IAM lacks: the policy simulator's four operations, and permissions boundaries of users."""

from __future__ import annotations

import importlib
import json
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from typing import TYPE_CHECKING

from botocore import xform_name
from botocore.exceptions import ClientError
from moto.core.exceptions import ServiceException
from moto.iam.aws_managed_policies import aws_managed_policies_data
from moto.iam.models import AWSManagedPolicy

from tests.server.identities import backend
from tests.server.wire import Answer, encode_query, error, service_model

if TYPE_CHECKING:
    from tests.server.calls import Call
    from tests.server.identities import Caller

CUSTOM = frozenset({"SimulateCustomPolicy", "GetContextKeysForCustomPolicy"})
PRINCIPAL = frozenset({"SimulatePrincipalPolicy", "GetContextKeysForPrincipalPolicy"})

# (account_id=, and for the principal operations authorization_details=, scps=) -> any object with boto3's method names
SimulatorFactory = Callable[..., object]
# account id, partition, more parameters -> the answer of GetAccountAuthorizationDetails
Details = Callable[..., Mapping[str, object]]


def local_iam(**arguments: object) -> object:
    """Answer by iamcheck's own drop-in for boto3's simulator methods."""
    made: object = importlib.import_module("iamcheck").LocalIAM(**arguments)
    return made


class Iam:
    """IAM's operations that the loopback serves itself.

    Attributes:
        simulator: makes the object that answers the simulator's operations, anew for each request.
        scps: the levels of service control policies that the account is under, root first.
    """

    def __init__(self, details: Details) -> None:
        self._details = details
        self.simulator: SimulatorFactory = local_iam
        self.scps: Sequence[Sequence[Mapping[str, object]]] = ()

    def clear(self) -> None:
        """No SCPs, the usual simulator."""
        self.simulator = local_iam
        self.scps = ()

    def answer(self, call: Call, caller: Caller) -> Answer | None:
        """Answer a call to IAM; ``None`` leaves it to moto."""
        if call.operation in CUSTOM | PRINCIPAL:
            return self._simulate(call, caller)
        if call.operation in ("PutUserPermissionsBoundary", "DeleteUserPermissionsBoundary"):
            return _user_boundary(call, caller)
        if call.operation == "CreateUser" and "PermissionsBoundary" in call.parameters:
            raise NotImplementedError("CreateUser with a boundary: call PutUserPermissionsBoundary afterwards")
        if call.operation == "GetAccountAuthorizationDetails":
            details = self._details(caller.account_id, call.partition, **call.parameters)
            return encode_query(details, service_model("iam").operation_model(call.operation))
        if arn := call.parameters.get("PolicyArn"):
            load_managed_policy(caller.account_id, call.partition, str(arn))
        return None

    def _simulate(self, call: Call, caller: Caller) -> Answer:
        operation = service_model("iam").operation_model(call.operation)
        known: dict[str, object] = {"account_id": caller.account_id}
        if call.operation in PRINCIPAL:
            known["authorization_details"] = self._details(caller.account_id, call.partition)
            known["scps"] = [list(level) for level in self.scps]
        simulator = self.simulator(**known)
        try:
            result = getattr(simulator, xform_name(call.operation))(**call.parameters)
        except ClientError as failure:
            status = failure.response["ResponseMetadata"]["HTTPStatusCode"]
            fault = failure.response["Error"]
            return error(call.protocol, status, fault["Code"], fault["Message"])
        return encode_query(result, operation)


@cache
def _managed_policies() -> Mapping[str, dict[str, object]]:
    policies: dict[str, dict[str, object]] = json.loads(aws_managed_policies_data)
    return policies


def load_managed_policy(account_id: str, partition: str, arn: str) -> None:
    """Put one of AWS's managed policies into moto's IAM, if the ARN is of one.

    moto can load all of them, but it would do so for each account after each reset.
    """
    iam = backend(account_id, partition)
    name = arn.rpartition("/")[2]
    if ":iam::aws:policy/" not in arn or arn in iam.managed_policies or name not in _managed_policies():
        return
    policy = AWSManagedPolicy.from_data(name, account_id, iam.region_name, _managed_policies()[name])
    if policy.arn == arn:
        iam.managed_policies[arn] = policy


def set_user_boundary(account_id: str, partition: str, name: str, arn: str | None) -> None:
    """Give a user a boundary, or none.

    moto's answers read what they need from its objects' attributes; its roles have this one and its users do not.
    """
    user = backend(account_id, partition).get_user(name)
    boundary = {"PermissionsBoundaryType": "PermissionsBoundaryPolicy", "PermissionsBoundaryArn": arn}
    vars(user)["permissions_boundary"] = boundary if arn else None


def _user_boundary(call: Call, caller: Caller) -> Answer:
    name, arn = str(call.parameters["UserName"]), call.parameters.get("PermissionsBoundary")
    try:
        set_user_boundary(caller.account_id, call.partition, name, str(arn) if arn else None)
    except ServiceException as failure:
        return error(call.protocol, 404, "NoSuchEntity", str(failure))
    return encode_query({}, service_model("iam").operation_model(call.operation))
