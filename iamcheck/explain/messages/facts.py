"""Holds what a message of AWS says, by the names of its parts."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from iamcheck.errors import InvalidInputError
from iamcheck.explain.messages.families.family import ACCOUNT
from iamcheck.iam import catalogue
from iamcheck.iam.model import Arn, Principal

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["Facts", "facts_of", "is_cut_arn"]

_ENDS: Final = "\"'`.,;:\\)]}\u201d\u2019"
"""What stands behind a name or an ARN in a sentence, in JSON or in a log, and is no part of it."""
_IAM_WORDS: Final = re.compile(r"(role|user|group|policy|instance profile) (\S+)")
"""How IAM's own messages name its resources: `role churn-exec`, `policy arn:aws:iam::...`."""
_HIDDEN: Final = r"\*{2}|[<>{}]"
_HIDDEN_PART: Final = r"\*{2,}|<[\w -]{1,40}>|\$?\{[\w-]{1,40}\}"
_CHARACTERS: Final[Mapping[str, str]] = {
    # https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html
    "sagemaker": r"[\w./*-]",
    "iam": r"[\w+=,.@/*-]",
    "kms": r"[\w/*-]",
    "ecr": r"[\w./*-]",
}
"""What the resource in an ARN of a service is made of; whatever else stands behind it belongs to the text."""
_BEHIND: Final = re.compile(r"\"|'(?=[,:}\])])|\\")
"""What stands behind an ARN where JSON has no blanks."""
_KINDS_WITH_NAMES: Final = frozenset({"sagemaker", "kms", "ecr"})
"""Services whose resources are all written KIND/NAME."""
_NAMED_BY_CALLER: Final = frozenset({"ecr", "iam", "kms", "s3", "sagemaker"})
"""Services whose messages have the name or id of the one resource that a call is about."""
_BUCKET: Final = r"(?!x{3})(?!.*-x{3,})[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]"
"""https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html; `x`s in a row hide something."""
_SHORT: Final = re.compile(r"(model|endpoint|endpoint-config|inference-component|model-package(?:-group)?)/([\w./-]+)")


@dataclass(frozen=True, slots=True)
class Facts:
    """What a message says.

    Args:
        values: The named parts of the message that are there, and what follows from them.
        given_account: The account that the user gave, for a message that masks it.
    """

    values: Mapping[str, str]
    given_account: str | None = None

    @property
    def principal(self) -> str | None:
        """Who called: an ARN, or `anonymous`; None where the message does not say."""
        return self.values.get("principal")

    @property
    def principal_arn(self) -> str | None:
        """The ARN of who called."""
        return self.principal if self.principal and self.principal.startswith("arn:") else None

    @property
    def hides_principal(self) -> bool:
        """Whether the text hides a part of who called, besides the account."""
        return re.search(_HIDDEN, self.principal or "") is not None

    @property
    def action(self) -> str | None:
        """`service:Operation`."""
        return self.values.get("action")

    @property
    def resource(self) -> str | None:
        """The ARN or `*`."""
        return self.values.get("resource")

    @property
    def hides_resource(self) -> bool:
        """Whether the text has marks or a wildcard where the call had a name: a policy would allow more with it.

        An action that is authorised against `*` alone has a wildcard in AWS's own message, and so have actions of other
        services at the end of the resource.
        """
        resource = self.resource or ""
        if re.search(r"\*\*|[?<>{}]", resource):
            return True
        if "*" not in resource:
            return False
        info = catalogue.action(self.action or "")
        if info is not None and not info.resource_types:
            return False
        return info is None or info.service in _NAMED_BY_CALLER or re.search(r"\*.", resource) is not None

    @property
    def whole_resource(self) -> str | None:
        """The resource, where a policy can have it as it is: with its account and Region, and nothing hidden."""
        is_masked = any(word in (self.resource or "") for word in (ACCOUNT, "REGION"))
        return None if is_masked or self.hides_resource else self.resource

    @property
    def arn(self) -> Arn | None:
        """The resource's ARN, in its parts."""
        try:
            return Arn.parse(self.resource or "")
        except InvalidInputError:
            return None

    @property
    def policy(self) -> str | None:
        """The type of policy, as AWS calls it."""
        return self.values.get("policy")

    @property
    def region(self) -> str | None:
        """The Region of the resource."""
        region = self.values.get("region") or (self.arn.region if self.arn else "")
        return region if region not in ("", "REGION") else None

    @property
    def account_id(self) -> str | None:
        """The account that called, else that of the resource, else the account that the user gave."""
        named = self.values.get("account") or self.values.get("caller_account")
        account = named or (self.arn.account_id if self.arn else "")
        return account if re.fullmatch(r"\d{12}", account or "") else self.given_account

    @property
    def role_name(self) -> str | None:
        """The name of the role that the message names; None where it hides a part of it."""
        name = self.values.get("role", "").rpartition("/")[2]
        return None if not name or re.search(_HIDDEN, name) else name

    @property
    def bucket_and_key(self) -> tuple[str, str]:
        """The S3 object that the message names, with placeholders for what it hides."""
        bucket, _, key = self.values.get("s3", "").removeprefix("s3://").partition("/")
        is_hidden = bool(re.search(_HIDDEN, key))
        return bucket if re.fullmatch(_BUCKET, bucket) else "BUCKET", "KEY" if is_hidden or not key else key


