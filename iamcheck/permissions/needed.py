"""Composes the requests that a deployment needs, from the table of operations."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Final, NamedTuple

from iamcheck.deployment.unknown import Tool
from iamcheck.iam import catalogue
from iamcheck.iam.model import Request
from iamcheck.iam.request_context import merged, time_context, unlisted
from iamcheck.permissions.context.call import call_by_deployer
from iamcheck.permissions.operation import Part
from iamcheck.permissions.operations import all_operations, operations_of
from iamcheck.permissions.parts import arns_of, is_known, parts_of, resources_of
from iamcheck.permissions.scopes import check_scope

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import datetime

    from iamcheck.deployment import Deployment
    from iamcheck.deployment.located import WrittenDelete
    from iamcheck.iam.model import Place
    from iamcheck.iam.request_context import ContextFacts
    from iamcheck.permissions.operation import DependentCall, Operation, Resource

__all__ = ["PossibleCall", "RequiredPermission", "possible_calls", "required"]


class RequiredPermission(NamedTuple):
    """One request that must be allowed.

    Args:
        request: The request with its known context and the keys known to be absent.
        reason: Why the deployment needs it, one sentence.
        source: The AWS page that says so, a URL.
        where: Where the file says what needs it; None: no file says it.
        settled_by: The flag that says that it is not needed, where nobody knows whether it is; empty: it is needed.
    """

    request: Request
    reason: str
    source: str
    where: Place | None = None
    settled_by: str = ""


class PossibleCall(NamedTuple):
    """A permission that a deployment may need besides: it depends on a request that is not known.

    Args:
        action: The action, `service:Operation`.
        condition: When it is needed, a clause that begins with `if`.
        settled_by: The flag that gives the request, or the call that reads what exists.
    """

    action: str
    condition: str
    settled_by: str

    def __str__(self) -> str:
        return f"{self.action}, {self.condition}"


def possible_calls(deployment: Deployment, scope: str = "create") -> tuple[PossibleCall, ...]:
    """What the real requests may need besides what `required` gives, where only names are known.

    Raises:
        InvalidInputError: There is no such scope.
    """
    operations = _operations(deployment, check_scope(scope))
    dependent_calls = dict.fromkeys(call for operation in operations for call in operation.dependent_calls)
    return tuple(
        PossibleCall(
            call.action,
            f"if the {call.part.value} has {call.member}",
            "sagemaker:DescribeEndpointConfig"
            if call.part is Part.ENDPOINT_CONFIG and not deployment.creates_config
            else _FLAGS[call.part],
        )
        for call in dependent_calls
        if not is_known(deployment, call.part)
    )


_FLAGS: Final = {
    Part.ENDPOINT: "--request",
    Part.ENDPOINT_CONFIG: "--config-request",
    Part.MODEL: "--model-request",
}


def required(
    deployment: Deployment, scope: str = "create", *, now: datetime | None = None
) -> tuple[RequiredPermission, ...]:
    """The requests that must be allowed for a deployment, each with its known context.

    A name with capitals gives one request a spelling of its ARN (see `Deployment.endpoint_arns`).

    Args:
        deployment: What will be created.
        scope: One of `SCOPES`.
        now: The time of the check; None leaves the keys of time unknown.

    Raises:
        InvalidInputError: There is no such scope.
    """
    operations = _operations(deployment, check_scope(scope))
    other_keys = _sagemaker_keys(scope, parts_of(deployment))
    calls = [call for operation in operations for call in _calls(deployment, operation, other_keys, now)]
    # several operations may need the same call: a grant on the volume key is needed to create and to update
    dependent_calls = dict.fromkeys(call for operation in operations for call in operation.dependent_calls)
    calls += [call for dependent_call in dependent_calls for call in _dependent(deployment, dependent_call, now)]
    if scope != "docs":
        pairs_of_calls = {(call.request.action, call.request.resource) for call in calls}
        deletes = _deletes(deployment, other_keys, now)
        calls += [
            delete for delete in deletes if (delete.request.action, delete.request.resource) not in pairs_of_calls
        ]
    return tuple(_distinct(calls))


def _operations(deployment: Deployment, scope: str) -> list[Operation]:
    """The calls that a deployment makes, in the order of the report."""
    return [
        operation for operation in operations_of(scope, parts_of(deployment)) if _makes(deployment, operation, scope)
    ]


def _distinct(calls: Iterable[RequiredPermission]) -> Iterator[RequiredPermission]:
    """Each request once: several models may have one execution role, which is passed for each of them alike."""
    seen: dict[tuple[str, str], list[Request]] = {}
    for call in calls:
        alike = seen.setdefault((call.request.action, call.request.resource), [])
        if call.request not in alike:
            alike.append(call.request)
            yield call


def _makes(deployment: Deployment, operation: Operation, scope: str) -> bool:
    """Whether a deployment makes a call: it has the part that the call is about, and its tool makes the call."""
    part = operation.acts_on
    if part is Part.ENDPOINT and not deployment.creates_endpoint:
        return False
    if part is Part.ENDPOINT_CONFIG and operation.creates and not deployment.creates_config and scope != "docs":
        # nobody creates it again; the policy of docs is AWS's own text
        return False
    tool = Tool.SDK if deployment.written is None else deployment.written.tool
    return operation.tools is None or tool in operation.tools


def _calls(
    deployment: Deployment, operation: Operation, other_keys: Iterable[str], now: datetime | None
) -> Iterator[RequiredPermission]:
    absent = unlisted(operation.action, other_keys)
    for target in operation.targets:
        resources = resources_of(deployment, target.part) if target.resources is None else target.resources(deployment)
        for resource in resources:
            if resource.is_separate and operation.tools is not None:
                # the tool does not know of it
                continue
            region = None if operation.is_global else ""
            by_deployer = call_by_deployer(deployment, region=region, is_separate=resource.is_separate)
            facts = merged((by_deployer, *operation.context(deployment, resource), time_context(now)))
            request = _request(operation.action, resource, facts, absent)
            where = _place(resource) or _naming_place(deployment, resource)
            settled_by = _settled_by(deployment, target.part)
            yield RequiredPermission(request, target.reason, target.source or operation.source, where, settled_by)


def _deletes(deployment: Deployment, other_keys: Iterable[str], now: datetime | None) -> Iterator[RequiredPermission]:
    """What the source deletes; of its tags nothing is known, for anybody may have changed them."""
    for delete in () if deployment.written is None else deployment.written.deletes:
        operation = next(
            (operation for operation in all_operations() if operation.action.endswith(f":{delete.operation}")), None
        )
        if operation is None or operation.acts_on is None or not isinstance(delete.name, str):
            # the reader says of a name that it does not know, and of a kind without a row, that it is not covered
            continue
        action = operation.action
        facts = merged((call_by_deployer(deployment), *_scaling(delete), time_context(now)))
        for arn in arns_of(deployment, operation.acts_on, delete.name):
            request = Request(action, arn, context=facts.known, absent=(*facts.absent, *unlisted(action, other_keys)))
            reason = f"the {operation.acts_on.value} {delete.name} is deleted"
            yield RequiredPermission(request, reason, operation.source, delete.place)
        if delete.operation in ("DeleteEndpoint", "DeregisterScalableTarget"):
            yield from _deregistering(deployment, delete.name, now)


def _deregistering(deployment: Deployment, name: str, now: datetime | None) -> Iterator[RequiredPermission]:
    """What must go before an endpoint of this name is deleted: its scalable targets; and the call that lists them."""
    if not deployment.resource_requests and not deployment.registered_targets and "/" not in name:
        return
    from iamcheck.permissions.context.scaling import registered_targets  # few files scale anything
    from iamcheck.permissions.operations.deregister_scalable_target import LIST_TARGETS, OPERATION

    facts = merged((call_by_deployer(deployment), time_context(now)))
    scaled = [
        target
        for target in registered_targets(deployment)
        if target.made is not None and f"endpoint/{name}/".lower() in str(target.made.name).lower()
    ]
    for resource in scaled:
        known = merged((facts, *OPERATION.context(deployment, resource)))
        reason = f"the endpoint {name} is deleted, which AWS does only without a scalable target"
        yield RequiredPermission(_request(OPERATION.action, resource, known, ()), reason, OPERATION.source)
    if scaled or "/" in name:
        listed = Request(LIST_TARGETS.action, "*", context=facts.known, absent=facts.absent)
        yield RequiredPermission(listed, LIST_TARGETS.reason, LIST_TARGETS.source)


def _scaling(delete: WrittenDelete) -> Iterator[ContextFacts]:
    """What is scaled, where what is deleted scales it."""
    if delete.dimension is not None:
        from iamcheck.permissions.context.scaling import scaling_keys  # few files scale anything

        yield scaling_keys(delete.dimension)


def _dependent(deployment: Deployment, call: DependentCall, now: datetime | None) -> Iterator[RequiredPermission]:
    for resource in call.resources(deployment):
        facts = merged((*call.context(deployment, resource), time_context(now)))
        request = _request(call.action, resource, facts, ())
        yield RequiredPermission(request, call.reason, call.source, _place(resource, call.member))


def _request(action: str, resource: Resource, facts: ContextFacts, absent: Iterable[str]) -> Request:
    return Request(action, resource.arn, context=facts.known, absent=(*facts.absent, *absent))


def _place(resource: Resource, member: str = "") -> Place | None:
    """Where the request, or a member of it, is written."""
    request = resource.request
    if request is None:
        return None
    named_member = request.root.get(member) if member else None
    if named_member is not None:
        return named_member.place
    # of a request that is a whole file, the root says where it begins
    return request.place if request.place.line is not None else request.root.place


def _naming_place(deployment: Deployment, resource: Resource) -> Place | None:
    """Where the endpoint's request names an endpoint config that is written nowhere."""
    endpoint = None if deployment.written is None else deployment.written.endpoint
    if endpoint is None or resource.part is not Part.ENDPOINT_CONFIG:
        return None
    named = endpoint.root.get("EndpointConfigName")
    return None if named is None else named.place


def _settled_by(deployment: Deployment, part: Part) -> str:
    is_open = part is Part.SERVICE_LINKED_ROLE and deployment.service_linked_role is None
    return "--service-linked-role present" if is_open else ""


@lru_cache(maxsize=8)
def _sagemaker_keys(scope: str, parts: frozenset[Part]) -> tuple[str, ...]:
    """SageMaker's condition keys that the reference lists for some operation of a scope, without those of tags."""
    listed = (catalogue.condition_keys(operation.action) or () for operation in operations_of(scope, parts))
    return tuple(sorted({key for keys in listed for key in keys if key.startswith("sagemaker:") and "$" not in key}))
