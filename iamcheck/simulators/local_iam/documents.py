"""Parses the levels of organization policies that a caller gives."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import TYPE_CHECKING

from iamcheck.errors import InvalidInputError
from iamcheck.iam.authorization_details import parse_document
from iamcheck.iam.default_policies import default_policy
from iamcheck.iam.files import read_policy
from iamcheck.iam.model import Policy, PolicyType
from iamcheck.iam.model.argument_types import items

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["parse_levels"]


def parse_levels(levels: Sequence[Sequence[object]], where: str) -> tuple[tuple[Policy, ...], ...]:
    """Parses levels of organization policies, root first.

    Raises:
        InvalidInputError: A level is no list, is empty (AWS has at least one policy at each), or holds no policy.
    """
    parsed = []
    for index, given in enumerate(items(levels, where, "give a list of levels")):
        place = f"{where}[{index}]"
        level = () if isinstance(given, (str, Mapping)) else items(given, place, "a level is a list of policies")
        if not level:
            raise InvalidInputError(
                "a level is a list of at least one policy",
                where=place,
                cure="AWS's default at each level is FullAWSAccess",
            )
        parsed.append(tuple(_level_policy(each, f"{place}[{number}]") for number, each in enumerate(level)))
    return tuple(parsed)


def _level_policy(document: object, place: str) -> Policy:
    """One SCP: parsed, AWS's own by its name, the path of a file, or a document."""
    if isinstance(document, Policy):
        return document
    if isinstance(document, os.PathLike):
        return read_policy(os.fspath(document), layer=PolicyType.SCP)
    default = default_policy(document, PolicyType.SCP) if isinstance(document, str) else None
    return default or parse_document(document, PolicyType.SCP, place, place)
