"""Reads a Step Functions state machine: the deployments that its tasks make, by optimized and by SDK integrations.

The definition in the Amazon States Language, or what `aws stepfunctions describe-state-machine` prints. What comes from
the input of a run is known only when the state machine runs.

Sources:
https://docs.aws.amazon.com/step-functions/latest/dg/connect-sagemaker.html
https://docs.aws.amazon.com/step-functions/latest/dg/supported-services-awssdk.html
https://states-language.net/spec.html
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Final, NamedTuple

from iamcheck.deployment.calls import DELETES, REQUESTS, MadeCall, deleted, deployments_of_calls, request_members_of
from iamcheck.deployment.located import (
    UNKNOWN,
    Member,
    Pattern,
    Tool,
    WrittenCaller,
    WrittenDeployment,
    WrittenRequest,
    unknown_request,
)
from iamcheck.deployment.requests import json_member, require_members
from iamcheck.deployment.unsettled import OpenCause, Unsettled
from iamcheck.errors import InvalidInputError
from iamcheck.iam.catalogue import request_kinds
from iamcheck.iam.model import Arn
from iamcheck.iam.model.json_text import read_object, read_text, shown
from iamcheck.results import NotCovered

if TYPE_CHECKING:
    from collections.abc import Iterator

    from iamcheck.deployment.located import Operation
    from iamcheck.deployment.unknown import Unknown
    from iamcheck.iam.model import Place

__all__ = ["StateMachine", "definition_member", "read_state_machine", "state_machine_deployments"]

_RESOURCE: Final = r"arn:[^:]*:states:[^:]*:[^:]*:(?:aws-sdk:)?([A-Za-z0-9-]+):([A-Za-z0-9]+)(\.\w+(?::\d)?)?"
_PREFIXES: Final = {"applicationautoscaling": "application-autoscaling"}
"""What Step Functions calls a service -> its prefix in policies, where they differ."""
_FORMAT: Final = r"States\.Format\('([^'\\]*)',.*\)"
_OPERAND: Final = r"""'[^'\\*]*'|"[^"\\*]*"|\$[\w.$]+"""
_JOINED: Final = rf"\{{%\s*(?:{_OPERAND})(?:\s*&\s*(?:{_OPERAND}))*\s*%\}}"
"""Texts and variables that JSONata joins."""
_WAITS: Final = (
    "what Step Functions needs to wait for the end is not judged "
    "(https://docs.aws.amazon.com/step-functions/latest/dg/connect-sagemaker.html)"
)
_BECOMES: Final = (
    "no check judges whether the state machine may assume the role "
    "(https://docs.aws.amazon.com/step-functions/latest/dg/concepts-access-cross-acct-resources.html)"
)
_RUNS: Final = (
    "no check judges the executions that a distributed map starts, nor what it reads and writes "
    "(https://docs.aws.amazon.com/step-functions/latest/dg/iam-policies-eg-dm.html)"
)
_READERS: Final = ("ItemReader", "ResultWriter")
"""What a distributed map alone has."""
_TYPES: Final = ("Choice", "Fail", "Map", "Parallel", "Pass", "Succeed", "Task", "Wait")
_DEEPEST: Final = 12


class StateMachine(NamedTuple):
    """A state machine as it is written.

    Args:
        definition: Its definition.
        place: Where it is.
        role: ARN of its role; `UNKNOWN`: nobody says which.
        region: Region code; None: nobody says it.
        account_id: Its account, likewise.
    """

    definition: Member
    place: Place
    role: str | Unknown = UNKNOWN
    region: str | None = None
    account_id: str | None = None


