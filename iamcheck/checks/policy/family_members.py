"""Makes up deployments that belong to a family of names, so that its policy is proved for real names too."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

from iamcheck.deployment.families import made_up_names

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from iamcheck.iam.model import Request

__all__ = ["FamilyMember", "family_members"]


class FamilyMember(NamedTuple):
    """What one made-up deployment of a family needs.

    Args:
        name: The made-up name of what the family is of, its endpoint's for one.
        requests: What is needed under the made-up names.
    """

    name: str
    requests: tuple[Request, ...]


def family_members(
    requests: Sequence[Request], families: Sequence[tuple[str, str]]
) -> tuple[FamilyMember, FamilyMember]:
    """What two made-up deployments of a family need.

    Args:
        requests: What the family needs, on patterns of resources.
        families: The names that are patterns, as `deployment.families.families_of` gives them; at least one.
    """
    pairs = [(kind, pattern, made_up_names(pattern)) for kind, pattern in families]
    _, _, (first, second) = pairs[0]
    return (
        FamilyMember(first, tuple(_named(requests, [(kind, one, names[0]) for kind, one, names in pairs]))),
        FamilyMember(second, tuple(_named(requests, [(kind, one, names[1]) for kind, one, names in pairs]))),
    )


def _named(requests: Sequence[Request], names: Sequence[tuple[str, str, str]]) -> Iterator[Request]:
    """The requests whose resource is called by a pattern, on the resource of that name."""
    for request in requests:
        for kind, pattern, name in names:
            # AWS may authorise on the lower-case ARN
            for spelling, other in ((pattern, name), (pattern.lower(), name.lower())):
                ending = f":{kind}/{spelling}"
                if request.resource.endswith(ending):
                    arn = f"{request.resource.removesuffix(ending)}:{kind}/{other}"
                    yield replace(request, resource=arn)
                    break
            else:
                continue
            break
