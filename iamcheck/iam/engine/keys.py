"""Names the context keys that policies look at, in conditions and in policy variables.

Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from iamcheck.iam.engine.variables import parse_template

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from iamcheck.iam.model import Policy, Statement

__all__ = ["context_keys"]


def context_keys(policies: Iterable[Policy]) -> dict[str, str]:
    """The context keys that policies look at, in the policies' spelling, by their lower case.

    Args:
        policies: The policies. Where spellings differ, that of a condition comes before that of a variable.
    """
    in_variables: dict[str, str] = {}
    in_conditions: dict[str, str] = {}
    for policy in policies:
        has_variables = policy.version == "2012-10-17"
        for statement in policy.statements:
            in_conditions.update((condition.key.lower(), condition.key) for condition in statement.conditions)
            if has_variables:
                in_variables.update(_of_variables(statement))
    return in_variables | in_conditions


def _of_variables(statement: Statement) -> Iterator[tuple[str, str]]:
    """The keys of the variables in Resource, NotResource and condition values."""
    of_conditions = (text for condition in statement.conditions for text in condition.values)
    for text in (*(statement.resources or ()), *(statement.not_resources or ()), *of_conditions):
        if "${" in text:
            template = parse_template(text, variables=True, key_types=lambda _key: None)
            yield from ((variable.key, variable.spelling) for variable in template.variables)
