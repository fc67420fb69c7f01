"""Reads the Step Functions state machines of a template: the deployments that they make when they run.

Sources:
https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-stepfunctions-statemachine.html
https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/sam-resource-statemachine.html
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from iamcheck.deployment.cloudformation._nodes import Bare, text_of
from iamcheck.deployment.located import UNKNOWN, Member, Pattern, Unknown
from iamcheck.deployment.state_machine import StateMachine, definition_member, state_machine_deployments
from iamcheck.deployment.unsettled import OpenCause

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from iamcheck.deployment.cloudformation._nodes import TemplateNode
    from iamcheck.deployment.cloudformation._stack import Stack
    from iamcheck.deployment.located import MemberValue, WrittenDeployment
    from iamcheck.iam.model import Place

__all__ = ["deployments_of_state_machines"]

_TYPES: Final = ("AWS::StepFunctions::StateMachine", "AWS::Serverless::StateMachine")
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
        definition = _definition(properties, template.place)
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
    """The definition with its substitutions; None: it is not in the template, or not known.

    Raises:
        InvalidInputError: It is a text and no JSON object.
    """
    written, text = properties.get("Definition"), properties.get("DefinitionString")
    if written is not None:
        definition = _member(written, template)
    elif text is not None:
        definition_text = text_of(text)
        if not isinstance(definition_text, str):
            return None
        place = text.place(template)
        definition = definition_member(definition_text, place)
    else:
        return None
    substitutions_node = properties.get("DefinitionSubstitutions")
    substitutions = (
        substitutions_node.value
        if substitutions_node is not None and isinstance(substitutions_node.value, dict)
        else {}
    )
    return _substituted(definition, substitutions) if substitutions else definition


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
