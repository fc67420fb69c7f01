"""Finds what the models and the endpoint config of a deployment make SageMaker use, as the execution role.

Names of members: https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_CreateModel.html and
https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_CreateEndpointConfig.html
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import chain
from typing import TYPE_CHECKING

from iamcheck.deployment.located import Pattern
from iamcheck.deployment.unsettled import Unsettled
from iamcheck.iam.model import Place
from iamcheck.permissions.execution_role.containers import network_uses
from iamcheck.permissions.execution_role.kinds import RoleUse, UseKind
from iamcheck.permissions.execution_role.places import Unclear, key_of, role_of, s3_place, topic_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from iamcheck.deployment.located import Member, WrittenRequest
    from iamcheck.permissions.execution_role.places import Home
    from iamcheck.permissions.execution_role.walk import Walk

__all__ = ["RoleInputs", "config_uses", "endpoint_uses", "execution_roles", "given_uses", "unnamed_models"]


@dataclass(frozen=True)
class RoleInputs:
    """What the permissions of an execution role follow from.

    Args:
        endpoint_name: Name of the endpoint, `*` standing for a part that is known only later; None: not known.
        config: The CreateEndpointConfig request; None: not known.
        models: The CreateModel requests of the models that the role serves.
        endpoint: The CreateEndpoint request; None: not known.
        async_inputs: S3 URIs of the folders where inputs of asynchronous inference will be: no request names them.
        model_data_keys: KMS keys that the model data are encrypted with: no request names them.
    """

    endpoint_name: str | None
    config: WrittenRequest | None
    models: tuple[WrittenRequest, ...]
    endpoint: WrittenRequest | None
    async_inputs: tuple[str, ...] = ()
    model_data_keys: tuple[str, ...] = ()

    def serving(self, role: str | None) -> RoleInputs:
        """The same without the models of other roles than this; None: of any role."""
        if role is None:
            return self
        roles = [(model, model.root.get("ExecutionRoleArn")) for model in self.models]
        # a role that is known only later may be this one
        others = [model for model, named in roles if named and isinstance(named.value, str) and named.value != role]
        return replace(self, models=tuple(model for model in self.models if model not in others))


def execution_roles(config: WrittenRequest | None, models: Sequence[WrittenRequest]) -> tuple[str, ...]:
    """The ARNs of the roles that are named, each once: the models' and the endpoint config's own."""
    requests = (*models, *(() if config is None else (config,)))
    named = (request.root.get("ExecutionRoleArn") for request in requests)
    arns = (member.value for member in named if member is not None and isinstance(member.value, str))
    return tuple(dict.fromkeys(text for text in arns if role_of(text) == text))


def config_uses(walk: Walk, config: Member, home: Home, inputs: Sequence[str]) -> Iterator[RoleUse]:
    """What a CreateEndpointConfig request makes SageMaker use, but for its models."""
    yield from _capture_uses(walk, config, home)
    yield from _async_uses(walk, config, home, inputs)
    for variant in _variants(walk, config):
        dump = walk.object(variant, "CoreDumpConfig")
        if dump is not None:
            yield from _written_below(walk, dump, "DestinationS3Uri", UseKind.CORE_DUMP, home)
            yield from _key_uses(walk, dump, UseKind.CORE_DUMP_KEY, home)
    yield from network_uses(walk, config, home)
    clarify = walk.object(walk.object(config, "ExplainerConfig"), "ClarifyExplainerConfig")
    baseline = walk.object(walk.object(clarify, "ShapConfig"), "ShapBaselineConfig")
    uri = walk.there(baseline, "ShapBaselineUri")
    if uri is not None:
        walk.unclear(uri, Unclear("is read for explanations, whose permissions are not covered", "give ShapBaseline"))


def _variants(walk: Walk, config: Member) -> Iterator[Member]:
    yield from chain.from_iterable(
        walk.items(config, name) for name in ("ProductionVariants", "ShadowProductionVariants")
    )


def _capture_uses(walk: Walk, config: Member, home: Home) -> Iterator[RoleUse]:
    capture = walk.object(config, "DataCaptureConfig")
    if capture is None:
        return
    switch = capture.get("EnableCapture")
    if switch is not None and switch.value is False:
        return
    if switch is not None and switch.value not in (None, True):
        walk.unclear(switch, Unclear("is not known to be true or false", "write it out"))
        return
    yield from _written_below(walk, capture, "DestinationS3Uri", UseKind.CAPTURE, home)
    yield from _key_uses(walk, capture, UseKind.CAPTURE_KEY, home)


def _async_uses(walk: Walk, config: Member, home: Home, inputs: Sequence[str]) -> Iterator[RoleUse]:
    inference = walk.object(config, "AsyncInferenceConfig")
    if inference is None:
        return
    output = walk.object(inference, "OutputConfig")
    if output is not None:
        yield from _written_below(walk, output, "S3OutputPath", UseKind.ASYNC_OUTPUT, home)
        yield from _written_below(walk, output, "S3FailurePath", UseKind.ASYNC_FAILURE, home)
        yield from _key_uses(walk, output, UseKind.ASYNC_KEY, home)
        topics = walk.object(output, "NotificationConfig")
        for name in ("SuccessTopic", "ErrorTopic"):
            topic = walk.there(topics, name)
            text = walk.text(topic)
            if topic is not None and text is not None:
                arn = walk.settled(topic, topic_of(text))
                if arn is not None:
                    yield RoleUse(UseKind.ASYNC_TOPIC, arn, topic.place)
    if not inputs:
        walk.unclear(
            inference,
            Unclear("takes inputs from S3, and no request says from where", "say where with --async-input s3://..."),
        )


def _written_below(walk: Walk, owner: Member, name: str, kind: UseKind, home: Home) -> Iterator[RoleUse]:
    uri = walk.there(owner, name)
    text = walk.text_or_pattern(uri)
    if uri is not None and text is not None:
        place = walk.settled(uri, s3_place(text[0], is_pattern=text[1]))
        if place is not None:
            yield RoleUse(kind, place.arn(home.partition, below=True), uri.place)


def _key_uses(walk: Walk, owner: Member, kind: UseKind, home: Home) -> Iterator[RoleUse]:
    key = walk.there(owner, "KmsKeyId")
    text = walk.text(key)
    if key is not None and text is not None:
        key_value = walk.settled(key, key_of(text, home))
        if key_value is not None:
            yield RoleUse(kind, key_value.arn, key.place, key_value.context)


def endpoint_uses(walk: Walk, endpoint: Member, home: Home) -> Iterator[RoleUse]:
    """What a CreateEndpoint request makes SageMaker use: the alarms that roll an update back."""
    rollback = walk.object(walk.object(endpoint, "DeploymentConfig"), "AutoRollbackConfiguration")
    for alarm in walk.items(rollback, "Alarms"):
        name = walk.there(alarm, "AlarmName")
        text = walk.text(name)
        if name is None:
            walk.unclear(alarm, Unclear("names no alarm", "give AlarmName"))
        elif text is not None and ("*" in text or "?" in text or "$" in text):
            walk.unclear(name, Unclear(f"is not what policies take literally: {text!r}", "name it without *, ? and $"))
        elif text is not None:
            yield RoleUse(UseKind.ALARM, home.arn("cloudwatch", f"alarm:{text}"), name.place)


def unnamed_models(walk: Walk, config: Member, models: Sequence[WrittenRequest]) -> None:
    """Notes each variant of which the model was not given."""
    named = [walk.there(model.root, "ModelName") for model in models]
    texts = {_name(member) for member in named if member is not None}
    # as many models of unknown name as variants that name one: it may be these
    later = sum(1 for member in named if member is None or _name(member) is None)
    for variant in _variants(walk, config):
        pools = (walk.there(pool, "ModelNameOverride") for pool in walk.items(variant, "InstancePools"))
        names = [walk.there(variant, "ModelName"), *(pool for pool in pools if pool is not None)]
        for name in names:
            text = None if name is None else _name(name)
            if name is None and not models:
                walk.unclear(variant, Unclear("names no model", _GIVE_MODEL))
            elif name is None or (text is not None and text in texts):
                continue
            elif text is None and later:
                later -= 1
            else:
                name_shown = "" if text is None else f" {text!r}"
                walk.unclear(name, Unclear(f"names the model{name_shown}, whose request was not given", _GIVE_MODEL))


_GIVE_MODEL = "give the model's CreateModel request with --model-request"


def _name(member: Member) -> str | None:
    if isinstance(member.value, Pattern):
        return member.value.text
    return member.value if isinstance(member.value, str) else None


def given_uses(inputs: RoleInputs, home: Home) -> Iterator[RoleUse | Unsettled]:
    """What was said besides the requests."""
    for uri in inputs.async_inputs:
        place = s3_place(uri)
        if isinstance(place, Unclear):
            yield Unsettled(uri, place.why, Place(label="--async-input"), place.cure)
        else:
            yield RoleUse(UseKind.ASYNC_INPUT, place.arn(home.partition, below=True), Place(label="--async-input"))
    for text in inputs.model_data_keys:
        key = key_of(text, home)
        if isinstance(key, Unclear):
            yield Unsettled(text, key.why, Place(label="--model-data-key"), key.cure)
        else:
            yield RoleUse(UseKind.MODEL_KEY, key.arn, Place(label="--model-data-key"), key.context)
