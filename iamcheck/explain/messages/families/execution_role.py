"""Lists the messages about what SageMaker could not do as the execution role: images, model data, trust."""

from __future__ import annotations

from typing import Final

from iamcheck.explain.messages.families.family import IMAGE, ROLE, S3_URI, MessageFamily

__all__ = ["FAMILIES"]

_ROLES: Final = "https://docs.aws.amazon.com/sagemaker/latest/dg/sagemaker-roles.html"
_CONTAINERS: Final = "https://docs.aws.amazon.com/sagemaker/latest/dg/your-algorithms-inference-code.html"
_MANIFESTS: Final = "https://docs.aws.amazon.com/AmazonECR/latest/userguide/image-manifest-formats.html"
_OWNER: Final = "whoever administers the execution role"
_ROLE_AND_REPOSITORY: Final = "whoever administers the execution role, and the repository's owner"
_ROLE_AND_BUCKET: Final = "whoever administers the execution role, and the bucket's owner"
_ALLOWED: Final = ("execution-role.allowed",)
_TRUSTED: Final = ("execution-role.trusted",)
_OF_ROLE: Final = rf"(?:[.\"']{{1,3}} Please ensure that the role [\"']?(?P<role>{ROLE}))?"
"""The role, in the next sentence of the same message."""
_PULL: Final = (
    "Grant the execution role ecr:BatchGetImage, ecr:GetDownloadUrlForLayer and ecr:BatchCheckLayerAvailability on the "
    "repository, and ecr:GetAuthorizationToken on *; a repository of another account needs a policy of its own too."
)
_READ: Final = (
    "Look whether the object is there, in the endpoint's Region, and grant the execution role s3:GetObject on it, "
    "s3:ListBucket on the bucket for a prefix, and kms:Decrypt where a key encrypts it."
)
_NAMED_ROLE: Final = "arn:aws:iam::123456789012:role/exec"

