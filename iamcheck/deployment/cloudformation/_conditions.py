"""Decides conditions: true, false, or not known before the stack is made.

Source: https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference-conditions.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, TypeAlias

from iamcheck.deployment.cloudformation._loops import may_make
from iamcheck.deployment.cloudformation._nodes import TemplateNode, shape_of, text_of
from iamcheck.deployment.cloudformation._template import NOT_TRANSFORMED, TRANSFORM, kind_of, members_of
from iamcheck.deployment.located import UNKNOWN, Pattern, Unknown
from iamcheck.errors import InvalidInputError
from iamcheck.iam.model.json_text import shown
from iamcheck.iam.model.nearest import nearest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from iamcheck.deployment.cloudformation._template import Template
    from iamcheck.deployment.cloudformation._trace import Recorder, Trace

__all__ = ["Conditions", "Truth", "may_be_same", "same"]

Truth: TypeAlias = "bool | Unknown"
_LONGEST_CHAIN: Final = 50
"""Conditions that are followed, one after the other: each takes several levels of Python's own."""
_FUNCTIONS: Final = ("Condition", "Fn::And", "Fn::Equals", "Fn::Not", "Fn::Or")


class Conditions:
    """The conditions of one template, for one stack.

    Args:
        template: The template.
        resolve: Works out a value.
        recorder: Hears what the values rest on.
        alternatives: The conditions with each value that the template allows for these parameters.
    """

    def __init__(
        self,
        template: Template,
        resolve: Callable[[TemplateNode], TemplateNode | None],
        recorder: Recorder,
        alternatives: Callable[[Iterable[str]], tuple[Conditions, ...]],
    ) -> None:
        self._trees = template.conditions
        self._resolve = resolve
        self._alternatives = alternatives
        self._recorder = recorder
        self._known: dict[str, tuple[Truth, Trace]] = {}
        self._open: list[str] = []

    def of(self, name: TemplateNode) -> Truth:
        """Tells whether the condition of that name holds; what that rests on is recorded.

        Raises:
            InvalidInputError: There is none, or conditions depend on each other.
        """
        if not isinstance(name.value, str):
            raise name.error(f"this is {kind_of(name)}", "the name of a condition stands here")
        text = name.value
        if text not in self._trees:
            if TRANSFORM in self._trees or may_make(self._trees, text):
                return self._unknown()
            raise name.error(f"there is no condition {shown(text)}", nearest(text, self._trees))
        if text not in self._known:
            if text in self._open:
                raise name.error(f"the condition {shown(text)} depends on itself", "break the circle")
            if len(self._open) == _LONGEST_CHAIN:
                raise name.error(f"more than {_LONGEST_CHAIN} conditions depend on each other", "no template does that")
            self._open.append(text)
            self._recorder.read.add(("Conditions", text))
            with self._recorder.recording() as trace, self._recorder.assuming():
                truth = self._truth(self._trees[text])
                if isinstance(truth, Unknown):
                    truth = self._agreed(name, trace)
            self._open.pop()
            self._known[text] = truth, trace
        truth, trace = self._known[text]
        self._recorder.trace.add(trace)
        return truth

    def parameters(self, name: str) -> tuple[str, ...]:
        """The names that a condition refers to, itself or by other conditions: parameters and pseudo parameters."""
        names: dict[str, None] = {}
        seen, waiting = {name}, [self._trees.get(name)]
        while waiting:
            node = waiting.pop(0)
            for key, member in _pairs(node):
                if key == "Ref" and isinstance(member.value, str):
                    names[member.value] = None
                elif key != "Condition" or not isinstance(member.value, str):
                    waiting.append(member)
                elif member.value not in seen:
                    seen.add(member.value)
                    waiting.append(self._trees.get(member.value))
        return tuple(names)

    def under(self, name: str, assumed: tuple[tuple[str, bool], ...]) -> bool | None:
        """Tells whether a condition holds where others do, or do not, whatever the parameters are; None: that depends.

        Args:
            name: The condition.
            assumed: The others, by name, and whether they hold.
        """
        facts = _Facts(self._trees, self._truth)
        for other, truth in assumed:
            facts.learn_name(other, truth=truth)
        holds = facts.holds_name(name)
        return self._agreed_under(name, assumed) if holds is None else holds

    def _agreed_under(self, name: str, assumed: tuple[tuple[str, bool], ...]) -> bool | None:
        """The same, with every value that the template allows for the parameters without a value."""
        names = {parameter for condition, _ in ((name, True), *assumed) for parameter in self.parameters(condition)}
        try:
            truths = {
                conditions.under(name, assumed)
                for conditions in self._alternatives(names)
                if conditions.may_be(assumed)
            }
        except InvalidInputError:
            # likewise
            return None
        return truths.pop() if len(truths) == 1 else None

    def may_be(self, assumed: tuple[tuple[str, bool], ...]) -> bool:
        """Tells whether nothing that is known is against these conditions, each with whether it holds."""
        return all(
            self.of(TemplateNode(name, None, 1)) in (truth, UNKNOWN) for name, truth in assumed if name in self._trees
        )

    def _agreed(self, name: TemplateNode, trace: Trace) -> Truth:
        """Whether a condition holds with every value that the template allows for the parameters without a value."""
        truths = []
        try:
            for conditions in self._alternatives(trace.open_parameters):
                truths.append(conditions.of(name))
                trace.add_settled(conditions.trace(name))
        except InvalidInputError:
            # CloudFormation refuses the template with this value, and perhaps not with another
            return UNKNOWN
        return truths[0] if truths and truths.count(truths[0]) == len(truths) else UNKNOWN

    def trace(self, name: TemplateNode) -> Trace:
        """What it rests on whether the condition of that name holds."""
        with self._recorder.recording() as trace:
            self.of(name)
        return trace

    def _unknown(self) -> Truth:
        self._recorder.trace.causes[NOT_TRANSFORMED] = None
        return UNKNOWN

    def _truth(self, node: TemplateNode) -> Truth:
        members = members_of(node)
        if TRANSFORM in members:
            return self._unknown()
        name = next(iter(members), "")
        if len(members) != 1 or name not in _FUNCTIONS:
            raise node.error("this is no condition", f"a condition is one of {', '.join(_FUNCTIONS)}")
        argument = members[name]
        if name == "Condition":
            return self.of(argument)
        if not isinstance(argument.value, tuple) or not argument.value:
            raise argument.error(f"this is {kind_of(argument)}", f"{name} takes a list")
        if name == "Fn::Equals":
            return self._equal(argument, argument.value)
        truths = [self._truth(one) for one in argument.value]
        if name == "Fn::Not":
            return UNKNOWN if isinstance(truths[0], Unknown) else not truths[0]
        decides = name == "Fn::Or"
        if decides in truths:
            return decides
        return UNKNOWN if UNKNOWN in truths else not decides

    def _equal(self, node: TemplateNode, items: tuple[TemplateNode, ...]) -> Truth:
        if len(items) != 2:
            raise node.error(f"this is a list of {len(items)}", "Fn::Equals takes two values")
        one, other = (self._resolve(item) for item in items)
        if one is None or other is None:
            raise node.error("AWS::NoValue in a comparison", "Fn::Equals takes two values")
        return same(one, other)