def facts_of(groups: Mapping[str, str | None], given_account: str | None = None) -> Facts:
    """The named parts of a message, without the marks around them, and with resources in their ARNs.

    Args:
        groups: The parts as the family's pattern found them.
        given_account: The 12 digits of the account that the user gave, for a message that masks it.
    """
    values = {name: _bare(text) for name, text in groups.items() if text}
    for arn in [text for text in values.values() if is_cut_arn(text)]:
        values.setdefault("region", arn.split(":")[3] if arn.count(":") > 3 else "")
    values = {name: text for name, text in values.items() if not is_cut_arn(text)}
    if given_account:
        values = {name: re.sub(rf"\b{ACCOUNT}\b", given_account, text) for name, text in values.items()}
    principal = values.pop("principal", "")
    if principal.startswith(("arn:", "anonymous")):
        values["principal"] = principal
        values["caller_account"] = Principal.read(principal).account_id or ""
    if "name_arn" in values:
        named = values["name_arn"]
        if named.startswith("arn:"):
            values["resource"] = named
        name = named.rpartition("/")[2]
        values["name"] = "" if re.search(_HIDDEN, name) else name
    resource = _resource(values.pop("resource", ""), principal)
    if resource:
        values["resource"] = resource
    return Facts({name: text for name, text in values.items() if text}, given_account)


def is_cut_arn(text: str) -> bool:
    """Whether a text is the start of an ARN, which ends before the resource has a name."""
    if not text.startswith("arn:"):
        return False
    parts = text.split(":", 5)
    if len(parts) < 6 or not parts[5] or parts[5].endswith("/"):
        return True
    return parts[2] in _KINDS_WITH_NAMES and not re.search(r"[/*]", parts[5])


def _bare(text: str) -> str:
    """A part of a message without what stands around it."""
    bare = text.strip("\"'\\").rstrip(_ENDS)
    if not bare.startswith("arn:") or text.startswith('"'):
        return bare
    bare = _BEHIND.split(bare)[0]
    parts = bare.split(":", 5)
    characters = _CHARACTERS.get(parts[2]) if len(parts) == 6 else None
    if characters is None:
        return bare.rstrip(_ENDS)
    resource = re.match(rf"(?:{characters}|{_HIDDEN_PART})*", parts[5])
    if resource and not resource[0].endswith("/"):
        bare = ":".join([*parts[:5], resource[0]])
    return bare.rstrip(_ENDS)


def _resource(text: str, principal: str) -> str:
    """The ARN or `*` that a message's words stand for; empty where they stand for none."""
    if text == "*" or text.startswith("arn:"):
        return text
    parts = principal.split(":")
    partition = parts[1] if len(parts) > 4 and parts[1] else "aws"
    account = parts[4] if len(parts) > 4 and parts[4] else ACCOUNT
    if words := _IAM_WORDS.fullmatch(text):
        kind, name = words[1].replace(" ", "-"), words[2].rstrip(_ENDS)
        return name if name.startswith("arn:") else f"arn:{partition}:iam::{account}:{kind}/{name}"
    if short := _SHORT.fullmatch(text):
        return f"arn:{partition}:sagemaker:REGION:{account}:{short[1]}/{short[2]}"
    # whatever else stands there is no name of a resource, and may be what nobody should see
    return ""
