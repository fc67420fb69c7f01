"""Finds the policy in a text as people have it: JSON, YAML, URL-encoded, or within what a tool printed around it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from iamcheck.errors import InvalidInputError
from iamcheck.iam.file_kinds import policy_kind_error, terraform_error
from iamcheck.iam.model import PolicyType
from iamcheck.iam.model.json_text import LONGEST_POLICY, JsonNode, read_text

if TYPE_CHECKING:
    from iamcheck.iam.model.json_text import Step

__all__ = ["policy_node"]

_YAML: Final = (".yaml", ".yml")
_DEEPEST: Final = 4
"""Texts and answers around a policy that are opened; more have not been seen."""

_ANSWERS: Final[tuple[tuple[str, ...], ...]] = (
    ("PolicyVersion", "Document"),
    ("PolicyDocument",),
    ("Policy", "Content"),
    ("Policy",),
    ("ResourcePolicy",),
    ("policyText",),
    ("policy",),
    ("values", "policy"),
    ("value",),
)
"""Where answers have a policy: `aws iam get-policy-version`; `get-role-policy`, `get-user-policy`, `get-group-policy`;
`aws organizations describe-policy`; `get-key-policy` and `get-bucket-policy`; Secrets Manager; ECR; Terraform's
resources and outputs."""

_TRUST: Final[tuple[tuple[str, ...], ...]] = (
    ("Role", "AssumeRolePolicyDocument"),
    ("AssumeRolePolicyDocument",),
    ("assume_role_policy",),
    ("values", "assume_role_policy"),
)
"""Where answers have the trust policy of a role, which is the policy of a resource."""


def policy_node(text: str, *, layer: PolicyType | None, path: str = "") -> JsonNode:
    """The policy document in a text, with its places in that text.

    Args:
        text: The text of a file, or what a caller of the library gives.
        layer: The layer that the policy is for; only that of resources has the trust policies of roles.
        path: The file, whose suffix tells YAML from JSON where the text leaves it open.

    Raises:
        InvalidInputError: It is neither JSON nor YAML, or something else than a policy that is recognised.
    """
    error = terraform_error(text, path, what="policy")
    if error is not None:
        raise error
    node = _root(text, path)
    for _ in range(_DEEPEST):
        inner = _unwrapped(node, layer)
        if inner is node:
            break
        node = inner
    return node


def _root(text: str, path: str) -> JsonNode:
    text = text.removeprefix("\ufeff")
    start = text.lstrip(" \t\r\n")[:3]
    if start.upper() == "%7B" or start == "<<E":
        return JsonNode(text.strip(), None)
    # a key of YAML may have quotes; of JSON the whole text has
    is_text = start[:1] == '"' and text.rstrip().endswith('"') and "\n" not in text.strip()
    if path.endswith(_YAML) or (start and start[0] not in "{[" and not is_text):
        from iamcheck.iam.yaml_nodes import read_yaml_node  # most policies are JSON

        return read_yaml_node(text, longest=LONGEST_POLICY)
    return read_text(text, longest=LONGEST_POLICY)


def _unwrapped(node: JsonNode, layer: PolicyType | None) -> JsonNode:
    """The value within a text or an answer; the same node where there is nothing to open."""
    value = node.value
    if isinstance(value, str):
        return _in_text(node, value)
    if not isinstance(value, dict) or "Statement" in value:
        return node
    for steps in (*_ANSWERS, *(_TRUST if layer in (None, PolicyType.RESOURCE) else ())):
        inner = _member(node, steps)
        if inner is not None and isinstance(inner.value, (str, dict)):
            is_document = isinstance(inner.value, str) or "Statement" in inner.value
            if is_document:
                return inner
    error = policy_kind_error(value)
    if error is not None:
        raise error
    return node


def _member(node: JsonNode, steps: tuple[str, ...]) -> JsonNode | None:
    for step in steps:
        inner = node.value.get(step) if isinstance(node.value, dict) else None
        if inner is None:
            return None
        node = inner
    return node


def _in_text(node: JsonNode, text: str) -> JsonNode:
    """The value that a text is the JSON of; all of it stands where the text does."""
    if text[:3].upper() == "%7B":
        from urllib.parse import unquote  # IAM's API returns documents so

        text = unquote(text)
    # `terraform output` prints a text of several lines so
    heredoc = re.fullmatch(r"<<E[A-Z]*\n(.*)\nE[A-Z]*", text, re.DOTALL)
    try:
        inner = read_text(heredoc[1] if heredoc else text, longest=LONGEST_POLICY)
    except InvalidInputError as error:
        raise (error.at(node.where) if node.path else error) from None
    return _moved(inner, node.path, node)


def _moved(inner: JsonNode, path: Step | None, outer: JsonNode) -> JsonNode:
    """A value of a text, at the place of the value that has the text."""
    from iamcheck.iam.model.json_text import Step

    value = inner.value
    if isinstance(value, dict):
        value = {key: _moved(member, Step(path, key), outer) for key, member in value.items()}
    elif isinstance(value, list):
        value = [_moved(item, Step(path, number), outer) for number, item in enumerate(value)]
    if outer.source is None:
        # the whole text: its lines are those of the inner one, less what stands around it
        return inner._replace(value=value, path=path)
    return JsonNode(value, path, outer.source, outer.start, outer.end, outer.named)
