"""Decides requests on resources whose name is known only as a pattern: a name made later, the key behind an alias.

The decision is certain only where every resource that the pattern stands for gets the same one. What policies make a
difference between is what their own patterns single out, so one resource of each of these is tried, and some that none
of them names. No denial of a part of what is allowed escapes that, but for names that are made up to defy it.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from iamcheck.iam.model import Evaluation, Policy, Request

__all__ = ["differing", "instances", "is_pattern", "resource_patterns"]

_UNHEARD: Final = "iamcheck0unheard"
"""What a `*` is filled with: a text that no policy names."""
_PARTS: Final = 6
"""Parts of an ARN, the last of which holds all further colons."""
_VARIABLE: Final = r"\$\{[^}]*\}"


def is_pattern(resource: str) -> bool:
    """Whether a resource stands for several: `*` does where it stands for a name that is known later.

    A call that lists things is authorised on `*` itself, and one that registers a scalable target on
    `scalable-target/*`, as its refusals say: the service makes the id up.
    """
    return "*" in resource and resource != "*" and not resource.endswith(":scalable-target/*")


def resource_patterns(policies: Iterable[Policy]) -> tuple[str, ...]:
    """Every pattern of a resource in policies, each once; what a variable may become is any text."""
    found = (
        re.sub(_VARIABLE, "*", pattern)
        for policy in policies
        for statement in policy.statements
        for pattern in (*(statement.resources or ()), *(statement.not_resources or ()))
    )
    return tuple(dict.fromkeys(found))


def differing(evaluation: Evaluation, patterns: Iterable[str], answer: Callable[[Request], Evaluation]) -> str | None:
    """A resource that the evaluation's pattern stands for and that gets another decision; None: none was found.

    Args:
        evaluation: The evaluation of the pattern.
        patterns: What the policies single out.
        answer: The evaluation of another request under the same policies.
    """
    for resource in instances(evaluation.request.resource, patterns):
        if answer(replace(evaluation.request, resource=resource)).allowed is not evaluation.allowed:
            return resource
    return None


def instances(resource: str, patterns: Iterable[str]) -> Iterator[str]:
    """Texts that a pattern stands for: some that no policy names, and one for each of `patterns` that names any."""
    seen = set()
    for text in (_UNHEARD, "0", ""):
        yield resource.replace("*", text)
    for pattern in patterns:
        parts = _singled_out(resource, pattern)
        if parts is not None and parts not in seen:
            seen.add(parts)
            yield parts


def _singled_out(resource: str, pattern: str) -> str | None:
    """An ARN that two patterns both match, part by part as IAM does: no `*` takes a part and some of the next."""
    parts, others = resource.split(":", _PARTS - 1), pattern.split(":", _PARTS - 1)
    if len(parts) < _PARTS:
        return _common(resource, pattern)
    others += ["*"] * (_PARTS - len(others))
    steps = []
    for part, other in zip(parts, others, strict=True):
        text = _common(part, other)
        if text is None:
            return None
        steps.append(text)
    return ":".join(steps)


def _common(left: str, right: str) -> str | None:
    """A text that two patterns both match, with unheard-of text where both leave it open; None: there is none."""
    rows, columns = len(left), len(right)
    possible = [[False] * (columns + 1) for _ in range(rows + 1)]
    possible[rows][columns] = True
    for i in range(rows, -1, -1):
        for j in range(columns, -1, -1):
            if not possible[i][j]:
                possible[i][j] = any(possible[a][b] for a, b, _ in _steps(left, right, i, j))
    if not possible[0][0]:
        return None
    text, i, j = [], 0, 0
    while (i, j) != (rows, columns):
        i, j, piece = next(step for step in _steps(left, right, i, j) if possible[step[0]][step[1]])
        text.append(piece)
    return "".join(text)


def _steps(left: str, right: str, i: int, j: int) -> Iterator[tuple[int, int, str]]:
    """Where matching can go on from two places, and the text that it takes."""
    one = left[i] if i < len(left) else ""
    other = right[j] if j < len(right) else ""
    if one == other == "*":
        yield i + 1, j + 1, _UNHEARD
    if one == "*":
        if other and other != "*":
            yield i, j + 1, "0" if other == "?" else other
        yield i + 1, j, ""
    if other == "*":
        if one and one != "*":
            yield i + 1, j, "0" if one == "?" else one
        yield i, j + 1, ""
    if one and other and "*" not in one + other and (one == other or "?" in (one, other)):
        yield i + 1, j + 1, other if one == "?" else one