class _Facts:
    """What is known of conditions once it is known of some whether they hold.

    Args:
        trees: The conditions.
        truth_of: Whether a comparison holds in any case.
    """

    def __init__(self, trees: Mapping[str, TemplateNode], truth_of: Callable[[TemplateNode], Truth]) -> None:
        self._trees, self._truth_of = trees, truth_of
        self._names: dict[str, bool | None] = {}
        self._comparisons: dict[str, bool] = {}

    def learn_name(self, name: str, *, truth: bool) -> None:
        """Takes a condition to hold, or not to."""
        if name not in self._names and name in self._trees:
            self._names[name] = truth
            self._learn(self._trees[name], truth=truth)

    def holds_name(self, name: str) -> bool | None:
        """Whether a condition holds; None: that is not known."""
        if name not in self._names:
            # until it is known: conditions do not depend on themselves
            self._names[name] = None
            self._names[name] = self._holds(self._trees[name]) if name in self._trees else None
        return self._names[name]

    def _learn(self, node: TemplateNode, *, truth: bool) -> None:
        function, argument = next(_pairs(node), ("", node))
        if function == "Condition":
            self.learn_name(str(argument.value), truth=truth)
        elif function == "Fn::Equals":
            self._comparisons[shape_of(argument)] = truth
        elif function == "Fn::Not" or truth is (function == "Fn::And"):
            # all of And hold where it does, none of Or where it does not
            for _, item in _pairs(argument):
                self._learn(item, truth=truth is (function != "Fn::Not"))

    def _holds(self, node: TemplateNode) -> bool | None:
        function, argument = next(_pairs(node), ("", node))
        if function == "Condition":
            return self.holds_name(str(argument.value))
        if function == "Fn::Equals":
            truth = self._truth_of(node)
            return truth if isinstance(truth, bool) else self._comparisons.get(shape_of(argument))
        truths = [self._holds(item) for _, item in _pairs(argument)]
        if function == "Fn::Not":
            return None if truths[0] is None else not truths[0]
        decides = function == "Fn::Or"
        return decides if decides in truths else None if None in truths else not decides


