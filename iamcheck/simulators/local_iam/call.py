"""Reads one simulation from the arguments of a call: actions, resources, policies, context.

Sources: https://docs.aws.amazon.com/IAM/latest/APIReference/API_SimulateCustomPolicy.html and
API_SimulatePrincipalPolicy.html; the texts of errors as observed in AWS's answers, September 2026, unless a comment
says otherwise.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from iamcheck.errors import InvalidInputError
from iamcheck.iam.model import Arn, Policy, PolicyType
from iamcheck.simulators.local_iam.context import parse_entries
from iamcheck.simulators.local_iam.errors import Refusal

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from iamcheck.iam.model import ContextValue

__all__ = ["SimulateCall", "boundary_of", "call_of", "caller_of", "entity_of", "input_policies", "levels_of", "objects"]

_HANDLING_OPTIONS: Final = frozenset(
    {"EC2-VPC-InstanceStore", "EC2-VPC-InstanceStore-Subnet", "EC2-VPC-EBS", "EC2-VPC-EBS-Subnet"}
)
_HANDLING_PAGE: Final = "https://docs.aws.amazon.com/IAM/latest/APIReference/API_SimulateCustomPolicy.html"
_ENTITIES: Final = ("user", "group", "role")


@dataclass(frozen=True, slots=True)
class SimulateCall:
    """What is asked, apart from the policies of the principal."""

    actions: tuple[str, ...]
    resources: tuple[str, ...]
    """ARNs in the caller's order, duplicates kept; empty: `*`."""
    caller: str | None
    owner: str | None
    """The account of resources whose ARN names none."""
    resource_policy: Policy | None
    context: Mapping[str, ContextValue]
    offset: int
    limit: int


def call_of(
    parameters: Mapping[str, object], default_caller: str | None = None, *, as_simulator: bool = True
) -> SimulateCall:
    """Reads and checks the parameters that both operations have; their shapes have been checked.

    Args:
        parameters: The arguments of the call.
        default_caller: Who calls where the call names no CallerArn: the user, group or role that is simulated.
        as_simulator: Whether AWS's simulator is asked: it takes wildcards in an action as text, and refuses `*` as the
            Resource of a resource policy (both observed). No call that is enforced has such an action, and key
            policies have that Resource.

    Raises:
        Refusal: IAM would answer InvalidInput.
    """
    actions = _texts(parameters, "ActionNames")
    for action in actions:
        # nothing more is asked of an action: `s3:` and `s3:Get Object` are accepted
        if ":" not in action:
            raise Refusal("The action is invalid since it is missing names")
        if not as_simulator and ("*" in action or "?" in action):
            # AWS gives no such answer: enforcement is not asked through this API
            raise Refusal(f"The action {action} is invalid since it has a wildcard")
    resources = _resources(parameters)
    policy = _resource_policy(parameters, resources, as_simulator=as_simulator)
    _check_handling(parameters, actions)
    if resources:
        _check_kinds(actions)
    caller_arn = parameters.get("CallerArn")
    if policy is not None and caller_arn is None and default_caller is None:
        raise Refusal("Invalid caller - Caller cannot be null or empty.")
    return SimulateCall(
        actions=actions,
        resources=resources,
        caller=default_caller if caller_arn is None else caller_of(str(caller_arn)),
        owner=_owner(parameters),
        resource_policy=policy,
        context=parse_entries(objects(parameters, "ContextEntries")),
        offset=_offset(parameters),
        limit=_limit(parameters),
    )


def input_policies(parameters: Mapping[str, object]) -> tuple[Policy, ...]:
    """Parses PolicyInputList.

    Raises:
        Refusal: As `call_of`.
    """
    texts = enumerate(_texts(parameters, "PolicyInputList"), 1)
    return tuple(
        _policy(text, f"PolicyInputList.{n}", PolicyType.IDENTITY, f"Policy input list item {n}") for n, text in texts
    )


def boundary_of(parameters: Mapping[str, object]) -> Policy | None:
    """Parses PermissionsBoundaryPolicyInputList.

    Raises:
        Refusal: As `call_of`.
    """
    texts = _texts(parameters, "PermissionsBoundaryPolicyInputList")
    if len(texts) > 1:
        raise Refusal("The list of Permissions Boundary policies cannot exceed 1 items.")
    if not texts:
        return None
    # the text for a bad boundary, and for a bad SCP below, is inferred from that for a bad policy
    name = "PermissionsBoundaryPolicyInputList.1"
    return _policy(texts[0], name, PolicyType.BOUNDARY, "Permissions boundary policy input list item 1")


def levels_of(parameters: Mapping[str, object]) -> tuple[tuple[Policy, ...], ...]:
    """Parses OrderedOrganizationPolicyInputList, root first.

    Raises:
        Refusal: As `call_of`.
    """
    levels = []
    for number, level in enumerate(objects(parameters, "OrderedOrganizationPolicyInputList"), 1):
        texts = _texts(level, "ServiceControlPolicyInputList")
        if not texts:
            raise Refusal(f"Organization policy at index {number} must contain at least one service control policy")
        names = [f"OrderedOrganizationPolicyInputList.{number}.{n}" for n in range(1, len(texts) + 1)]
        what = f"Organization policy input list item {number}"
        levels.append(tuple(_policy(text, name, PolicyType.SCP, what) for text, name in zip(texts, names, strict=True)))
    return tuple(levels)


