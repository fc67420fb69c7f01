"""Runs one simulation from end to end: the inputs in, AWS's answer and what is uncertain about it out."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from iamcheck.errors import AwsUnavailableError, InvalidInputError
from iamcheck.iam.catalogue import accepts, action, describe
from iamcheck.iam.engine import Semantics, evaluate, missing_context
from iamcheck.iam.engine.explain import StatementTrace, explain
from iamcheck.iam.model import Decision, PolicySet, PolicyType
from iamcheck.results import Verdict
from iamcheck.simulators.local_iam import LocalIAM

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping, Sequence

    from iamcheck.aws.clients import AwsAnswer
    from iamcheck.aws.limits import CallMade
    from iamcheck.iam.model import Evaluation, Policy, StatementRef
    from iamcheck.simulators.local_iam.simulation import LocalSimulation
    from iamcheck.simulators.simulate.inputs import Inputs

__all__ = ["Simulated", "SimulatedDecision", "simulate"]

_ANY_ACCOUNT: Final = "123456789012"
"""The calling account where nobody named one; what depends on it is then not certain."""
_OPERATION: Final = "iam:SimulateCustomPolicy"
_LARGEST_PAGE: Final = 1000
"""MaxItems of one call: https://docs.aws.amazon.com/IAM/latest/APIReference/API_SimulateCustomPolicy.html."""

# What IAM's refusals speak of, the flag to look at and the cure; a row a refusal, the first that is found counts.
_REFUSALS: Final = (
    ("handling", "--resource-handling-option", "it goes with ec2:RunInstances alone"),
    (
        "action",
        "--action-names",
        "write service:Operation; wildcards, which are text, go with --semantics simulator alone",
    ),
    ("permissions boundary", "--permissions-boundary-policy-input-list", "a principal has one boundary"),
    ("rganization", "--ordered-organization-policy-input-list", "at most 7 levels, each with a policy"),
    ("policyinputlist", "--policy-input-list", "a policy holds 131,072 characters of Latin-1 at most"),
    ("resourcepolicy", "--resource-policy", "a policy holds 131,072 characters of Latin-1 at most"),
    ("resource owner", "--resource-owner", "give an ARN with an account, such as arn:aws:iam::123456789012:root"),
    ("invalid caller", "--caller-arn", "give the ARN of a user, group or role; a resource policy needs one"),
    ("entity arn: *", "--resource-arns", "a resource policy needs ARNs of resources"),
    ("entity arn", "--caller-arn", "give the ARN of a user, group or role"),
    ("resourcenames", "--resource-arns", "give ARNs, or * alone"),
    ("context", "--context-entries", "see API_ContextEntry in the IAM API Reference"),
    ("marker", "--marker", "give the Marker of an answer"),
)


@dataclass(frozen=True)
class SimulatedDecision:
    """The decision on one action and one resource."""

    decision: Decision
    """Of whoever was asked: the local engine, or AWS."""
    evaluation: Evaluation
    """Of the local engine, in any case."""
    traces: tuple[StatementTrace, ...] = ()
    """How each statement fares, nearest to a match first; empty unless it was asked for."""
    reason: str = ""
    """Why no policy was looked at, where that is so."""
    ignores_trust_policy: bool = False
    """True where a trust policy was given that the decision leaves out."""

    @property
    def agreed(self) -> bool:
        """False where AWS and the local engine differ."""
        return self.decision is self.evaluation.decision

    @property
    def allowed(self) -> bool | None:
        """True: allowed. False: denied, whatever is unknown. None: that depends."""
        if not self.agreed:
            return None
        # no trust policy makes up for a Deny or for an SCP that does not allow
        is_denied = self.decision is Decision.EXPLICIT_DENY or self.evaluation.blocked_by is PolicyType.SCP
        return None if self.ignores_trust_policy and not is_denied else self.evaluation.allowed


