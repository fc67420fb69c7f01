"""`quota.instances`: quotas, what is in use, what is needed."""

from __future__ import annotations

from threading import Event
from typing import TYPE_CHECKING, Any

import pytest

from iamcheck.checks.sagemaker.quota import InstanceDemand, instances
from iamcheck.deployment.features import ProductionVariant
from iamcheck.deployment.located import UNKNOWN
from iamcheck.errors import AwsUnavailableError
from tests.server import json_answer, variant
from tests.unit.checks import NO_ANSWERS, reads_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from tests.server import Call, LoopbackAws

M5, G5 = "ml.m5.large for endpoint usage", "ml.g5.xlarge for endpoint usage"
TOTAL = "Number of instances across active endpoints"


def of(count: Any = 2, kind: Any = "ml.m5.large", **more: Any) -> ProductionVariant:  # noqa: ANN401  whatever a request may have
    return ProductionVariant("m", kind, initial_instance_count=count, **more)


@pytest.mark.parametrize(
    ("asked", "applied", "default", "status", "says"),
    [
        ([of(2)], {M5: 2}, {}, "pass", f"{M5}: 2, 0 in use, 2 more needed"),
        ([of(3)], {M5: 2}, {}, "fail", f"the quotas leave no room: {M5}: 2, 0 in use, 3 more needed"),
        ([of(1), of(1)], {M5: 2}, {}, "pass", "2 more needed"),
        ([of(2), of(1)], {M5: 2}, {}, "fail", "3 more needed"),
        ([of(2)], {}, {M5: 2}, "pass", "2 (AWS's default: no applied value is listed)"),
        ([of(2)], {}, {M5: 1}, "fail", "AWS's default"),
        # the applied value wins, whichever is more
        ([of(2)], {M5: 2}, {M5: 1}, "pass", f"{M5}: 2, "),
        ([of(2)], {M5: 1}, {M5: 2}, "fail", f"{M5}: 1, "),
        ([of(2)], {}, {}, "unknown", f"AWS lists no quota named {M5}"),
        ([of(2)], {"ml.m5.large for training job usage": 9}, {}, "unknown", "lists no quota"),
        ([of(1), of(1, "ml.g5.xlarge")], {M5: 1, G5: 1}, {}, "pass", G5),
        ([of(1), of(1, "ml.g5.xlarge")], {M5: 1, G5: 0}, {}, "fail", f"the quotas leave no room: {G5}: 0"),
        ([of(1), of(1, "ml.g5.xlarge")], {M5: 1}, {G5: 1}, "pass", "AWS's default"),
        ([of(1), of(1, "ml.g5.xlarge")], {M5: 1}, {}, "unknown", G5),
        ([of(1), of(1, "ml.g5.xlarge")], {M5: 0}, {}, "fail", f"the quotas leave no room: {M5}"),
        ([of(2)], {M5: 2, TOTAL: 1}, {}, "fail", TOTAL),
        ([of(2)], {M5: 2, TOTAL: 2}, {}, "pass", TOTAL),
        ([of(2), ProductionVariant("m", is_serverless=True)], {M5: 2}, {}, "pass", "2 more needed"),
    ],
)
def test_room(
    aws: LoopbackAws,
    asked: Sequence[ProductionVariant],
    applied: Mapping[str, float],
    default: Mapping[str, float],
    status: str,
    says: str,
) -> None:
    aws.quotas.applied.update(applied)
    aws.quotas.defaults.update(default)
    found = instances(InstanceDemand(asked), reads_of(aws))
    assert (found.id, found.status.value) == ("quota.instances", status)
    assert says in found.summary


def test_the_defaults_are_asked_for_only_where_they_are_needed(aws: LoopbackAws) -> None:
    aws.quotas.applied[M5] = 2
    instances(InstanceDemand([of()]), reads_of(aws))
    assert "servicequotas:ListAWSDefaultServiceQuotas" not in aws.actions


def test_quotas_and_what_is_in_use_are_read_side_by_side(aws: LoopbackAws) -> None:
    aws.quotas.applied[M5] = 2
    begun = {"ListServiceQuotas": Event(), "ListEndpoints": Event()}
    both = []

    def wait(call: Call) -> None:
        if call.operation in begun:
            begun[call.operation].set()
            both.append(all(one.wait(3) for one in begun.values()))

    aws.hook("*", wait)
    assert instances(InstanceDemand([of()]), reads_of(aws)).status.value == "pass"
    assert both == [True, True]


