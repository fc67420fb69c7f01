"""Splits a policy that is too large for IAM into several that allow and deny the same together."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, cast

from iamcheck.errors import TemplateError, keywords_in_errors
from iamcheck.policies.rendering import MANAGED_POLICY_LIMIT, policy_size, whole_policy

if TYPE_CHECKING:
    import os
    from collections.abc import Iterator, Mapping, Sequence

    from iamcheck.deployment import Deployment, PartialDeployment
    from iamcheck.results import Json

__all__ = ["POLICIES_OF_A_ROLE", "generate_policies", "split_policy"]

POLICIES_OF_A_ROLE: Final = 10
"""How many managed policies a role or a user may have where nobody asked AWS for more.

Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
"""

_LISTS: Final = ("Resource", "Action")
"""Elements that a statement may be split by: it matches what any of their entries matches."""


@keywords_in_errors()
def generate_policies(
    deployment: Deployment | PartialDeployment | Sequence[Deployment],
    scope: str = "create",
    *,
    template: str | os.PathLike[str] | None = None,
    template_dir: str | os.PathLike[str] | None = None,
    pin: bool = False,
) -> list[dict[str, Json]]:
    """Generates as many policies as IAM needs for their size: together they allow what `generate_policy` would.

    Args:
        deployment: As for `generate_policy`, and so are the rest.
        scope: What the policies are for.
        template: A template file of your own.
        template_dir: A folder of your own templates.
        pin: Whether conditions narrow them to what the requests say.

    Raises:
        InvalidInputError: As for `generate_policy`.
        UnsettledError: Likewise.
        TemplateError: Likewise; or one statement alone is too large, and has nothing that it can be split by.
    """
    document = whole_policy(deployment, scope, template=template, template_dir=template_dir, pin=pin)
    return list(split_policy(document))


def split_policy(document: Mapping[str, Json], limit: int = MANAGED_POLICY_LIMIT) -> tuple[dict[str, Json], ...]:
    """Policies that allow and deny together what one does, each within a limit.

    A statement stays whole where it fits; one that is larger than a policy is split by its resources, else by its
    actions. A statement matches what any entry of these lists matches, so that its parts match the same together.

    Args:
        document: The policy.
        limit: Characters of each policy, white space not counted.

    Raises:
        TemplateError: A statement cannot be split so far.
    """
    frame = {name: value for name, value in document.items() if name != "Statement"}
    room = limit - policy_size({**frame, "Statement": []})
    policies: list[list[Mapping[str, Json]]] = []
    for statement in _statements(document):
        for part in _parts(statement, room):
            _put(part, policies, room)
    return tuple({**frame, "Statement": statements} for statements in policies)


def _statements(document: Mapping[str, Json]) -> Sequence[Mapping[str, Json]]:
    statements = cast("Mapping[str, Json] | Sequence[Mapping[str, Json]]", document["Statement"])
    return [statements] if isinstance(statements, dict) else cast("Sequence[Mapping[str, Json]]", statements)


def _put(part: Mapping[str, Json], policies: list[list[Mapping[str, Json]]], room: int) -> None:
    """Adds a statement to the first policy that has room for it and no other statement of its name."""
    for statements in policies:
        names = [statement.get("Sid") for statement in statements]
        has_name = part.get("Sid") is not None and part.get("Sid") in names
        # the brackets of the list are in the frame
        if not has_name and policy_size([*statements, part]) - len("[]") <= room:
            statements.append(part)
            return
    policies.append([part])


def _parts(statement: Mapping[str, Json], room: int) -> Iterator[Mapping[str, Json]]:
    """The statement, or statements that match together what it does, each with room in a policy of its own.

    Raises:
        TemplateError: It has nothing more that it can be split by.
    """
    if policy_size(statement) <= room:
        yield statement
        return
    for name in _LISTS:
        entries = statement.get(name)
        if isinstance(entries, (list, tuple)) and len(entries) > 1:
            half = len(entries) // 2
            for some in (entries[:half], entries[half:]):
                yield from _parts({**statement, name: list(some)}, room)
            return
    raise TemplateError(
        f"statement {statement.get('Sid') or 'without a Sid'}: has {policy_size(statement)} characters, and a policy "
        f"has room for {room} (leave --pin out where it makes the conditions, or make them and the lists shorter in a "
        "template of your own, --template)"
    )
