"""Reads the words of a policy option: a text, `file://PATH` or a path; one document or a list of them."""

from __future__ import annotations

import os.path
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from iamcheck.errors import InvalidInputError
from iamcheck.iam.files import read_document
from iamcheck.iam.model import Policy
from iamcheck.iam.model.json_text import LONGEST_POLICY, read_text
from iamcheck.iam.policy_text import policy_node

if TYPE_CHECKING:
    from collections.abc import Iterable

    from iamcheck.iam.model import PolicyType
    from iamcheck.iam.model.json_text import JsonNode

__all__ = ["PolicyDocument", "is_file", "read_documents", "read_word"]

_FILE: Final = "file://"


@dataclass(frozen=True, slots=True)
class PolicyDocument:
    """One policy document as it is sent, and as people know it."""

    text: str
    policy: Policy
    """Its name says where it came from; the lines of its statements are those of the file that holds it."""


def is_file(word: str) -> bool:
    """True for `file://PATH`."""
    return word.startswith(_FILE)


def read_word(word: str, *, where: str) -> tuple[str, str]:
    """Resolves a word: JSON text is taken as it is, `file://PATH` and a path are read.

    Args:
        word: The word.
        where: What to call JSON text that was given in place.

    Returns:
        The text, and what to call the place that it comes from.

    Raises:
        InvalidInputError: The file cannot be read; the flag and the file are named.
    """
    if word.lstrip().startswith(("{", "[")):
        return word, where
    if not word.strip():
        raise InvalidInputError("an empty value", where=where, cure="give JSON text, file://PATH or a path")
    # the AWS CLI expands these in what stands behind file://
    path = str(Path(os.path.expandvars(word[len(_FILE) :])).expanduser()) if is_file(word) else word
    try:
        return read_document(path), "standard input" if path == "-" else path
    except InvalidInputError as error:
        raise error.at(where) from None


def read_documents(words: Iterable[str], *, where: str, layer: PolicyType) -> tuple[PolicyDocument, ...]:
    """Reads policies, each word by itself; a list of documents is as many policies, in its order.

    What IAM would not store is taken, for the simulator takes it.

    Raises:
        InvalidInputError: A file cannot be read, or what it holds is no policy that is understood; file, line and
            JSON path are named.
    """
    documents: list[PolicyDocument] = []
    for number, word in enumerate(words, 1):
        text, place = read_word(word, where=f"{where}, value {number}")
        documents.extend(_documents(text, place, layer))
    return tuple(documents)


def _documents(text: str, place: str, layer: PolicyType) -> Iterable[PolicyDocument]:
    try:
        if text.lstrip()[:1] not in ("{", "["):
            policy = Policy.from_node(policy_node(text, layer=layer, path=place), name=place, layer=layer, stored=False)
            yield PolicyDocument(policy.to_json(), policy)
            return
        # a list holds several policies
        root = read_text(text) if text.lstrip().startswith("[") else read_text(text, longest=LONGEST_POLICY)
        if isinstance(root.value, dict) and "Statement" not in root.value:
            root = policy_node(text, layer=layer, path=place)
            policy = Policy.from_node(root, name=place, layer=layer, stored=False)
            yield PolicyDocument(policy.to_json(), policy)
            return
        if not isinstance(root.value, list):
            yield PolicyDocument(text, Policy.from_node(root, name=place, layer=layer, stored=False))
            return
        for index, item in enumerate(root.value):
            yield _item(item, text, f"{place}[{index}]", layer)
    except InvalidInputError as error:
        raise error.at(place) from None


def _item(item: JsonNode, text: str, name: str, layer: PolicyType) -> PolicyDocument:
    if isinstance(item.value, str):
        # `--cli-input-json` and lists of the AWS CLI hold documents as text
        try:
            root = read_text(item.value, longest=LONGEST_POLICY)
            return PolicyDocument(item.value, Policy.from_node(root, name=name, layer=layer, stored=False))
        except InvalidInputError as error:
            raise error.at(item.where) from None
    return PolicyDocument(text[item.start : item.end], Policy.from_node(item, name=name, layer=layer, stored=False))
