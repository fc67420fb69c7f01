"""Turns properties of resources into requests of SageMaker's API.

Their names are the API's; CloudFormation makes numbers and truth values of texts, and texts of them, as a member wants.

Sources:
https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-sagemaker-endpoint.html
https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-sagemaker-endpointconfig.html
https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-sagemaker-model.html
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from iamcheck.deployment.cloudformation._attributes import (
    ALARM,
    COMPONENT,
    CONFIG,
    ENDPOINT,
    GROUP,
    MODEL,
    NAMES,
    PACKAGE,
    SCALING_POLICY,
    TARGET,
)
from iamcheck.deployment.cloudformation._nodes import Bare, TemplateNode, bare_text, is_truth
from iamcheck.deployment.located import UNKNOWN, Member, Pattern, Unknown, WrittenRequest, unknown_request
from iamcheck.deployment.unsettled import OpenCause
from iamcheck.iam.catalogue import request_kinds, request_members
from iamcheck.iam.model.json_text import shown
from iamcheck.iam.model.nearest import nearest

if TYPE_CHECKING:
    from collections.abc import Callable

    from iamcheck.deployment.located import Operation
    from iamcheck.iam.model import Place

__all__ = ["MADE_UP", "OPERATIONS", "REFERENCES", "Conversion"]

OPERATIONS: Final[Mapping[str, Operation]] = {
    ENDPOINT: "CreateEndpoint",
    CONFIG: "CreateEndpointConfig",
    MODEL: "CreateModel",
    COMPONENT: "CreateInferenceComponent",
    TARGET: "RegisterScalableTarget",
    SCALING_POLICY: "PutScalingPolicy",
    ALARM: "PutMetricAlarm",
    GROUP: "CreateModelPackageGroup",
    PACKAGE: "CreateModelPackage",
}
REFERENCES: Final = {
    "EndpointName": ENDPOINT,
    "EndpointConfigName": CONFIG,
    "ModelName": MODEL,
    "ModelNameOverride": MODEL,
}
"""Members that name a resource of that type, by `Fn::GetAtt`; `Ref` gives its ARN, which the API does not take."""
MADE_UP: Final = OpenCause("CloudFormation makes the name up", "")
_NOT_CERTAIN: Final = OpenCause("its readers make different things of it", "")
_MADE_UP_NAMES: Final = {**NAMES, COMPONENT: "InferenceComponentName", ALARM: "AlarmName"}
"""The property that is a resource's name, where CloudFormation makes one up."""
_DROPPED: Final[Mapping[str, tuple[str, ...]]] = {
    ENDPOINT: ("ExcludeRetainedVariantProperties", "RetainAllVariantProperties", "RetainDeploymentConfig"),
    COMPONENT: ("DeploymentConfig", "EndpointArn"),
    TARGET: ("ScheduledActions",),
    SCALING_POLICY: ("ScalingTargetId",),
    GROUP: ("ModelPackageGroupPolicy",),
    PACKAGE: (
        *("AdditionalInferenceSpecificationsToAdd", "ApprovalDescription", "LastModifiedTime"),
        *("ModelPackageStatusDetails", "ModelPackageVersion"),
    ),
}
"""Properties that are of the call that updates alone, or of a call that no check judges (see `_resources`)."""
_TARGET_ID: Final = ("ResourceId", "ScalableDimension", "ServiceNamespace")
"""What the id of a scalable target is made of, `|` between."""
_WHOLE: Final = r"-?(?:0|[1-9][0-9]{0,18})"
_DECIMAL: Final = r"-?(?:[0-9]{1,40}(?:\.[0-9]{0,40})?|\.[0-9]{1,40})(?:[eE][-+]?[0-9]{1,3})?"


@lru_cache(maxsize=1)
def _shapes() -> tuple[Mapping[str, Mapping[str, str]], Mapping[str, Mapping[str, str]]]:
    return request_members(), request_kinds()


