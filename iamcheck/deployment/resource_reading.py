"""Reads the written requests of what a deployment makes besides: what permissions depend on, or why it is not known.

Nothing is refused here: what AWS would refuse is for AWS to say, and is as unknown as what is known only when the
deployment is made.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Final, NamedTuple

from iamcheck.deployment.features import Tag, Tags
from iamcheck.deployment.located import UNKNOWN, Pattern, Tool, Unknown
from iamcheck.deployment.reading import is_role, read_tags, text_of
from iamcheck.deployment.resources import (
    AlarmRequest,
    InferenceComponentRequest,
    ModelPackageGroupRequest,
    ModelPackageRequest,
    ScalableTargetRequest,
    ScalingPolicyRequest,
)
from iamcheck.deployment.unsettled import Unsettled, settle_with
from iamcheck.errors import InvalidInputError
from iamcheck.iam.catalogue import NameKind, validate_name
from iamcheck.iam.model.json_text import shown

if TYPE_CHECKING:
    from collections.abc import Callable

    from iamcheck.deployment.located import Member, Operation, WrittenRequest
    from iamcheck.deployment.resources import ResourceRequest

__all__ = ["READERS", "ReadingContext", "open_text", "read_resource"]

_REFUSED: Final = "is not what AWS accepts"
_CORRECT: Final = "correct it"
_PART: Final = "[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?"
_RESOURCE_ID: Final = f"endpoint/{_PART}/variant/{_PART}|inference-component/{_PART}"
"""https://docs.aws.amazon.com/autoscaling/application/APIReference/API_RegisterScalableTarget.html, ResourceId."""
_DIMENSION: Final = r"sagemaker:[a-z-]+:[A-Za-z]+"
_ALARM: Final = r"[^\x00-\x1f*?$]{1,255}"
"""A name of an alarm; `*`, `?` and `$` in it would be wildcards and variables in the policy that names it."""
_WITH_TAG_MAP: Final = ("RegisterScalableTarget",)
"""Operations whose tags are a map by their keys."""
_GROUP_ARN: Final = r"arn:[^:]*:sagemaker:[^:]*:[^:]*:model-package-group/"


class ReadingContext(NamedTuple):
    """What is settled of a deployment when its other requests are read.

    Args:
        tool: What makes the calls.
        endpoint_name: Name of its endpoint, or the pattern of it; None: not known, or there is none.
        open_endpoint: What the source itself says of that name, `*` for what it leaves open; None: it says the name.
        name_patterns: Patterns for names that are known only when the deployment is made, by the member that has them.
        is_separate: Whether a script makes the requests beside a template or plan.
        components: The names of its inference components that the source leaves open: what it says of each, and the
            name or the pattern of it.
    """

    tool: Tool
    endpoint_name: str | None = None
    open_endpoint: str | None = None
    name_patterns: Mapping[str, str] = MappingProxyType({})
    is_separate: bool = False
    components: tuple[tuple[str, str], ...] = ()


