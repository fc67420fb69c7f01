"""Defines one family of AWS's messages."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

__all__ = ["ACCOUNT", "ARN", "IMAGE", "ROLE", "S3_URI", "MessageFamily"]

ACCOUNT: Final = "ACCOUNT"
"""What stands for an account that a message masks or leaves out."""

ARN: Final = r"arn:[a-z0-9-]+:[a-z0-9-]+:(?:[a-z0-9-]*|REGION):(?:\d{12}|ACCOUNT|aws)?:[^\s\"'<>]+"
_HIDDEN: Final = r"\*{2,}|<[\w -]{1,40}>|\{[\w-]{1,40}\}"
"""What stands for a part of a name that a text hides."""
_ROLE_NAME: Final = rf"(?:[\w+=,/@-]|{_HIDDEN})+"
ROLE: Final = rf"arn:[\w-]+:iam::(?:\d{{12}}|ACCOUNT):role/{_ROLE_NAME}(?:\.{_ROLE_NAME})*"
S3_URI: Final = r"s3://(?:<[\w -]{1,40}>|[^\s\"'<>])+?(?=[.,;:)]*(?:[\s\"'>]|<(?![\w -]{1,40}>)|$))"
IMAGE: Final = r"[\w.-]+(?:\.dkr\.ecr\.[\w.-]+)?/[\w./-]+(?:[:@][\w.:-]*\w)?"


@dataclass(frozen=True, slots=True)
class MessageFamily:
    """Messages of one meaning.

    Args:
        id: The stable name of the family, such as `image-permission`.
        title: What has happened, as a heading.
        patterns: Regular expressions over the message with single spaces; their groups are the named parts of the
            message. The first pattern that fits is taken.
        meaning: What it means, with the named parts in braces.
        cure: What to do about it; empty where that hangs on what the message leaves open, or on the type of policy.
        source: The AWS page that says so, a URL.
        leaves_open: What the message does not say.
        run: Names of rows of `commands`: what to run to find out more.
        owner: Who can change it; empty where the type of policy says it.
        foreseen_by: Ids of the checks that tell before the deployment.
        not_followed_by: What must not stand behind the message: the message says more than this family reads.
        yields_to: Families that say the same with more: where the text has one of them, this one is left out.
        example: A message of the family, for its page and its tests.
    """

    id: str
    title: str
    patterns: tuple[str, ...]
    meaning: str
    cure: str
    source: str
    example: str
    leaves_open: tuple[str, ...] = ()
    run: tuple[str, ...] = ()
    owner: str = ""
    foreseen_by: tuple[str, ...] = ()
    not_followed_by: str = ""
    yields_to: tuple[str, ...] = ()
