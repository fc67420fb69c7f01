"""Words what a verdict takes to be so, and names the flag or the read that settles it."""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING, Final

from iamcheck.deployment import Deployment
from iamcheck.deployment.unknown import Tool
from iamcheck.iam.engine import rcps_can_touch
from iamcheck.iam.model import PolicyType
from iamcheck.permissions import possible_calls
from iamcheck.results import Assumption, CheckResult, Remedy, Status

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from iamcheck.checks.options import CheckOptions
    from iamcheck.deployment import PartialDeployment
    from iamcheck.iam.model import Request

__all__ = ["LayerState", "layer_assumptions", "run_assumptions", "strictly"]


class LayerState(Enum):
    """Why a layer of policies is judged as it is, where something is assumed of it."""

    NOT_GIVEN = "nobody gave it, and nobody was there to read it"
    LEFT_OUT = "the user leaves it out"
    NOT_NAMED = "AWS's simulator names none"
    EXEMPT = "the principal is a service-linked role"
    RENDERED = "the rendered policy stands in its place"
    NEVER_READ = "nobody can read it"
    NEVER_GIVEN = "nobody can read it, and no option gives it"
    GIVEN = "the user or the source gives it, and not the layer that goes with it"


_LAYERS: Final[Mapping[tuple[PolicyType, LayerState], Assumption]] = {
    (PolicyType.IDENTITY, LayerState.RENDERED): Assumption(
        "assumed: the principal has the rendered policy and no other identity policy (none given; --policy gives them)",
        "--policy",
    ),
    (PolicyType.BOUNDARY, LayerState.NOT_GIVEN): Assumption(
        "assumed: no permissions boundary applies (none given; --boundary gives it)", "--boundary"
    ),
    (PolicyType.SCP, LayerState.NOT_GIVEN): Assumption(
        "assumed: no SCPs apply (none given; --scp gives them)", "--scp"
    ),
    (PolicyType.SCP, LayerState.LEFT_OUT): Assumption(
        "assumed: no SCPs apply (--organizations ignore leaves them out)", "--scp"
    ),
    (PolicyType.SCP, LayerState.NOT_NAMED): Assumption(
        "assumed: no SCPs apply (AWS's simulator names none; --scp gives them)", "--scp"
    ),
    (PolicyType.SCP, LayerState.EXEMPT): Assumption(
        "no SCPs apply (the principal is a service-linked role, which SCPs do not affect)"
    ),
    (PolicyType.RCP, LayerState.NOT_GIVEN): Assumption(
        "assumed: no RCPs apply (neither given nor read; --rcp gives them)", "--rcp"
    ),
    (PolicyType.RCP, LayerState.LEFT_OUT): Assumption(
        "assumed: no RCPs apply (--organizations ignore leaves them out)", "--rcp"
    ),
    (PolicyType.SESSION, LayerState.NEVER_READ): Assumption(
        "assumed: no session policy and no VPC endpoint policy denies it (nobody can read them; --session-policy gives "
        "the first)"
    ),
    (PolicyType.SESSION, LayerState.NEVER_GIVEN): Assumption(
        "assumed: no session policy and no VPC endpoint policy denies it (nobody can read them)"
    ),
    (PolicyType.SESSION, LayerState.GIVEN): Assumption(
        "assumed: no VPC endpoint policy denies it (nobody can read it)"
    ),
}
"""What is assumed of a layer in a state. Adding a state of a layer is adding a row."""
_OTHER_OWNER: Final = Assumption(
    "assumed: no RCPs over the account that owns it deny what is asked of a resource of another account (its own "
    "organization alone can say)"
)


def layer_assumptions(states: Mapping[PolicyType, LayerState], requests: Iterable[Request]) -> tuple[Assumption, ...]:
    """The assumptions about layers of policies, in the order of the layers; of RCPs only where they touch a request.

    Args:
        states: The layers of which something is assumed, and why.
        requests: What is asked.
    """
    touched = [request for request in requests if rcps_can_touch(request)]
    assumptions = tuple(
        assumption
        for (layer, state), assumption in _LAYERS.items()
        if states.get(layer) is state and (touched or layer is not PolicyType.RCP)
    )
    # without RCPs at all, that none apply is assumed already
    has_other_owner = PolicyType.RCP not in states and any(request.is_across_accounts for request in touched)
    return (*assumptions, _OTHER_OWNER) if has_other_owner else assumptions