def read_state_machine(text: str, file: Place) -> StateMachine | None:
    """The state machine in a text; None where the text is something else, such as a template.

    Args:
        text: The text of a file.
        file: Where it is.

    Raises:
        InvalidInputError: It describes a state machine whose definition is not JSON.
    """
    if "StartAt" not in text or not text.lstrip(" \t\r\n").startswith("{"):
        return None
    try:
        root = read_text(text)
    except InvalidInputError:
        # whoever reads templates says what is wrong
        return None
    members = root.value if isinstance(root.value, dict) else {}
    if "StartAt" in members and "States" in members:
        return StateMachine(json_member(root, "", file), file)
    given = members["definition"].value if "definition" in members else None
    if not isinstance(given, str) or "Resources" in members:
        return None
    texts = {name: members[name].value for name in ("roleArn", "stateMachineArn") if name in members}
    role, arn = texts.get("roleArn"), texts.get("stateMachineArn")
    own = Arn.parse(arn, where=f"{file}, stateMachineArn") if isinstance(arn, str) else None
    return StateMachine(
        definition_member(given, file._replace(path="definition")),
        file,
        role if isinstance(role, str) else UNKNOWN,
        None if own is None else own.region,
        None if own is None else own.account_id,
    )


def definition_member(text: str, place: Place) -> Member:
    """A definition that is a text within a file: it has no lines of its own.

    Raises:
        InvalidInputError: It is no JSON object.
    """
    try:
        found = json.loads(text)
    except ValueError:
        found = None
    except RecursionError:
        found = None
    if not isinstance(found, dict):
        raise InvalidInputError("the definition is no JSON object", where=str(place), cure="give it as AWS has it")
    return json_member(read_object(found), place.path, place)


def state_machine_deployments(
    machine: StateMachine, *, values: Mapping[str, str] | None = None, is_alone: bool = True
) -> tuple[WrittenDeployment, ...]:
    """The deployments that the tasks of a state machine make: one for each endpoint, or for endpoint configs alone.

    The principal is the role of the state machine, or that of the Credentials of the tasks.

    Args:
        machine: The state machine.
        values: Values of what its input leaves open, by `STATE.MEMBER`.
        is_alone: Whether there is nothing else that could make a deployment, so that one without is refused.

    Raises:
        InvalidInputError: A task has a parameter that the API does not have, no task makes or updates an endpoint or
            makes an endpoint config, or a value is for nothing that is open.
    """
    reading = _Reading(values or {})
    tasks = tuple(reading.tasks(machine.definition, machine.definition, 0))
    reading.require_used()
    accounts = _accounts(machine, tasks)
    base = WrittenDeployment(
        Tool.SDK,
        str(machine.place),
        region=machine.region,
        account_id=next(iter(accounts)) if len(accounts) == 1 else None,
        caller=_caller(machine, tasks),
        unsettled=() if len(accounts) < 2 else (_several_accounts(machine, accounts),),
        not_covered=tuple(item for task in tasks for item in task.not_covered),
    )
    calls = tuple(task.call for task in tasks if task.call is not None)
    found = deployments_of_calls(calls, base, "no check judges this call")
    if not found and is_alone:
        raise InvalidInputError(
            "no task makes or updates an endpoint, or makes an endpoint config",
            where=str(machine.place),
            cure="name the state machine that has such a task",
        )
    return found


class _Expressions(NamedTuple):
    """The state whose expressions are read, by its name, and whether they are JSONata's."""

    name: str
    is_jsonata: bool


class _Task(NamedTuple):
    """One task: its call, whose it is, and what of it no check judges."""

    call: MadeCall | None = None
    role: Member | None = None
    not_covered: tuple[NotCovered, ...] = ()


def _caller(machine: StateMachine, tasks: tuple[_Task, ...]) -> WrittenCaller:
    """Who makes the calls that are asked about; where several roles do, nobody can tell."""
    asked = [task for task in tasks if task.call is not None and (task.call.request or task.call.delete)]
    others = [task.role for task in asked if task.role is not None]
    if not others:
        return WrittenCaller(machine.role, (), machine.place)
    roles = {role.value if isinstance(role.value, str) else UNKNOWN for role in others}
    if len(others) < len(asked):
        roles.add(machine.role)
    return WrittenCaller(roles.pop() if len(roles) == 1 else UNKNOWN, (), others[0].place)


