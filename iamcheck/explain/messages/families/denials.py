"""Lists the messages by which AWS denies a call."""

from __future__ import annotations

from typing import Final

from iamcheck.explain.messages.families.family import ARN, MessageFamily

__all__ = ["FAMILIES"]

_PAGE: Final = "https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.html"
_ASKED: Final = (
    r"(?:User: (?P<principal>\S+) is|You are) not authorized to perform: (?P<action>[\w-]+:\w+)"
    r"(?: on (?:the )?resource ?:? (?P<resource>\"[^\"]+\"|'[^']+'"
    r"|(?:role|user|group|policy|instance profile) (?!with\b|because\b)[^\s\"']+|\S+))?"
)
_POLICY: Final = (
    r"(?P<policy>identity-based policy|resource-based policy|permissions boundary|session policy"
    r"|service control policy|resource control policy|VPC endpoint policy|role trust policy)"
)
_OTHER_LAYERS: Final = "AWS names one type of policy: when it allows the call, another may still stop it"
_WHICH_STATEMENT: Final = "which statement of which policy it is, and which condition made it apply"
_CONTEXT: Final = "which context (tags, instance types, addresses) the call had"
_SIMULATED: Final = ("check", "simulate")
_CALLER: Final = "arn:aws:sts::123456789012:assumed-role/ci/build-7"
_ENDPOINT: Final = "arn:aws:sagemaker:eu-west-1:123456789012:endpoint/churn"
_FORESEEN: Final = ("principal.allowed",)