def entity_of(arn: str) -> tuple[str, str, str]:
    """Splits the ARN of a user, group or role into kind, name and account; three empty texts for anything else."""
    try:
        parsed = Arn.parse(arn)
    except InvalidInputError:
        return "", "", ""
    kind, slash, path = parsed.resource.partition("/")
    name = path.rpartition("/")[2]
    if parsed.service != "iam" or parsed.region or kind not in _ENTITIES or not slash or not name:
        return "", "", ""
    return kind, name, parsed.account_id


def caller_of(arn: str) -> str:
    """Checks CallerArn: a user, group or role.

    Raises:
        Refusal: It is a root, an assumed role, a service, or no ARN.
    """
    if not _is_arn(arn):
        # inferred: it is IAM's general text for an ARN that is none
        raise Refusal(_unclear(arn))
    if not entity_of(arn)[0]:
        raise Refusal("Invalid caller - Caller must be an IAM user, role or group in this context")
    return arn


def _resources(parameters: Mapping[str, object]) -> tuple[str, ...]:
    resources = _texts(parameters, "ResourceArns")
    if resources == ("*",):
        return ()
    if bad := [resource for resource in resources if not _is_arn(resource)]:
        # how IAM lists several is not known
        raise Refusal(f"ResourceNames are not in a valid ARN format: {', '.join(bad)}.")
    return resources


def _resource_policy(
    parameters: Mapping[str, object], resources: tuple[str, ...], *, as_simulator: bool
) -> Policy | None:
    text = parameters.get("ResourcePolicy")
    if text is None:
        return None
    if not resources:
        raise Refusal(_unclear("*"))
    policy = _policy(str(text), "ResourcePolicy", PolicyType.RESOURCE, "Resource policy")
    if as_simulator and any("*" in (statement.resources or ()) for statement in policy.statements):
        raise Refusal("ResourceNames are not in a valid ARN format: *.")
    return policy


def _check_handling(parameters: Mapping[str, object], actions: tuple[str, ...]) -> None:
    unsupported = [action for action in actions if action.lower() != "ec2:runinstances"]
    if parameters.get("ResourceHandlingOption") in _HANDLING_OPTIONS and unsupported:
        raise Refusal(
            "Invalid input resource handling options. Action does not support resource handling options: "
            f"{', '.join(unsupported)}. Please refer to the documentation for more details: {_HANDLING_PAGE}"
        )


def _check_kinds(actions: tuple[str, ...]) -> None:
    """Refuses sts:AssumeRole beside iam:PassRole, the one pair that is known to be of different kinds (observed).

    IAM refuses more combinations, by a rule of which nothing more is known. To the callers of this, who split a call
    that is refused, it makes no difference to the answers.
    """
    apart = [action for action in actions if action.lower() == "sts:assumerole"]
    others = [action for action in actions if action.lower() != "sts:assumerole"]
    if apart and any(action.lower() == "iam:passrole" for action in others):
        raise Refusal(
            f"Invalid Input Actions: [{','.join(others)}] and [{','.join(apart)}] require different authorization "
            "information."
        )


def _owner(parameters: Mapping[str, object]) -> str | None:
    owner = parameters.get("ResourceOwner")
    if owner is None:
        return None
    account = Arn.parse(str(owner)).account_id if _is_arn(str(owner)) else ""
    if not account:
        raise Refusal(f"'{owner}' is not a valid as a Resource Owner.")
    return account


def _offset(parameters: Mapping[str, object]) -> int:
    marker = str(parameters.get("Marker", "0"))
    if not (marker.isascii() and marker.isdecimal()):
        raise Refusal("Invalid marker for pagination.")
    return int(marker)


def _limit(parameters: Mapping[str, object]) -> int:
    """Actions on a page; botocore takes True for 1."""
    limit = parameters.get("MaxItems")
    return int(limit) if isinstance(limit, int) else 100


def _policy(text: str, name: str, layer: PolicyType, what: str) -> Policy:
    try:
        return Policy.parse(text, name=name, layer=layer, stored=False)
    except InvalidInputError as error:
        raise Refusal(f"{what} has invalid content") from error


def _is_arn(text: str) -> bool:
    try:
        Arn.parse(text)
    except InvalidInputError:
        return False
    return True


def _unclear(arn: str) -> str:
    return f"Invalid Entity Arn: {arn} does not clearly define entity type and name."


def _texts(parameters: Mapping[str, object], name: str) -> tuple[str, ...]:
    value = parameters.get(name)
    return tuple(map(str, value)) if isinstance(value, list | tuple) else ()


def objects(parameters: Mapping[str, object], name: str) -> Sequence[Mapping[str, object]]:
    """Returns a parameter that is a list of structures, whose shape has been checked; empty where it is not given."""
    value = parameters.get(name)
    return [each for each in value if isinstance(each, dict)] if isinstance(value, list | tuple) else []
