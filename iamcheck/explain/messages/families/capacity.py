"""Lists the messages about what AWS or the account has no room for: capacity, quotas, request rates, subscriptions."""

from __future__ import annotations

from typing import Final

from iamcheck.explain.messages.families.family import MessageFamily

__all__ = ["FAMILIES"]

_QUOTAS: Final = "https://docs.aws.amazon.com/general/latest/gr/sagemaker.html"

FAMILIES: Final = (
    MessageFamily(
        "capacity",
        "AWS has no such instances free",
        (
            r"InsufficientInstanceCapacity",
            r"[Uu]nable to provision requested ML compute capacity",
            r"[Ii]nsufficient (?:instance )?capacity",
            r"do(?:es)? not (?:currently )?have (?:enough|sufficient) (?:[\w.]+ )?capacity",
        ),
        "AWS has no instances of this type free in the Availability Zones of the endpoint just now. This is no quota "
        "and "
        "no permission.",
        "Try another instance type, fewer instances, another Region or more Availability Zones in VpcConfig, or try "
        "again later.",
        "https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/troubleshooting-launch.html#troubleshooting-launch-capacity",
        "Unable to provision requested ML compute capacity due to InsufficientInstanceCapacity error. Please retry "
        "using "
        "a different ML instance type.",
        ("when there will be room",),
        ("describe-endpoint",),
        "nobody; AWS has the capacity or has it not",
    ),
    MessageFamily(
        "zones",
        "Too few Availability Zones have the instance type",
        (
            r"[Uu]nable to locate at least (?P<zones>\d+) [Aa]vailability [Zz]ones?(?:\(s\))? with the requested "
            r"instance type (?P<instance_type>ml\.[\w.-]*\w)",
        ),
        "SageMaker needs {zones} Availability Zones that have {instance_type}, and the Region, or the subnets of "
        "VpcConfig, have fewer. This is no quota and no permission.",
        "Try another instance type or Region; with a VpcConfig, add subnets in Availability Zones that have the type.",
        "https://docs.aws.amazon.com/sagemaker/latest/dg/regions-quotas.html",
        "Unable to locate at least 2 availability zone(s) with the requested instance type ml.p3.2xlarge that overlap "
        "with SageMaker subnets",
        ("which Availability Zones have the type",),
        ("describe-subnets",),
        "whoever deploys",
    ),
    MessageFamily(
        "quota",
        "A quota leaves no room",
        (
            r"[Tt]he account-level service limit ['\"](?P<quota>[^'\"]{1,150})['\"] is (?P<limit>\d+) [\w ]{1,30}, "
            r"with "
            r"current utilization of (?P<used>\d+) [\w ]{1,30} and a request delta of (?P<asked>\d+)",
        ),
        "A service quota stops it, no policy: {quota} is {limit}, of which {used} are used, and this asks for {asked} "
        "more. A blue/green update needs room for both fleets at once.",
        "Delete endpoints that use the quota, or have it raised.",
        _QUOTAS,
        "The account-level service limit 'ml.g5.xlarge for endpoint usage' is 1 Instances, with current utilization "
        "of 1 "
        "Instances and a request delta of 1 Instances.",
        ("which endpoints use the quota up",),
        ("quota",),
        "AWS, on a request of the account's for a higher quota",
        ("quota.instances",),
    ),
    MessageFamily(
        "quota-unread",
        "A quota leaves no room, and the message names no figures",
        (r"ResourceLimitExceeded", r"service limit .{0,100}?for endpoint usage", r"LimitExceededException"),
        "A service quota stops it, no policy.",
        "Delete what uses the quota, or have it raised.",
        _QUOTAS,
        "An error occurred (ResourceLimitExceeded) when calling the CreateEndpoint operation",
        ("which quota it is, and how much of it is used",),
        ("quotas",),
        "AWS, on a request of the account's for a higher quota",
        ("quota.instances",),
        yields_to=("quota",),
    ),
    MessageFamily(
        "throttled",
        "AWS was asked too often",
        (
            r"ThrottlingException",
            r"TooManyRequestsException",
            r"[Rr]ate exceeded",
            r"[Rr]equest rate (?:limit )?(?:is )?(?:too high|exceeded)",
        ),
        "AWS refused the call because there were too many in a short time. This says nothing about permissions.",
        "Try again after a pause, with exponential backoff; AWS_RETRY_MODE=adaptive lets the AWS CLI and boto3 do it.",
        "https://docs.aws.amazon.com/sdkref/latest/guide/feature-retry-behavior.html",
        "An error occurred (ThrottlingException) when calling the CreateEndpointConfig operation (reached max retries: "
        "4): Rate exceeded",
        ("who else calls in this account",),
        (),
        "nobody; whoever calls waits",
    ),
    MessageFamily(
        "not-subscribed",
        "The account has no subscription",
        (
            r"not (?:currently )?subscribed",
            r"OptInRequired",
            r"SubscriptionRequiredException",
            r"[Yy]ou need to accept terms and subscribe",
            r"[Mm]arketplace .{0,80}?(?:subscription|subscribe)",
        ),
        "The account has not subscribed to what is used: a model or algorithm of AWS Marketplace, or the service "
        "itself "
        "in this account. No policy makes up for it.",
        "Subscribe in AWS Marketplace with the account that deploys (aws-marketplace:Subscribe), or finish the "
        "account's "
        "registration.",
        "https://docs.aws.amazon.com/sagemaker/latest/dg/sagemaker-mkt-find-subscribe.html",
        "An error occurred (OptInRequired) when calling the CreateModel operation: You are not subscribed to this "
        "service",
        ("which product or service it is",),
        ("identity",),
        "whoever may subscribe for the account",
    ),
)
