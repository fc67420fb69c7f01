"""The small vocabulary that generated cases are made of, AWS's oddities included.

The odd spellings are those that AWS was seen to treat in a way of its own, September 2026.
"""

from __future__ import annotations

from typing import Final

from iamcheck.iam.model import KeyType
from iamcheck.iam.model.operators import Family

__all__ = [
    "ACCOUNT",
    "ACTIONS",
    "KEYS",
    "OTHER_ACCOUNT",
    "PRINCIPALS",
    "REQUESTS",
    "RESOURCES",
    "VALUES",
    "VARIABLES",
    "WHO",
]

ACCOUNT: Final = "123456789012"
OTHER_ACCOUNT: Final = "210987654321"

WHO: Final = {
    "user": f"arn:aws:iam::{ACCOUNT}:user/red/ann",
    "role": f"arn:aws:iam::{ACCOUNT}:role/path/ci",
    "session": f"arn:aws:sts::{ACCOUNT}:assumed-role/ci/build.1@x",
    "federated": f"arn:aws:sts::{ACCOUNT}:federated-user/ann",
}
PRINCIPALS: Final = ("user", "user", "role", "role", "session", "federated", None)

REQUESTS: Final = (
    ("s3:GetObject", "arn:aws:s3:::data/red/a.txt"),
    ("s3:GetObject", "arn:aws:s3:::data/red/*"),
    ("s3:PutObject", "arn:aws:s3:::data/a:b[1].\\\n+\U00010400"),
    ("s3:ListBucket", "arn:aws:s3:::data"),
    ("iam:GetUser", f"arn:aws:iam::{ACCOUNT}:user/red/ann"),
    ("sagemaker:CreateEndpoint", f"arn:aws:sagemaker:eu-west-1:{ACCOUNT}:endpoint/red"),
    ("sagemaker:ListEndpoints", "*"),
    ("madeup:Do", f"arn:aws:madeup::{ACCOUNT}:red"),
    ("madeup:Do", "*"),
    ("sqs:SendMessage", f"arn:aws:sqs:eu-west-1:{OTHER_ACCOUNT}:red"),
    ("kms:Decrypt", f"arn:aws:kms:eu-west-1:{ACCOUNT}:key/1234abcd-12ab-34cd-56ef-1234567890ab"),
    ("sts:AssumeRole", f"arn:aws:iam::{ACCOUNT}:role/path/ci"),
)

ACTIONS: Final = (
    "*", "*", "*", "s3:*", "s3:GetObject", "S3:getobject", "s3:?etObject", "s3:*Object", "*:Get*", "iam:*", "iam:Get*",
    "sagemaker:*", "sagemaker:CreateEndpoint?", "sagemaker:*Endpoint", "madeup:*", "sqs:SendMessage", "kms:*", "sts:*",
)  # fmt: skip

RESOURCES: Final = (
    "*", "*", "*", "arn:*:*:*:*:*", "arn:aws:s3:::data*", "arn:aws:s3:::data/*", "arn:aws:s3:::data/red/?.txt",
    "arn:aws:s3:::DATA/*", "arn:aws:s3:::data/red/*", "arn:aws:s3:::data/a:b[1].\\?+??", "arn:aws:s3:::data/a*b*+*",
    "arn:aws:s3::*:data*", "arn:aws:iam::*:user/*", f"arn:aws:iam::{ACCOUNT}:user/red/ann",
    "arn:aws:sagemaker:*:*:endpoint/red", f"arn:aws:sagemaker:eu-*-1:{ACCOUNT}:endpoint/*", "arn:aws:madeup:*:*:r?d",
    f"arn:aws:sqs:*:{OTHER_ACCOUNT}:*", "arn:aws:kms:*:*:key/*", "arn:aws:iam::*:role/*",
)  # fmt: skip

_STRINGS: Final = (
    "red", "RED", "r*d", "", "r", "ann", "k", "\u212a", "\u03b1\u03a3", "\u03b1\u03c2", "\u0130", "i\u0307", "\u00df",
    "\u1e9e", "SS", "\U00010400", "\U00010428", "a\nb", "true", "100", "1", f"{ACCOUNT}",
)  # fmt: skip
_PATTERNS: Final = ("r*", "?ed", "*", "??", "a?b", "[r]ed", "r\\*d", "*\u03c2", "?")
_ARNS: Final = (
    f"arn:aws:iam::{ACCOUNT}:user/red/ann", f"arn:aws:iam::{ACCOUNT}:role/path/ci", "arn:aws:s3:::data",
    "arn:aws:s3:::data/a:b", "not-an-arn", "", "arn:aws:s3", "arn:aws:s3:::", "xrn:aws:s3:::data",
)  # fmt: skip
_NUMBERS: Final = (
    "1", "01", "+1", "1.", "1.0", "01.00", "1e0", "1e2", "100", "2", "-1", "0", "9007199254740992", "9007199254740993",
)  # fmt: skip
_DATES: Final = (
    "2030-01-01", "2030-01-01T00:00:00Z", "2030-01-01T00:00:00", "1893456000", "+1893456000", "0",
    "2030-01-01T01:00:00+01:00", "2030-01-01T00:00:00.0009Z", "2030-01-01T00:00:00.001Z", "2031-06-01T12:00:00.5Z",
)  # fmt: skip
_ADDRESSES: Final = (
    "192.0.2.1", "192.000.2.1", "192.0.2.5", "198.51.100.7", "2001:db8::1", "2001:db8:::1", "2001:db8::1:",
    "::ffff:192.0.2.1", "::ffff:c000:201", ":::",
)  # fmt: skip
_BAD_ADDRESSES: Final = ("192.0.2.1/32", "192.0.513", "3221225985", "::192.0.2.1", "1::2::3", "fe80::1%eth0", "", " ")
_BLOBS: Final = ("YQ==", "YWI=", "", "YWJj")