def _accounts(machine: StateMachine, tasks: tuple[_Task, ...]) -> tuple[str, ...]:
    """The accounts in which the calls that are asked about are made, as far as they are known: those of the roles."""
    asked = [task for task in tasks if task.call is not None and (task.call.request or task.call.delete)]
    roles = [task.role.value for task in asked if task.role is not None and isinstance(task.role.value, str)]
    accounts = [Arn.parse(role, where="Credentials").account_id for role in roles]
    if machine.account_id is not None and any(task.role is None for task in asked):
        accounts.append(machine.account_id)
    return tuple(dict.fromkeys(accounts))


def _several_accounts(machine: StateMachine, accounts: tuple[str, ...]) -> Unsettled:
    why = f"is not one: the tasks make calls in {' and '.join(accounts)}"
    return Unsettled("the account", why, machine.place, "give a state machine whose tasks are of one account")


class _Reading:
    """The reading of one definition: which values were used."""

    def __init__(self, values: Mapping[str, str]) -> None:
        self._values, self._used = values, set[str]()

    def require_used(self) -> None:
        """Returns where every value was for something open.

        Raises:
            InvalidInputError: One was not.
        """
        for key in self._values:
            if key not in self._used:
                raise InvalidInputError(f"no task leaves {shown(key)} open", where="--set", cure="write STATE.MEMBER")

    def tasks(self, machine: Member, top: Member, depth: int) -> Iterator[_Task]:
        """The tasks of a definition, those of its branches and loops too.

        Raises:
            InvalidInputError: It is nested too deeply, something in it is no state, or a task has a parameter that the
                API does not have.
        """
        if depth > _DEEPEST:
            raise InvalidInputError("nested too deeply", where=str(machine.place), cure="no state machine does that")
        states = machine.get("States")
        if states is None or not isinstance(states.value, Mapping):
            raise InvalidInputError("there are no States", where=str(machine.place), cure="give the whole definition")
        for name, state in states.value.items():
            kind = _text(state.get("Type"))
            if kind not in _TYPES:
                cure = f"a state's Type is one of {', '.join(_TYPES)}"
                raise InvalidInputError("this is no state", where=str(state.place), cure=cure)
            if kind == "Task":
                yield self._task(name, state, _text(state.get("QueryLanguage")) or _text(top.get("QueryLanguage")))
            if _is_distributed(state):
                yield _Task(not_covered=(NotCovered("states:StartExecution", state.place, _RUNS),))
            branches = state.get("Branches")
            if branches is not None and not isinstance(branches.value, tuple):
                raise InvalidInputError("this is no list", where=str(branches.place), cure="Branches are a list")
            inner = [state.get("ItemProcessor"), state.get("Iterator"), *(branches.items() if branches else ())]
            for member in inner:
                if member is not None:
                    yield from self.tasks(member, top, depth + 1)

    def _task(self, name: str, state: Member, language: str | None) -> _Task:
        resource = state.get("Resource")
        text = _text_or_pattern(resource)
        found = re.fullmatch(_RESOURCE, text or "")
        if found is None:
            what = text or "a task whose resource is not known"
            return _Task(not_covered=(NotCovered(what, state.place, "no check judges this task"),))
        service = _PREFIXES.get(found[1], found[1])
        operation = found[2][:1].upper() + found[2][1:]
        call = MadeCall(service, operation, state.place, label=name)
        credentials = state.get("Credentials")
        role = None if credentials is None else credentials.get("RoleArn") or credentials
        waits = found[3] is not None and (call.key in REQUESTS or call.key in DELETES)
        not_covered = (NotCovered(f"{service}:{operation}{found[3]}", state.place, _WAITS),) if waits else ()
        if role is not None:
            not_covered = (*not_covered, NotCovered("sts:AssumeRole", role.place, _BECOMES))
        if call.key in REQUESTS:
            call = call._replace(request=self._request(name, state, call, language))
        elif call.key in DELETES:
            root = self._parameters(name, state, language)
            call = deleted(call, lambda member: None if root is None else root.get(member))
        return _Task(call, role, not_covered)

    def _request(self, name: str, state: Member, call: MadeCall, language: str | None) -> WrittenRequest:
        operation: Operation = REQUESTS[call.key]
        root = self._parameters(name, state, language)
        if root is None or not isinstance(root.value, Mapping):
            text = "the whole input of the state is its parameters" if root is None else "its Arguments are worked out"
            return unknown_request(operation, state.place, (OpenCause(text, ""),))
        kept = request_members_of(call.operation, tuple(root.value))
        root = Member({statement: root.value[statement] for statement in kept}, "", root.place)
        require_members(root, operation)
        return WrittenRequest(operation, root, state.place)

    def _parameters(self, name: str, state: Member, language: str | None) -> Member | None:
        """The parameters of a task's call; None: they are its input."""
        is_jsonata = language == "JSONata"
        given = state.get("Arguments" if is_jsonata else "Parameters")
        return None if given is None else self._converted(given, _Expressions(name, is_jsonata), "")

    def _converted(self, member: Member, state: _Expressions, path: str) -> Member:
        """A parameter as the request has it: what a path or an expression gives is open."""
        value = member.value
        if isinstance(value, Mapping):
            members: dict[str, Member] = {}
            for key, one in value.items():
                name, is_path = (key[:-2], True) if key.endswith(".$") else (key, False)
                below = f"{path}.{name}" if path else name
                converted = self._opened(one, state, below) if is_path else self._converted(one, state, below)
                members[name] = converted
            return Member(members, path, member.place)
        if isinstance(value, tuple):
            items = (self._converted(one, state, f"{path}[{index}]") for index, one in enumerate(value))
            return Member(tuple(items), path, member.place)
        if isinstance(value, str) and value.startswith("{%") and value.endswith("%}"):
            return self._opened(member, state, path)
        return Member(value, path, member.place, member.causes, member.may_be_absent)

    def _opened(self, member: Member, state: _Expressions, path: str) -> Member:
        """What is worked out when the state machine runs; the value that the user says, where there is one."""
        key = f"{state.name}.{path}"
        if key in self._values:
            self._used.add(key)
            return Member(_typed(self._values[key], path), path, member.place)
        text = _text(member) or "an expression"
        cause = OpenCause(f"{text[:100]} gives it when the state machine runs", f"--set '{key}=VALUE'")
        value = _known_part(text, is_jsonata=state.is_jsonata)
        return Member(value, path, member.place, () if isinstance(value, str) else (cause,))