class _ResourceReading:
    """The reading of one request, which collects what is not known.

    Args:
        request: The request.
        context: What is settled of the deployment.
    """

    def __init__(self, request: WrittenRequest, context: ReadingContext) -> None:
        self.request, self.context = request, context
        self.unsettled: list[Unsettled] = []

    def member(self, *names: str) -> Member | None:
        """A member of the request, by the names that lead to it."""
        found: Member | None = self.request.root
        for name in names:
            found = None if found is None else found if found.value is UNKNOWN else found.get(name)
        return found

    def text(self, *names: str) -> str | Unknown | None:
        """A text of the request; None where it has none."""
        return text_of(self.member(*names))

    def name(
        self, member_name: str, what: str, is_valid: Callable[[str], bool], pattern: str | None = None
    ) -> str | Unknown:
        """A name that permissions depend on, or the pattern of it; what is not known is unsettled.

        Args:
            member_name: The member.
            what: What it names, in words.
            is_valid: Whether AWS would take a name; `x` stands in it for what is not known.
            pattern: What the user says of a name that is known only when the deployment is made.

        Raises:
            InvalidInputError: AWS would take no name of that pattern.
        """
        member = self.member(member_name)
        if member is None:
            self.unsettled.append(Unsettled(what, "is missing", self.request.place, _CORRECT))
            return UNKNOWN
        substituted = self._substituted(member, member_name)
        value = member.value if substituted is None else Pattern(substituted) if "*" in substituted else substituted
        if isinstance(value, str) and is_valid(value):
            return value
        # a plan itself says that the rest is made up
        is_settled = substituted is not None or self.context.tool is Tool.TERRAFORM
        if isinstance(value, Pattern) and is_settled and is_valid(value.text.replace("*", "x")):
            return value.text
        is_later = value is UNKNOWN or isinstance(value, Pattern)
        if is_later and pattern is not None:
            if not is_valid(pattern.replace("*", "x")):
                raise InvalidInputError(
                    f"{shown(pattern)} is not a text that AWS accepts for {what}",
                    where="--name-pattern",
                    cure="correct it",
                )
            return pattern
        self.unsettled.append(
            settle_with(what, member.place, member.causes)
            if is_later
            else Unsettled(what, _REFUSED, member.place, _CORRECT)
        )
        return UNKNOWN

    def _substituted(self, member: Member, member_name: str) -> str | None:
        """The value with the name, or the pattern, of what the source refers to in it; None: it refers to nothing."""
        value, name = member.value, self.context.endpoint_name
        refers = name is not None and member_name in self.request.endpoint_members
        if name is not None and refers and member_name == "EndpointName" and not isinstance(value, str):
            return name
        if not isinstance(value, Pattern):
            return None
        kind, _, rest = value.text.partition("/")
        open_name, slash, variant = rest.partition("/")
        if name is not None and refers and kind == "endpoint" and open_name == self.context.open_endpoint:
            return f"{kind}/{name}{slash}{variant}"
        names = {settled for written, settled in self.context.components if written == rest}
        return f"{kind}/{names.pop()}" if kind == "inference-component" and len(names) == 1 else None

    def role(self, what: str, *names: str) -> str | Unknown | None:
        """A role that the request passes; what is not known is unsettled."""
        member = self.member(*names)
        role = text_of(member)
        if role is None or (isinstance(role, str) and is_role(role)):
            return role
        if member is not None:
            self.unsettled.append(
                settle_with(what, member.place, member.causes)
                if role is UNKNOWN
                else Unsettled(what, _REFUSED, member.place, _CORRECT)
            )
        return UNKNOWN

    def tags(self, what: str) -> Tags | Unknown:
        """The tags; that they are not known is unsettled."""
        member = self.member("Tags")
        if member is not None and isinstance(member.value, Mapping) and self.request.operation in _WITH_TAG_MAP:
            return Tags(tuple(Tag(key, _known(one)) for key, one in member.value.items()), self.request.open_tags)
        found = read_tags(member, self.request.open_tags)
        if found is UNKNOWN and member is not None:
            self.unsettled.append(settle_with(f"whether {what} has tags", member.place, member.causes))
        return found


def open_text(member: Member | None) -> str | None:
    """What is written of a name that is open, `*` for what is not known; None: the name is known."""
    if member is None or member.value is UNKNOWN:
        return "*"
    return member.value.text if isinstance(member.value, Pattern) else None


def read_resource(request: WrittenRequest, context: ReadingContext) -> tuple[ResourceRequest, tuple[Unsettled, ...]]:
    """What a request makes, and what permissions depend on of it and is not known.

    Args:
        request: The request, of one of the operations of `READERS`.
        context: What is settled of the deployment.
    """
    reading = _ResourceReading(request, context)
    return READERS[request.operation](reading), tuple(reading.unsettled)


def _component(reading: _ResourceReading) -> InferenceComponentRequest:
    name = reading.name(
        "InferenceComponentName",
        "the name of the inference component",
        _is_name(NameKind.INFERENCE_COMPONENT),
        reading.context.name_patterns.get("InferenceComponentName"),
    )
    endpoint = reading.name("EndpointName", f"the endpoint of {_named('the inference component', name)}", _is_endpoint)
    return InferenceComponentRequest(
        name,
        endpoint_name=endpoint,
        model_name=_model_of(reading),
        tags=reading.tags(_named("the inference component", name)),
        is_separate=reading.context.is_separate,
        written=reading.request,
    )


def _model_of(reading: _ResourceReading) -> str | Unknown | None:
    """The model of the specification; of several specifications only one that all of them have."""
    several = reading.member("Specifications")
    if several is None:
        return reading.text("Specification", "ModelName")
    models = {text_of(one.get("ModelName")) for one in several.items()}
    return next(iter(models)) if len(models) == 1 and reading.member("Specification") is None else UNKNOWN


def _scalable_target(reading: _ResourceReading) -> ScalableTargetRequest:
    name = reading.name("ResourceId", "what the scalable target scales (ResourceId)", _matches(_RESOURCE_ID))
    what = _named("the scalable target", name)
    return ScalableTargetRequest(
        name,
        dimension=reading.name("ScalableDimension", f"the dimension of {what}", _matches(_DIMENSION)),
        role_arn=reading.role(f"the role of {what}", "RoleARN"),
        tags=reading.tags(what),
        is_separate=reading.context.is_separate,
        written=reading.request,
    )


