"""Holds the patterns and bounds of names (endpoint, model, role), from botocore, and checks names by them."""

from __future__ import annotations

import re
from enum import Enum
from functools import lru_cache
from typing import NamedTuple

from iamcheck.errors import InvalidInputError
from iamcheck.iam.packaged import read

# Unicode's category Z (separators), whole.
_SEPARATORS = r" \u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000"


class NameKind(Enum):
    """What a name is the name of; the values are the shapes' names in AWS's API, but for the account id."""

    ACCOUNT_ID = "AccountId"
    ENDPOINT = "EndpointName"
    ENDPOINT_CONFIG = "EndpointConfigName"
    INFERENCE_COMPONENT = "InferenceComponentName"
    KMS_KEY = "KmsKeyId"
    MODEL = "ModelName"
    MODEL_PACKAGE = "ModelPackageName"
    """Of a model package, and of a model package group."""
    ROLE_ARN = "RoleArn"
    ROLE = "RoleName"
    ROLE_SESSION = "RoleSessionName"
    TAG_KEY = "TagKey"
    TAG_VALUE = "TagValue"
    USER = "UserName"
    VARIANT = "VariantName"


_HINTS = {
    NameKind.ACCOUNT_ID: "12 digits",
    NameKind.ENDPOINT: "letters, digits and inner hyphens",
    NameKind.ENDPOINT_CONFIG: "letters, digits and inner hyphens",
    NameKind.INFERENCE_COMPONENT: "letters, digits and inner hyphens",
    NameKind.MODEL: "letters, digits and inner hyphens",
    NameKind.MODEL_PACKAGE: "letters, digits and inner hyphens",
    NameKind.VARIANT: "letters, digits and inner hyphens",
    NameKind.ROLE_ARN: "arn:PARTITION:iam::ACCOUNT:role/NAME",
    NameKind.TAG_KEY: "letters, digits, spaces and _.:/=+-@",
    NameKind.TAG_VALUE: "letters, digits, spaces and _.:/=+-@",
}


class NamePattern(NamedTuple):
    """The rule for a kind of name.

    Attributes:
        pattern: AWS's regular expression, for the whole name, in Java's dialect.
        min_length: In characters; 0 where AWS's model has no lower bound.
        max_length: In characters; None where AWS's model has no upper bound.
    """

    pattern: str
    min_length: int
    max_length: int | None


@lru_cache(maxsize=1)
def _table() -> dict[NameKind, NamePattern]:
    rules = read("names.json")["names"]
    return {
        kind: NamePattern(rules[kind.value]["pattern"], rules[kind.value].get("min", 0), rules[kind.value].get("max"))
        for kind in NameKind
    }


def name_pattern(kind: NameKind) -> NamePattern:
    """Returns pattern and bounds of a kind of name."""
    return _table()[kind]


@lru_cache(maxsize=1)
def request_members() -> dict[str, dict[str, str]]:
    """Returns the members of the requests that are read, such as CreateEndpoint and PutMetricAlarm, by structure.

    The value of a member is the name of the structure that it holds, itself or in lists; empty where it holds none.
    """
    members: dict[str, dict[str, str]] = read("requests.json")["members"]
    return members


@lru_cache(maxsize=1)
def request_kinds() -> dict[str, dict[str, str]]:
    """Returns the members of the same structures that are numbers or truth values, with their types in botocore.

    Those are `boolean`, `integer`, `long`, `float` and `double`; a member that is not here, and holds no structure,
    is a text, or a list or map of texts.
    """
    kinds: dict[str, dict[str, str]] = read("requests.json")["kinds"]
    return kinds


def validate_name(kind: NameKind, value: str, where: str = "") -> str:
    """Returns the name, if AWS's pattern and bounds allow it.

    Args:
        kind: What it is the name of.
        value: The name.
        where: Where it was given: a flag, a JSON path.

    Raises:
        InvalidInputError: AWS would refuse it.
    """
    rule = name_pattern(kind)
    long = rule.max_length is not None and len(value) > rule.max_length
    if not long and len(value) >= rule.min_length and _compiled(rule.pattern).fullmatch(value):
        return value
    from iamcheck.iam.model.wording import with_article  # an error is the only user

    shown = repr(value if len(value) <= 80 else value[:77] + "...")
    bounds = f", at most {rule.max_length} characters" if rule.max_length is not None else ""
    size = f" ({len(value)} characters)" if long else ""
    raise InvalidInputError(
        f"{shown}{size} is not {with_article(kind.value)}",
        where=where,
        cure=f"{_HINTS.get(kind, 'as ' + rule.pattern)}{bounds}",
    )


@lru_cache(maxsize=32)
def _compiled(pattern: str) -> re.Pattern[str]:
    r"""Compiles a pattern of AWS's: in Java's dialect `\d` and `\w` are ASCII, and `\p{L}` is a Unicode category.

    Python has no `\p`; in the patterns used here `\p{L}`, `\p{N}` and `_` stand together in one class, which is `\w`.
    """
    if r"\p{" not in pattern:
        return re.compile(pattern, re.ASCII)
    return re.compile(pattern.replace(r"\p{L}", r"\w").replace(r"\p{N}", "").replace(r"\p{Z}", _SEPARATORS))
