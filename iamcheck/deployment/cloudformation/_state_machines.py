"""Reads the Step Functions state machines of a template: the deployments that they make when they run.

Sources:
https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-stepfunctions-statemachine.html
https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/sam-resource-statemachine.html
"""

from __future__ import annotations

import json
import re
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from iamcheck.deployment.cloudformation._nodes import Bare, text_of
from iamcheck.deployment.cloudformation._template import literal
from iamcheck.deployment.cloudformation._texts import joined
from iamcheck.deployment.located import UNKNOWN, Member, Pattern, Unknown
from iamcheck.deployment.state_machine import StateMachine, definition_member, state_machine_deployments
from iamcheck.deployment.unsettled import OpenCause

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from iamcheck.deployment.cloudformation._nodes import TemplateNode
    from iamcheck.deployment.cloudformation._stack import Stack
    from iamcheck.deployment.located import MemberValue, WrittenDeployment
    from iamcheck.iam.model import Place

__all__ = ["deployments_of_state_machines"]

_TYPES: Final = ("AWS::StepFunctions::StateMachine", "AWS::Serverless::StateMachine")
_MARK: Final = "\ue000"
"""Stands before and after the number of a text that is not known; no definition has it (it is for private use)."""
_SUBSTITUTION: Final = r"\$\{([A-Za-z0-9_]+)\}"


def deployments_of_state_machines(stack: Stack) -> Iterator[WrittenDeployment]:
    """The deployments of every state machine of a template that makes or updates an endpoint or makes a config.

    Raises:
        InvalidInputError: A definition is no JSON object, or a task has a parameter that the API does not have.
    """
    template = stack.template
    for logical in template.resources:
        if template.type_of(logical) not in _TYPES or stack.exists(logical)[0] is False:
            continue
        resolved = stack.resolver.resolve(template.properties(logical))
        properties = resolved.value if resolved is not None and isinstance(resolved.value, dict) else {}
        place = template.resources[logical].place(template.place)
        substitutions = _substitutions(properties)
        written = _definition(properties, template.place)
        definition = (
            _joined_definition(stack, logical, substitutions)
            if written is None
            else _substituted(written, substitutions)
        )
        if definition is None:
            continue
        role = next((properties[name] for name in ("RoleArn", "Role") if name in properties), None)
        arn = None if role is None else text_of(role)
        machine = StateMachine(
            definition,
            place,
            arn if isinstance(arn, str) else UNKNOWN,
            stack.inputs.region,
            stack.inputs.account_id,
        )
        yield from state_machine_deployments(machine, is_alone=False)


def _definition(properties: Mapping[str, TemplateNode], template: Place) -> Member | None:
    """The definition; None: it is not in the template, or not known.

    Raises:
        InvalidInputError: It is a text and no JSON object.
    """
    written, text = properties.get("Definition"), properties.get("DefinitionString")
    if written is not None:
        return _member(written, template)
    definition_text = None if text is None else text_of(text)
    if text is None or not isinstance(definition_text, str):
        return None
    return definition_member(definition_text, text.place(template))


def _substitutions(properties: Mapping[str, TemplateNode]) -> Mapping[str, TemplateNode]:
    node = properties.get("DefinitionSubstitutions")
    return node.value if node is not None and isinstance(node.value, dict) else {}


def _joined_definition(stack: Stack, logical: str, substitutions: Mapping[str, TemplateNode]) -> Member | None:
    """The definition that a template joins of texts of which some are not known, as CDK writes it; None: it is none."""
    properties = stack.template.properties(logical).value
    text = properties.get("DefinitionString") if isinstance(properties, dict) else None
    arguments = text.value.get("Fn::Join") if text is not None and isinstance(text.value, dict) else None
    if text is None or arguments is None or not isinstance(arguments.value, tuple) or len(arguments.value) != 2:
        return None
    delimiter, items = literal(arguments.value[0]), arguments.value[1].value
    parts = [stack.resolver.resolve(item) for item in items] if isinstance(items, tuple) else []
    nodes = [part for part in parts if part is not None and not part.may_be_absent]
    if len(nodes) < len(parts) or any(_MARK in str(text_of(node)) for node in nodes):
        return None
    marked = delimiter.join(
        part if isinstance(part := text_of(node), str) else f"{_MARK}{index}{_MARK}" for index, node in enumerate(nodes)
    )
    if not _is_object(marked) or re.search(rf'{_MARK}[^"]*"\s*:', marked):
        # what is not known is more than a text in it
        return None
    definition = definition_member(marked, text.place(stack.template.place))
    return _unmarked(_substituted(definition, substitutions), nodes)


def _is_object(text: str) -> bool:
    try:
        return isinstance(json.loads(text), dict)
    except (ValueError, RecursionError):
        return False


def _unmarked(member: Member, nodes: Sequence[TemplateNode]) -> Member:
    """The same with what is known of the joined texts in place of their marks."""
    value = member.value
    if isinstance(value, tuple):
        return replace(member, value=tuple(_unmarked(one, nodes) for one in value))
    if isinstance(value, dict):
        return replace(member, value={name: _unmarked(one, nodes) for name, one in value.items()})
    if not isinstance(value, str) or _MARK not in value:
        return member
    pieces = value.split(_MARK)
    marks = [nodes[int(piece)] for piece in pieces[1::2]]
    texts = [text_of(marks[index // 2]) if index % 2 else piece for index, piece in enumerate(pieces)]
    causes = dict.fromkeys(cause for node in marks for cause in node.causes)
    return replace(member, value=joined(text or UNKNOWN for text in texts if text != ""), causes=tuple(causes))


def _member(node: TemplateNode, template: Place) -> Member:
    value = node.value
    place = node.place(template)
    member_value: MemberValue
    if isinstance(value, dict):
        member_value = {name: _member(one, template) for name, one in value.items()}
    elif isinstance(value, tuple):
        member_value = tuple(_member(item, template) for item in value)
    elif isinstance(value, Bare):
        member_value = _number(value.text)
    else:
        member_value = value
    is_open = isinstance(member_value, (Pattern, Unknown))
    return Member(member_value, place.path, place, node.causes if is_open else (), node.may_be_absent)


def _number(text: str) -> str | int | float | bool:
    if text.lower() in ("true", "false"):
        return text.lower() == "true"
    if re.fullmatch(r"-?(?:0|[1-9]\d{0,18})", text):
        return int(text)
    return float(text) if re.fullmatch(r"-?\d{1,18}\.\d{1,18}", text) else text


def _substituted(member: Member, substitutions: Mapping[str, TemplateNode]) -> Member:
    """The same with `${NAME}` in its texts replaced by what DefinitionSubstitutions says."""
    value = member.value
    if isinstance(value, tuple):
        return Member(tuple(_substituted(one, substitutions) for one in value), member.path, member.place)
    if isinstance(value, dict):
        return Member(
            {name: _substituted(one, substitutions) for name, one in value.items()}, member.path, member.place
        )
    if not isinstance(value, str):
        return member
    texts = {name: text_of(node) for name, node in substitutions.items()}
    names = [name for name in re.findall(_SUBSTITUTION, value) if name in texts]
    if all(isinstance(texts[name], str) for name in names):
        text = re.sub(_SUBSTITUTION, lambda match: str(texts.get(match[1], match[0])), value)
        return Member(text, member.path, member.place)
    causes = [cause for name in names for cause in substitutions[name].causes]
    unknown = OpenCause(f"DefinitionSubstitutions does not tell {', '.join(names)}", "")
    return Member(UNKNOWN, member.path, member.place, tuple(dict.fromkeys(causes)) or (unknown,))
