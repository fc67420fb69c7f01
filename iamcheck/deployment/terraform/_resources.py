"""Reads what a plan makes and deletes with an endpoint besides: scaling, alarms, model package groups.

Source: https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/appautoscaling_target,
.../appautoscaling_policy, .../cloudwatch_metric_alarm and .../sagemaker_model_package_group
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final, NamedTuple

from iamcheck.deployment.located import UNKNOWN, Member, Pattern, WrittenDelete, WrittenRequest
from iamcheck.deployment.terraform._attributes import ENDPOINT, attribute_member, attributes, name_of, tags_of
from iamcheck.deployment.terraform._document import is_true, text
from iamcheck.deployment.terraform._plan import Action
from iamcheck.deployment.terraform._provider import NOT_SENT
from iamcheck.deployment.terraform._references import named_by
from iamcheck.deployment.terraform._values import Written, attribute_of
from iamcheck.iam.catalogue import request_members

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from iamcheck.deployment.located import DeleteOperation, Operation
    from iamcheck.deployment.terraform._attributes import Surroundings
    from iamcheck.deployment.terraform._plan import PlannedResource, TerraformPlan
    from iamcheck.iam.model import Place

__all__ = ["RESOURCES", "Resources"]

_TARGET: Final = "aws_appautoscaling_target"
_POLICY: Final = "aws_appautoscaling_policy"
_ALARM: Final = "aws_cloudwatch_metric_alarm"
_GROUP: Final = "aws_sagemaker_model_package_group"


class _Row(NamedTuple):
    """How a type of resource becomes a request.

    Args:
        operation: The operation that makes it.
        delete: The operation that deletes it.
        name: The attribute that names it, or what it is about.
        members: The members that are read, by the attribute.
        is_put: Whether an update makes the same call as a create.
    """

    operation: Operation
    delete: DeleteOperation
    name: str
    members: Mapping[str, str]
    is_put: bool = True


RESOURCES: Final[Mapping[str, _Row]] = {
    _TARGET: _Row(
        "RegisterScalableTarget",
        "DeregisterScalableTarget",
        "resource_id",
        {
            "service_namespace": "ServiceNamespace",
            "resource_id": "ResourceId",
            "scalable_dimension": "ScalableDimension",
            "role_arn": "RoleARN",
            "min_capacity": "MinCapacity",
            "max_capacity": "MaxCapacity",
            "suspended_state": "SuspendedState",
        },
    ),
    _POLICY: _Row(
        "PutScalingPolicy",
        "DeleteScalingPolicy",
        "resource_id",
        {
            "service_namespace": "ServiceNamespace",
            "resource_id": "ResourceId",
            "scalable_dimension": "ScalableDimension",
            "policy_type": "PolicyType",
            "name": "PolicyName",
            "target_tracking_scaling_policy_configuration": "TargetTrackingScalingPolicyConfiguration",
        },
    ),
    _ALARM: _Row(
        "PutMetricAlarm",
        "DeleteAlarms",
        "alarm_name",
        {
            "alarm_name": "AlarmName",
            "alarm_actions": "AlarmActions",
            "ok_actions": "OKActions",
            "insufficient_data_actions": "InsufficientDataActions",
            "actions_enabled": "ActionsEnabled",
            "alarm_description": "AlarmDescription",
            "comparison_operator": "ComparisonOperator",
            "datapoints_to_alarm": "DatapointsToAlarm",
            "evaluate_low_sample_count_percentiles": "EvaluateLowSampleCountPercentile",
            "evaluation_periods": "EvaluationPeriods",
            "extended_statistic": "ExtendedStatistic",
            "metric_name": "MetricName",
            "namespace": "Namespace",
            "period": "Period",
            "statistic": "Statistic",
            "threshold": "Threshold",
            "threshold_metric_id": "ThresholdMetricId",
            "treat_missing_data": "TreatMissingData",
            "unit": "Unit",
        },
    ),
    _GROUP: _Row(
        "CreateModelPackageGroup",
        "DeleteModelPackageGroup",
        "model_package_group_name",
        {
            "model_package_group_name": "ModelPackageGroupName",
            "model_package_group_description": "ModelPackageGroupDescription",
        },
        is_put=False,
    ),
}
"""The types that are read."""

_COMPUTED: Final = ("evaluate_low_sample_count_percentiles", "role_arn", "suspended_state")
"""Attributes that the provider computes where the configuration does not have them."""
_RENAMED: Final = {"metric_query": "Metrics"}
"""Attributes that are not read, and whose name is not the member's."""
_VARIANT: Final = "sagemaker:variant:"
"""A ScalableDimension of an endpoint's variant begins so."""