@dataclass(frozen=True)
class Simulated:
    """The answers, and AWS's shape of them."""

    inputs: Inputs
    response: Mapping[str, object]
    """As boto3 returns it, without ResponseMetadata; all pages as one."""
    answers: tuple[SimulatedDecision, ...]
    """All resources of the first action, then all of the second, and so on."""
    engine: str

    @property
    def verdict(self) -> Verdict:
        """Fail where something is denied for certain, unknown where something is uncertain or left, else pass."""
        outcomes = {answer.allowed for answer in self.answers}
        if False in outcomes:
            return Verdict.FAIL
        is_open = None in outcomes or not outcomes or self.response["IsTruncated"] is True
        return Verdict.UNKNOWN if is_open else Verdict.PASS

    def spelled(self, keys: Collection[str]) -> tuple[str, ...]:
        """Context keys, sorted, in the spelling of the policies."""
        layers = (self.inputs.policies, self.inputs.boundaries, *self.inputs.levels)
        # in one layer, for keys are listed of identity policies and not of SCPs
        policies = PolicySet(
            identity=[document.policy for layer in layers for document in layer],
            resource=self.inputs.resource_policy.policy if self.inputs.resource_policy else None,
        )
        spelling = {key.lower(): key for key in missing_context(policies, (), Semantics.SIMULATOR)}
        return tuple(spelling.get(key, key) for key in sorted(keys))

    def known_as(self, ref: StatementRef) -> StatementRef:
        """A statement by the file that holds it, and by its line there."""
        document = self.inputs.document(ref.policy_type, ref.level, ref.source)
        if document is None or ref.index is None:
            return ref
        policy, statement = document.policy, document.policy.statements[ref.index]
        return replace(ref, policy=policy.name, line=statement.line, column=statement.column, file=policy.file)

    def doubts(self) -> tuple[str, ...]:
        """Why decisions are not to be relied on, a sentence each."""
        sentences = self._unknown_actions()
        keys = frozenset(
            key for answer in self.answers if answer.allowed is None for key in answer.evaluation.open_keys
        )
        if keys:
            named = self.spelled(keys)
            sentences.append(
                f"the decision depends on {', '.join(named)}, of which nothing is known: give it by --context-entries, "
                f"or say --absent {named[0]} where no request has it"
            )
        for answer in self.answers:
            request = answer.evaluation.request
            what = f"{request.action} on {request.resource}"
            if not answer.agreed:
                local = answer.evaluation.decision
                sentences.append(f"{what}: AWS's simulator says {answer.decision}, the local engine {local}")
            elif answer.allowed is None and answer.ignores_trust_policy:
                sentences.append(
                    f"{what}: AWS's simulator leaves the trust policy out; --semantics live takes it into account"
                )
            elif answer.allowed is None and not answer.evaluation.open_keys:
                sentences.append(f"{what}: the decision is not certain, for what a statement says is not established")
        if self.response["IsTruncated"] is True:
            marker = self.response["Marker"]
            sentences.append(f"the answer leaves actions out (--max-items): --marker {marker} gives the next")
        return tuple(sentences)

    def _unknown_actions(self) -> list[str]:
        """Which actions the packaged reference does not have: AWS's simulator answers of them all the same.

        A name with wildcards is no misspelling: the simulator takes it as text.
        """
        names = dict.fromkeys(answer.evaluation.request.action for answer in self.answers)
        sentences = []
        for name in names:
            if action(name) is None and not set(name) & set("*?"):
                try:
                    describe(name)
                except InvalidInputError as error:
                    cure = f"; {error.cure}" if error.cure else ""
                    sentences.append(f"{error.what}: it is decided by its name alone{cure}")
        return sentences


