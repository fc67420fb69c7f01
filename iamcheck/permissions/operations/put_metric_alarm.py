"""Describes PutMetricAlarm for an alarm that the deployment makes, such as one that rolls its endpoint back."""

from __future__ import annotations

from typing import TYPE_CHECKING

from iamcheck.deployment.resources import AlarmRequest
from iamcheck.deployment.unknown import UNKNOWN
from iamcheck.iam.request_context import ContextFacts
from iamcheck.permissions.context.tags import request_tags
from iamcheck.permissions.dependent_calls.tag_resource import tag_resource
from iamcheck.permissions.operation import ALARMS_API, Operation, Part, Target

if TYPE_CHECKING:
    from collections.abc import Iterator

    from iamcheck.deployment import Deployment
    from iamcheck.permissions.operation import Resource

__all__ = ["OPERATION"]


def _context(deployment: Deployment, resource: Resource) -> Iterator[ContextFacts]:
    yield from request_tags(deployment, resource.part, resource.made)
    if isinstance(resource.made, AlarmRequest) and resource.made.actions is not UNKNOWN:
        actions = list(resource.made.actions)
        key = "cloudwatch:AlarmActions"
        yield ContextFacts({key: actions}) if actions else ContextFacts(absent=(key,))


OPERATION = Operation(
    "cloudwatch:PutMetricAlarm",
    (Target(Part.ALARM, "the alarm is made"),),
    f"{ALARMS_API}PutMetricAlarm.html",
    acts_on=Part.ALARM,
    creates=True,
    context=_context,
    dependent_calls=(tag_resource("cloudwatch", Part.ALARM, f"{ALARMS_API}PutMetricAlarm.html"),),
    unknown_keys={
        "aws:ResourceTag/${TagKey}": "the alarm may be there already, with other tags",
        "cloudwatch:AlarmActions": "whether the key has the actions of the other states is not documented",
    },
    other_resources={"dataset": "the alarm looks at a metric"},
)