class Resources:
    """The resources of a plan beside endpoints, endpoint configs and models.

    Args:
        plan: The plan.
        file: Its file.
        surroundings: What the rest of the plan says about a resource.
        is_same_place: Whether two resources are certainly in the same account and Region.
    """

    def __init__(
        self,
        plan: TerraformPlan,
        file: Place,
        surroundings: Callable[[PlannedResource], Surroundings],
        is_same_place: Callable[[PlannedResource, PlannedResource], bool],
    ) -> None:
        self._plan, self._file = plan, file
        self._surroundings, self._is_same_place = surroundings, is_same_place
        self._read = [
            resource
            for resource in plan.resources
            if resource.type in RESOURCES and resource.kind == "managed" and not resource.is_deposed
        ]

    def made_with(self, main: PlannedResource, mains: Sequence[PlannedResource]) -> tuple[PlannedResource, ...]:
        """The resources that are made, or put, with a deployment: that name it, or no deployment of the plan.

        Args:
            main: The endpoint of the deployment, or its endpoint config.
            mains: Those of all deployments of the plan.
        """
        return tuple(one for one in self._read if _is_made(one) and self._belongs(one, main, mains))

    def deleted_with(self, main: PlannedResource, mains: Sequence[PlannedResource]) -> Iterator[PlannedResource]:
        """The resources that are deleted with a deployment, as for `made_with`; what is replaced, too."""
        yield from (one for one in self._read if one.action.deletes and self._belongs(one, main, mains))

    def request(self, resource: PlannedResource, endpoint: PlannedResource | None) -> WrittenRequest:
        """The request that makes or puts a resource.

        Args:
            resource: The resource.
            endpoint: The endpoint of its deployment.
        """
        row, surroundings = RESOURCES[resource.type], self._surroundings(resource)
        where = self._file._replace(path=resource.address)
        by_member: dict[str, Member] = {}
        for attribute, member in row.members.items():
            value = attribute_of(resource, surroundings.expressions, attribute)
            if attribute in _COMPUTED and value.is_unknown and value.is_written is Written.NO:
                continue
            place = where._replace(path=f"{resource.address}.{attribute}")
            made = attribute_member(value, member, place, request_members()[row.operation][member])
            if made is not None:
                by_member[member] = made
        has_tags = "Tags" in request_members()[row.operation] and resource.action is not Action.UPDATE
        tags = tags_of(resource, surroundings, where) if has_tags else None
        if tags is not None:
            by_member["Tags"] = _tag_map(tags) if resource.type == _TARGET else tags
        of_endpoint = frozenset[str]()
        open_id = by_member.get("ResourceId")
        if open_id is not None and open_id.value is UNKNOWN:
            named = self._endpoint_named_by(resource)
            if named is not None:
                by_member["ResourceId"] = self._variant_of(named, open_id)
                of_endpoint = frozenset({"ResourceId"} if endpoint is not None and named is endpoint else ())
        root = Member(by_member, "", where)
        unread = tuple(_unread(resource, row, surroundings.expressions))
        return WrittenRequest(row.operation, root, where, endpoint_members=of_endpoint, unread=unread)

    def delete(self, resource: PlannedResource) -> WrittenDelete:
        """The call that deletes a resource."""
        row = RESOURCES[resource.type]
        name, dimension = text(resource.before.get(row.name)), text(resource.before.get("scalable_dimension"))
        is_hidden = is_true(resource.before_sensitive.get(row.name))
        place = self._file._replace(path=resource.address)
        is_scaling = resource.type in (_TARGET, _POLICY)
        return WrittenDelete(
            row.delete,
            UNKNOWN if is_hidden or not name else name,
            place,
            (dimension or UNKNOWN) if is_scaling else None,
        )

    def _variant_of(self, endpoint: PlannedResource, member: Member) -> Member:
        """The ResourceId of some variant of an endpoint, whose name the plan may not know."""
        name = name_of(endpoint, self._surroundings(endpoint))
        known = name.value if name is not None and isinstance(name.value, str) else None
        pattern = name.value.text if name is not None and isinstance(name.value, Pattern) else "*"
        return replace(member, value=Pattern(f"endpoint/{known or pattern}/variant/*"))

    def _endpoint_named_by(self, resource: PlannedResource) -> PlannedResource | None:
        """The endpoint whose name is all that the plan does not know of a ResourceId."""
        if resource.type == _POLICY:
            target = self._linked(resource, _TARGET)
            if target is not None:
                return self._endpoint_named_by(target)
        if not (text(resource.after.get("scalable_dimension")) or "").startswith(_VARIANT):
            return None
        return self._linked(resource, ENDPOINT)

    def _linked(self, resource: PlannedResource, type_: str) -> PlannedResource | None:
        expressions = self._surroundings(resource).expressions
        value = attribute_of(resource, expressions, "resource_id")
        expression = value.expression if isinstance(value.expression, dict) else None
        return named_by(self._plan, expression, resource, type_)

    def _belongs(self, resource: PlannedResource, main: PlannedResource, mains: Sequence[PlannedResource]) -> bool:
        if not self._is_same_place(main, resource) or not _may_be_of_sagemaker(resource):
            return False
        if resource.type == _ALARM:
            return main.type == ENDPOINT and self._rolls_back(main, resource)
        named = [one for one in mains if self._scales(resource, one)]
        return main in named or not named

    def _scales(self, resource: PlannedResource, main: PlannedResource) -> bool:
        """Whether a scalable target or a scaling policy scales a variant of an endpoint."""
        if resource.type not in (_TARGET, _POLICY) or main.type != ENDPOINT:
            return False
        values = resource.before if resource.action.is_gone else resource.after
        kind, _, rest = (text(values.get("resource_id")) or "").partition("/")
        names = {text(main.after.get("name")), text(main.before.get("name"))} - {None}
        if kind == "endpoint":
            return rest.partition("/")[0] in names
        return not resource.action.is_gone and self._endpoint_named_by(resource) is main

    def _rolls_back(self, endpoint: PlannedResource, alarm: PlannedResource) -> bool:
        """Whether the rollback of an endpoint names an alarm, or may: where a name is not known, it is taken to."""
        value = attribute_of(endpoint, self._surroundings(endpoint).expressions, "deployment_config")
        if value.is_unknown or _has_open_alarm(value.unknown):
            return True
        names = _alarm_names(endpoint.before.get("deployment_config")) | _alarm_names(value.after)
        return bool({text(alarm.after.get("alarm_name")), text(alarm.before.get("alarm_name"))} & names)


