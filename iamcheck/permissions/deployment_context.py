"""What the requests of a deployment say of the condition context of the calls that it makes.

Without a request nothing is known: the real one will have instance types, and perhaps tags. A request that has no such
member is another thing: then the key is absent. Sources: the condition keys of SageMaker in the Service Authorization
Reference (https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonsagemaker.html), and the
Availability of each global key (https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html).
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from iamcheck.deployment.located import called_via_of
from iamcheck.deployment.unknown import UNKNOWN, Unknown
from iamcheck.iam.model import Arn
from iamcheck.iam.request_context import ContextFacts, call_context

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from datetime import datetime

    from iamcheck.deployment import Deployment
    from iamcheck.deployment.features import ConfigRequest, Tag
    from iamcheck.iam.model import ContextInput

__all__ = [
    "config_facts",
    "create_grant_facts",
    "key_arn",
    "pass_role_facts",
    "request_tags",
    "resource_tags",
]

_RESOURCE_TAGS = ("aws:ResourceTag/", "sagemaker:ResourceTag/")


def request_tags(tags: Sequence[Tag]) -> ContextFacts:
    """`aws:RequestTag/KEY` and `aws:TagKeys` of a request with these tags."""
    found = _tagged(("aws:RequestTag/",), tags)
    keys = [tag.key for tag in tags if isinstance(tag.key, str)]
    if not tags:
        return ContextFacts(found.known, (*found.absent, "aws:TagKeys"))
    return ContextFacts({**found.known, "aws:TagKeys": keys}, found.absent) if len(keys) == len(tags) else found


def resource_tags(tags: Sequence[Tag]) -> ContextFacts:
    """`aws:ResourceTag/KEY` and `sagemaker:ResourceTag/KEY` of what is created with these tags."""
    return _tagged(_RESOURCE_TAGS, tags)


def _tagged(prefixes: Iterable[str], tags: Sequence[Tag]) -> ContextFacts:
    keys = [tag.key.lower() for tag in tags if isinstance(tag.key, str)]
    if len(set(keys)) < len(tags):
        # keys of tags keep their case and keys of the context do not: which of the values counts is not established;
        # a key that is known only when the deployment is made may be any
        return ContextFacts()
    unknown = {str(tag.key).lower() for tag in tags if not isinstance(tag.value, str)}
    known: dict[str, ContextInput] = {
        f"{prefix}{tag.key}": tag.value for prefix in prefixes for tag in tags if isinstance(tag.value, str)
    }
    # where a value is unknown its key must stay so, and no pattern says "all but that one"
    return ContextFacts(known, () if unknown else tuple(f"{prefix}*" for prefix in prefixes))


def config_facts(deployment: Deployment, config: ConfigRequest) -> ContextFacts:
    """SageMaker's own keys of a CreateEndpointConfig request, each as known, absent, or unknown (in neither)."""
    known: dict[str, ContextInput] = {}
    absent: list[str] = []

    def tell(key: str, value: ContextInput | Unknown | None) -> None:
        if value is None or value == []:
            absent.append(key)
        elif value is not UNKNOWN:
            known[key] = value

    variants = config.known_variants
    pools = any(variant.has_instance_pools for variant in variants)
    if config.variants is not UNKNOWN:
        if (
            variants
            and not pools
            and all(variant.instance_type or variant.is_serverless is True for variant in variants)
        ):
            # which types count where InstancePools has them is not documented
            tell("sagemaker:InstanceTypes", _distinct(variant.instance_type for variant in variants))
        tell("sagemaker:AcceleratorTypes", _distinct(variant.accelerator_type for variant in variants))
    tell("sagemaker:VpcSecurityGroupIds", _ids(config.vpc.security_group_ids) if config.vpc else None)
    tell("sagemaker:VpcSubnets", _ids(config.vpc.subnets) if config.vpc else None)
    tell("sagemaker:NetworkIsolation", config.network_isolation)
    if config.kms_key_id is None or (isinstance(config.kms_key_id, str) and ":key/" in config.kms_key_id):
        # of a key id or an alias nobody says whether the key has it as given or as an ARN
        tell("sagemaker:VolumeKmsKeyArn", config.kms_key_id)
        tell("sagemaker:VolumeKmsKey", config.kms_key_id)
    # each of these has one value: what it is where the variants differ is not documented
    single: dict[str, Sequence[str | int | Unknown | None]] = {
        "sagemaker:ModelArn": [_model_arn(deployment, variant.model_name) for variant in variants],
        "sagemaker:ServerlessMaxConcurrency": [variant.max_concurrency for variant in variants],
        "sagemaker:ServerlessMemorySize": [variant.memory_mb for variant in variants],
    }
    for key, values in single.items():
        if len(set(values)) == 1 and not (key == "sagemaker:ModelArn" and pools):
            value = values[0]
            # the ARN that authorisation sees may be in lower case
            if not isinstance(value, str) or value == value.lower():
                tell(key, value)
    return ContextFacts(known, tuple(absent))


def _distinct(values: Iterable[str | Unknown | None]) -> list[str] | Unknown:
    found = list(dict.fromkeys(value for value in values if value))
    texts = [value for value in found if isinstance(value, str)]
    return texts if len(texts) == len(found) else UNKNOWN


def _ids(ids: tuple[str, ...] | Unknown) -> list[str] | Unknown:
    return UNKNOWN if ids is UNKNOWN else list(ids)


def _model_arn(deployment: Deployment, name: str | Unknown | None) -> str | Unknown | None:
    if not isinstance(name, str):
        return name
    return str(Arn(deployment.partition, "sagemaker", deployment.region, deployment.account_id, f"model/{name}"))


def key_arn(deployment: Deployment, key: str) -> str:
    """The ARN that a grant on a key is authorised on; of an alias nobody knows the key, so that is `key/*`.

    Policies do not name aliases: https://docs.aws.amazon.com/kms/latest/developerguide/alias-authorization.html
    """
    if key.startswith("arn:"):
        arn = Arn.parse(key)
    else:
        resource = key if key.startswith("alias/") else f"key/{key}"
        arn = Arn(deployment.partition, "kms", deployment.region, deployment.account_id, resource)
    return str(replace(arn, resource="key/*") if arn.resource.startswith("alias/") else arn)


def create_grant_facts(deployment: Deployment, arn: str, now: datetime | None) -> Iterator[ContextFacts]:
    """What is known where SageMaker makes a grant with the caller's rights.

    Source: https://docs.aws.amazon.com/kms/latest/developerguide/conditions-kms.html; that `kms:ViaService` is
    SageMaker's name in the Region is inferred.
    """
    yield call_context(deployment.region, Arn.parse(arn).account_id, now=now, by_service=True)
    known: dict[str, ContextInput] = {
        "kms:CallerAccount": deployment.account_id,
        "kms:GrantIsForAWSResource": True,
        "kms:ViaService": f"sagemaker.{deployment.region}.amazonaws.com",
    }
    given = deployment.config_request.kms_key_id if deployment.config_request else None
    if isinstance(given, str) and "alias/" in given:
        known["kms:ResourceAliases"] = [given[given.index("alias/") :]]
    yield ContextFacts(known)


def pass_role_facts(deployment: Deployment, arn: str, now: datetime | None) -> Iterator[ContextFacts]:
    """What is known where a role is passed; the Region is not, for IAM is global and SageMaker asks in one.

    Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_iam-condition-keys.html
    """
    yield call_context(None, Arn.parse(arn).account_id, now=now, called_via=called_via_of(deployment.written))
    yield ContextFacts({"iam:PassedToService": "sagemaker.amazonaws.com"})
