"""Lists the messages about the network of an endpoint and about KMS keys."""

from __future__ import annotations

from typing import Final

from iamcheck.explain.messages.families.family import MessageFamily

__all__ = ["FAMILIES"]

_VPC: Final = "https://docs.aws.amazon.com/sagemaker/latest/dg/host-vpc.html"
_STATES: Final = "https://docs.aws.amazon.com/kms/latest/developerguide/key-state.html"
_NETWORK: Final = "whoever administers the VPC"
_KEY: Final = r"(?P<key>arn:[\w-]+:kms:[\w-]+:(?:\d{12}|ACCOUNT):[\w/-]+)"
_SAMPLE_KEY: Final = "arn:aws:kms:eu-west-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab"

FAMILIES: Final = (
    MessageFamily(
        "subnet-full",
        "A subnet has no free addresses",
        (
            r"InsufficientFreeAddressesInSubnet",
            r"(?:[Nn]ot enough|[Ii]nsufficient|[Nn]o) (?:free |available )?(?:private )?IP addresses.{0,60}?[Ss]ubnet",
            r"[Ss]ubnet.{0,80}?(?:enough|sufficient) (?:free |available )?(?:private )?(?:IP )?addresses",
        ),
        "A subnet of the endpoint's VpcConfig has too few free IP addresses for its network interfaces.",
        "Give larger subnets, or more of them, in VpcConfig.",
        _VPC,
        "InsufficientFreeAddressesInSubnet: The specified subnet does not have enough free addresses to satisfy the "
        "request.",
        ("which subnet it is",),
        ("describe-subnets",),
        _NETWORK,
    ),
    MessageFamily(
        "network-missing",
        "A subnet or security group does not exist",
        (
            r"InvalidSubnetI[Dd](?:\.NotFound)?",
            r"InvalidGroup(?:I[Dd])?\.NotFound",
            r"InvalidSecurityGroupI[Dd](?:\.NotFound)?",
            r"(?:[Ss]ubnet|[Ss]ecurity group)s? (?:ID )?(?:id )?['\"\[]*(?P<network>(?:subnet|sg)-[0-9a-f]+)[\]'\"]*"
            r".{0,40}?(?:does not exist|do not exist|not found|invalid)",
        ),
        "A subnet or security group of VpcConfig does not exist in this account and Region: {network}.",
        "Correct the ids; the subnets and the security groups are of one VPC.",
        _VPC,
        "InvalidSubnetID.NotFound: The subnet ID 'subnet-0abc12345def67890' does not exist",
        (),
        ("describe-subnets",),
        _NETWORK,
    ),
    MessageFamily(
        "network-refused",
        "SageMaker cannot make network interfaces",
        (
            r"(?:[Uu]nable|[Ff]ailed|not able) to (?:create|attach|delete) (?:an? |the )?(?:elastic network "
            r"interface|network interface.{0,60}?(?:[Ss]ubnet|VPC|endpoint))",
            r"does not have (?:the )?permissions? .{0,60}?(?P<action>ec2:\w*NetworkInterface\w*)",
        ),
        "SageMaker could not make the network interfaces of the endpoint in the VPC: as the execution role it needs "
        "ec2:CreateNetworkInterface and its neighbours, and room in the subnets.",
        "Grant the execution role what iamcheck generate --for execution-role prints for a VpcConfig.",
        "https://docs.aws.amazon.com/sagemaker/latest/dg/sagemaker-roles.html",
        "Failed to create network interface in subnet-0abc12345def67890",
        ("whether a permission or an address is missing",),
        ("describe-subnets",),
        "whoever administers the execution role",
        ("execution-role.allowed",),
    ),
    MessageFamily(
        "key-disabled",
        "The KMS key is disabled",
        (
            rf"{_KEY} is disabled",
            r"\b(?:KMS\.?)?DisabledException",
            rf"[Kk]ey ['\"]?{_KEY}?['\"]? ?is (?:currently )?disabled",
        ),
        "The KMS key {key} is disabled, and nobody can use it. No policy makes up for it.",
        "Whoever administers the key enables it (kms:EnableKey), or the request names another key.",
        _STATES,
        f"{_SAMPLE_KEY} is disabled.",
        (),
        ("describe-key",),
        "whoever administers the key",
    ),
    MessageFamily(
        "key-deleted",
        "The KMS key is pending deletion",
        (
            rf"{_KEY} is pending deletion",
            r"\b(?:KMS|[Kk]ey)\b.{0,200}? is pending deletion",
            r"KMSInvalidStateException",
            r"KMS\.InvalidState\w*",
        ),
        "The KMS key {key} is pending deletion or in another state in which nobody can use it. No policy makes up "
        "for it.",
        "Whoever administers the key cancels the deletion and enables it, or the request names another key.",
        _STATES,
        f"{_SAMPLE_KEY} is pending deletion.",
        ("in which state the key is",),
        ("describe-key",),
        "whoever administers the key",
    ),
    MessageFamily(
        "key-unreadable",
        "A KMS key does not exist, or may not be used",
        (
            r"ciphertext refers to a (?:customer master key|KMS key) that does not exist, does not exist in this "
            r"region, or "
            r"you are not allowed to access",
            r"KMSAccessDenied(?:Exception)?",
            r"KMS\.AccessDenied\w*",
            r"(?:KMS )?[Kk]ey policy .{0,80}?does not (?:allow|grant)",
            r"KMSNotFound(?:Exception)?",
            r"KMS\.NotFoundException",
        ),
        "A KMS key does not exist in this Region, or its key policy and the caller's policies do not both allow its "
        "use.",
        "The key policy must let the account's IAM policies decide (the statement for the account's root) or allow the "
        "caller, and the caller's policy must allow the action on the key.",
        "https://docs.aws.amazon.com/kms/latest/developerguide/policy-evaluation.html",
        "The ciphertext refers to a customer master key that does not exist, does not exist in this region, or you are "
        "not allowed to access.",
        ("which key it is, and which policy refuses",),
        ("describe-key", "key-policy"),
        "the key's owner, through the key policy, and whoever administers the caller",
        ("principal.allowed", "execution-role.allowed"),
    ),
)
