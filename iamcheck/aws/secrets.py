"""Masks what looks like a password, a key, a token or a signature in texts that people will see."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from iamcheck.results import Json

__all__ = ["mask_json", "mask_secrets"]

MASK: Final = "***"
_USER_OF_URL: Final = r"//[^/@\s]+@"
_NAMED: Final = (
    r"(?i)\b(x-amz-(?:security-token|signature|credential)|signature|credential|(?:session|security)_?token"
    r"|(?:aws_?)?secret_?(?:access_?)?key|password|passwd|api_?key)\b([\"']?\s*[=:]\s*)(?!\*\*\*)\S+"
)
_ACCESS_KEY_ID: Final = r"(?<![A-Z0-9])(?:AKIA|ASIA)[A-Z0-9]{8,}"
# a secret access key is 40 characters of base64, a session token hundreds; ARNs, actions and names of the API may
# be as long
_LONG: Final = (
    r"(arn:[^\s\"']+|\b[a-z0-9-]+:[A-Z][A-Za-z]+\b"
    r"|\b(?:TargetTrackingScalingPolicyConfiguration|InferenceComponentContainerSpecification"
    r"|LessThanLowerOrGreaterThanUpperThreshold|VariantInstanceProvisionTimeoutInSeconds)\b)"
    r"|(?<![\w+/=-])(?:[A-Za-z0-9+/]{40}|[A-Za-z0-9+/=_%-]{100,})(?![\w+/=-])"
)

_SIGNS: Final = ("//", "signature", "credential", "token", "secret", "passw", "apikey", "api_key", "akia", "asia")
_LONG_SIGN: Final = re.compile(r"[A-Za-z0-9+/=_%-]{40}")
"""One of these is in every ASCII text that holds a secret, and in few others: most texts are looked at once."""

_NAMES: Final = frozenset(
    {
        *("action", "resource", "endpoint_name", "endpoint_config_name", "file", "path", "source", "sid"),
        *("Sid", "Action", "NotAction", "Resource", "NotResource"),
    }
)
"""Members of the JSON report that hold a name and nothing else: a name may be as long as a key."""


def mask_secrets(text: str) -> str:
    """`text` with `***` in place of passwords, keys, tokens and signatures; ARNs and actions stay whole."""
    if not _may_hold_secret(text):
        return text
    text = re.sub(_USER_OF_URL, "//", text)
    text = re.sub(_NAMED, rf"\1\2{MASK}", text)
    text = re.sub(_ACCESS_KEY_ID, MASK, text)
    return re.sub(_LONG, lambda match: match[1] or MASK, text)


def _may_hold_secret(text: str) -> bool:
    # patterns that ignore case take letters beyond ASCII, such as a dotless i, for those of ASCII
    lowered = text.lower()
    return not text.isascii() or any(sign in lowered for sign in _SIGNS) or _LONG_SIGN.search(text) is not None


def mask_json(document: Json) -> Json:
    """The JSON report with the secrets in its texts masked."""
    if isinstance(document, str):
        return mask_secrets(document)
    if isinstance(document, dict):
        return {key: value if key in _NAMES else mask_json(value) for key, value in document.items()}
    if isinstance(document, (list, tuple)):
        return [mask_json(item) for item in document]
    return document