KEYS: Final[dict[str, tuple[KeyType, tuple[str, ...]]]] = {
    "aws:RequestTag/team": (KeyType.STRING, _STRINGS),
    "aws:PrincipalTag/team": (KeyType.STRING, ("red", "r*d", "RED", "", "a.txt")),
    "s3:prefix": (KeyType.STRING, ("red", "red/", "no-number", " 1 ", "0x10", "NaN", *_DATES, *_NUMBERS)),
    "aws:TagKeys": (KeyType.STRING_LIST, ("red", "RED", "blue", "", "r*d")),
    "aws:SourceArn": (KeyType.STRING, _ARNS),
    "aws:SourceIp": (KeyType.IP, _ADDRESSES),
    "x:Address": (KeyType.STRING, (*_ADDRESSES, *_BAD_ADDRESSES)),
    "aws:CurrentTime": (KeyType.DATE, _DATES),
    "aws:MultiFactorAuthAge": (KeyType.NUMERIC, _NUMBERS),
    "aws:MultiFactorAuthPresent": (KeyType.BOOLEAN, ("true", "false", "TRUE", "True")),
    "aws:RequestedRegion": (KeyType.STRING, ("eu-west-1", "us-east-1")),
    "x:Numbers": (KeyType.NUMERIC_LIST, _NUMBERS),
    "x:Addresses": (KeyType.IP_LIST, _ADDRESSES),
    "x:Arns": (KeyType.STRING_LIST, _ARNS),
    "x:Blob": (KeyType.BINARY, _BLOBS),
}
"""Condition keys with their types and some values."""

VALUES: Final[dict[Family, tuple[str, ...]]] = {
    Family.STRING: (*_STRINGS, *_PATTERNS, *_PATTERNS, "2030-01-01T00:00:00.000Z", "1.00", "192.0.2.1"),
    Family.NUMERIC: (*_NUMBERS, "no-number", "NaN", "0x10", ""),
    Family.DATE: (*_DATES, "no-date", "2030-13-01", "100"),
    Family.BOOL: ("true", "false", "TRUE", "yes", "1", ""),
    Family.BINARY: (*_BLOBS, "YQ", "YR==", " YQ== "),
    Family.IP: (
        "192.0.2.0/24", "192.0.2.5/24", "192.0.2.0/+24", "192.0.2.1", "0.0.0.0/0", "::/0", "2001:db8::/32",
        "2001:db8::1/128", "2001:db8::5/64", "2001:db8:::1/128", "::ffff:c000:200/120", "::ffff:192.0.2.0/120",
        "192.0.2.0/33", "not-an-ip", "",
    ),
    Family.ARN: (
        "arn:*:*:*:*:*", "arn:aws:s3:::data*", "arn:aws:s3:::*", f"arn:aws:iam::{ACCOUNT}:user/*",
        "arn:aws:iam::*:r?le/*", "not-an-arn", "*", "arn:aws:s3:::d?ta",
    ),
    Family.NULL: ("true", "false", "True", "yes"),
}  # fmt: skip
"""What policies compare with, by the family of the operator."""

VARIABLES: Final[dict[str, tuple[str, ...]]] = {
    "resource": (
        "arn:aws:s3:::data/${aws:PrincipalTag/team}/*",
        "arn:aws:s3:::data/${AWS:principaltag/TEAM, 'red'}/*",
        "arn:aws:s3:::data/red/${*}",
        "arn:aws:*:*:*:*${aws:RequestTag/team}",
        f"arn:aws:iam::{ACCOUNT}:user/red/${{aws:username}}",
        "arn:aws:*:*:*:*${aws:TagKeys, 'red'}",
    ),
    "String": (
        "${aws:PrincipalTag/team}",
        "${aws:PrincipalTag/team, 'red'}",
        "${aws:requesttag/team}",
        "${aws:TagKeys, 'red'}",
        "r${*}d",
        "${aws:PrincipalTag/team}*",
        "${aws:username}",
        "${?}${$}",
    ),
    "Arn": (
        f"arn:aws:iam::{ACCOUNT}:user/red/${{aws:username}}",
        "arn:aws:s3:::${aws:PrincipalTag/team, 'data'}",
        "arn:aws:s3:::${aws:PrincipalTag/team}*",
        "${aws:PrincipalArn}",
    ),
}
"""Texts with policy variables, by where they may stand."""
