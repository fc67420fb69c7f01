"""Describes CreateGrant on the volume key of an endpoint config, which SageMaker calls with the caller's rights."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from iamcheck.iam.model import Arn
from iamcheck.iam.request_context import ContextFacts
from iamcheck.permissions.context.call import call_by_service
from iamcheck.permissions.operation import DependentCall, Part, Resource
from iamcheck.permissions.parts import request_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from iamcheck.deployment import Deployment
    from iamcheck.iam.model import ContextInput

__all__ = ["CREATE_GRANT", "alias_of", "key_arn"]

_GRANT: Final = "SageMaker writes the grant, and which members it has is not documented"
_KEY: Final = "a property of the key, which was not read"


def key_arn(deployment: Deployment, key: str) -> str:
    """The ARN that a grant on a key is authorised on; of an alias nobody knows the key, so that is `key/*`.

    Policies do not name aliases: https://docs.aws.amazon.com/kms/latest/developerguide/alias-authorization.html
    """
    if key.startswith("arn:"):
        arn = Arn.parse(key)
    else:
        resource = key if key.startswith("alias/") else f"key/{key}"
        arn = Arn(deployment.partition, "kms", deployment.region, deployment.account_id, resource)
    return str(arn._replace(resource="key/*") if arn.resource.startswith("alias/") else arn)


def alias_of(deployment: Deployment) -> str | None:
    """The alias by which the endpoint config names its volume key, such as `alias/volumes`; None: by no alias."""
    key = _volume_key(deployment)
    return key[key.index("alias/") :] if key is not None and "alias/" in key else None


def _volume_key(deployment: Deployment) -> str | None:
    key = None if deployment.config_request is None else deployment.config_request.kms_key_id
    return key if isinstance(key, str) else None


def _resources(deployment: Deployment) -> Iterator[Resource]:
    key = _volume_key(deployment)
    if key is not None:
        yield Resource(Part.ENDPOINT_CONFIG, key_arn(deployment, key), request_of(deployment, Part.ENDPOINT_CONFIG))


def _context(deployment: Deployment, resource: Resource) -> Iterator[ContextFacts]:
    """What is known where SageMaker makes a grant.

    Source: https://docs.aws.amazon.com/kms/latest/developerguide/conditions-kms.html; that `kms:ViaService` is
    SageMaker's name in the Region is inferred.
    """
    yield call_by_service(deployment, owner=Arn.parse(resource.arn).account_id)
    known: dict[str, ContextInput] = {
        "kms:CallerAccount": deployment.account_id,
        "kms:GrantIsForAWSResource": True,
        "kms:ViaService": f"sagemaker.{deployment.region}.amazonaws.com",
    }
    alias = alias_of(deployment)
    if alias is not None:
        known["kms:ResourceAliases"] = [alias]
    yield ContextFacts(known)


CREATE_GRANT = DependentCall(
    "kms:CreateGrant",
    Part.ENDPOINT_CONFIG,
    "KmsKeyId",
    _resources,
    _context,
    "the endpoint config has a KmsKeyId, and SageMaker needs a grant for the volumes of the instances",
    "https://docs.aws.amazon.com/sagemaker/latest/dg/api-permissions-reference.html",
    unknown_keys={
        **dict.fromkeys(
            (
                "kms:EncryptionContext:${EncryptionContextKey}",
                "kms:EncryptionContextKeys",
                "kms:GrantConstraintSourceArn",
                "kms:GrantConstraintType",
                "kms:GrantOperations",
                "kms:GranteePrincipal",
                "kms:GranteeServicePrincipal",
                "kms:RetiringPrincipal",
                "kms:RetiringServicePrincipal",
            ),
            _GRANT,
        ),
        **dict.fromkeys(
            (
                "aws:ResourceTag/${TagKey}",
                "kms:KeyOrigin",
                "kms:KeySpec",
                "kms:KeyUsage",
                "kms:MultiRegion",
                "kms:MultiRegionKeyType",
                "kms:ResourceAliases",
            ),
            _KEY,
        ),
    },
)
