"""Reads names that stand for a family of deployments, such as `churn-*`, and makes up names that belong to it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from iamcheck.errors import InvalidInputError
from iamcheck.iam.catalogue import NameKind, name_pattern

if TYPE_CHECKING:
    from iamcheck.deployment.deployment import Deployment

__all__ = ["families_of", "is_family", "made_up_names", "require_known_part"]

_SHORTEST: Final = ("0", "z")
_LONGER: Final = "made-up"
"""What stands in place of `*` where the name has room for it: it shows a wildcard that takes one character only."""


def is_family(name: str | None) -> bool:
    """Whether a name has a `*`, which stands for any text."""
    return name is not None and "*" in name


def require_known_part(pattern: str, where: str) -> str:
    """Returns the pattern, where it has a part that every name of the family has.

    Args:
        pattern: The pattern of a name.
        where: Where it was given: a flag, an argument.

    Raises:
        InvalidInputError: It is nothing but wildcards.
    """
    if not pattern.strip("*"):
        raise InvalidInputError(f"{pattern!r} stands for every name", where=where, cure="give the part that is known")
    return pattern


def families_of(deployment: Deployment) -> tuple[tuple[str, str], ...]:
    """The names of a deployment that are patterns: of each what it names, such as `endpoint-config`, and the pattern.

    What it names is spelled as in the ARN of the resource.
    """
    if not deployment.names_are_patterns:
        return ()
    models = dict.fromkeys(model.name for model in deployment.model_requests if isinstance(model.name, str))
    names = (
        ("endpoint", deployment.endpoint_name),
        ("endpoint-config", deployment.endpoint_config_name),
        *(("model", name) for name in models),
        *(
            (request.kind.replace(" ", "-"), str(request.name))
            for request in deployment.resource_requests
            if request.kind == "inference component"
        ),
    )
    return tuple((kind, name) for kind, name in names if name is not None and is_family(name))


def made_up_names(pattern: str) -> tuple[str, str]:
    """Two names that belong to the family of a pattern and that AWS would take."""
    longest = name_pattern(NameKind.ENDPOINT).max_length or 0
    first, second = (pattern.replace("*", text) for text in _SHORTEST)
    longer = pattern.replace("*", _LONGER)
    return first, longer if len(longer) <= longest else second