def _known_part(text: str, *, is_jsonata: bool) -> str | Pattern | Unknown:
    """What is known of a text before the state machine runs: that of a format, or of texts that JSONata joins.

    Source: https://docs.jsonata.org/string-functions (the operator &)
    """
    in_format = None if is_jsonata else re.fullmatch(_FORMAT, text)
    parts = ["*"]
    if in_format is not None:
        parts = [in_format[1].replace("{}", "*")]
    elif is_jsonata and re.fullmatch(_JOINED, text):
        parts = ["*" if operand.startswith("$") else operand[1:-1] for operand in re.findall(_OPERAND, text)]
    known = "".join(parts)
    if not known.strip("*"):
        return UNKNOWN
    return Pattern(known) if "*" in known else known


def _is_distributed(state: Member) -> bool:
    """Whether a state is a map whose items are executions of their own."""
    processor = state.get("ItemProcessor")
    settings = None if processor is None else processor.get("ProcessorConfig")
    mode = None if settings is None else _text(settings.get("Mode"))
    return mode == "DISTRIBUTED" or any(state.get(name) is not None for name in _READERS)


def _typed(text: str, path: str) -> str | int | float | bool:
    """A value that the user gives, as the API takes it: a number or a truth value where the member is one."""
    name = re.sub(r"\[\d+\]$", "", path).rpartition(".")[2]
    kinds = {kinds[name] for kinds in request_kinds().values() if name in kinds}
    if kinds == {"boolean"} and text in ("true", "false"):
        return text == "true"
    if kinds and kinds <= {"integer", "long"} and re.fullmatch(r"-?\d{1,18}", text):
        return int(text)
    return float(text) if kinds and re.fullmatch(r"-?\d{1,18}\.\d{1,18}", text) else text


def _text(member: Member | None) -> str | None:
    return member.value if member is not None and isinstance(member.value, str) else None


def _text_or_pattern(member: Member | None) -> str | None:
    if member is not None and isinstance(member.value, Pattern):
        return member.value.text
    return _text(member)