def _scaling_policy(reading: _ResourceReading) -> ScalingPolicyRequest:
    name = reading.name("ResourceId", "what the scaling policy scales (ResourceId)", _matches(_RESOURCE_ID))
    policy_type = reading.text("PolicyType")
    return ScalingPolicyRequest(
        name,
        dimension=reading.name(
            "ScalableDimension", f"the dimension of {_named('the scaling policy', name)}", _matches(_DIMENSION)
        ),
        tracks_target=UNKNOWN if policy_type is UNKNOWN else policy_type == "TargetTrackingScaling",
        is_separate=reading.context.is_separate,
        written=reading.request,
    )


def _alarm(reading: _ResourceReading) -> AlarmRequest:
    name = reading.name(
        "AlarmName", "the name of the alarm", _matches(_ALARM), reading.context.name_patterns.get("AlarmName")
    )
    actions = reading.member("AlarmActions")
    others = [reading.member(one) for one in ("OKActions", "InsufficientDataActions")]
    texts = (
        () if actions is None else tuple(action.value for action in actions.items() if isinstance(action.value, str))
    )
    is_known = actions is None or (isinstance(actions.value, tuple) and len(texts) == len(actions.value))
    return AlarmRequest(
        name,
        actions=texts if is_known and all(other is None or other.value == () for other in others) else UNKNOWN,
        tags=reading.tags(_named("the alarm", name)),
        is_separate=reading.context.is_separate,
        written=reading.request,
    )


def _model_package_group(reading: _ResourceReading) -> ModelPackageGroupRequest:
    is_valid = _is_name(NameKind.MODEL_PACKAGE)
    name = reading.name("ModelPackageGroupName", "the name of the model package group", is_valid)
    return ModelPackageGroupRequest(
        name,
        tags=reading.tags(_named("the model package group", name)),
        is_separate=reading.context.is_separate,
        written=reading.request,
    )


def _model_package(reading: _ResourceReading) -> ModelPackageRequest:
    is_name = _is_name(NameKind.MODEL_PACKAGE)
    if reading.member("ModelPackageGroupName") is not None:
        group = reading.name(
            "ModelPackageGroupName",
            "the group of the model package",
            lambda text: is_name(re.sub(f"^{_GROUP_ARN}", "", text)),
        )
        # AWS makes the number of the version up
        name = f"{re.sub(f'^{_GROUP_ARN}', '', group)}/*" if isinstance(group, str) else UNKNOWN
    else:
        name = reading.name("ModelPackageName", "the name of the model package", is_name)
    what = _named("the model package", name)
    metadata = reading.member("CustomerMetadataProperties")
    values = {} if metadata is None else metadata.value
    return ModelPackageRequest(
        name,
        approval_status=reading.text("ModelApprovalStatus"),
        stage=reading.text("ModelLifeCycle", "Stage"),
        stage_status=reading.text("ModelLifeCycle", "StageStatus"),
        metadata={key: _known(value) for key, value in values.items()} if isinstance(values, Mapping) else UNKNOWN,
        validation_role_arn=reading.role(f"the validation role of {what}", "ValidationSpecification", "ValidationRole"),
        tags=reading.tags(what),
        is_separate=reading.context.is_separate,
        written=reading.request,
    )


READERS: Final[Mapping[Operation, Callable[[_ResourceReading], ResourceRequest]]] = {
    "CreateInferenceComponent": _component,
    "RegisterScalableTarget": _scalable_target,
    "PutScalingPolicy": _scaling_policy,
    "PutMetricAlarm": _alarm,
    "CreateModelPackageGroup": _model_package_group,
    "CreateModelPackage": _model_package,
}
"""How the request of each operation is read."""


def _known(member: Member) -> str | Unknown:
    return member.value if isinstance(member.value, str) else UNKNOWN


def _named(what: str, name: str | Unknown) -> str:
    return f"{what} {name}" if isinstance(name, str) else what


def _is_name(kind: NameKind) -> Callable[[str], bool]:
    def is_valid(text: str) -> bool:
        try:
            validate_name(kind, text)
        except InvalidInputError:
            return False
        return True

    return is_valid


def _is_endpoint(text: str) -> bool:
    return _is_name(NameKind.ENDPOINT)(text)


def _matches(pattern: str) -> Callable[[str], bool]:
    return lambda text: re.fullmatch(pattern, text) is not None
