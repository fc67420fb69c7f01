"""Works out the resources of SageMaker in one stack: their properties, requests, and which names which."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from iamcheck.deployment.cloudformation._attributes import NAMES, SCALING_POLICY, TARGET
from iamcheck.deployment.cloudformation._conditions import may_be_same
from iamcheck.deployment.cloudformation._functions import Resolver
from iamcheck.deployment.cloudformation._nodes import shape_of, text_of
from iamcheck.deployment.cloudformation._requests import MADE_UP, OPERATIONS, Conversion
from iamcheck.deployment.cloudformation._stack_tags import with_stack_tags
from iamcheck.deployment.cloudformation._template import members_of
from iamcheck.deployment.cloudformation._values import put_values
from iamcheck.deployment.located import UNKNOWN
from iamcheck.deployment.unsettled import OpenCause

if TYPE_CHECKING:
    from iamcheck.deployment.cloudformation._nodes import TemplateNode
    from iamcheck.deployment.cloudformation._template import StackInputs, Template
    from iamcheck.deployment.cloudformation._trace import Trace
    from iamcheck.deployment.located import Unknown, WrittenRequest

__all__ = ["Link", "Stack"]

_UNTAGGED: Final = (TARGET, SCALING_POLICY)
"""Types of resources that CloudFormation puts no tags on."""
_NO_CAUSE: Final = OpenCause("their names may be the same", "the name with !GetAtt in the template")


class Link(NamedTuple):
    """Which resource a name stands for.

    Args:
        logical: The resource, by its logical id; None: none of the template, or it cannot be told.
        perhaps: The resources that it may be, where it cannot be told.
        causes: Why it cannot be told.
    """

    logical: str | None = None
    perhaps: tuple[str, ...] = ()
    causes: tuple[OpenCause, ...] = ()


class _Candidate(NamedTuple):
    logical: str
    name: TemplateNode
    exists: bool | Unknown
    causes: tuple[OpenCause, ...]


class Stack:
    """The resources of SageMaker in one stack, each worked out once."""

    def __init__(self, template: Template, inputs: StackInputs) -> None:
        self.template = template
        self.inputs = inputs
        self.resolver = Resolver(template, inputs)
        self._properties: dict[str, tuple[TemplateNode, Trace]] = {}
        self._requests: dict[str, WrittenRequest] = {}
        self._candidates: dict[str, tuple[_Candidate, ...]] = {}
        self.used_values = self.resolver.references.used_values
        """Which values that were given took the place of something."""
        self._existence: dict[str, tuple[bool | Unknown, Trace]] = {}

    def exists(self, logical: str) -> tuple[bool | Unknown, Trace]:
        """Whether a resource is made, and what that rests on."""
        if logical not in self._existence:
            with self.resolver.recorder.recording() as trace:
                self._existence[logical] = self.resolver.exists(logical), trace
        return self._existence[logical]

    def properties(self, logical: str) -> TemplateNode:
        """A resource's properties, worked out, with the values that were given."""
        return self._resolved(logical)[0]

    def trace(self, logical: str) -> Trace:
        """What a resource's properties rest on."""
        return self._resolved(logical)[1]

    def member(self, logical: str, name: str) -> TemplateNode | None:
        """A property of a resource; None where it is absent."""
        value = self.properties(logical).value
        return value.get(name) if isinstance(value, dict) else None

    def request(self, logical: str) -> WrittenRequest:
        """The request that makes a resource."""
        if logical not in self._requests:
            kind, place = self.template.type_of(logical), self.template.place
            conversion = Conversion(logical, kind, place, self._name_of)
            here = self.template.resources[logical].place(place)
            made = conversion.request(self.properties(logical), here)
            self._requests[logical] = made if kind in _UNTAGGED else with_stack_tags(made, self.inputs.stack_tags)
        return self._requests[logical]

    def link(self, name: TemplateNode | None, kind: str, *, assumed: str | None = None) -> Link:
        """Finds the resource of a type that a value names.

        Args:
            name: The value; None: there is none.
            kind: The type.
            assumed: Logical id of a resource that is taken to be made: with it, whatever has the same condition.
        """
        if name is None:
            return Link()
        if name.named is not None:
            same_type = self.template.type_of(name.named) == kind and self.exists(name.named)[0] is not False
            return Link(name.named) if same_type else Link()
        candidates = [one for one in self._all(kind) if not self._is_excluded(one.logical, assumed)]
        certain = [
            candidate.logical
            for candidate in candidates
            if (candidate.exists is True or self._same_condition(candidate.logical, assumed))
            and _is_same(name, candidate.name)
        ]
        perhaps = [
            candidate
            for candidate in candidates
            if may_be_same(name, candidate.name) and not _is_made_up(candidate.name)
        ]
        if not perhaps:
            return Link()
        # names are unique: where another may have the same, one of them is not made
        if len(certain) == len(perhaps) == 1:
            return Link(certain[0])
        causes = dict.fromkeys(name.causes)
        for candidate in perhaps:
            causes |= dict.fromkeys((*candidate.causes, *candidate.name.causes))
        return Link(None, tuple(candidate.logical for candidate in perhaps), tuple(causes) or (_NO_CAUSE,))

    def _is_excluded(self, logical: str, assumed: str | None) -> bool:
        """Whether a resource is not made wherever another one is."""
        if assumed is None:
            return False
        assumed_conditions = self.resolver.made_when(assumed)
        return any(
            self.resolver.conditions.under(name, assumed_conditions) is False
            for name, _ in self.resolver.made_when(logical)
        )

    def _same_condition(self, logical: str, assumed: str | None) -> bool:
        conditions = [
            members_of(self.template.resources[name]).get("Condition")
            for name in (logical, assumed)
            if name is not None
        ]
        if len(conditions) < 2 or None in conditions or self.template.is_transformed(logical):
            return False
        return conditions[0].value == conditions[1].value  # type: ignore[union-attr]  # None is told above

    def _all(self, kind: str) -> tuple[_Candidate, ...]:
        """The resources of a type that are made, or may be."""
        if kind not in self._candidates:
            candidates: list[_Candidate] = []
            for logical in self.template.resources:
                if self.template.type_of(logical) != kind:
                    continue
                exists, trace = self.exists(logical)
                if exists is not False:
                    name = self.member(logical, NAMES[kind])
                    properties = self.properties(logical)
                    if name is None:
                        name = properties.put(UNKNOWN if properties.is_open else None)
                        name = name._replace(causes=properties.causes)
                    candidates.append(_Candidate(logical, name, exists, tuple(trace.causes)))
            self._candidates[kind] = tuple(candidates)
        return self._candidates[kind]

    def _resolved(self, logical: str) -> tuple[TemplateNode, Trace]:
        if logical not in self._properties:
            properties = self.template.properties(logical)
            recorder = self.resolver.recorder
            with recorder.recording() as trace, recorder.assuming(*self.resolver.made_when(logical)):
                resolved = self.resolver.settled(properties, self.resolver.resolve(properties), trace)
                if resolved is None:
                    resolved = properties.put({})
                if self.template.is_transformed(logical):
                    _, existence = self.exists(logical)
                    resolved = properties.put(UNKNOWN)._replace(causes=tuple(existence.causes))
            operation = OPERATIONS[self.template.type_of(logical)]
            self.used_values |= {key for key in self.inputs.values if key.partition(".")[0] == logical}
            self._properties[logical] = put_values(resolved, logical, operation, self.inputs.values), trace
        return self._properties[logical]

    def _name_of(self, logical: str, kind: str) -> TemplateNode | None:
        if self.template.type_of(logical) != kind:
            return None
        made_up = self.template.resources[logical].put(UNKNOWN)._replace(causes=(MADE_UP,))
        return self.member(logical, NAMES[kind]) or made_up


def _is_same(one: TemplateNode, other: TemplateNode) -> bool:
    """Whether two names are certainly the same: the same text, or worked out of the same."""
    first, second = text_of(one), text_of(other)
    if isinstance(first, str) or isinstance(second, str):
        return first == second
    made = one.made_of, other.made_of
    return None not in made and shape_of(made[0]) == shape_of(made[1])  # type: ignore[arg-type]  # likewise


def _is_made_up(name: TemplateNode) -> bool:
    """Whether CloudFormation makes the name up, which nobody can know before."""
    return name.value is None
