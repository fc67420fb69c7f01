"""Reads PolicyExclusionList: "what if this policy were gone?".

Sources: https://docs.aws.amazon.com/IAM/latest/APIReference/API_PolicyIdentifier.html, and AWS's answers observed in
September 2026, which are stricter than that page about wildcards and looser about what is not there.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from iamcheck.errors import InvalidInputError
from iamcheck.iam.model import Arn
from iamcheck.simulators.local_iam.errors import Refusal
from iamcheck.simulators.local_iam.state import pathless

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from iamcheck.iam.authorization_details import AttachedPolicy, InlinePolicy

__all__ = ["Exclusions"]

_INLINE_WANTS = "Invalid inline policy exclusion: policyName, attachmentType, and attachmentName are required"


@dataclass(frozen=True, slots=True)
class Exclusions:
    """Which of a principal's own policies are left out; never what the call itself puts in."""

    types: frozenset[str] = frozenset()
    arns: tuple[re.Pattern[str], ...] = ()
    inline: tuple[tuple[str, str, re.Pattern[str]], ...] = ()
    """Kind of the entity, name of the policy, pattern of the entity's name."""

    @classmethod
    def parse(cls, entries: Sequence[Mapping[str, object]]) -> Exclusions:
        """Reads the parameter, whose shape has been checked.

        Raises:
            Refusal: A malformed identifier.
        """
        types: set[str] = set()
        arns: list[re.Pattern[str]] = []
        inline: list[tuple[str, str, re.Pattern[str]]] = []
        for entry in entries:
            if "PolicyType" in entry:
                types.add(str(entry["PolicyType"]))
            elif "PolicyArn" in entry:
                arns.append(_arn_pattern(str(entry["PolicyArn"])))
            else:
                inline.append(_inline_pattern(entry["InlinePolicyIdentifier"]))
        return cls(frozenset(types), tuple(arns), tuple(inline))

    @property
    def scps(self) -> bool:
        """True where service control policies play no part. Excluding `rcp` changes nothing: they never do."""
        return "scp" in self.types

    @property
    def boundary(self) -> bool:
        """True where the attached boundary is dropped: only its own type does that, never the ARN of its policy."""
        return "permission-boundary" in self.types

    def drops_attached(self, policy: AttachedPolicy) -> bool:
        """True for an attachment that is excluded.

        The ARN that counts is the one without the policy's path: the true ARN of a policy with a path excludes nothing.
        """
        kind = "aws-managed" if policy.aws_managed else "user-managed"
        return kind in self.types or any(pattern.fullmatch(pathless(policy.arn)) for pattern in self.arns)

    def drops_inline(self, policy: InlinePolicy) -> bool:
        """True for an inline policy, of the user or of one of its groups, that is excluded."""
        return "inline" in self.types or any(
            kind == policy.kind and name == policy.name and entity.fullmatch(policy.entity)
            for kind, name, entity in self.inline
        )


def _arn_pattern(text: str) -> re.Pattern[str]:
    try:
        arn = Arn.parse(text)
    except InvalidInputError as error:
        raise Refusal(f"Invalid ARN: {text}") from error
    name = arn.resource.rpartition("/")[2]
    # documented: one * and any number of ? in the name; nothing was observed of wildcards elsewhere
    if text.count("*") > 1 or any(mark in text[: len(text) - len(name)] for mark in "*?"):
        raise Refusal(f"Invalid ARN: {text}")
    return _glob(text)


def _inline_pattern(identifier: object) -> tuple[str, str, re.Pattern[str]]:
    fields: Mapping[str, object] = identifier if isinstance(identifier, dict) else {}
    kind, name, entity = (str(fields[key]) for key in ("AttachmentType", "PolicyName", "AttachmentName"))
    if any(mark in name + entity[:-1] for mark in "*?"):
        raise Refusal(_INLINE_WANTS)
    return kind, name, _glob(entity)


def _glob(text: str) -> re.Pattern[str]:
    return re.compile(re.escape(text).replace(r"\*", ".*").replace(r"\?", "."), re.DOTALL)