def _pairs(node: TemplateNode | None) -> Iterator[tuple[str, TemplateNode]]:
    """The members of a mapping with their names, the items of a list without; of other values none."""
    value = None if node is None else node.value
    if isinstance(value, dict):
        yield from value.items()
    elif isinstance(value, tuple):
        yield from (("", item) for item in value)


def same(one: TemplateNode, other: TemplateNode) -> Truth:
    """Whether two values are equal, as CloudFormation compares them: as texts."""
    if one.value is UNKNOWN or other.value is UNKNOWN:
        return UNKNOWN
    if _has_perhaps(one) or _has_perhaps(other):
        return UNKNOWN
    if isinstance(one.value, dict) and isinstance(other.value, dict):
        if one.value.keys() != other.value.keys():
            return False
        return _all([same(member, other.value[name]) for name, member in one.value.items()])
    if isinstance(one.value, tuple) and isinstance(other.value, tuple):
        if len(one.value) != len(other.value):
            return False
        return _all([same(item, others) for item, others in zip(one.value, other.value, strict=True)])
    left, right = text_of(one), text_of(other)
    if left is None or right is None:
        return one.value is None and other.value is None
    if isinstance(left, Pattern):
        left, right = right, left
    if isinstance(left, str) and isinstance(right, Pattern):
        return UNKNOWN if _may_match(right.text, left) else False
    return left == right if isinstance(left, str) and isinstance(right, str) else UNKNOWN


def _has_perhaps(node: TemplateNode) -> bool:
    """Whether a list or mapping has anything that may be absent."""
    value = node.value
    members = value.values() if isinstance(value, dict) else value if isinstance(value, tuple) else ()
    return any(member.may_be_absent for member in members)


def _all(truths: list[Truth]) -> Truth:
    return False if False in truths else UNKNOWN if UNKNOWN in truths else True


def may_be_same(one: TemplateNode, other: TemplateNode) -> bool:
    """Tells whether two texts may turn out to be the same: names of SageMaker are unique without regard to case."""
    left, right = text_of(one), text_of(other)
    if isinstance(left, Unknown) or isinstance(right, Unknown):
        return True
    texts = [text.text if isinstance(text, Pattern) else text for text in (left, right) if text is not None]
    if len(texts) < 2:
        # neither is a text: no name
        return False
    first, second = (text.casefold() for text in texts)
    if isinstance(left, Pattern) and isinstance(right, Pattern):
        starts = first.partition("*")[0], second.partition("*")[0]
        ends = first.rpartition("*")[2], second.rpartition("*")[2]
        return _agree(*starts, at_start=True) and _agree(*ends, at_start=False)
    if isinstance(left, Pattern):
        return _may_match(first, second)
    return _may_match(second, first) if isinstance(right, Pattern) else first == second


def _agree(one: str, other: str, *, at_start: bool) -> bool:
    if at_start:
        return one.startswith(other) or other.startswith(one)
    return one.endswith(other) or other.endswith(one)


def _may_match(pattern: str, text: str) -> bool:
    """Whether a text begins and ends as a pattern does; more is not asked, for time would not be bounded."""
    first, *rest = pattern.split("*")
    return text.startswith(first) and (not rest or text.endswith(rest[-1]))
