"""Lists the messages about credentials and about AWS STS in a Region."""

from __future__ import annotations

from typing import Final

from iamcheck.explain.messages.families.family import MessageFamily

__all__ = ["FAMILIES"]

_STS_REGIONS: Final = "https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_temp_enable-regions.html"
_HOLDER: Final = "whoever holds the credentials"
_NOT_PERMISSIONS: Final = " This says nothing about permissions."

FAMILIES: Final = (
    MessageFamily(
        "region-disabled",
        "AWS STS is deactivated in the Region",
        (
            r"STS is not activated in (?:this|the requested) region for account:? ?(?P<account>\d{12}|ACCOUNT)?",
            r"RegionDisabledException",
        ),
        "AWS STS is deactivated in this Region for the account {account}, from which the credentials were asked for. "
        "No policy makes up for it. SageMaker uses STS in the endpoint's own Region.",
        "The account's administrator activates the Region in the IAM console's account settings.",
        _STS_REGIONS,
        "STS is not activated in this region for account:123456789012. Your account administrator can activate STS in "
        "this region using the IAM Console.",
        ("which Region it is",),
        ("sts-all",),
        "the administrator of the account from which credentials are asked for",
        ("sts.active",),
    ),
    MessageFamily(
        "expired",
        "The credentials have run out",
        (
            r"[Tt]he (?:provided token|security token included in the request) (?:is|has) expired",
            r"ExpiredToken(?:Exception)?",
            r"[Tt]oken has expired and refresh failed",
            r"SSO session associated with this profile has expired",
            r"UnauthorizedSSOTokenError",
            r"Error loading SSO Token",
        ),
        "The temporary credentials have run out." + _NOT_PERMISSIONS,
        "Renew them (aws sso login, or a new AssumeRole) and try again.",
        "https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_temp_use-resources.html",
        "An error occurred (ExpiredTokenException) when calling the CreateEndpoint operation: The security token "
        "included in the request is expired",
        ("whether the call would be allowed",),
        ("identity",),
        _HOLDER,
    ),
    MessageFamily(
        "invalid-token",
        "AWS does not know the credentials in this Region",
        (
            r"[Tt]he security token included in the request is invalid",
            r"UnrecognizedClientException",
            r"InvalidClientTokenId",
            r"\(AuthFailure\)",
            r"not able to validate the provided access credentials",
            r"[Tt]he AWS Access Key Id .{0,60}?does not exist",
        ),
        "AWS does not know the credentials there: they are wrong, deleted or of another partition; or the Region "
        "must be "
        "opted into and is not enabled in the account; or the token is of the global STS endpoint, which is not "
        "valid in "
        "opt-in Regions." + _NOT_PERMISSIONS,
        "In an opt-in Region, enable the Region, and take credentials of a regional STS endpoint.",
        _STS_REGIONS,
        "An error occurred (UnrecognizedClientException) when calling the CreateEndpoint operation: The security token "
        "included in the request is invalid.",
        ("which of these it is",),
        ("identity", "sts-all"),
        _HOLDER,
        ("sts.active",),
    ),
    MessageFamily(
        "no-credentials",
        "There are no credentials",
        (
            r"[Uu]nable to locate credentials(?! file)",
            r"NoCredentialsError",
            r"no credentials have been configured",
            r"[Uu]nable to resolve AWS account to use",
            r"[Nn]o valid credential sources? (?:for .{0,60}? )?found",
        ),
        "The program found no credentials, and AWS was not asked." + _NOT_PERMISSIONS,
        "Set up credentials: aws configure, aws sso login, or a role for the machine.",
        "https://docs.aws.amazon.com/cli/latest/userguide/cli-configure-quickstart.html",
        'Unable to locate credentials. You can configure credentials by running "aws configure".',
        ("whether the call would be allowed",),
        ("identity",),
        _HOLDER,
    ),
)
