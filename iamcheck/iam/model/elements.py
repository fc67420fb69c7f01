"""Checks what stands in a statement: actions, resources, principals, Sids, condition keys, variables.

Each function returns what is wrong with a text, in one clause, or an empty text.

Sources: the pages reference_policies_grammar, ..._elements_action, ..._elements_resource, ..._elements_principal,
..._elements_sid, ..._variables and access-analyzer-reference-policy-checks of
https://docs.aws.amazon.com/IAM/latest/UserGuide/
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache
from typing import Final, TypeAlias

__all__ = [
    "PRINCIPALS",
    "Check",
    "action_problem",
    "key_problem",
    "resource_problem",
    "sid_problem",
    "unstored_resource_problem",
    "variable_problem",
]

Check: TypeAlias = Callable[[str], str]

# patterns are texts, which `re` compiles when they are first used: start-up is a feature
_ACTION: Final = r"\*|[A-Za-z0-9.*?-]+:[A-Za-z0-9_.*?-]+"
_SID: Final = r"[A-Za-z0-9]*"
_KEY: Final = r"[^\s:${}\x00-\x1f\x7f][^:${}\x00-\x1f\x7f]*:(?:[^${}\x00-\x1f\x7f]*[^\s${}\x00-\x1f\x7f])"
_ACCOUNT: Final = r"[0-9]{12}"
# an ARN, or the unique id that stays in a stored policy when its principal is deleted
_PRINCIPAL_ARN: Final = r"arn:[a-z-]+:(?:iam|sts)::[A-Za-z0-9-]+:[^*?${}\x00-\x1f]+|[A-Z0-9]{16,128}"
_SERVICE: Final = r"[A-Za-z0-9._-]+"
_FEDERATED: Final = r"[^\s*?${}\x00-\x1f]+"
_CANONICAL_USER: Final = r"[A-Za-z0-9]+"
_VARIABLE: Final = r"\$\{(?:[*?$]|[^\s:${},'*?]+:[^\s${},'*?]+(?:, '[^'{}]*')?)\}"
_IAM_TYPES: Final = (
    "access-report/",
    "assumed-role/",
    "delegation-request/",
    "federated-user/",
    "group/",
    "instance-profile/",
    "mfa/",
    "oidc-provider/",
    "policy/",
    "report/",
    "role/",
    "role-template/",
    "saml-provider/",
    "server-certificate/",
    "sms-mfa/",
    "user/",
    # the reference lists it with STS
    "contextProvider/",
)
"""How the last part of an IAM ARN begins, by the Service Authorization Reference and IAM's own refusal."""
_LOOKS_LIKE_ONE: Final = r"\$\{[^}]*\}?"


@lru_cache(maxsize=4096)
def action_problem(text: str) -> str:
    """An action is `*` or `service:Name`, with one colon and wildcards anywhere."""
    if re.fullmatch(_ACTION, text):
        return ""
    if ":" not in text:
        return "is no action: it names no service"
    return "is no action"


def resource_problem(text: str) -> str:
    """A resource is `*` or an ARN of six parts, the first `arn`; wildcards and variables stand for characters."""
    if text == "*":
        return ""
    # a variable holds colons of its own; an empty last part is stored: AWS has a managed policy with one
    parts = _without_variables(text).split(":", 5)
    if parts[0] != "arn" or len(parts) < 6:
        return "is neither * nor an ARN of six parts"
    if not parts[1] or not parts[2]:
        return "is an ARN without a partition or a service"
    return ""


def unstored_resource_problem(text: str, *, is_excepted: bool) -> str:
    """What IAM takes for a resource in its simulator, and does not store; the text is a resource otherwise.

    In the service of an ARN stands no wildcard, and the last part of an IAM ARN is `*` or begins with a type that IAM
    has. `root` is a principal and no resource, but AWS has a managed policy that excepts it in NotResource. Where a
    variable stands there, nobody knows what IAM makes of it.
    """
    if text == "*":
        return ""
    _, _, service, _, _, last = _without_variables(text).split(":", 5)
    if "*" in service or "?" in service:
        return "has a wildcard in the service of its ARN, and IAM does not store it"
    if is_excepted and last == "root":
        return ""
    if service == "iam" and last not in ("", "*") and not last.startswith(("$", *_IAM_TYPES)):
        return "is an IAM ARN that neither ends in * nor names a type such as role/ or user/, and IAM does not store it"
    return ""


def _without_variables(text: str) -> str:
    """The text with `$` for each variable, which may hold colons."""
    return re.sub(_LOOKS_LIKE_ONE, "$", text) if "${" in text else text


def sid_problem(text: str) -> str:
    """A Sid of a policy in IAM is letters and digits; resource policies of some services take more."""
    return "" if re.fullmatch(_SID, text) else "is no Sid: only A-Z, a-z and 0-9 may stand in it"


@lru_cache(maxsize=4096)
def key_problem(text: str) -> str:
    """A condition key is `prefix:name`; names of tag keys may hold blanks and colons. Variables have no place in it."""
    return "" if re.fullmatch(_KEY, text) else "is no condition key: they have the form prefix:name"


def variable_problem(text: str) -> str:
    """The policy variables of a text: `${key}`, `${key, 'default'}`, `${*}`, `${?}`, `${$}`."""
    if "${" not in text:
        return ""
    for match in re.finditer(_LOOKS_LIKE_ONE, text):
        if not re.fullmatch(_VARIABLE, match.group()):
            return f"holds {match.group()!a}, which is no policy variable"
    return ""


def _aws_problem(text: str) -> str:
    if text == "*" or re.fullmatch(_ACCOUNT, text) or re.fullmatch(_PRINCIPAL_ARN, text):
        return ""
    if "*" in text or "?" in text:
        return "is no principal: a wildcard cannot stand for a part of one"
    return "is no principal: neither *, an account id of 12 digits nor an IAM or STS ARN"


def _only(pattern: str, what: str) -> Check:
    return lambda text: "" if re.fullmatch(pattern, text) else f"is no {what}"


PRINCIPALS: Final[dict[str, Check]] = {
    "AWS": _aws_problem,
    "Service": _only(_SERVICE, "service principal"),
    "Federated": _only(_FEDERATED, "identity provider"),
    "CanonicalUser": _only(_CANONICAL_USER, "canonical user id"),
}
"""The types of principals."""