def test_a_quota_on_a_later_page(aws: LoopbackAws) -> None:
    aws.quotas.applied.update({f"ml.x{number} for endpoint usage": 1 for number in range(250)})
    aws.quotas.applied[M5] = 2
    assert instances(InstanceDemand([of()]), reads_of(aws)).status.value == "pass"
    assert aws.actions.count("servicequotas:ListServiceQuotas") == 3


@pytest.mark.parametrize(
    ("variants", "status"),
    [
        ([of(None)], "unknown"),
        ([of(UNKNOWN)], "unknown"),
        ([of(1, None)], "unknown"),
        ([of(1, UNKNOWN)], "unknown"),
        ([of(1), of(1, None)], "unknown"),
        ([of(1, has_instance_pools=True)], "unknown"),
        ([ProductionVariant("m", is_serverless=UNKNOWN)], "unknown"),
        ([ProductionVariant("m", is_serverless=True)], "skipped"),
    ],
)
def test_what_is_asked_for_is_not_known(aws: LoopbackAws, variants: Sequence[ProductionVariant], status: str) -> None:
    assert instances(InstanceDemand(variants), reads_of(aws)).status.value == status
    assert aws.actions == []


def pending(**members: object) -> dict[str, object]:
    variants = [{"VariantName": "all", **members}]
    return {"pending_deployment_summary": {"EndpointConfigName": "d", "ProductionVariants": variants}}


def counted(current: int | None, desired: int | None, **more: object) -> dict[str, object]:
    counts = {"CurrentInstanceCount": current, "DesiredInstanceCount": desired}
    known = {name: count for name, count in counts.items() if count is not None}
    return {"production_variants": [{"VariantName": "all", **known, **more}]}


SERVERLESS = {"CurrentServerlessConfig": {"MemorySizeInMB": 2048, "MaxConcurrency": 1}}


def pooled(kind: str) -> dict[str, object]:
    return counted(2, 2, InstancePools=[{"InstanceType": kind, "CurrentInstanceCount": 2}])


IN_USE: list[tuple[str, dict[str, Any], float, str]] = [
    ("as many as there are", {}, 4, "pass"),
    ("one too many", {}, 3, "fail"),
    ("of another type", {"type": "ml.g5.xlarge"}, 2, "pass"),
    ("scaled out beside the endpoint config", counted(4, 4), 5, "fail"),
    ("scaling out", counted(1, 3), 5, "pass"),
    ("scaling out, perhaps too far", counted(1, 3), 4, "unknown"),
    ("scaling in, perhaps not yet", counted(3, 1), 4, "unknown"),
    ("being created", {**counted(None, 2), "endpoint_status": "Creating"}, 3, "fail"),
    ("being deleted", {"endpoint_status": "Deleting"}, 3, "unknown"),
    ("being deleted, with room", {"endpoint_status": "Deleting"}, 4, "pass"),
    ("failed", {"endpoint_status": "Failed"}, 2, "unknown"),
    ("serverless", counted(None, None, **SERVERLESS), 2, "pass"),
    (
        "shadow variants",
        {"shadow_production_variants": [{"VariantName": "s", "CurrentInstanceCount": 2, "DesiredInstanceCount": 2}]},
        5,
        "unknown",  # the endpoint config does not know the shadow: its type may be any
    ),
    ("pools of this type", pooled("ml.m5.large"), 3, "fail"),
    ("pools of another type", pooled("ml.g5.large"), 2, "pass"),
    ("a pending fleet", pending(InstanceType="ml.m5.large", DesiredInstanceCount=2), 6, "pass"),
    ("a pending fleet, perhaps too many", pending(InstanceType="ml.m5.large", DesiredInstanceCount=2), 5, "unknown"),
    ("a pending fleet of another type", pending(InstanceType="ml.g5.xlarge", DesiredInstanceCount=2), 4, "pass"),
    ("a pending fleet of any type", pending(DesiredInstanceCount=2), 5, "unknown"),
]


@pytest.mark.parametrize(("attributes", "quota", "status"), [one[1:] for one in IN_USE], ids=[one[0] for one in IN_USE])
def test_what_is_in_use_counts(aws: LoopbackAws, attributes: dict[str, Any], quota: float, status: str) -> None:
    attributes = dict(attributes)
    aws.quotas.applied.update({M5: quota})
    kind = attributes.pop("type", "ml.m5.large")
    aws.sagemaker.create_endpoint("there", "c", variant("all", kind, 2), **attributes)
    found = instances(InstanceDemand([of(2)]), reads_of(aws))
    assert found.status.value == status, found.summary


