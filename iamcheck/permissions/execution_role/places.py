"""Makes ARNs of what models and endpoint configs name: S3 locations, images, keys, topics, alarms.

Each function gives the ARN, or an `Unclear` with the reason why there is none: never a guess.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from iamcheck.errors import InvalidInputError
from iamcheck.iam import catalogue
from iamcheck.iam.model import Arn

if TYPE_CHECKING:
    from collections.abc import Mapping

    from iamcheck.iam.model import ContextInput

__all__ = ["Home", "Key", "S3Place", "Unclear", "is_role", "key_of", "repository_of", "role_of", "s3_place", "topic_of"]

# https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html
_BUCKET: Final = r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]"
_ACCESS_POINT_ALIAS: Final = ("-s3alias", "--ol-s3", "--op-s3")
# https://docs.aws.amazon.com/AmazonECR/latest/userguide/Registries.html and .../ecr-requests.html (FIPS, dual-stack)
_IMAGE: Final = (
    r"(?P<account>[0-9]{12})\.(?:dkr\.ecr(?:-fips)?|dkr-ecr(?:-fips)?)\.(?P<region>[a-z0-9-]+)\.[a-z0-9.-]+/"
    r"(?P<repository>[a-z0-9._/-]+)(?::[^:@/]+)?(?:@[^@/]+)?"
)
_KEY_ARN: Final = r"arn:aws[a-z-]*:kms:[a-z0-9-]+:[0-9]{12}:(?P<of_arn>key/[a-zA-Z0-9-]+|alias/[a-zA-Z0-9/_-]+)"
_KEY: Final = rf"{_KEY_ARN}|(?P<alias>alias/[a-zA-Z0-9/_-]+)|(?P<id>[a-zA-Z0-9-]+)"
_TOPIC: Final = r"arn:aws[a-z-]*:sns:[a-z0-9-]+:[0-9]{12}:[a-zA-Z0-9_.-]+"
_ROLE: Final = r"arn:aws[a-z-]*:iam::[0-9]{12}:role/[a-zA-Z0-9+=,.@_/-]+"
_OF_POLICIES: Final = re.compile(r"[*?$]")
"""What a policy does not take literally."""


@dataclass(frozen=True, slots=True)
class Home:
    """The partition, Region and account of a deployment: names that say none are of these."""

    region: str
    account_id: str

    @property
    def partition(self) -> str:
        """The partition of the Region."""
        return catalogue.region(self.region).partition

    def arn(self, service: str, resource: str) -> str:
        """The ARN of something of the account in the Region."""
        return str(Arn(self.partition, service, self.region, self.account_id, resource))


@dataclass(frozen=True, slots=True)
class Unclear:
    """Why something names no ARN, a clause that goes on from its name, and what settles it."""

    why: str
    cure: str


@dataclass(frozen=True, slots=True)
class S3Place:
    """An object, or all objects of which the key begins so; its key is empty for a whole bucket."""

    bucket: str
    key: str

    def arn(self, partition: str, *, below: bool = False) -> str:
        """The ARN of the object; of everything below the key, as of a folder, where that is asked for."""
        folder = f"{self.key}/" if self.key and not self.key.endswith("/") else self.key
        return str(Arn(partition, "s3", "", "", f"{self.bucket}/{f'{folder}*' if below else self.key}"))

    def bucket_arn(self, partition: str) -> str:
        """The ARN of the bucket."""
        return str(Arn(partition, "s3", "", "", self.bucket))


def s3_place(text: str, *, is_pattern: bool = False) -> S3Place | Unclear:
    """The bucket and key of an S3 URI.

    Args:
        text: `s3://BUCKET/KEY`.
        is_pattern: Whether `*` stands for a part of the key that is known only when the deployment is made.
    """
    bucket, slash, key = text.removeprefix("s3://").partition("/")
    if not text.startswith("s3://") or re.fullmatch(_BUCKET, bucket) is None:
        return Unclear(f"names no S3 bucket: {text!r}", "write it as s3://BUCKET/KEY")
    if bucket.endswith(_ACCESS_POINT_ALIAS):
        return Unclear(
            f"is an access point by its alias, {bucket}, and permissions name the access point",
            "name the bucket",
        )
    if _OF_POLICIES.search(key.replace("*", "") if is_pattern else key):
        return Unclear(f"has a key that policies do not take literally: {text!r}", "name a key without *, ? and $")
    return S3Place(bucket, key if slash else "")


def repository_of(image: str) -> str | Unclear | None:
    """The ARN of the ECR repository that an image is in; None for an image of another registry.

    An image is `ACCOUNT.dkr.ecr.REGION.SUFFIX/REPOSITORY`, with `:TAG` or `@DIGEST`.
    """
    match = re.fullmatch(_IMAGE, image)
    if match is None:
        return None
    try:
        region = catalogue.region(match["region"])
    except InvalidInputError:
        return Unclear(f"is in a Region that is not known: {match['region']}", "give an image of a Region of AWS's")
    return str(Arn(region.partition, "ecr", region.name, match["account"], f"repository/{match['repository']}"))


@dataclass(frozen=True, slots=True)
class Key:
    """A KMS key: what a permission on it is on, and the alias that narrows it, empty where the key itself is named.

    Policies do not name aliases: https://docs.aws.amazon.com/kms/latest/developerguide/alias-authorization.html
    """

    arn: str
    alias: str

    @property
    def context(self) -> Mapping[str, ContextInput]:
        """What is known of the condition context because of the alias."""
        return {"kms:ResourceAliases": [self.alias]} if self.alias else {}


def key_of(text: str, home: Home) -> Key | Unclear:
    """The key that a key id, the ARN of a key, an alias or the ARN of an alias names."""
    match = re.fullmatch(_KEY, text)
    if match is None:
        return Unclear(f"names no KMS key: {text!r}", "give a key id, the ARN of a key, alias/NAME or its ARN")
    key_arn = Arn.parse(text) if match["of_arn"] else Arn.parse(home.arn("kms", "key/*"))
    named = match["of_arn"] or match["alias"] or f"key/{match['id']}"
    alias = named if named.startswith("alias/") else ""
    resource = "key/*" if alias else named
    return Key(str(Arn(key_arn.partition, "kms", key_arn.region, key_arn.account_id, resource)), alias)


def topic_of(text: str) -> str | Unclear:
    """The ARN of an SNS topic, as it is."""
    return text if re.fullmatch(_TOPIC, text) else Unclear(f"is no ARN of an SNS topic: {text!r}", "give its ARN")


def is_role(text: str) -> bool:
    """Whether a text is the ARN of a role."""
    return role_of(text) == text


def role_of(text: str) -> str | Unclear:
    """The ARN of a role, as it is."""
    return text if re.fullmatch(_ROLE, text) else Unclear(f"is no ARN of a role: {text!r}", "give its ARN")
