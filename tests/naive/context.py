"""The condition context of a request, every key known or absent.

Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from iamcheck.iam import catalogue
from iamcheck.iam.model import ContextValue, KeyType
from tests.naive.patterns import Value

if TYPE_CHECKING:
    from iamcheck.iam.model import ContextInput, Request

__all__ = ["context_of"]


def context_of(request: Request, *, derived: bool) -> dict[str, Value]:
    """Names in lower case to values: what the request says and, if `derived`, what follows from the request itself."""
    said = {key.lower(): _value(key, value, request.action) for key, value in request.context.items()}
    silent = {key.lower() for key in request.absent}
    found = _derived(request) if derived else {}
    return {key: Value(KeyType.STRING, (text,)) for key, text in found.items() if key not in silent} | said


def _derived(request: Request) -> dict[str, str]:
    derived = {}
    if request.principal is not None:
        parts = request.principal.split(":", 5)
        derived["aws:principalaccount"] = parts[4]
        if not parts[5].startswith("assumed-role/"):
            # the path of a session's role is not in the session's ARN
            derived["aws:principalarn"] = request.principal
        if parts[5].startswith("user/"):
            derived["aws:username"] = parts[5].split("/")[-1]
    parts = request.resource.split(":", 5)
    if len(parts) == 6 and parts[4]:
        derived["aws:resourceaccount"] = parts[4]
    return derived


def _value(key: str, given: ContextInput, action: str) -> Value:
    if isinstance(given, ContextValue):
        kind, texts, many = given.type, given.values, given.many
    elif isinstance(given, list | tuple):
        kind, texts, many = None, tuple(_text(one) for one in given), True
    else:
        kind, texts, many = None, (_text(given),), False
    if kind is None:
        kind = catalogue.condition_key_type(key, action.split(":")[0])
    if kind is None:
        kind = KeyType.STRING_LIST if many else KeyType.STRING
    return Value(kind, texts)


def _text(given: object) -> str:
    """Python's plain values as AWS would spell them: texts, booleans, whole numbers."""
    if isinstance(given, bool):
        return "true" if given else "false"
    if isinstance(given, str | int):
        return str(given)
    raise TypeError(f"the naive reading takes no {type(given).__name__}")
