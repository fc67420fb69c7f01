"""Asks the reference data about names: what it knows of them, what it refuses, and the nearest names that it offers."""

from __future__ import annotations

import re
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from iamcheck.errors import IamcheckError
from iamcheck.iam import catalogue
from iamcheck.iam.catalogue import NameKind
from iamcheck.iam.catalogue.registries import is_aws_registry

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

__all__ = ["written_reference"]

HOME: Final = "123456789012"
_ACTIONS: Final = (
    "s3:GetObject",
    "S3:getobject",
    "s3:ListAllMyBuckets",
    "sagemaker:CreateEndpoint",
    "sagemaker:CreateModel",
    "iam:PassRole",
    "sts:AssumeRole",
    "kms:Decrypt",
    "sagemaker:ListEndpoints",
    "s3:GetObjet",
    "sagemaker:CreateEndpont",
    "s4:GetObject",
    "s3:",
    "s3",
    ":x",
    "",
    "x:y:z",
)
_ARNS: Final = (
    "*",
    "arn:aws:s3:::b",
    "arn:aws:s3:::b/k",
    "arn:aws:s3:::/k",
    "arn:aws:s3:::b/",
    "arn:aws:s3:::",
    "arn:aws:s3::1:b/k",
    "arn:aws-cn:s3:::b/k:l",
    "arn:aws:s3:::b/k/l",
    "arn:aws:s3",
    f"arn:aws:sagemaker:eu-west-1:{HOME}:endpoint/e",
    f"arn:aws:sagemaker:eu-west-1:{HOME}:endpoint/",
    f"arn:aws:sagemaker:eu-west-1:{HOME}:endpoint-config/c",
    f"arn:aws:sagemaker:eu-west-1:{HOME}:endpoint",
    f"arn:aws:sagemaker::{HOME}:endpoint/e",
    f"arn:aws:iam::{HOME}:role/r",
    f"arn:aws:iam::{HOME}:role/path/r",
    f"arn:aws:iam::{HOME}:user/u",
    f"arn:aws:kms:eu-west-1:{HOME}:key/k",
    "**",
    "x",
)
_KEYS: Final = (
    "aws:RequestedRegion",
    "AWS:requestedregion",
    "aws:TagKeys",
    "aws:RequestTag/team",
    "aws:RequestTag/",
    "aws:RequestTag",
    "aws:PrincipalTag/a:b",
    "sagemaker:InstanceTypes",
    "sagemaker:instancetypes",
    "sagemaker:MadeUp",
    "s3:prefix",
    "saml:aud",
    "aws:SourceIp",
    "aws:CurrentTime",
    "x:y",
    "",
    "aws:MultiFactorAuthAge",
    "aws:SecureTransport",
    "s3:ExistingObjectTag/a",
    "s3:ExistingObjectTag/",
    "kms:EncryptionContext:a",
    "kms:ResourceAliases",
)
_PLACES: Final = (
    "eu-west-1",
    "eu-west-9",
    "eu-wset-1",
    "EU-WEST-1",
    "us-gov-west-1",
    "cn-north-1",
    "mars",
    "",
    "xx-north-1",
    "af-south-1",
    "x" * 90,
)


def _or_error(ask: Callable[[], object]) -> str:
    try:
        return re.sub(r"\d{4}-\d\d-\d\d", "DATE", str(ask()))
    except IamcheckError as error:
        return re.sub(r"\d{4}-\d\d-\d\d", "DATE", f"{type(error).__name__}: {error}")