def simulate(
    inputs: Inputs,
    *,
    engine: str = "local",
    semantics: str = "simulator",
    rcps: Sequence[Sequence[Policy]] = (),
    session: Sequence[Policy] = (),
    absent: Collection[str] = (),
    account_id: str | None = None,
    with_traces: bool = False,
    profile: str | None = None,
    region: str | None = None,
    timeout: float = 60,
    on_call: Callable[[CallMade], None] | None = None,
) -> Simulated:
    """Decides every action on every resource.

    Args:
        inputs: What is asked.
        engine: `local`, or `aws`: then AWS's simulator decides, and the local engine says what is not certain.
        semantics: `simulator` for what AWS's simulator says, `live` for what happens on the day.
        rcps: Levels of resource control policies, root first; AWS's simulator takes none, so `live` is needed.
        session: Session policies, likewise.
        absent: Context keys that no request has.
        account_id: The calling account, where CallerArn does not name it.
        with_traces: Trace every statement too.
        profile: The AWS profile, for `aws`.
        region: The Region, for `aws`; IAM has one endpoint a partition.
        timeout: Seconds for all calls.
        on_call: Hears of each call that has ended; None: nobody does.

    Raises:
        InvalidInputError: IAM would refuse the inputs, or there is nothing to decide.
        AwsUnavailableError: AWS could not be asked, or gave no answer that can be understood.
    """
    if account_id is not None and not (account_id.isascii() and account_id.isdecimal() and len(account_id) == 12):
        raise InvalidInputError(f"{account_id!r} is not an account id", where="--account-id", cure="12 digits")
    account = _account(inputs) or account_id
    if engine == "aws" and semantics != Semantics.SIMULATOR.value:
        raise InvalidInputError(
            "AWS's simulator answers with its own semantics", where="--semantics live", cure="use --engine local"
        )
    for flag, policies in (("--rcp", rcps), ("--session-policy", session)):
        if policies and semantics != Semantics.LIVE.value:
            raise InvalidInputError(
                "AWS's simulator takes no such policies", where=flag, cure="give --semantics live as well"
            )
    simulation = _prepared(inputs, account, semantics, absent)
    simulation = replace(simulation, policies=replace(simulation.policies, rcps=rcps, session=session))
    actions = simulation.call.actions[simulation.call.offset :]
    actions = actions if inputs.max_items is None else actions[: inputs.max_items]
    if not actions:
        raise InvalidInputError("no action is left to simulate", where="--action-names", cure="name one")
    evaluations = simulation.evaluations(actions)
    if engine == "aws":
        response = _ask_aws(inputs, len(actions), profile=profile, region=region, timeout=timeout, on_call=on_call)
        decisions = _decisions(response, evaluations)
    else:
        response = _response(simulation, evaluations, len(actions))
        decisions = [evaluation.decision for evaluation in evaluations]
    evaluations = tuple(_without_made_up_keys(evaluation, simulation) for evaluation in evaluations)
    answers = (
        SimulatedDecision(
            decision,
            evaluation,
            explain(evaluation.request, simulation.policies, semantics=simulation.semantics) if with_traces else (),
            _gate(evaluation, simulation.semantics),
            simulation.ignores_trust_policy(evaluation.request.action),
        )
        for decision, evaluation in zip(decisions, evaluations, strict=True)
    )
    return Simulated(inputs, response, tuple(answers), engine)


def _account(inputs: Inputs) -> str | None:
    parts = (inputs.caller or "").split(":")
    return parts[4] if len(parts) == 6 and len(parts[4]) == 12 and parts[4].isdecimal() else None


def _prepared(inputs: Inputs, account_id: str | None, semantics: str, absent: Collection[str]) -> LocalSimulation:
    iam = LocalIAM(account_id or _ANY_ACCOUNT, semantics=semantics)
    parameters = inputs.parameters()
    try:
        return replace(iam.simulation(absent=absent, **parameters), is_account_known=account_id is not None)
    except _refusals() as error:
        raise _refused(str(error), inputs) from error


def _refusals() -> tuple[type[Exception], ...]:
    """What LocalIAM raises of botocore's; asked only where there is an error, so botocore is not loaded before."""
    from botocore.exceptions import ClientError, ParamValidationError

    return ClientError, ParamValidationError


def _refused(message: str, inputs: Inputs) -> InvalidInputError:
    """IAM's refusal of the inputs, with the flag that it is about."""
    # botocore's own words before the refusal itself
    message = " ".join(re.sub(r"^(?:An error occurred .*?operation|Parameter validation failed):", "", message).split())
    lowered = message.lower()
    if inputs.resource_policy and lowered.endswith("format: *."):
        # IAM's text is the same for a * among the ARNs
        return InvalidInputError(
            f"IAM refuses: {message.rstrip('.')}", where="--resource-policy", cure='name ARNs, not "*"'
        )
    for text, flag, cure in _REFUSALS:
        if text in lowered:
            return InvalidInputError(f"IAM refuses: {message.rstrip('.')}", where=flag, cure=cure)
    return InvalidInputError(f"IAM refuses: {message.rstrip('.')}", where="simulate")