FAMILIES: Final = (
    MessageFamily(
        "image-permission",
        "The execution role may not pull the image",
        (
            rf"The role ['\"]?(?P<role>{ROLE})['\"]? does not have (?P<permission>\w+) permission for the image:? "
            rf"['\"]?(?P<image>{IMAGE})",
        ),
        "The execution role {role} may not pull the image {image}: its policies do not let ecr:{permission} through, "
        "or "
        "the repository's policy refuses it. This is not about whoever deploys.",
        _PULL,
        _ROLES,
        f"The role '{_NAMED_ROLE}' does not have BatchGetImage permission for the image: "
        "'123456789012.dkr.ecr.eu-west-1.amazonaws.com/churn:7'.",
        ("whether the role's policies or the repository's policy refuse it",),
        ("images", "repository-policy"),
        _ROLE_AND_REPOSITORY,
        _ALLOWED,
    ),
    MessageFamily(
        "repository-policy",
        "The repository's policy does not let SageMaker pull the image",
        (
            rf"repository (?:of your image )?['\"]?(?P<image>{IMAGE})['\"]? does not grant (?P<permissions>ecr:[\w:, "
            rf"]+?) "
            r"permissions? to (?:the )?sagemaker\.amazonaws\.com",
            r"repository .{1,200}? does not grant (?P<permissions>ecr:[\w:, ]+?) (?:permissions? )?to "
            r"(?:the )?sagemaker\.amazonaws\.com",
        ),
        "The policy of the repository of the image {image} does not let SageMaker pull it: {permissions} must be "
        "allowed "
        "there. This is not about whoever deploys.",
        "Let the repository's policy allow these actions to the execution role or to the service principal "
        "sagemaker.amazonaws.com.",
        "https://docs.aws.amazon.com/AmazonECR/latest/userguide/repository-policies.html",
        "The repository of your image 123456789012.dkr.ecr.eu-west-1.amazonaws.com/churn:7 does not grant "
        "ecr:GetDownloadUrlForLayer, ecr:BatchGetImage, ecr:BatchCheckLayerAvailability permission to "
        "sagemaker.amazonaws.com service principal.",
        (),
        ("repository-policy",),
        "the repository's owner",
        _ALLOWED,
    ),
    MessageFamily(
        "image-missing",
        "The image does not exist",
        (rf"[Rr]equested image ['\"]?(?P<image>{IMAGE})['\"]? (?:was )?not found",),
        "The image {image} is not there: its repository, tag or digest does not exist in that account and Region.",
        "Push the image, or correct its name in the model's container.",
        "https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_ContainerDefinition.html",
        "Requested image 123456789012.dkr.ecr.eu-west-1.amazonaws.com/churn:7 not found.",
        ("whether the repository, the tag or the Region is wrong",),
        ("describe-images",),
        "whoever builds the image",
    ),
    MessageFamily(
        "image-manifest",
        "The image has a manifest that SageMaker does not take",
        (
            r"Unsupported (?:manifest|[Ii]mage) [Mm]edia [Tt]ype (?P<manifest>[\w./+-]+)"
            rf"(?: for image ['\"]?(?P<image>{IMAGE}))?",
        ),
        "The image {image} has the manifest type {manifest}, which SageMaker does not take: build tools that make an "
        "index of several platforms, or attestations, give such images.",
        "Build it for one platform, without attestations: docker buildx build --platform linux/amd64 "
        "--provenance=false.",
        _MANIFESTS,
        "Unsupported manifest media type application/vnd.oci.image.index.v1+json for image "
        "123456789012.dkr.ecr.eu-west-1.amazonaws.com/churn:7.",
        (),
        ("describe-images",),
        "whoever builds the image",
    ),
    MessageFamily(
        "image-host",
        "The image is not in Amazon ECR",
        (rf"Using non-ECR image ['\"]?(?P<image>{IMAGE})['\"]? without",),
        "The image {image} is not in Amazon ECR. SageMaker takes an image of another registry only with "
        "ImageConfig.RepositoryAccessMode Vpc and a VpcConfig.",
        "Push the image to Amazon ECR in the endpoint's Region, or give ImageConfig and VpcConfig.",
        "https://docs.aws.amazon.com/sagemaker/latest/dg/your-algorithms-containers-inference-private.html",
        'Using non-ECR image "docker.io/library/python:3.8" without Vpc repository access mode is not supported.',
        (),
        ("check-request",),
        "whoever deploys",
        ("request.valid",),
    ),
    MessageFamily(
        "images",
        "An image of the model cannot be pulled",
        (
            r"[Pp]lease make sure all images included in the model .{0,200}?exist, and that the execution role used to "
            r"create the model has permissions to access them",
            r"[Mm]ake sure all images included in the model",
            r"CannotPullContainer(?:Error)?",
            rf"[Cc]annot pull (?:the )?(?:container )?(?:image )?['\"]?(?P<image>{IMAGE})?",
        ),
        "SageMaker could not pull an image of the model as the execution role: the image is not there, or the role or "
        "the repository's policy does not let ecr:BatchGetImage and ecr:GetDownloadUrlForLayer through. This is not "
        "about whoever deploys.",
        "Compare the model's images with those in Amazon ECR. " + _PULL,
        _ROLES,
        "Please make sure all images included in the model for the production variant AllTraffic exist, and that the "
        "execution role used to create the model has permissions to access them.",
        ("which image it is, and whether it is missing or denied",),
        ("images", "describe-images"),
        _ROLE_AND_REPOSITORY,
        _ALLOWED,
        yields_to=("image-permission", "repository-policy", "image-missing", "image-manifest"),
    ),
    MessageFamily(
        "model-data",
        "SageMaker could not access the model data",
        (rf"[Cc]ould not access model data at (?P<s3>{S3_URI}){_OF_ROLE}", r"[Cc]ould not access model data"),
        "SageMaker could not read the model data as the execution role: the object is not there, or is in another "
        "Region; or the role does not trust SageMaker; or the role, the bucket's policy, its key or an organization's "
        "policy does not let s3:GetObject through. This is not about whoever deploys.",
        _READ,
        _ROLES,
        "Could not access model data at s3://models/churn/model.tar.gz. Please ensure that the role "
        f'"{_NAMED_ROLE}" exists and that its trust relationship policy allows the action "sts:AssumeRole" for the '
        'service principal "sagemaker.amazonaws.com".',
        ("which of these it is",),
        ("model-data", "head-object", "trust", "sts"),
        _ROLE_AND_BUCKET,
        ("execution-role.allowed", "execution-role.trusted", "sts.active"),
    ),
    MessageFamily(
        "model-data-missing",
        "SageMaker did not find the model data",
        (rf"[Cc]ould not find model data at (?P<s3>{S3_URI})", r"[Cc]ould not find model data"),
        "SageMaker finds no object at the model data's place {s3}: the object does not exist, or the execution role "
        "may "
        "not see that it does (without s3:ListBucket a missing object and a forbidden one look alike).",
        _READ,
        _ROLES,
        "Could not find model data at s3://models/churn/model.tar.gz.",
        ("whether the object is missing, or the role may not see it",),
        ("head-object", "model-data"),
        _ROLE_AND_BUCKET,
        _ALLOWED,
    ),
    MessageFamily(
        "model-data-download",
        "SageMaker could not download the model data",
        (
            r"[Ff]ailed to download model data for container ['\"]?(?P<container>[\w-]+)['\"]? from URL:? "
            rf"['\"]?(?P<s3>{S3_URI})",
            r"[Ff]ailed to download model data",
        ),
        "SageMaker could not download the model data {s3} as the execution role: the object does not exist, "
        "s3:GetObject "
        "is not allowed, or the bucket is in another Region than the endpoint. A key that ends in / is a prefix, and "
        "needs s3:ListBucket too.",
        _READ + " Without a model data source of type S3Prefix it must be a .tar.gz archive.",
        _ROLES,
        'Failed to download model data for container "c1" from URL: "s3://models/churn/model.tar.gz". Please ensure '
        "that "
        "there is an object located at the URL and that the role passed to CreateModel has permissions to download the "
        "object.",
        ("whether the object is missing, forbidden, or in another Region",),
        ("head-object", "bucket-region", "model-data"),
        _ROLE_AND_BUCKET,
        _ALLOWED,
    ),
    MessageFamily(
        "model-data-archive",
        "The model data cannot be unpacked",
        (
            r"[Ff]ailed to (?:extract|unpack|decompress|untar) model data(?: archive)?"
            r"(?: for container ['\"]?(?P<container>[\w-]+)['\"]?)?"
            rf"(?: from URL:? ['\"]?(?P<s3>{S3_URI}))?",
        ),
        "SageMaker downloaded the model data {s3}, and could not unpack it: it is no gzip-compressed tar archive, or "
        "there is no room for it.",
        "Pack the model with tar czf model.tar.gz, and try to unpack the very object that is in S3.",
        f"{_CONTAINERS}#your-algorithms-inference-code-load-artifacts",
        'Failed to extract model data archive for container "c1" from URL "s3://models/churn/model.tar.gz".',
        ("whether the archive is damaged, or too large for the instance's disk",),
        ("head-object",),
        "whoever builds the model artifact",
    ),
    MessageFamily(
        "role-invalid",
        "The execution role does not exist, or does not trust SageMaker",
        (rf"[Tt]he execution role ARN ['\"]?(?P<role>{ROLE})['\"]? is invalid",),
        "SageMaker cannot become the execution role {role}: it does not exist, or its trust policy does not let "
        "sagemaker.amazonaws.com call sts:AssumeRole. This is not about whoever deploys.",
        "Create the role, or let its trust policy allow sts:AssumeRole to sagemaker.amazonaws.com; iamcheck generate "
        "--for execution-role-trust prints that policy.",
        _ROLES,
        f'The execution role ARN "{_NAMED_ROLE}" is invalid. Please ensure that the role exists and that its trust '
        'relationship policy allows the action "sts:AssumeRole" for the service principal "sagemaker.amazonaws.com".',
        ("whether the role is missing or does not trust SageMaker",),
        ("trust",),
        _OWNER,
        _TRUSTED,
    ),
    MessageFamily(
        "role-other-account",
        "The execution role is of another account",
        (r"Cross-account pass role is not allowed",),
        "A role can be passed to a service only in its own account, and the request names one of another account. No "
        "policy makes up for it.",
        "Name an execution role of the account that deploys; it may assume the other one, or read its buckets.",
        "https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_use_passrole.html",
        "An error occurred (ValidationException) when calling the CreateModel operation: RoleArn: Cross-account pass "
        "role is not allowed.",
        ("which role it is",),
        ("check-request",),
        "whoever deploys",
        ("request.valid",),
    ),
    MessageFamily(
        "assume-execution-role",
        "SageMaker could not assume the execution role",
        (
            rf"[Rr]ole ['\"]?(?P<role>{ROLE})['\"]? cannot be assumed by (?:the )?(?:service )?principal",
            rf"[Cc]ould not assume (?:the )?role ['\"]?(?P<role>{ROLE})",
            rf"(?:[Uu]nable|not able) to perform:? sts:AssumeRole on (?:the )?role:? ?['\"]?(?P<role>{ROLE})?",
            rf"(?:[Uu]nable to|[Cc]annot|[Cc]ould not|not able to) assume (?:the )?(?:execution )?role(?! with\b)"
            rf"(?: ['\"]?(?P<role>{ROLE}))?",
        ),
        "SageMaker could not become the execution role {role}: it does not exist, or its trust policy does not let "
        "sagemaker.amazonaws.com assume it, or AWS STS is deactivated in the Region. This is not about whoever "
        "deploys.",
        "Look at the role's trust policy: it must let sagemaker.amazonaws.com assume it.",
        _ROLES,
        f"Could not assume role {_NAMED_ROLE}. Please ensure that the role exists and allows principal "
        "'sagemaker.amazonaws.com' to assume the role.",
        ("whether the role is missing or does not trust SageMaker",),
        ("trust", "sts"),
        _OWNER,
        ("execution-role.trusted", "sts.active"),
    ),
    MessageFamily(
        "role-required",
        "The request lacks an execution role",
        (r"ExecutionRoleArn is (?:a )?required[^.]{0,120}",),
        "The request needs an ExecutionRoleArn and has none. A model needs one always; an endpoint config needs one "
        "where inference components are to be created on its endpoint.",
        "Give ExecutionRoleArn in the request.",
        "https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_CreateEndpointConfig.html",
        "ExecutionRoleArn is required for endpoint configurations that use inference components.",
        (),
        ("check-request",),
        "whoever deploys",
        ("request.valid",),
    ),
)
