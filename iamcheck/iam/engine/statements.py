"""Tests whether a statement matches a request: yes, no, perhaps.

Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements.html
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

from iamcheck.errors import UnsupportedElementError
from iamcheck.iam.engine.principals import grants, not_excepted, spoken_of
from iamcheck.iam.engine.resources import compile_resources, literal_resources
from iamcheck.iam.engine.truth import NO, YES, all_of
from iamcheck.iam.engine.wildcards import compile_glob, glob_pieces
from iamcheck.iam.model import Effect, PolicyType, StatementRef

if TYPE_CHECKING:
    from iamcheck.iam.engine.semantics import Rules
    from iamcheck.iam.engine.truth import Test
    from iamcheck.iam.engine.variables import KeyTypes
    from iamcheck.iam.engine.wildcards import Matcher
    from iamcheck.iam.model import Condition, Policy, Request, Statement

__all__ = ["CompiledStatement", "Element", "compile_statement"]

_WITH_PRINCIPALS = (PolicyType.RESOURCE, PolicyType.RCP)


class Element(NamedTuple):
    """An element of a statement but its action, ready to be asked."""

    name: str
    """`Principal`, `NotPrincipal`, `Resource`, `NotResource` or `Condition`."""
    test: Test
    keys: tuple[tuple[str, str], ...] = ()
    """The context keys that it looks at: in lower case, and as the policy spells them."""
    condition: Condition | None = None


@dataclass(frozen=True, slots=True, eq=False)
class CompiledStatement:
    """A statement of one layer, ready to be asked."""

    ref: StatementRef
    statement: Statement
    ordinal: int
    """Its place among all statements of the policy set."""
    denies: bool
    elements: tuple[Element, ...]
    tests: tuple[Test, ...]
    """The elements' tests, the cheap ones first."""
    literals: frozenset[str] | None
    """The resources, where the statement can only apply to these."""

    def outcome(self, request: Request) -> int:
        """The outcome for a request whose action matches."""
        result = YES
        for test in self.tests:
            outcome = test(request)
            if outcome == NO:
                return NO
            if outcome != YES:
                result = all_of((result, outcome))
        return result

    def grants(self, request: Request, outcome: int) -> tuple[int, int, int]:
        """For an Allow of a resource policy, the outcome by what the grant is worth, in the order of `Grant`."""
        if self.statement.principals is None:
            # an Allow with NotPrincipal names nobody, as `*` does
            return NO, outcome, NO
        direct, limited, account = grants(self.statement.principals, request)
        rest = all_of(element.test(request) for element in self.elements if element.name != "Principal")
        return all_of((direct, rest)), all_of((limited, rest)), all_of((account, rest))

    def acts_on(self, action_key: str) -> bool:
        """Whether the Action or NotAction element covers an action, which is given in lower case."""
        statement = self.statement
        is_covered = any(matcher(action_key) for matcher in map(action_matcher, statement.actions or ()))
        if statement.not_actions is None:
            return is_covered
        return not any(matcher(action_key) for matcher in map(action_matcher, statement.not_actions))


def action_matcher(pattern: str) -> Matcher:
    """Actions compare without case, their service included; wildcards may stand anywhere."""
    return compile_glob(glob_pieces(pattern.lower()))


def compile_statement(
    statement: Statement,
    policy: Policy,
    ref: StatementRef,
    ordinal: int,
    *,
    is_bounded: bool = False,
    rules: Rules,
    key_types: KeyTypes,
) -> CompiledStatement:
    """Makes a statement ready to be asked.

    Args:
        statement: The statement.
        policy: The policy that it stands in.
        ref: How answers name it.
        ordinal: Its place among all statements of the policy set.
        is_bounded: Whether the principal has a permissions boundary.
        rules: The semantics.
        key_types: The types of keys, from the reference data.

    Raises:
        UnsupportedElementError: A Principal stands in a policy that takes none, or is missing where one must be.
    """
    variables = policy.version == "2012-10-17"
    denies = statement.effect is Effect.DENY
    elements = [
        *_resource_elements(statement, variables=variables, rules=rules, key_types=key_types),
        *_principal_elements(statement, ref, is_bounded=is_bounded),
    ]
    if statement.conditions:
        from iamcheck.iam.engine.conditions import compile_condition  # many policies have none

    for condition in statement.conditions:
        compiled = compile_condition(condition, rules=rules, denies=denies, variables=variables, key_types=key_types)
        elements.append(Element("Condition", compiled.test, compiled.keys, condition))
    return CompiledStatement(
        ref,
        statement,
        ordinal,
        denies,
        tuple(elements),
        tuple(element.test for element in elements if element.test is not _yes),
        literal_resources(statement.resources, variables=variables) if statement.resources is not None else None,
    )


def _yes(_request: Request) -> int:
    return YES


def _resource_elements(statement: Statement, *, variables: bool, rules: Rules, key_types: KeyTypes) -> list[Element]:
    """A trust policy has neither element, for it stands on its resource."""
    if statement.not_resources is not None:
        name, entries = "NotResource", statement.not_resources
    elif statement.resources is not None:
        name, entries = "Resource", statement.resources
    else:
        return []
    compiled = compile_resources(
        entries, inverted=name == "NotResource", variables=variables, rules=rules, key_types=key_types
    )
    return [Element(name, compiled.test, compiled.keys) if compiled else Element(name, _yes)]


def _principal_elements(statement: Statement, ref: StatementRef, *, is_bounded: bool) -> list[Element]:
    named = statement.principals is not None or statement.not_principals is not None
    if named is not (ref.policy_type in _WITH_PRINCIPALS):
        raise UnsupportedElementError(
            f"a statement {'with' if named else 'without'} a Principal in a policy of type {ref.policy_type.value}",
            where=f"{ref.policy}: Statement[{statement.index}]" if ref.policy else f"Statement[{statement.index}]",
            cure="only policies on resources name principals, and they must",
        )
    if statement.principals is not None:
        return [Element("Principal", partial(spoken_of, statement.principals), _ROLE_OF_SESSION)]
    if statement.not_principals is not None:
        test = partial(not_excepted, statement.not_principals, is_bounded=is_bounded)
        return [Element("NotPrincipal", test, _ROLE_OF_SESSION)]
    return []


_ROLE_OF_SESSION = (("aws:principalarn", "aws:PrincipalArn"),)
"""What settles whether the ARN of a role is that of a session's role."""