def test_an_endpoint_whose_config_was_deleted_holds_instances_of_any_type(aws: LoopbackAws) -> None:
    aws.sagemaker.create_endpoint("there", "c", variant("all", "ml.g5.xlarge", 2))
    aws.sagemaker.delete_endpoint_config("c")
    for quota, status in ((4, "pass"), (3, "unknown"), (1, "fail")):
        aws.quotas.applied[M5] = quota
        assert instances(InstanceDemand([of(2)]), reads_of(aws)).status.value == status


def test_the_total_counts_every_type(aws: LoopbackAws) -> None:
    aws.sagemaker.create_endpoint("there", "c", variant("all", "ml.g5.xlarge", 2))
    aws.quotas.applied.update({M5: 9, TOTAL: 3})
    assert instances(InstanceDemand([of(2)]), reads_of(aws)).status.value == "fail"


@pytest.mark.parametrize(
    ("updates", "rolls", "quota", "status"),
    [
        # the fleet that is there is in use until the new one serves
        (True, False, 4, "pass"),
        (True, False, 3, "fail"),
        (True, True, 4, "pass"),
        (True, True, 3, "unknown"),
        (True, True, 2, "fail"),
        (True, None, 3, "unknown"),
        # a new endpoint needs its whole fleet, whatever later updates do
        (False, True, 3, "fail"),
    ],
)
def test_updates_need_a_second_fleet(
    aws: LoopbackAws, updates: bool, rolls: bool | None, quota: float, status: str
) -> None:
    aws.sagemaker.create_endpoint("there", "c", variant("all", "ml.m5.large", 2))
    aws.quotas.applied[M5] = quota
    found = instances(InstanceDemand([of(2)], updates=updates, rolls=rolls), reads_of(aws))
    assert found.status.value == status, found.summary


READ = [
    "servicequotas:ListServiceQuotas",
    "servicequotas:ListAWSDefaultServiceQuotas",
    "sagemaker:ListEndpoints",
    "sagemaker:DescribeEndpoint",
    "sagemaker:DescribeEndpointConfig",
]


@pytest.mark.parametrize("operation", READ)
@pytest.mark.parametrize("kind", ["denied", *NO_ANSWERS])
def test_what_cannot_be_read(aws: LoopbackAws, operation: str, kind: str) -> None:
    aws.sagemaker.create_endpoint("there", "c")
    if operation != READ[1]:
        aws.quotas.applied[M5] = 100
    if kind == "denied":
        aws.deny(operation)
    else:
        aws.hook(operation, NO_ANSWERS[kind])
    with pytest.raises(AwsUnavailableError) as caught:
        instances(InstanceDemand([of()]), reads_of(aws))
    assert caught.value.operation == operation


@pytest.mark.parametrize("value", [None, "many", True], ids=str)
def test_a_quota_that_is_no_number(aws: LoopbackAws, value: object) -> None:
    answer = json_answer({"Quotas": [{"QuotaName": M5, "Value": value}]})
    aws.hook("servicequotas:ListServiceQuotas", lambda _: answer)
    with pytest.raises(AwsUnavailableError):
        instances(InstanceDemand([of()]), reads_of(aws))


@pytest.mark.parametrize(
    "variants",
    [
        [{"VariantName": "all"}],
        [{"VariantName": "all", "CurrentInstanceCount": "two"}],
        [{"VariantName": "all", "InstancePools": [{"InstanceType": "ml.m5.large"}]}],
        [{"CurrentInstanceCount": 1}],
    ],
    ids=str,
)
def test_endpoints_that_are_no_answer(aws: LoopbackAws, variants: object) -> None:
    aws.quotas.applied[M5] = 100
    aws.sagemaker.create_endpoint("there", "c")
    answer = {
        "EndpointName": "there",
        "EndpointStatus": "InService",
        "EndpointConfigName": "c",
        "ProductionVariants": variants,
    }
    aws.hook("sagemaker:DescribeEndpoint", lambda _: json_answer(answer))
    with pytest.raises(AwsUnavailableError):
        instances(InstanceDemand([of()]), reads_of(aws))
