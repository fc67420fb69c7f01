"""Works out a template's functions, as far as that can be done before the stack is made.

A value is what it will be, or `UNKNOWN`, or a `Pattern`, or absent (`AWS::NoValue`); nothing is guessed.

Source: https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference.html
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, TypeAlias

from iamcheck.deployment.cloudformation._alternatives import Alternatives
from iamcheck.deployment.cloudformation._arguments import arguments_of, function_of, is_transformed, literal_of
from iamcheck.deployment.cloudformation._conditions import Conditions
from iamcheck.deployment.cloudformation._nodes import TemplateNode, text_of
from iamcheck.deployment.cloudformation._open_values import either, has_open, is_alike, made
from iamcheck.deployment.cloudformation._references import References
from iamcheck.deployment.cloudformation._template import (
    LOOKED_UP,
    NOT_TRANSFORMED,
    TRANSFORM,
    kind_of,
    literal,
    members_of,
)
from iamcheck.deployment.cloudformation._texts import Text, joined, with_lookups
from iamcheck.deployment.cloudformation._trace import Recorder, Trace
from iamcheck.deployment.located import UNKNOWN, Unknown
from iamcheck.deployment.unsettled import OpenCause
from iamcheck.errors import InvalidInputError
from iamcheck.iam.model.json_text import shown
from iamcheck.iam.model.nearest import nearest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from iamcheck.deployment.cloudformation._template import StackInputs, Template

__all__ = ["Resolver"]

# no brace within: a text of many that are not closed is searched once
_VARIABLE: Final = r"\$\{([^{}]*)\}"
_ABSENT: Final = "AWS::NoValue"
_Assumed: TypeAlias = "tuple[tuple[str, bool], ...]"


class Resolver:
    """Values of one template, for one stack.

    Args:
        template: The template.
        inputs: What is known of the stack.
        is_alternative: Whether this is one of several readings, each with other values of parameters.
    """

    def __init__(self, template: Template, inputs: StackInputs, *, is_alternative: bool = False) -> None:
        self.template = template
        self.recorder = Recorder()
        self._is_alternative = is_alternative
        self._readings = Alternatives(template, inputs, lambda others: Resolver(template, others, is_alternative=True))
        self.conditions = Conditions(
            template,
            self.resolve,
            self.recorder,
            lambda names: tuple(one.conditions for one in self._alternatives(names)),
        )
        self.references = References(
            template, inputs, self.recorder, self.exists, self._property, self.conditions, self.made_when
        )
        self._transformed: dict[int, bool] = {}
        self._values: dict[tuple[int, _Assumed], tuple[TemplateNode, TemplateNode | None, Trace]] = {}
        self._functions: Mapping[str, Callable[[TemplateNode, TemplateNode], TemplateNode | None]] = {
            "Ref": self._ref,
            "Fn::Base64": self._base64,
            "Fn::FindInMap": self._find_in_map,
            "Fn::GetAtt": self._get_att,
            "Fn::If": self._if,
            "Fn::Join": self._join,
            "Fn::Select": self._select,
            "Fn::Split": self._split,
            "Fn::Sub": self._sub,
        }

    def resolve(self, node: TemplateNode) -> TemplateNode | None:
        """Works out the functions in a value; None where it is absent.

        Raises:
            InvalidInputError: A function is used as CloudFormation does not allow.
        """
        value = node.value
        if isinstance(value, dict):
            if is_transformed(value):
                return node.put(UNKNOWN)._replace(made_of=node, causes=self._because(NOT_TRANSFORMED))
            name = function_of(node)
            if name:
                return self._function_value(name, node, value[name])
            members = {key: self.resolve(member) for key, member in value.items()}
            return node.put({key: member for key, member in members.items() if member is not None})
        if isinstance(value, tuple):
            items = [self.resolve(item) for item in value]
            return node.put(tuple(item for item in items if item is not None))
        if not isinstance(value, str):
            return node
        text = with_lookups(value)
        return made(node.put(text), node, () if isinstance(text, str) else self._because(LOOKED_UP))

    def _function_value(self, name: str, node: TemplateNode, argument: TemplateNode) -> TemplateNode | None:
        """The value of a function, worked out once for the same assumptions: each alternative needs it again."""
        key = id(node), self.recorder.assumed
        if key not in self._values:
            with self.recorder.recording() as trace:
                result = self._called(name, node, argument)
                settled = self.settled(node, made(result, node, tuple(trace.causes)), trace)
            # the node is kept too, so that no other gets its id
            self._values[key] = node, settled, trace
            return settled
        _, settled, trace = self._values[key]
        self.recorder.trace.add(trace)
        return settled

    def settled(self, node: TemplateNode, result: TemplateNode | None, trace: Trace) -> TemplateNode | None:
        """The value of a node that is the same with every value which the template allows for open parameters.

        Args:
            node: What is worked out.
            result: What is known of it, which is given back where the values differ.
            trace: What that rests on.
        """
        if not trace.open_parameters or result is None or not has_open(result):
            return result
        assumed = self.recorder.assumed
        names = {*trace.open_parameters, *(name for one, _ in assumed for name in self.conditions.parameters(one))}
        values: list[TemplateNode | None] = []
        settled_by = Trace()
        try:
            for resolver in self._alternatives(names):
                if resolver.conditions.may_be(assumed):
                    with resolver.recorder.recording() as other, resolver.recorder.assuming(*assumed):
                        values.append(resolver.resolve(node))
                    if not is_alike(values[0], values[-1]):
                        return result
                    settled_by.add_settled(other)
        except InvalidInputError:
            # CloudFormation refuses the template with this value, and perhaps not with another
            return result
        self.recorder.trace.add(settled_by)
        return values[0] if values else result

    def _alternatives(self, parameters: Iterable[str]) -> tuple[Resolver, ...]:
        return () if self._is_alternative else self._readings.of(parameters)

    def _called(self, name: str, node: TemplateNode, argument: TemplateNode) -> TemplateNode | None:
        if self._has_transform(argument):
            self._because(NOT_TRANSFORMED)
            return node.put(UNKNOWN)
        if name not in self._functions:
            # functions that are not here, such as Fn::ImportValue, are known to AWS alone
            self._because(OpenCause(f"only CloudFormation works out {name}", ""))
            return node.put(UNKNOWN)
        return self._functions[name](node, argument)

    def _because(self, cause: OpenCause) -> tuple[OpenCause, ...]:
        self.recorder.trace.causes[cause] = None
        return (cause,)

    def _has_transform(self, node: TemplateNode) -> bool:
        """Whether a transform may bring something into a function's arguments; each value is searched once."""
        key = id(node)
        if key not in self._transformed:
            value = node.value
            inner = value.values() if isinstance(value, dict) else value if isinstance(value, tuple) else ()
            here = isinstance(value, dict) and is_transformed(value)
            self._transformed[key] = here or any(self._has_transform(member) for member in inner)
        return self._transformed[key]

    def exists(self, logical: str) -> bool | Unknown:
        """Tells whether a resource's condition holds."""
        if self.template.is_transformed(logical):
            self._because(NOT_TRANSFORMED)
            return UNKNOWN
        name = members_of(self.template.resources[logical]).get("Condition")
        return True if name is None else self.conditions.of(name)

    def made_when(self, logical: str) -> tuple[tuple[str, bool], ...]:
        """What holds wherever a resource is made: its condition."""
        name = literal(members_of(self.template.resources[logical]).get("Condition"))
        return ((name, True),) if name else ()

    def _text(self, node: TemplateNode) -> Text:
        """A value that must be a text; what has no value here is refused by CloudFormation."""
        resolved = self.resolve(node)
        text = None if resolved is None else text_of(resolved)
        if text is None:
            what = "nothing" if resolved is None else kind_of(resolved)
            raise node.error(f"this is {what}", "CloudFormation takes a text here")
        return text

    def _joined(self, node: TemplateNode, parts: list[Text]) -> Text:
        try:
            text = joined(parts)
        except InvalidInputError as error:
            raise node.error(error.what, error.cure) from None
        # its parts may make a dynamic reference together
        looked_up = with_lookups(text)
        if looked_up != text:
            self._because(LOOKED_UP)
        return looked_up

    def _ref(self, node: TemplateNode, argument: TemplateNode) -> TemplateNode | None:
        name = self._logical(argument)
        return node.put(UNKNOWN) if name is None else self._reference(node, name)

    def _reference(self, node: TemplateNode, name: str) -> TemplateNode | None:
        return None if name == _ABSENT else self.references.reference(node, name)

    def _get_att(self, node: TemplateNode, argument: TemplateNode) -> TemplateNode | None:
        if isinstance(argument.value, str):
            logical, _, name = argument.value.partition(".")
            return self.references.attribute(node, logical, name)
        first, second = arguments_of(argument, 2, 2)
        resource, attribute_name = self._logical(first), self._text(second)
        if resource is None or not isinstance(attribute_name, str):
            return node.put(UNKNOWN)
        return self.references.attribute(node, resource, attribute_name)

    def _logical(self, node: TemplateNode) -> str | None:
        """A logical id; None where functions stand for it and it is not known.

        Source: https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/transform-aws-languageextensions.html
        """
        if isinstance(node.value, str) or not self.template.is_extended:
            return literal_of(node)
        text = self._text(node)
        return text if isinstance(text, str) else None

    def _property(self, logical: str, name: str) -> TemplateNode | None:
        properties: TemplateNode | None = self.template.properties(logical)
        if properties is not None and (is_transformed(members_of(properties)) or function_of(properties)):
            properties = self.resolve(properties)
            if properties is None or not isinstance(properties.value, dict):
                return properties
            return properties.value.get(name)
        member = None if properties is None else members_of(properties).get(name)
        return None if member is None else self.resolve(member)

    def _if(self, node: TemplateNode, argument: TemplateNode) -> TemplateNode | None:
        condition, then, otherwise = arguments_of(argument, 3, 3)
        holds = self.conditions.of(condition)
        if isinstance(holds, Unknown):
            known = self.conditions.under(literal_of(condition), self.recorder.assumed)
            holds = holds if known is None else known
        if isinstance(holds, bool):
            return self.resolve(then if holds else otherwise)
        causes = tuple(self.recorder.trace.causes)
        branches = []
        for branch, truth in ((then, True), (otherwise, False)):
            with self.recorder.assuming(*self.recorder.assumed, (literal_of(condition), truth)):
                branches.append(self.resolve(branch))
        return either(node, branches[0], branches[1], causes)

    def _sub(self, node: TemplateNode, argument: TemplateNode) -> TemplateNode | None:
        template, variables = argument, dict[str, TemplateNode]()
        if not isinstance(argument.value, str):
            template, mapping = arguments_of(argument, 2, 2)
            variables = members_of(mapping)
        pieces = re.split(_VARIABLE, literal_of(template))
        # each once: what is put together of equal parts doubles at every level
        values = {piece: self._variable(node, piece, variables) for piece in pieces[1::2] if piece[:1] != "!"}
        parts: list[Text] = []
        for index, piece in enumerate(pieces):
            if index % 2 == 0:
                parts.append(with_lookups(piece))
            elif piece.startswith("!"):
                parts.append(f"${{{piece[1:]}}}")
            else:
                text = text_of(values[piece])
                parts.append(UNKNOWN if text is None else text)
        only = len(pieces) == 3 and not pieces[0] and not pieces[2]
        named = values[pieces[1]].named if only and pieces[1] in values else None
        return node.put(self._joined(node, [part for part in parts if part != ""]), named)

    def _variable(self, node: TemplateNode, name: str, variables: Mapping[str, TemplateNode]) -> TemplateNode:
        if name in variables:
            resolved = self.resolve(variables[name])
        elif "." in name:
            logical, _, attribute_name = name.partition(".")
            resolved = self.references.attribute(node, logical, attribute_name)
        else:
            resolved = self._reference(node, name)
        if resolved is None:
            raise node.error(f"${{{name[:100]}}} has no value", "Fn::Sub takes texts")
        return resolved

    def _join(self, node: TemplateNode, argument: TemplateNode) -> TemplateNode | None:
        first, second = arguments_of(argument, 2, 2)
        delimiter = self._text(first)
        items = self._list(second)
        if items is None or not isinstance(delimiter, str):
            return node.put(UNKNOWN)
        parts: list[Text] = []
        has_first = False
        for item in items:
            text = text_of(item)
            if text is None:
                raise item.error(f"this is {kind_of(item)}", "Fn::Join takes texts")
            if item.may_be_absent:
                # then its delimiter is absent too
                parts.append(UNKNOWN)
                continue
            parts += [delimiter, text] if has_first else [text]
            has_first = True
        named = items[0].named if len(items) == 1 else None
        return node.put(self._joined(node, parts), named)

    def _list(self, node: TemplateNode) -> tuple[TemplateNode, ...] | None:
        """The items of a list; None where it is not known."""
        resolved = self.resolve(node)
        if resolved is None or resolved.value is UNKNOWN:
            return None
        if not isinstance(resolved.value, tuple):
            raise node.error(f"this is {kind_of(resolved)}", "CloudFormation takes a list here")
        return resolved.value

    def _select(self, node: TemplateNode, argument: TemplateNode) -> TemplateNode | None:
        first, second = arguments_of(argument, 2, 2)
        index = self._text(first)
        items = self._list(second)
        if items is None or not isinstance(index, str):
            return node.put(UNKNOWN)
        if any(item.may_be_absent for item in items):
            # then the others have other places
            return node.put(UNKNOWN)
        if not re.fullmatch(r"[0-9]{1,9}", index) or int(index) >= len(items):
            raise node.error(f"Fn::Select of item {shown(index)} of {len(items)}", "items are counted from 0")
        return items[int(index)]

    def _split(self, node: TemplateNode, argument: TemplateNode) -> TemplateNode | None:
        first, second = arguments_of(argument, 2, 2)
        delimiter, text = self._text(first), self._text(second)
        if not isinstance(delimiter, str) or not isinstance(text, str):
            return node.put(UNKNOWN)
        if not delimiter:
            raise first.error("an empty delimiter", "Fn::Split takes a text")
        return node.put(tuple(node.put(part) for part in text.split(delimiter)))

    def _find_in_map(self, node: TemplateNode, argument: TemplateNode) -> TemplateNode | None:
        arguments = arguments_of(argument, 3, 4)
        names = [self._text(one) for one in arguments[:3]]
        default = members_of(arguments[3]).get("DefaultValue") if len(arguments) > 3 else None
        here: Mapping[str, TemplateNode] = self.template.mappings
        current = node
        if isinstance(names[0], str):
            self.recorder.read.add(("Mappings", names[0]))
        for depth, name in enumerate(names):
            if not isinstance(name, str):
                return node.put(UNKNOWN)
            if name not in here:
                if TRANSFORM in here:
                    self._because(NOT_TRANSFORMED)
                    return node.put(UNKNOWN)
                if default is not None:
                    return self.resolve(default)
                raise node.error(f"the template's mappings have no {shown(name)}", nearest(name, here))
            current = here[name]
            here = members_of(current) if depth < 2 else {}
        return self.resolve(current)

    def _base64(self, node: TemplateNode, argument: TemplateNode) -> TemplateNode | None:
        text = self._text(argument)
        if not isinstance(text, str):
            return node.put(UNKNOWN)
        from base64 import b64encode

        return node.put(b64encode(text.encode()).decode())
