"""Policy documents as IAM hands them out: objects, JSON text, or URL-encoded JSON text."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING

from iamcheck.errors import InvalidInputError
from iamcheck.model import Policy, PolicyType

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["parse_document", "parse_levels"]


def parse_document(document: object, layer: PolicyType, name: str, where: str) -> Policy:
    """Parses a stored document; positions are those of its text, for an object those of `json.dumps` of it.

    Raises:
        InvalidInputError: It is neither an object nor a text, or not a policy that is understood.
    """
    if isinstance(document, Mapping):
        text = json.dumps(document)
    elif isinstance(document, str):
        text = document if document.lstrip()[:1] != "%" else _decoded(document)
    else:
        raise InvalidInputError("no policy document: neither an object nor a text", where=where)
    try:
        return Policy.parse(text, name=name, layer=layer, stored=False)
    except InvalidInputError as error:
        raise error.at(where) from error


def parse_levels(levels: Sequence[Sequence[object]], where: str) -> tuple[tuple[Policy, ...], ...]:
    """Parses levels of organization policies, root first.

    Raises:
        InvalidInputError: A level is no list, is empty (AWS has at least one policy at each), or holds no policy.
    """
    parsed = []
    for index, level in enumerate(levels):
        place = f"{where}[{index}]"
        if isinstance(level, str | Mapping) or not level:
            raise InvalidInputError(
                "a level is a list of at least one policy",
                where=place,
                cure="AWS's default at each level is FullAWSAccess",
            )
        parsed.append(tuple(_level_policy(each, f"{place}[{number}]") for number, each in enumerate(level)))
    return tuple(parsed)


def _level_policy(document: object, place: str) -> Policy:
    return document if isinstance(document, Policy) else parse_document(document, PolicyType.SCP, place, place)


def _decoded(text: str) -> str:
    from urllib.parse import unquote

    return unquote(text)
