"""Whether policies allow SageMaker's create calls, by the naive reading of IAM and a reading of our own of the request.

What each call needs is said here anew, and not taken from what is tested. Sources:
https://docs.aws.amazon.com/sagemaker/latest/dg/api-permissions-reference.html and
https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonsagemaker.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from iamcheck.iam.model import Decision, Policy, PolicySet, PolicyType, Request
from tests.naive.flow import decide
from tests.server.wire import Answer, error

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from tests.server.calls import Call
    from tests.server.identities import Caller

__all__ = ["refusal"]

Asked = tuple[str, str, dict[str, Any]]


def refusal(
    call: Call, caller: Caller, details: Mapping[str, Any], scps: Sequence[Sequence[Mapping[str, object]]]
) -> Answer | None:
    """AWS's denial of a create call; ``None`` where the policies allow it, and for every other call."""
    policies = _policies(caller.principal, details, scps)
    for action, resource, context in _needed(call, caller):
        request = Request(action, resource, principal=caller.arn, context={**context, **_of_every_call(call, caller)})
        found = decide(request, policies)
        if found.decision is not Decision.ALLOWED:
            is_deny = found.decision is Decision.EXPLICIT_DENY
            kinds = {place.policy_type for place in found.matched}
            by = "a service control policy" if PolicyType.SCP in kinds else "an identity-based policy"
            because = f"with an explicit deny in {by}" if is_deny else f"because no policy allows the {action} action"
            text = f"User: {caller.arn} is not authorized to perform: {action} on resource: {resource} {because}"
            return error(call.protocol, 400, "AccessDeniedException", text)
    return None


def _of_every_call(call: Call, caller: Caller) -> dict[str, Any]:
    return {
        "aws:RequestedRegion": call.region,
        "aws:PrincipalArn": caller.principal,
        "aws:SourceIp": "127.0.0.1",
        "aws:SecureTransport": True,
    }


def _needed(call: Call, caller: Caller) -> Iterator[Asked]:
    asked: Mapping[str, Any] = call.parameters
    prefix = f"arn:{call.partition}:sagemaker:{call.region}:{caller.account_id}"
    tags = {tag["Key"]: tag["Value"] for tag in asked.get("Tags", ())}
    tagged = {f"aws:RequestTag/{key}": value for key, value in tags.items()}
    tagged |= {"aws:TagKeys": [*tags]} if tags else {}
    if call.action == "sagemaker:CreateEndpoint":
        endpoint = f"{prefix}:endpoint/{str(asked['EndpointName']).lower()}"
        yield call.action, endpoint, tagged
        yield call.action, f"{prefix}:endpoint-config/{str(asked['EndpointConfigName']).lower()}", tagged
        created = endpoint
    elif call.action == "sagemaker:CreateEndpointConfig":
        if "KmsKeyId" in asked:
            raise NotImplementedError("the loopback does not know keys' policies")
        created = f"{prefix}:endpoint-config/{str(asked['EndpointConfigName']).lower()}"
        variants = asked["ProductionVariants"]
        models = [f"{prefix}:model/{variant['ModelName']}" for variant in variants]
        types = [variant["InstanceType"] for variant in variants if "InstanceType" in variant]
        yield call.action, created, tagged | {"sagemaker:ModelArn": models, "sagemaker:InstanceTypes": types}
        if role := asked.get("ExecutionRoleArn"):
            yield "iam:PassRole", role, {"iam:PassedToService": "sagemaker.amazonaws.com"}
    else:
        return
    if tags:
        yield "sagemaker:AddTags", created, tagged | {"sagemaker:TaggingAction": call.operation}


def _policies(principal: str, details: Mapping[str, Any], scps: Sequence[Sequence[Mapping[str, object]]]) -> PolicySet:
    """The policies of a user; nobody else is known here."""
    if ":user/" not in principal:
        raise NotImplementedError(f"{principal} is no user")
    (user,) = [one for one in details["UserDetailList"] if one["Arn"] == principal]
    managed = {
        policy["Arn"]: next(one["Document"] for one in policy["PolicyVersionList"] if one["IsDefaultVersion"])
        for policy in details["Policies"]
    }
    groups = [one for one in details["GroupDetailList"] if one["GroupName"] in user.get("GroupList", ())]
    documents = [one["PolicyDocument"] for one in user.get("UserPolicyList", ())]
    documents += [one["PolicyDocument"] for group in groups for one in group.get("GroupPolicyList", ())]
    for holder in (user, *groups):
        documents += [managed[one["PolicyArn"]] for one in holder.get("AttachedManagedPolicies", ())]
    boundary = user.get("PermissionsBoundary")
    return PolicySet(
        identity=[Policy.parse(document, name=f"policy {at}") for at, document in enumerate(documents)],
        boundary=boundary and Policy.parse(managed[boundary["PermissionsBoundaryArn"]], name="boundary"),
        scps=[[Policy.parse(one, name="scp") for one in level] for level in scps],
    )
