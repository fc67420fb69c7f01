"""The table of the messages: how each is recognised, what it means, what it leaves out, what to run.

Adding one is adding a row. The first row that fits is taken, so that the more telling forms stand first.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

__all__ = ["FORMS", "Form"]

_ACCESS_DENIED: Final = "https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.html"
_CREATE_ENDPOINT: Final = "https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_CreateEndpoint.html"
_CREATE_CONFIG: Final = "https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_CreateEndpointConfig.html"
_STS_REGIONS: Final = "https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_temp_enable-regions.html"

_ASKED: Final = (
    r"(?:User: (?P<principal>\S+) is|You are) not authorized to perform: (?P<action>[\w-]+:\w+)"
    r'(?: on (?:the )?resource: (?:"(?P<quoted>[^"]+)"|(?P<resource>\S+)))?'
)
_POLICY: Final = (
    r"(?P<policy>identity-based policy|resource-based policy|permissions boundary|session policy"
    r"|service control policy|resource control policy|VPC endpoint policy|role trust policy)"
)
_ARN: Final = r"arn:[a-z0-9-]+:[a-z0-9-]+:[a-z0-9-]*:(?:\d{12})?:[^\s\"'<>]+"


@dataclass(frozen=True, slots=True)
class Form:
    """One form of message."""

    id: str
    pattern: str
    """A regular expression over the message with single spaces; its groups are what is read from it."""
    meaning: str
    """With the groups in braces, and `what` and `owner` of the type of policy."""
    source: str
    not_said: tuple[str, ...] = ()
    run: tuple[str, ...] = ()
    """Names of rows of `commands`."""
    owner: str = ""
    """Who can change it, where no type of policy says so."""


_OTHER_LAYERS = "AWS names one type of policy: once it allows the call, another may still stop it"
_WHICH_STATEMENT = "which statement of which policy it is, and which condition made it apply"
_CONTEXT = "which context (tags, instance types, addresses) the call had"
_SIMULATED = ("check", "simulate")

FORMS: Final = (
    Form(
        "explicit-deny",
        rf"{_ASKED} with an explicit deny in (?:an? |the )?{_POLICY}(?:: (?P<policy_arn>{_ARN}))?",
        "A Deny statement of {a_policy} applies to {action}{on}: {what}. No Allow anywhere makes up for it; the "
        "statement, or what its conditions look at, has to change.",
        _ACCESS_DENIED,
        (_WHICH_STATEMENT, _OTHER_LAYERS),
        _SIMULATED,
    ),
    Form(
        "implicit-deny",
        rf"{_ASKED} because no {_POLICY} allows the [\w-]+:\w+ action",
        "No statement of {a_policy} allows {action}{on}: {what}. Nothing denies it by name; an Allow is missing, or "
        "one that is there has another resource or a condition that the call does not meet.",
        _ACCESS_DENIED,
        ("which Allow came nearest, and what kept it from matching", _CONTEXT, _OTHER_LAYERS),
        _SIMULATED,
    ),
    Form(
        "explicit-deny-untyped",
        rf"{_ASKED} with an explicit deny",
        "A Deny statement of some policy applies to {action}{on}. No Allow anywhere makes up for it.",
        _ACCESS_DENIED,
        ("which type of policy it is in, and so who owns it", _WHICH_STATEMENT),
        _SIMULATED,
    ),
    Form(
        "kms-key",
        r"User: (?P<principal>\S+) is not authorized to perform: (?P<action>kms:\w+) on this resource because the "
        r"resource does not exist in this Region, no resource-based policies allow access, or a resource-based policy "
        r"explicitly denies access",
        "AWS KMS does not let {action} through on a key of another account, and does not say which it is: the key is "
        "not in this Region, or its key policy does not allow the caller, or denies it.",
        "https://docs.aws.amazon.com/kms/latest/developerguide/policy-evaluation.html",
        ("which key was asked for", "which of the three it is"),
        _SIMULATED,
        "the key's owner, through the key policy",
    ),
    Form(
        "denied",
        _ASKED,
        "{action}{on} was denied. This form of the message says no reason: either nothing allows the call, or a "
        "statement of some policy denies it.",
        _ACCESS_DENIED,
        ("whether an Allow is missing or a Deny applies", "which type of policy decided, and so who owns it"),
        _SIMULATED,
    ),
    Form(
        "encoded",
        r"Encoded authorization failure message: ?[\w+/=-]{20,}",
        "The reason is in the encoded part, which only AWS can read: whoever has sts:DecodeAuthorizationMessage in the "
        "account can have it decoded. It then names the action, the resource, the context and the statements.",
        "https://docs.aws.amazon.com/STS/latest/APIReference/API_DecodeAuthorizationMessage.html",
        ("anything, before it is decoded",),
        ("decode",),
        "whoever may call sts:DecodeAuthorizationMessage there",
    ),
    Form(
        "model-data",
        r"Could not access model data at (?P<s3>s3://[^\s\"']+?)\.?(?= |$|[\"'])"
        r'(?:.*?role "?(?P<role>arn:[\w-]+:iam::\d{12}:role/[\w+=,.@/-]+))?',
        "SageMaker could not read the model data as the execution role: the object is not there, or is in another "
        "Region; or the role does not trust SageMaker; or the role, the bucket's policy, its key or an organization's "
        "policy does not let s3:GetObject through. This is not about whoever deploys.",
        "https://docs.aws.amazon.com/sagemaker/latest/dg/sagemaker-roles.html",
        ("which of these it is",),
        ("model-data", "head-object", "trust", "sts"),
        "whoever administers the execution role, and the bucket's owner",
    ),
    Form(
        "assume-execution-role",
        r"Could not assume role (?P<role>arn:[\w-]+:iam::\d{12}:role/[\w+=,/@-]+(?:\.[\w+=,/@-]+)*)",
        "SageMaker could not become the execution role {role}: it does not exist, or its trust policy does not let "
        "sagemaker.amazonaws.com assume it. This is not about whoever deploys.",
        "https://docs.aws.amazon.com/sagemaker/latest/dg/sagemaker-roles.html",
        ("whether the role is missing or does not trust SageMaker",),
        ("trust", "sts"),
        "whoever administers the execution role",
    ),
    Form(
        "images",
        r"Please make sure all images included in the model .*?exist, and that the execution role used to create the "
        r"model has permissions to access them",
        "SageMaker could not pull an image of the model as the execution role: the image is not there, or the role or "
        "the repository's policy does not let ecr:BatchGetImage and ecr:GetDownloadUrlForLayer through. This is not "
        "about whoever deploys.",
        "https://docs.aws.amazon.com/sagemaker/latest/dg/sagemaker-roles.html",
        ("which image, and whether it is missing or denied",),
        ("images",),
        "whoever administers the execution role, and the repository's owner",
    ),
    Form(
        "config-exists",
        rf'Cannot create already existing endpoint configuration "?(?P<name_arn>{_ARN})',
        "The endpoint config {name} is there already. A config cannot be changed: give the new one another name. This "
        "is no denial.",
        _CREATE_CONFIG,
        ("whether the one that is there is the one that was meant",),
        ("describe-config",),
        "whoever deploys",
    ),
    Form(
        "endpoint-exists",
        rf'Cannot create already existing endpoint "?(?P<name_arn>{_ARN})',
        "The name {name} is taken: endpoint names are unique in an account and a Region whatever their case, and an "
        "endpoint that is being deleted or has failed still holds its name. This is no denial.",
        _CREATE_ENDPOINT,
        ("in what state the endpoint is",),
        ("describe-endpoint",),
        "whoever deploys",
    ),
    Form(
        "config-missing",
        rf'Could not find endpoint configuration "?(?P<name_arn>{_ARN})',
        "SageMaker does not find the endpoint config {name}: it is not in this account and Region, its name has "
        "another case, or it was made a moment ago and is not seen yet, for these reads are eventually consistent. "
        "This is no denial.",
        _CREATE_ENDPOINT,
        ("whether a later try would find it",),
        ("describe-config",),
        "whoever deploys",
    ),
    Form(
        "endpoint-missing",
        rf'Could not find endpoint "?(?P<name_arn>{_ARN})',
        "SageMaker does not find the endpoint {name} in this account and Region. This is no denial.",
        "https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_UpdateEndpoint.html",
        (),
        ("describe-endpoint",),
        "whoever deploys",
    ),
    Form(
        "model-missing",
        rf'Could not find model "?(?P<name_arn>{_ARN})',
        "SageMaker does not find the model {name} in this account and Region. This is no denial.",
        _CREATE_CONFIG,
        (),
        ("describe-model",),
        "whoever deploys",
    ),
    Form(
        "quota",
        r"The account-level service limit ['\"](?P<quota>[\w. -]{1,100})['\"] is (?P<limit>\d+) \w+, with current "
        r"utilization of (?P<used>\d+) \w+ and a request delta of (?P<asked>\d+)",
        "A service quota stops it, no policy: {quota} is {limit}, of which {used} are used, and this asks for {asked} "
        "more. A blue/green update needs room for both fleets at once.",
        "https://docs.aws.amazon.com/general/latest/gr/sagemaker.html",
        ("which endpoints use the quota up",),
        ("quota",),
        "AWS, on a request of the account's for a higher quota",
    ),
    Form(
        "region-disabled",
        r"STS is not activated in this region for account: ?(?P<account>\d{12})",
        "AWS STS is deactivated in this Region for the account {account}, from which the credentials were asked for. "
        "No policy makes up for it; the account's administrator activates it in the IAM console's account settings. "
        "SageMaker uses STS in the endpoint's own Region.",
        _STS_REGIONS,
        ("which Region it is",),
        ("sts-all",),
        "the administrator of the account from which credentials are asked for",
    ),
    Form(
        "expired",
        r"The security token included in the request is expired",
        "The temporary credentials have run out. This says nothing about permissions: renew them and try again.",
        "https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_temp_use-resources.html",
        ("whether the call would be allowed",),
        ("identity",),
        "whoever holds the credentials",
    ),
    Form(
        "invalid-token",
        r"The security token included in the request is invalid",
        "AWS does not know the credentials there: they are wrong, deleted or of another partition, the Region is not "
        "enabled in the account, or the token is from the global STS endpoint and the Region must be opted into. This "
        "says nothing about permissions.",
        _STS_REGIONS,
        ("which of these it is",),
        ("identity", "sts-all"),
        "whoever holds the credentials",
    ),
    Form(
        "s3-denied",
        r"An error occurred \(AccessDenied\) when calling the (?P<operation>\w{1,60}) operation: Access Denied",
        "Amazon S3 denied {operation} and gives no reason to callers of another account or organization: an Allow is "
        "missing or a Deny applies, in a policy of the principal, the bucket, the object's key, the boundary or the "
        "organization; or the object is not there and the caller may not list the bucket.",
        "https://docs.aws.amazon.com/AmazonS3/latest/userguide/troubleshoot-403-errors.html",
        ("who asked, for which bucket and object", "which type of policy decided"),
        ("simulate-blank",),
        "the bucket's owner, or whoever administers the principal",
    ),
)
"""Every form that is understood."""
