"""Compares entries of a Resource element with the ARN that was asked for, part by part.

Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_resource.html
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from iamcheck.explain.why.words import likeness
from iamcheck.iam.catalogue import condition_key_type
from iamcheck.iam.engine.variables import parse_template
from iamcheck.iam.engine.wildcards import STAR, compile_glob, plain_text, split_parts

if TYPE_CHECKING:
    from collections.abc import Sequence

    from iamcheck.iam.engine.wildcards import Pieces
    from iamcheck.iam.model import Request

__all__ = ["NearestEntry", "entry_text", "nearest_entry"]

_SERVICE, _LAST, _PARTS = 2, 5, 6
_TYPE_ENDS: Final = "/:"
_EMPTY: Final = ("no arn", "no partition", "no service", "no Region", "no account", "no resource")
"""What to call the parts where nothing stands between the colons."""


@dataclass(frozen=True, slots=True)
class NearestEntry:
    """The entry with the least between it and the request."""

    entry: str
    """As the policy has it."""
    wanted: str
    """Those of its parts that differ; the whole entry for another service, or where no part differs by itself."""
    had: str
    """The same parts of the request's resource."""
    rank: tuple[float, ...]
    """Another service, another type of resource, so many parts, how unlike they are: the smaller, the nearer."""
    without_value: tuple[str, ...] = ()
    """The variables, in the policy's spelling, that make the entry match nothing."""


def nearest_entry(entries: Sequence[str], request: Request, *, variables: bool) -> NearestEntry:
    """The nearest of a Resource element's entries, the first of those that are as near.

    Args:
        entries: As the policy has them; at least one.
        request: What was asked.
        variables: Whether the policy's Version has variables.
    """
    compared = [_compare(entry, request, variables=variables) for entry in entries]
    return min(compared, key=lambda one: one.rank, default=NearestEntry("nothing", "nothing", request.resource, ()))


def entry_text(text: str, request: Request, *, variables: bool) -> str:
    """A text of a policy, with what its variables stand for in a request."""
    template = parse_template(text, variables=variables, key_types=condition_key_type)
    if not template.variables:
        return text
    pieces = template.resolve(request).pieces
    return f"{text} (here {plain_text(pieces)})" if pieces is not None else f"{text} (without a value here)"


def _compare(entry: str, request: Request, *, variables: bool) -> NearestEntry:
    template = parse_template(entry, variables=variables, key_types=condition_key_type)
    pieces = template.resolve(request).pieces
    missing = () if pieces is not None else tuple(variable.spelling for variable in template.variables)
    expected = _six(pieces if pieces is not None else template.widened)
    had = request.parts
    if had is None:
        return NearestEntry(entry, entry, request.resource, (1, 1, _PARTS, -likeness(entry, request.resource)), missing)
    differing = [place for place in range(_PARTS) if not compile_glob(expected[place])(had[place])]
    last = plain_text(expected[_LAST])
    rank = (
        _SERVICE in differing,
        _LAST in differing and _type(last) != _type(had[_LAST]),
        len(differing) + bool(missing),
        -likeness(last, had[_LAST]),
    )
    if not differing or _SERVICE in differing:
        return NearestEntry(entry, entry, request.resource, rank, missing)
    return NearestEntry(
        entry,
        " and ".join(plain_text(expected[place]) or _EMPTY[place] for place in differing),
        " and ".join(had[place] or _EMPTY[place] for place in differing),
        rank,
        missing,
    )


def _six(pieces: Pieces) -> list[Pieces]:
    """An incomplete ARN has `*` for each missing part."""
    parts = split_parts(pieces)
    return parts + [(STAR,)] * (_PARTS - len(parts))


def _type(resource: str) -> str:
    """`endpoint` of `endpoint/churn`."""
    for end in _TYPE_ENDS:
        resource = resource.partition(end)[0]
    return resource
