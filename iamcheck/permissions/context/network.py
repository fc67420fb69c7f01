"""Says what a request makes known of the condition keys of its network: VPC and network isolation.

Source: the condition keys of SageMaker in the Service Authorization Reference
(https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonsagemaker.html). A request that does not
have a member does not have its key.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from iamcheck.deployment.unknown import UNKNOWN
from iamcheck.iam.request_context import ContextFacts

if TYPE_CHECKING:
    from iamcheck.deployment.features import ConfigRequest, ModelRequest
    from iamcheck.deployment.unknown import Unknown
    from iamcheck.iam.model import ContextInput

__all__ = ["network_keys"]


def network_keys(request: ConfigRequest | ModelRequest) -> ContextFacts:
    """`sagemaker:VpcSecurityGroupIds`, `sagemaker:VpcSubnets` and `sagemaker:NetworkIsolation` of a request."""
    vpc = request.vpc
    values: dict[str, ContextInput | Unknown | None] = {
        "sagemaker:VpcSecurityGroupIds": None if vpc is None else _ids(vpc.security_group_ids),
        "sagemaker:VpcSubnets": None if vpc is None else _ids(vpc.subnets),
        "sagemaker:NetworkIsolation": request.network_isolation,
    }
    absent = tuple(key for key, value in values.items() if value is None or value == [])
    known = {key: value for key, value in values.items() if key not in absent and value is not None}
    return ContextFacts({key: value for key, value in known.items() if value is not UNKNOWN}, absent)


def _ids(ids: tuple[str, ...] | Unknown) -> list[str] | Unknown:
    return UNKNOWN if ids is UNKNOWN else list(ids)