def _response(simulation: LocalSimulation, evaluations: Sequence[Evaluation], count: int) -> dict[str, object]:
    end = simulation.call.offset + count
    truncated = end < len(simulation.call.actions)
    response: dict[str, object] = {"EvaluationResults": simulation.results(evaluations), "IsTruncated": truncated}
    if truncated:
        response["Marker"] = str(end)
    return response


def _without_made_up_keys(evaluation: Evaluation, simulation: LocalSimulation) -> Evaluation:
    """The same decision, not certain where what the simulator makes up could have changed it."""
    request = evaluation.request
    context = {key: value for key, value in request.context.items() if key.lower() not in simulation.made_up_keys}
    if len(context) == len(request.context):
        return evaluation
    other = evaluate(
        replace(request, context=context), simulation.policies_for(request.action), semantics=simulation.semantics
    )
    if other.certain and other.decision is evaluation.decision:
        return evaluation
    return replace(
        evaluation,
        certain=False,
        open_keys=evaluation.open_keys | other.open_keys,
        could_allow=evaluation.could_allow or other.could_allow,
    )


def _gate(evaluation: Evaluation, semantics: Semantics) -> str:
    request = evaluation.request
    if semantics is not Semantics.SIMULATOR or accepts(request.action, request.resource) is not False:
        return ""
    info = action(request.action)
    types = ", ".join(resource_type.name for resource_type in info.resource_types) if info else ""
    date = describe(request.action).date
    return (
        f"the action takes {types or 'no resource but *'} (reference of {date}), so AWS's simulator looks at no policy"
    )


def _ask_aws(
    inputs: Inputs,
    count: int,
    *,
    profile: str | None,
    region: str | None,
    timeout: float,
    on_call: Callable[[CallMade], None] | None,
) -> dict[str, object]:
    """AWS's answer about `count` actions, all pages as one."""
    from time import monotonic

    from iamcheck.aws.clients import Deadline, call, make_client, make_session
    from iamcheck.aws.pages import pages

    deadline = Deadline.after(timeout, monotonic, on_call=on_call)
    client = make_client(make_session(profile=profile, region=region), "iam", deadline=deadline)
    results: list[Mapping[str, object]] = []
    parameters = inputs.parameters()

    def ask(marker: Mapping[str, str]) -> AwsAnswer:
        if inputs.max_items is not None:
            parameters["MaxItems"] = min(count - len(results), _LARGEST_PAGE)
        try:
            return call(client, _OPERATION, deadline, **{**parameters, **marker})
        except AwsUnavailableError as error:
            if error.code in ("InvalidInput", "ValidationError"):
                raise _refused(error.reason.partition(": ")[2] or error.reason, inputs) from error
            raise

    response: dict[str, object] = {}
    for page in pages(ask, "EvaluationResults"):
        results.extend(part.data for part in page.parts("EvaluationResults"))
        response = {"EvaluationResults": results, "IsTruncated": page.data.get("IsTruncated", False)}
        if response["IsTruncated"]:
            response["Marker"] = page.text("Marker")
        if len(results) >= count:
            break
    if len(results) != count:
        raise page.unusable(f"{len(results)} results for {count} actions")
    return response


def _decisions(response: Mapping[str, object], evaluations: Sequence[Evaluation]) -> list[Decision]:
    """AWS's decisions in the order of the evaluations, each action's by its resources' order.

    Raises:
        AwsUnavailableError: They are not about the same actions and resources.
    """
    from iamcheck.aws.clients import AwsAnswer

    decisions: list[tuple[str, str, str]] = []
    for result in AwsAnswer(_OPERATION, None, response).parts("EvaluationResults"):
        name = result.text("EvalActionName")
        specific = result.parts("ResourceSpecificResults")
        if specific:
            decisions.extend(
                (name, part.text("EvalResourceName"), part.text("EvalResourceDecision")) for part in specific
            )
        else:
            decisions.append((name, result.text("EvalResourceName"), result.text("EvalDecision")))
    pairs = [(evaluation.request.action, evaluation.request.resource) for evaluation in evaluations]
    known = {decision.value for decision in Decision}
    if [(name, resource) for name, resource, _ in decisions] != pairs or not {text for *_, text in decisions} <= known:
        raise AwsUnavailableError(
            "the answer cannot be understood: it is not about the actions and resources that were asked",
            operation=_OPERATION,
        )
    return [Decision(text) for *_, text in decisions]