def run_assumptions(deployment: Deployment | PartialDeployment, options: CheckOptions) -> tuple[Assumption, ...]:
    """What every check of a run takes to be so: what the user says of the context, and what the source leaves open."""
    written = deployment.written
    return (
        *map(Assumption, options.file_assumptions),
        *_context_assumptions(options),
        *(() if written is None else written.assumptions),
        *_caller_assumptions(deployment, options),
        *_possible_call_assumptions(deployment, options),
        *_handler_assumptions(deployment, options),
    )


_READS_NOT_KNOWN: Final[Mapping[str, str]] = {
    "scalable target": "AWS::ApplicationAutoScaling::ScalableTarget",
    "scaling policy": "AWS::ApplicationAutoScaling::ScalingPolicy",
    "alarm": "AWS::CloudWatch::Alarm",
    "model package group": "AWS::SageMaker::ModelPackageGroup",
    "model package": "AWS::SageMaker::ModelPackage",
}
"""What CloudFormation's handlers of these types read is in no data that iamcheck has."""


def _handler_assumptions(deployment: Deployment | PartialDeployment, options: CheckOptions) -> Iterator[Assumption]:
    """Of a stack's reads: which handlers make calls that are not known."""
    written = deployment.written
    if written is None or written.tool is not Tool.CLOUDFORMATION or options.scope not in ("deploy", "lifecycle"):
        return
    requests = deployment.resource_requests if isinstance(deployment, Deployment) else ()
    kinds = dict.fromkeys(
        request.kind for request in requests if request.kind in _READS_NOT_KNOWN and not request.is_separate
    )
    if kinds:
        types = ", ".join(_READS_NOT_KNOWN[kind] for kind in kinds)
        yield Assumption(f"assumed: CloudFormation reads nothing else of {types}: what its handlers read is not known")


def _context_assumptions(options: CheckOptions) -> Iterator[Assumption]:
    """What the user says of the context: nothing else could settle it."""
    for key, value in options.context.items():
        yield Assumption(f"{key} is {', '.join(value.values)}, as --context says")
    for key in options.absent:
        yield Assumption(f"{key} is absent, as --absent says")


def _caller_assumptions(deployment: Deployment | PartialDeployment, options: CheckOptions) -> Iterator[Assumption]:
    """Who is taken to call, where neither the source nor the user names somebody."""
    written = deployment.written
    if written is None or written.caller is not None or options.principal is not None:
        return
    assumption = _CALLERS.get(written.tool)
    if assumption is not None:
        yield assumption


_CALLERS: Final[Mapping[Tool, Assumption]] = {
    Tool.CLOUDFORMATION: Assumption(
        "assumed: the stack has no service role, so that whoever deploys it makes the calls "
        "(--cloudformation-role names the role, --principal whoever deploys)",
        "--cloudformation-role or --principal",
    ),
    Tool.TERRAFORM: Assumption(
        "assumed: whoever runs Terraform makes the calls: plans do not show a role that a `dynamic` block of the "
        "provider assumes (--principal names who calls)",
        "--principal",
    ),
}
"""Who is taken to call where the source names nobody."""


def _possible_call_assumptions(
    deployment: Deployment | PartialDeployment, options: CheckOptions
) -> Iterator[Assumption]:
    """Of bare names, and of an endpoint config that nobody read: what the real requests may need besides."""
    if not isinstance(deployment, Deployment) or deployment.unsettled:
        return
    calls = possible_calls(deployment, options.scope)
    for settled_by in dict.fromkeys(call.settled_by for call in calls):
        named = "; ".join(str(call) for call in calls if call.settled_by == settled_by)
        how = f"{settled_by} gives the request" if settled_by.startswith("--") else f"{settled_by} reads it"
        yield Assumption(f"assumed: nothing else is needed, such as {named} ({how})", settled_by)


def strictly(result: CheckResult, assumptions: Sequence[Assumption]) -> CheckResult:
    """The result under `--strict`: no pass that rests on an assumption which a flag or a read could settle."""
    flags = dict.fromkeys(assumption.settled_by for assumption in assumptions if assumption.settled_by)
    if result.status is not Status.PASS or not flags:
        return result
    summary = f"{result.summary}, but it rests on assumptions, and --strict takes none that can be settled"
    cure = Remedy(f"to settle them, give {', '.join(flags)}")
    return result._replace(status=Status.UNKNOWN, summary=summary, remedy=cure)
