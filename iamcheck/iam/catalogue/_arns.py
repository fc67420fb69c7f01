"""Which ARNs have the form of a resource type.

The Service Authorization Reference writes ARN formats with placeholders: `arn:${Partition}:s3:::${BucketName}`. It does
not say which characters a placeholder stands for, so this much is inferred:

* partition, Region and account: a placeholder is one or more characters but no colon; where the format is empty, the
  ARN is;
* in the last part a placeholder is one or more characters: the last one of any kind (role paths, object keys,
  `function:NAME:ALIAS`), an earlier one up to the slash or colon that follows it in the format;
* an ARN that has the form of a deeper type (`${BucketName}/${ObjectName}`) is not of the type above it
  (`${BucketName}`). Deeper means by a slash: after a colon comes a qualifier of the same resource (a version, an
  alias), which Lambda and Step Functions authorise as the resource itself.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

_PLACEHOLDER = re.compile(r"\$?\{[^}]*\}|\*")
_RESOURCE = 5


def gate(accepted: Iterable[str], known: Sequence[str]) -> re.Pattern[str]:
    """Returns the pattern of the ARNs that have one of the accepted formats.

    Args:
        accepted: ARN formats that are accepted.
        known: All ARN formats of the service; a deeper one of these takes its ARNs from the formats above it.
    """
    return re.compile("|".join(_alternative(one, known) for one in accepted), re.DOTALL)


def _alternative(accepted: str, known: Sequence[str]) -> str:
    whole = re.compile(expression(accepted), re.DOTALL)
    deeper = [
        expression(other)
        for other in known
        if _depth(other) > _depth(accepted) and whole.fullmatch(_PLACEHOLDER.sub("x", other))
    ]
    exclusion = rf"(?!(?:{'|'.join(deeper)})\Z)" if deeper else ""
    return f"(?:{exclusion}{expression(accepted)})"


def _depth(arn_format: str) -> int:
    return arn_format.split(":", _RESOURCE)[_RESOURCE].count("/")


def expression(arn_format: str) -> str:
    """Returns the regular expression, as text, of an ARN format (the module says which ARNs it stands for)."""
    parts = arn_format.split(":", _RESOURCE)
    head = ":".join(_between_colons(part) for part in parts[:_RESOURCE])
    return f"{head}:{_resource(parts[_RESOURCE])}"


def _between_colons(part: str) -> str:
    return "[^:]+".join(re.escape(literal) for literal in _PLACEHOLDER.split(part))


def _resource(part: str) -> str:
    literals = _PLACEHOLDER.split(part)
    pattern = re.escape(literals[0])
    for following, literal in enumerate(literals[1:], start=2):
        if following == len(literals):
            pattern += ".+"
        else:
            pattern += f"[^{literal[0]}]+" if literal[:1] in ("/", ":") else ".+?"
        pattern += re.escape(literal)
    return pattern