def _about(name: str) -> Iterator[str]:
    info = catalogue.action(name)
    keys = catalogue.condition_keys(name)
    few = None if keys is None else sorted(keys)[:6]
    yield f"  {info and (info.full_name, info.access_level, [(one.name, one.required) for one in info.resource_types])}"
    yield f"  keys {keys and len(keys)} {few}"
    yield f"  template {catalogue.arn_template(name)} {catalogue.arn_template(name, 'aws-cn')}"
    yield f"  accepts {[arn for arn in _ARNS if catalogue.accepts(name, arn)]} {catalogue.accepts(name, 'x')}"
    listed = [key for key in _KEYS if catalogue.lists_condition_key(name, key)]
    yield f"  lists {listed} {catalogue.lists_condition_key(name, '')}"
    yield f"  {_or_error(lambda: len(catalogue.describe(name).actions))}"
    for arn in (_ARNS[1], _ARNS[10]) if info else _ARNS[:1]:
        yield f"  {arn}: {_or_error(lambda arn=arn: catalogue.require_accepted(name, arn, where='here'))}"  # type: ignore[misc]


def _names() -> Iterator[str]:
    for kind in NameKind:
        rule = catalogue.name_pattern(kind)
        yield f"{kind.value} {rule.min_length}-{rule.max_length}"
        most = rule.max_length or 30
        texts: tuple[str, ...] = (
            "a",
            "",
            "-a",
            "a-",
            "a_b",
            "a b",
            "\u00e9",
            "A" * most,
            "A" * (most + 1),
            "1" * 12,
            "1" * 11,
            "\u0661" * 12,
            "a\n",
            f"arn:aws:iam::{HOME}:role/r",
            "a/b",
            "a\u2028b",
            "A" * 81,
            "+=,.@-_:",
        )
        for text in texts:
            shown = ascii(text) if len(text) < 40 else f"{len(text)} characters"
            yield f"  {shown}: {_or_error(partial(catalogue.validate_name, kind, text, where='here'))[:200]}"


def written_reference() -> str:
    """Actions, services, keys, Regions, partitions, names and registries."""
    lines: list[str] = []
    for name in _ACTIONS:
        lines += [name or "(empty)", *_about(name)]
    for name in ("sts", "STS", "stss", "sagemaker:", "sts:AssumeRole", "sts:assumerole"):

        def described(name: str = name) -> Any:  # noqa: ANN401 - shown as it is
            one = catalogue.describe(name)
            types = [(each.name, each.arn_formats) for each in one.resource_types][:3]
            return (
                one.service,
                one.service_name,
                one.action and one.action.name,
                one.actions[:3],
                types,
                one.condition_keys[:4],
            )

        lines.append(f"describe {name}: {_or_error(described)}")
    for key in _KEYS:
        lines.append(
            f"{key}: {[str(catalogue.condition_key_type(key, *more)) for more in ((), ('sagemaker',), ('STS',))]}"
        )
    for prefix in ("aws", "sagemaker", "saml", "x", ""):
        lines.append(f"keys of {prefix}: {[*catalogue.keys_of_prefix(prefix)][:5]}")
    for prefix, name in (("s3", "bucket"), ("S3", "BUCKET"), ("s3", "x"), ("x", "bucket"), ("sagemaker", "endpoint")):
        found = catalogue.resource_type(prefix, name)
        lines.append(f"type {prefix} {name}: {found and (found.name, found.arn_formats, len(found.condition_keys))}")
    for place in _PLACES:
        lines.append(f"region {place[:20]}: {_or_error(lambda place=place: catalogue.region(place, where='here'))}")  # type: ignore[misc]
    for name in ("aws", "aws-cn", "AWS", "x" * 90):
        lines.append(f"partition {name[:20]}: {_or_error(lambda name=name: catalogue.partition(name)[:3])}")  # type: ignore[misc]
        lines.append(f"  {_or_error(lambda name=name: [one.name for one in catalogue.regions(name)][:4])}")  # type: ignore[misc]
    lines.append(f"{[one.name for one in catalogue.regions()][:6]} {len(catalogue.regions()) > 30}")
    lines += _names()
    for account, place in (
        ("763104351884", "eu-west-1"),
        ("763104351884", "cn-north-1"),
        (HOME, "eu-west-1"),
        ("763104351884", "x"),
    ):
        lines.append(f"registry {account} {place}: {is_aws_registry(account, place)}")
    return "\n".join(lines) + "\n"