def _unread(resource: PlannedResource, row: _Row, expressions: object) -> Iterator[str]:
    """The members of a request that the plan sets and that are not read."""
    for attribute in dict.fromkeys((*resource.after, *resource.unknown)):
        value = attribute_of(resource, expressions, attribute)
        is_computed = value.is_unknown and value.is_written is Written.NO
        if attribute in row.members or attribute in NOT_SENT or is_computed:
            continue
        name = attributes(row.operation).get(attribute) or _RENAMED.get(attribute)
        if name is not None and (value.is_unknown or not value.is_absent):
            yield name


def _is_made(resource: PlannedResource) -> bool:
    return resource.action.creates or (resource.action is Action.UPDATE and RESOURCES[resource.type].is_put)


def _may_be_of_sagemaker(resource: PlannedResource) -> bool:
    values = resource.before if resource.action.is_gone else resource.after
    namespace = text(values.get("service_namespace"))
    return resource.type not in (_TARGET, _POLICY) or namespace in (None, "sagemaker")


def _alarm_names(config: object) -> set[str | None]:
    """The names of the alarms in the deployment_config blocks of an endpoint."""
    names: set[str | None] = set()
    if isinstance(config, list):
        for item in config:
            names |= _alarm_names(item)
    elif isinstance(config, dict):
        names |= {text(value) for name, value in config.items() if name == "alarm_name"}
        for value in config.values():
            names |= _alarm_names(value)
    return names - {None}


def _has_open_alarm(unknown: object) -> bool:
    """Whether the marks of deployment_config blocks leave the name of an alarm open."""
    if isinstance(unknown, list):
        return any(map(_has_open_alarm, unknown))
    if not isinstance(unknown, dict):
        return False
    marks = (unknown.get(name) for name in ("auto_rollback_configuration", "alarms", "alarm_name"))
    return any(mark is True for mark in marks) or any(map(_has_open_alarm, unknown.values()))


def _tag_map(tags: Member) -> Member:
    """The tags by their keys, as Application Auto Scaling takes them."""
    if not isinstance(tags.value, tuple):
        return tags
    pairs = [(tag.get("Key"), tag.get("Value")) for tag in tags.items()]
    return replace(tags, value={str(key.value): value for key, value in pairs if key is not None and value is not None})