@dataclass(frozen=True)
class Conversion:
    """How the properties of one resource become a request.

    Args:
        logical: Logical id of the resource.
        kind: Its type.
        template: The file of the template.
        name_of: Finds the name of a resource by its logical id, if it is of that type.
    """

    logical: str
    kind: str
    template: Place
    name_of: Callable[[str, str], TemplateNode | None]

    def request(self, properties: TemplateNode, place: Place) -> WrittenRequest:
        """Makes the request that CloudFormation makes of the properties, once they are worked out.

        Args:
            properties: The properties.
            place: Where the resource is written.

        Raises:
            InvalidInputError: There is a property that neither CloudFormation nor the API has.
        """
        operation = OPERATIONS[self.kind]
        if not isinstance(properties.value, dict):
            return unknown_request(operation, properties.place(self.template), self._causes(properties, "MEMBER"))
        kept = {name: node for name, node in properties.value.items() if name not in _DROPPED.get(self.kind, ())}
        # CloudFormation makes a name up where there is none
        if self.kind in _MADE_UP_NAMES:
            kept.setdefault(_MADE_UP_NAMES[self.kind], properties.put(UNKNOWN)._replace(causes=(MADE_UP,)))
        if self.kind == SCALING_POLICY:
            kept |= _of_target(properties.value.get("ScalingTargetId"))
        root = self._member(properties.put(kept), (operation, ""), "")
        return WrittenRequest(operation, _with_tag_map(root) if self.kind == TARGET else root, place)

    def _member(self, node: TemplateNode, about: tuple[str, str], path: str) -> Member:
        here = node.place(self.template)
        value = node.value
        if isinstance(value, tuple):
            items = (self._member(item, about, f"{path}[{index}]") for index, item in enumerate(value))
            return Member(tuple(items), path, here)
        if isinstance(value, dict):
            members = {}
            for name, member in value.items():
                kind = REFERENCES.get(name)
                named = self.name_of(member.named, kind) if member.named and kind else None
                within = f"{path}.{name}" if path else name
                # the API takes no ARN for a name; what is not known of an ARN is not known of the name in it
                referred = member if named is None or _is_arn(member) else named._replace(step=member.step)
                referred = referred._replace(line=member.line, column=member.column)
                members[name] = self._member(referred, _kind_of(member, about[0], name), within)
            return Member(members, path, here)
        scalar = _scalar(value, about[1])
        is_open = isinstance(scalar, (Pattern, Unknown))
        return Member(scalar, path, here, self._causes(node, path) if is_open else (), node.may_be_absent)

    def _causes(self, node: TemplateNode, path: str) -> tuple[OpenCause, ...]:
        """Why a value is open; where nothing else settles it, the value itself can be given."""
        cure = f"--set {self.logical}.{path}=VALUE"
        causes = node.causes or (_NOT_CERTAIN,)
        return tuple(cause._replace(cure=cause.cure or cure) for cause in causes)


def _of_target(target: TemplateNode | None) -> dict[str, TemplateNode]:
    """What the id of a scalable target says of it, such as `endpoint/churn/variant/a|sagemaker:...|sagemaker`."""
    if target is None:
        return {}
    text = target.value.text if isinstance(target.value, Pattern) else target.value
    parts = text.split("|") if isinstance(text, str) else []
    if len(parts) != len(_TARGET_ID):
        return {name: target._replace(value=UNKNOWN) for name in _TARGET_ID}
    return {
        name: target._replace(value=Pattern(part) if "*" in part else part)
        for name, part in zip(_TARGET_ID, parts, strict=True)
    }


def _with_tag_map(root: Member) -> Member:
    """The request with its tags by their keys, as Application Auto Scaling takes them."""
    tags = root.get("Tags")
    if tags is None or not isinstance(tags.value, tuple) or not isinstance(root.value, Mapping):
        return root
    pairs = [(tag.get("Key"), tag.get("Value")) for tag in tags.items()]
    by_key = {key.value: value for key, value in pairs if key is not None and isinstance(key.value, str) and value}
    # a key that is not known, or a tag that is none, leaves the tags open
    value = by_key if len(by_key) == len(pairs) else UNKNOWN
    return replace(root, value={**root.value, "Tags": replace(tags, value=value)})


def _is_arn(node: TemplateNode) -> bool:
    text = node.value.text if isinstance(node.value, Pattern) else node.value
    return isinstance(text, str) and text.startswith("arn:")


def _kind_of(node: TemplateNode, shape: str, name: str) -> tuple[str, str]:
    """Structure and type of a member; both empty for texts and what is in maps."""
    if not shape:
        return "", ""
    members, kinds = _shapes()
    if name not in members[shape]:
        raise node.error(f"{shape} has no member {shown(name)}", nearest(name, members[shape]))
    return members[shape][name], kinds.get(shape, {}).get(name, "")


def _scalar(
    value: str | Bare | Unknown | Pattern | None, kind: str
) -> str | int | float | bool | Unknown | Pattern | None:
    if value is None or isinstance(value, (Pattern, Unknown)):
        # a number of which a part is known is not known
        return UNKNOWN if isinstance(value, Pattern) and kind else value
    text = value.text if isinstance(value, Bare) else value
    if not kind:
        return bare_text(value) if isinstance(value, Bare) else text
    if kind == "boolean":
        truth = is_truth(text, bare=isinstance(value, Bare))
        return text if truth is None else truth
    if re.fullmatch(_WHOLE, text):
        return int(text)
    if re.fullmatch("-?0[0-9]+", text):
        # octal or decimal, according to who reads it
        return UNKNOWN
    if kind in ("float", "double") and re.fullmatch(_DECIMAL, text) and math.isfinite(float(text)):
        return float(text)
    return text