FAMILIES: Final = (
    MessageFamily(
        "explicit-deny",
        "A Deny statement applies",
        (rf"{_ASKED} with an explicit deny in (?:an? |the )?{_POLICY}(?::? (?P<policy_arn>{ARN}))?",),
        "A Deny statement of {a_policy} applies to {action}{on}: {what}. No Allow makes up for it.",
        "",
        _PAGE,
        f"User: {_CALLER} is not authorized to perform: sagemaker:CreateEndpoint on resource: {_ENDPOINT} with an "
        "explicit deny in a service control policy",
        (_WHICH_STATEMENT, _OTHER_LAYERS),
        _SIMULATED,
        foreseen_by=_FORESEEN,
    ),
    MessageFamily(
        "implicit-deny",
        "No statement allows the call",
        (rf"{_ASKED} because no {_POLICY} allows the [\w-]+:\w+ action",),
        "No statement of {a_policy} allows {action}{on}: {what}. No Deny is named; an Allow is missing, or the Allow "
        "that is there has another resource or a condition that the call does not meet.",
        "",
        _PAGE,
        f"User: {_CALLER} is not authorized to perform: sagemaker:CreateEndpoint on resource: {_ENDPOINT} because no "
        "identity-based policy allows the sagemaker:CreateEndpoint action",
        ("which Allow came nearest, and what kept it from matching", _CONTEXT, _OTHER_LAYERS),
        _SIMULATED,
        foreseen_by=_FORESEEN,
    ),
    MessageFamily(
        "explicit-deny-untyped",
        "A Deny statement applies, in a policy whose type is not named",
        (rf"{_ASKED} with an explicit deny",),
        "A Deny statement of some policy applies to {action}{on}. No Allow makes up for it.",
        "",
        _PAGE,
        f"User: {_CALLER} is not authorized to perform: sagemaker:CreateEndpoint on resource: {_ENDPOINT} with an "
        "explicit deny",
        ("which type of policy the statement is in, and so who owns it", _WHICH_STATEMENT),
        _SIMULATED,
        owner="whoever owns the policy that denies",
        foreseen_by=_FORESEEN,
        not_followed_by=r" in\b",
    ),
    MessageFamily(
        "kms-key",
        "A KMS key of another account cannot be used",
        (
            r"User: (?P<principal>\S+) is not authorized to perform: (?P<action>kms:\w+) on this resource because the "
            r"resource does not exist in this Region, no resource-based policies allow access, or a resource-based "
            r"policy explicitly denies access",
        ),
        "AWS KMS does not allow {action} on a key of another account, and does not say why: the key is not in this "
        "Region, or its key policy does not allow the caller, or denies it.",
        "",
        "https://docs.aws.amazon.com/kms/latest/developerguide/policy-evaluation.html",
        f"User: {_CALLER} is not authorized to perform: kms:CreateGrant on this resource because the resource does not "
        "exist in this Region, no resource-based policies allow access, or a resource-based policy explicitly denies "
        "access",
        ("which key was asked for", "which of the three reasons it is"),
        _SIMULATED,
        "the resource's owner",
        _FORESEEN,
    ),
    MessageFamily(
        "denied",
        "A call was denied, and the message says no reason",
        (_ASKED,),
        "{action}{on} was denied. This form of the message says no reason: either nothing allows the call, or a "
        "statement of some policy denies it.",
        "",
        _PAGE,
        f"User: {_CALLER} is not authorized to perform: sagemaker:CreateEndpoint on resource: {_ENDPOINT}",
        ("whether an Allow is missing or a Deny applies", "which type of policy decided, and so who owns it"),
        _SIMULATED,
        "whoever administers the principal's policies, or the owner of a policy that denies",
        _FORESEEN,
        # Terraform goes on with its own lines: "with aws_sagemaker_model.churn, on main.tf line 12"
        # and a terminal breaks a name in two: "endpoint/chu rn because no identity-based policy allows"
        not_followed_by=r"(?:\S* \S+)? (?:because no|with an explicit)\b|\S*(?:\.\.\.|…)"
        r"|\S* (?:with(?! [a-z0-9_-]+[.\[])|because|on(?! \S+ line \d)|in|due)\b"
        # or joins two words: "endpoint/churnbecause"; or breaks another word: "sagemaker:C reateEndpoint on resource"
        r"|(?<=\wbecause)|(?<=\wwith)| w(?: ith|i th|it h) an\b| (?:\w+ on|o n) (?:the )?resource\b",
    ),
    MessageFamily(
        "denied-in-part",
        "A call was denied, and the reason was not read",
        (_ASKED,),
        "{action}{on} was denied. iamcheck could not read the rest of the message, where the reason stands.",
        "",
        _PAGE,
        f"User: {_CALLER} is not authorized to perform: sagemaker:CreateEndpoint on resource: {_ENDPOINT} because no "
        f"...",
        ("what the rest of the message says: paste it whole",),
        _SIMULATED,
        "whoever administers the principal's policies, or the owner of a policy that denies",
        _FORESEEN,
    ),
    MessageFamily(
        "encoded",
        "The reason is encoded",
        (r"Encoded authorization failure message\b",),
        "The reason is in the encoded part, which only AWS can read: whoever has sts:DecodeAuthorizationMessage in the "
        "account can have it decoded. It then names the action, the resource, the context and the statements.",
        "",
        "https://docs.aws.amazon.com/STS/latest/APIReference/API_DecodeAuthorizationMessage.html",
        "You are not authorized to perform this operation. Encoded authorization failure message: "
        "4GIOHlTkIaWHQD0Q0m6XSnuUMCm-abcdefghijklmn-hijk",
        ("everything, before it is decoded",),
        ("decode",),
        "whoever may call sts:DecodeAuthorizationMessage there",
    ),
    MessageFamily(
        "deregister-scaling",
        "A scalable target stands in the way of a delete",
        (
            r"Application Auto ?Scaling scalable target exists for a variant being deleted.{0,200}?does not have "
            r"(?P<action>application-autoscaling:DeregisterScalableTarget) permission",
        ),
        "A variant of the endpoint has a scalable target, and whoever deletes the endpoint may not deregister it. "
        "DeleteEndpoint needs application-autoscaling:DeregisterScalableTarget then, and DescribeScalableTargets to "
        "find the target.",
        "Grant application-autoscaling:DeregisterScalableTarget to whoever deletes, or deregister the scalable target "
        "first.",
        "https://docs.aws.amazon.com/sagemaker/latest/dg/endpoint-auto-scaling-prerequisites.html",
        "An Application AutoScaling scalable target exists for a variant being deleted, and the IAM identity used to "
        "invoke DeleteEndpoint does not have application-autoscaling:DeregisterScalableTarget permission to deregister "
        "the scalable target.",
        ("which variant it is",),
        ("scalable-targets",),
        "whoever administers the principal that deletes",
    ),
    MessageFamily(
        "s3-denied",
        "Amazon S3 denied a call, without a reason",
        (
            r"An error occurred \(AccessDenied\) when calling the (?P<operation>\w{1,60}) operation"
            r"(?: \(reached max retries: \d+\))?: Access Denied",
            r"An error occurred \(403\) when calling the (?P<operation>\w{1,60}) operation"
            r"(?: \(reached max retries: \d+\))?: Forbidden",
        ),
        "Amazon S3 denied {operation} and gives no reason to callers of another account or organization: an Allow is "
        "missing or a Deny applies, in a policy of the principal, the bucket, the object's key, the boundary or the "
        "organization; or the object is not there and the caller may not list the bucket.",
        "",
        "https://docs.aws.amazon.com/AmazonS3/latest/userguide/troubleshoot-403-errors.html",
        "An error occurred (AccessDenied) when calling the GetObject operation: Access Denied",
        ("who asked, for which bucket and object", "which type of policy decided"),
        ("simulate",),
        "the bucket's owner, or whoever administers the principal",
    ),
    MessageFamily(
        "denied-unnamed",
        "A call was denied, and the message names neither the caller nor the resource",
        (
            r"\(AccessDenied(?:Exception)?\) when calling the (?P<operation>\w{1,60}) operation",
            r"Access denied for operation '(?P<operation>AWS::\w+::\w+)",
        ),
        "AWS denied {operation}. This form of the message says nothing else: either nothing allows the call, or a "
        "statement of some policy denies it.",
        "",
        _PAGE,
        "Resource handler returned message: \"Access denied for operation 'AWS::SageMaker::Endpoint'.\" (RequestToken: "
        "1, HandlerErrorCode: AccessDenied)",
        ("who asked, and for which resource", "whether an Allow is missing or a Deny applies"),
        ("identity",),
        "whoever administers the principal's policies, or the owner of a policy that denies",
        _FORESEEN,
        yields_to=(
            *("explicit-deny", "implicit-deny", "explicit-deny-untyped", "kms-key", "denied", "denied-in-part"),
            *("encoded", "s3-denied", "deregister-scaling", "oidc-trust"),
        ),
    ),
)
