"""Lists the messages about roles that tools assume to deploy: CI systems, CDK, Terraform, CloudFormation."""

from __future__ import annotations

from typing import Final

from iamcheck.explain.messages.families.family import ROLE, MessageFamily

__all__ = ["FAMILIES"]

_OWNER: Final = "whoever administers the role that deploys"
_NOT_THE_CALL: Final = " The deployment's own calls were not made yet."

FAMILIES: Final = (
    MessageFamily(
        "oidc-trust",
        "The role does not trust the token of the CI system",
        (
            r"Not authorized to perform:? sts:AssumeRoleWithWebIdentity",
            r"No OpenIDConnect provider found in your account",
            r"Couldn't retrieve verification key from your identity provider",
        ),
        "AWS STS does not give the CI system the role: the identity provider is not in the account, or the conditions "
        "of the role's trust policy (aud, sub: repository, branch, environment) do not fit the token." + _NOT_THE_CALL,
        "Compare the trust policy's conditions with the token's sub and aud, such as "
        "repo:OWNER/NAME:ref:refs/heads/main.",
        "https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_providers_create_oidc.html",
        "An error occurred (AccessDenied) when calling the AssumeRoleWithWebIdentity operation: Not authorized to "
        "perform sts:AssumeRoleWithWebIdentity",
        ("which role it is, and which condition does not fit",),
        (),
        _OWNER,
    ),
    MessageFamily(
        "deploy-role",
        "The role that should deploy cannot be assumed",
        (
            rf"IAM Role \((?P<role>{ROLE})\) cannot be assumed",
            rf"could not be used to assume '(?P<role>{ROLE})'",
            rf"[Rr]ole (?P<role>{ROLE}) is invalid or cannot be assumed",
        ),
        "The tool could not become the role {role}: it does not exist, its trust policy does not let the caller in, or "
        "the caller may not call sts:AssumeRole on it." + _NOT_THE_CALL,
        "Let the role's trust policy allow the caller, and the caller's policies allow sts:AssumeRole on the role.",
        "https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_roles.html",
        "Error: Cannot assume IAM Role. IAM Role (arn:aws:iam::123456789012:role/deployer) cannot be assumed.",
        ("which side refuses: the role's trust policy, or the caller's policies",),
        ("deploy-role", "identity"),
        _OWNER,
    ),
    MessageFamily(
        "bootstrap",
        "The account is not bootstrapped for CDK in the Region",
        (
            r"SSM parameter (?P<parameter>/cdk-bootstrap/\w+/version) not found",
            r"[Hh]as the environment been bootstrapped",
        ),
        "CDK looks for its own roles and its bucket, and this account and Region have none." + _NOT_THE_CALL,
        "Run cdk bootstrap aws://ACCOUNT/REGION once, with rights to create roles.",
        "https://docs.aws.amazon.com/cdk/v2/guide/bootstrapping-troubleshoot.html",
        "SSM parameter /cdk-bootstrap/hnb659fds/version not found. Has the environment been bootstrapped? Please run "
        "'cdk bootstrap'",
        (),
        ("identity",),
        "whoever administers the account",
    ),
)
