"""Makes whole policies over a grid of deployments, with what `--pin` does not narrow and why.

A statement and a reason are written once in a text; policies are lists of their labels.
"""

from __future__ import annotations

import json
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any, Final
from zlib import crc32

from iamcheck.deployment import Deployment, PartialDeployment
from iamcheck.deployment.features import ConfigRequest, EndpointRequest, ModelRequest, ProductionVariant, Tag, Tags, Vpc
from iamcheck.deployment.located import Tool, WrittenDelete, WrittenDeployment
from iamcheck.deployment.resources import (
    AlarmRequest,
    InferenceComponentRequest,
    ModelPackageGroupRequest,
    ModelPackageRequest,
    ScalableTargetRequest,
    ScalingPolicyRequest,
)
from iamcheck.deployment.unknown import UNKNOWN
from iamcheck.deployment.unsettled import Unsettled
from iamcheck.errors import IamcheckError
from iamcheck.iam.model import Place
from iamcheck.permissions import SCOPES
from iamcheck.policies.checker import checker_of
from iamcheck.policies.environment import packaged_folder
from iamcheck.policies.execution_role import execution_role_of, generate_execution_role_policy
from iamcheck.policies.families import beyond_one_deployment
from iamcheck.policies.merging import merged_document
from iamcheck.policies.pins import unpinned
from iamcheck.policies.rendering import MANAGED_POLICY_LIMIT, generate_policy, render_policy
from iamcheck.policies.splitting import POLICIES_OF_A_ROLE, split_policy
from iamcheck.policies.trust import generate_execution_role_trust, generate_exporter
from tests.examples import EXAMPLES, config_of, endpoint_of, example, model_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from iamcheck.results import Json
    from tests.approved import Corpus

__all__ = ["TEXTS"]

HERE: Final[dict[str, Any]] = {"region": "eu-west-1", "account_id": "123456789012"}
PREFIX: Final = ":eu-west-1:123456789012:"
TEAM: Final = Tags((Tag("team", "ml"),))
BOTH: Final = Tags((Tag("team", "ml"), Tag("Cost", "")))
OF_STACK: Final = Tags((Tag("team", "ml"),), "aws:cloudformation:")
ANY: Final = Tags((), "")
ROLE: Final = "arn:aws:iam::123456789012:role/exec"
OTHER_ROLE: Final = "arn:aws:iam::123456789012:role/another"
KEY: Final = "arn:aws:kms:eu-west-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab"
INSTANCES: Final = "sagemaker:variant:DesiredInstanceCount"
COPIES: Final = "sagemaker:inference-component:DesiredCopyCount"
NETWORK: Final = Vpc(("sg-1", "sg-2"), ("subnet-1",))
PLACE: Final = Place("plan.json")
A: Final = ProductionVariant("m", "ml.m5.large", initial_instance_count=1)
S: Final = ProductionVariant("m", is_serverless=True, memory_mb=2048, max_concurrency=5)


def written(tool: Tool = Tool.SDK, **more: Any) -> WrittenDeployment:  # noqa: ANN401  fields
    """A source that writes both requests."""
    names: dict[str, Any] = {"EndpointName": "churn", "EndpointConfigName": "churn-v7"}
    both = {"endpoint": endpoint_of(names), "config": config_of({"EndpointConfigName": "churn-v7"})}
    return WrittenDeployment(tool, "here", **{**both, **more})


def made(endpoint: str | None = "churn", config: str = "churn-v7", **more: Any) -> Deployment:  # noqa: ANN401  fields
    """A deployment in one place."""
    return Deployment(endpoint, config, **{**HERE, **more})


def variants(*some: ProductionVariant, **more: Any) -> Deployment:  # noqa: ANN401  fields
    """A deployment of an endpoint config with variants."""
    return made(config_request=ConfigRequest(some, **more), endpoint_request=EndpointRequest())


def _deletes(*some: tuple[str, object] | tuple[str, object, object]) -> tuple[WrittenDelete, ...]:
    whole: list[Any] = [(*one, None) if len(one) == 2 else one for one in some]
    return tuple(WrittenDelete(operation, name, PLACE, dimension) for operation, name, dimension in whole)


NAMES: Final[Mapping[str, Deployment]] = {
    "names": made(),
    "names with capitals": made("Churn", "Churn-V7"),
    "names in China": made(region="cn-north-1"),
    "patterns": made("churn-*", "Churn-*", names_are_patterns=True),
    "one pattern": made("churn-*", names_are_patterns=True),
    "a config alone": made(None, written=written(endpoint=None)),
    "an endpoint alone, of a template": made(written=written(Tool.CLOUDFORMATION, config=None)),
    "an endpoint alone, of a script": made(written=written(config=None)),
    "a config that exists": made(
        written=written(config_exists=True),
        config_request=ConfigRequest((A,), TEAM, KEY, ROLE),
        endpoint_request=EndpointRequest(TEAM),
    ),
    "a template": made(written=written(Tool.CLOUDFORMATION)),
    "a plan": made(written=written(Tool.TERRAFORM)),
}

REQUESTS: Final[Mapping[str, Deployment]] = {
    "tags of both": made(endpoint_request=EndpointRequest(TEAM), config_request=ConfigRequest((A,), BOTH)),
    "tags of one": made(endpoint_request=EndpointRequest(BOTH)),
    "tags of a stack": made(
        endpoint_request=EndpointRequest(OF_STACK),
        config_request=ConfigRequest((A,), OF_STACK),
        written=written(Tool.CLOUDFORMATION),
    ),
    "any tags": made(endpoint_request=EndpointRequest(ANY), config_request=ConfigRequest((A,), ANY)),
    "tags that are not known": made(
        endpoint_request=EndpointRequest(UNKNOWN), config_request=ConfigRequest((A,), UNKNOWN)
    ),
    "a tag that is not known": made(
        endpoint_request=EndpointRequest(Tags((Tag("a", UNKNOWN), Tag(UNKNOWN, "b")))),
        config_request=ConfigRequest((A,), Tags((Tag(UNKNOWN, "v"),))),
    ),
    "tags that differ in case": made(endpoint_request=EndpointRequest(Tags((Tag("a", "1"), Tag("A", "2"))))),
    "tags of a config that differ in case": made(config_request=ConfigRequest((), Tags((Tag("a", "1"), Tag("A", ""))))),
    "a tag like a variable": made(endpoint_request=EndpointRequest(Tags((Tag("a", "${aws:username}"),)))),
    "a key like a variable": made(endpoint_request=EndpointRequest(Tags((Tag("${a", "1"),)))),
    "everything": variants(
        A,
        tags=TEAM,
        kms_key_id=KEY,
        execution_role_arn=ROLE,
        vpc=NETWORK,
        network_isolation=True,
    ),
    "a key id and no isolation": variants(A, kms_key_id="1234", network_isolation=False),
    "an alias, and isolation that is not known": variants(A, kms_key_id="alias/mine", network_isolation=UNKNOWN),
    "the ARN of an alias": variants(A, kms_key_id="arn:aws:kms:eu-west-1:123456789012:alias/mine"),
    "a key that is not known": variants(A, kms_key_id=UNKNOWN, execution_role_arn=UNKNOWN),
    "a network that is not known": variants(A, vpc=Vpc(UNKNOWN, UNKNOWN)),
    "an empty network": variants(A, vpc=Vpc((), ())),
    "a network with security groups alone": variants(A, vpc=Vpc(("sg-1",), UNKNOWN)),
    "two instance types": variants(A, replace(A, instance_type="ml.g5.xlarge")),
    "two variants alike": variants(A, A),
    "an instance type that is not known": variants(A, replace(A, instance_type=UNKNOWN)),
    "two models": variants(A, replace(A, model_name="n")),
    "a model with capitals": variants(replace(A, model_name="Mine")),
    "a model that is not known": variants(replace(A, model_name=UNKNOWN)),
    "no model": variants(replace(A, model_name=None)),
    "pools": variants(replace(A, has_instance_pools=True)),
    "pools alone": variants(ProductionVariant(has_instance_pools=True)),
    "an accelerator": variants(replace(A, accelerator_type="ml.eia2.medium")),
    "serverless": variants(S),
    "serverless, alike": variants(S, S),
    "serverless, of two sizes": variants(S, replace(S, memory_mb=1024, max_concurrency=7)),
    "serverless and not": variants(S, A),
    "serverless, perhaps": variants(replace(S, is_serverless=UNKNOWN)),
    "serverless, of sizes that are not known": variants(replace(S, memory_mb=UNKNOWN, max_concurrency=UNKNOWN)),
    "serverless without sizes": variants(replace(S, memory_mb=None, max_concurrency=None)),
    "variants that are not known": made(config_request=ConfigRequest(UNKNOWN), endpoint_request=EndpointRequest()),
    "no variants": variants(),
}

MODEL: Final = ModelRequest("m", execution_role_arn=ROLE)
MODELS: Final[Mapping[str, Deployment]] = {
    name: made(model_requests=models, written=written(tool), config_request=ConfigRequest((A,)))
    for name, tool, models in (
        ("a model", Tool.SDK, (MODEL,)),
        ("models of a template", Tool.CLOUDFORMATION, (MODEL, ModelRequest("Second", TEAM, OTHER_ROLE, NETWORK, True))),
        ("models of a plan", Tool.TERRAFORM, (replace(MODEL, tags=BOTH), ModelRequest("n", TEAM, None, None, False))),
        ("a model of a script beside a plan", Tool.TERRAFORM, (replace(MODEL, is_separate=True),)),
        ("a model that is half known", Tool.SDK, (ModelRequest("m", OF_STACK, UNKNOWN, Vpc(UNKNOWN, ()), UNKNOWN),)),
        ("a model with subnets that are not known", Tool.SDK, (ModelRequest("m", ANY, ROLE, Vpc((), UNKNOWN)),)),
        ("a model of an empty network", Tool.SDK, (ModelRequest("m", UNKNOWN, ROLE, Vpc()),)),
        ("a model without a name", Tool.SDK, (ModelRequest(UNKNOWN, TEAM, ROLE),)),
        ("models with tags that differ in case", Tool.SDK, (ModelRequest("m", Tags((Tag("k", ""), Tag("K", "")))),)),
    )
}

COMPONENT: Final = InferenceComponentRequest("ic", "churn", "m")
TARGET: Final = ScalableTargetRequest("endpoint/churn/variant/a", INSTANCES)
SCALED: Final = ScalableTargetRequest("inference-component/ic", COPIES)
TRACKS: Final = ScalingPolicyRequest("endpoint/churn/variant/a", INSTANCES, True)
GROUP: Final = ModelPackageGroupRequest("group")
PACKAGE: Final = ModelPackageRequest("group/*", "Approved")
ALARM: Final = AlarmRequest("errors: p99", tags=TEAM)


def with_resources(*requests: Any, tool: Tool = Tool.SDK, **more: Any) -> Deployment:  # noqa: ANN401  fields
    """A deployment that makes something besides."""
    return made(resource_requests=requests, written=written(tool), **more)


RESOURCES: Final[Mapping[str, Deployment]] = {
    "patterns": with_resources(
        replace(COMPONENT, name="ic-*", endpoint_name="churn-*"),
        endpoint="churn-*",
        config="churn-v*",
        names_are_patterns=True,
        model_requests=(ModelRequest("m-*"), ModelRequest("n")),
    ),
    "a component": with_resources(COMPONENT),
    "a component of a template": with_resources(replace(COMPONENT, tags=TEAM), tool=Tool.CLOUDFORMATION),
    "a component of a plan": with_resources(replace(COMPONENT, name="IC"), tool=Tool.TERRAFORM),
    "a component of a script beside a template": with_resources(
        replace(COMPONENT, is_separate=True), tool=Tool.CLOUDFORMATION
    ),
    "components": with_resources(
        replace(COMPONENT, tags=TEAM),
        InferenceComponentRequest("other", "churn", "Second"),
        InferenceComponentRequest("adapter", "churn"),
        InferenceComponentRequest("open", "churn", UNKNOWN),
        InferenceComponentRequest("elsewhere", "other-endpoint", "m"),
        InferenceComponentRequest(UNKNOWN, "churn", "m"),
    ),
    "components under a stack": with_resources(
        replace(COMPONENT, tags=replace(BOTH, open_prefix="aws:cloudformation:")),
        replace(COMPONENT, name="b", tags=Tags((Tag("owner", "x"),), "aws:cloudformation:")),
        replace(COMPONENT, name="c", tags=Tags((), "aws:cloudformation:")),
        replace(COMPONENT, name="d", tags=ANY),
        replace(COMPONENT, name="e", tags=UNKNOWN),
        tool=Tool.CLOUDFORMATION,
    ),
    "targets": with_resources(replace(TARGET, tags=TEAM, role_arn=ROLE), SCALED),
    "targets with tags and none": with_resources(
        TARGET,
        replace(TARGET, name="endpoint/churn/variant/b", tags=TEAM),
        replace(TARGET, name="endpoint/churn/variant/c", tags=replace(BOTH, open_prefix="aws:cloudformation:")),
    ),
    "targets of a plan": with_resources(TARGET, SCALED, tool=Tool.TERRAFORM),
    "targets of a script beside a plan": with_resources(replace(TARGET, is_separate=True), tool=Tool.TERRAFORM),
    "targets of a template": with_resources(TARGET, tool=Tool.CLOUDFORMATION),
    "a target of another endpoint": with_resources(replace(TARGET, name="endpoint/other/variant/a", role_arn=UNKNOWN)),
    "a target in another spelling": with_resources(replace(TARGET, name="endpoint/Churn/variant/a")),
    "a target without a name": with_resources(replace(TARGET, name=UNKNOWN)),
    "a target where the role is there": with_resources(TARGET, service_linked_role=True),
    "a target where the role is not there": with_resources(TARGET, service_linked_role=False),
    "a target of a config alone": made(None, resource_requests=(TARGET,), written=written(endpoint=None)),
    "policies": with_resources(TRACKS, replace(TRACKS, name="inference-component/ic", tracks_target=False)),
    "policies of a plan": with_resources(
        TARGET, TRACKS, replace(TRACKS, tracks_target=UNKNOWN, is_separate=True), tool=Tool.TERRAFORM
    ),
    "a policy without a name": with_resources(replace(TRACKS, name=UNKNOWN)),
    "registered targets": made(registered_targets=(TARGET, SCALED)),
    "no registered targets": made(registered_targets=()),
    "alarms": with_resources(ALARM, AlarmRequest("plain")),
    "alarms of a plan": with_resources(ALARM, tool=Tool.TERRAFORM),
    "alarms of a template": with_resources(replace(ALARM, tags=OF_STACK), tool=Tool.CLOUDFORMATION),
    "packages": with_resources(
        replace(GROUP, tags=TEAM),
        PACKAGE,
        ModelPackageRequest(
            "Mine",
            "PendingManualApproval",
            "Development",
            "Approved",
            {"a": "b", "c": UNKNOWN},
            ROLE,
            TEAM,
        ),
        ModelPackageRequest("open", UNKNOWN, UNKNOWN, None, UNKNOWN, UNKNOWN),
    ),
    "packages of a plan": with_resources(GROUP, tool=Tool.TERRAFORM),
    "packages of a template": with_resources(replace(GROUP, name="Group"), PACKAGE, tool=Tool.CLOUDFORMATION),
}

DELETES: Final[Mapping[str, Deployment]] = {
    name: made(written=written(Tool.TERRAFORM, deletes=_deletes(*deletes)), **more)
    for name, deletes, more in (
        ("the endpoint itself", [("DeleteEndpoint", "churn")], {}),
        ("another endpoint", [("DeleteEndpoint", "old"), ("DeleteEndpoint", "Older"), ("DeleteEndpoint", "old")], {}),
        ("both configs", [("DeleteEndpointConfig", "churn-v6"), ("DeleteEndpointConfig", "churn-v7")], {}),
        (
            "models",
            [("DeleteModel", "m"), ("DeleteModel", "old"), ("DeleteModel", UNKNOWN)],
            {"model_requests": (MODEL,)},
        ),
        (
            "one of each kind of a name",
            [("DeleteEndpoint", "x"), ("DeleteEndpointConfig", "x"), ("DeleteModel", "x")],
            {},
        ),
        ("nothing that is known", [("DeleteEndpoint", UNKNOWN)], {}),
        (
            "scaling",
            [
                ("DeregisterScalableTarget", "endpoint/old/variant/a", INSTANCES),
                ("DeleteScalingPolicy", "endpoint/old/variant/a", INSTANCES),
            ],
            {},
        ),
        ("a scaling policy alone", [("DeleteScalingPolicy", "endpoint/old/variant/a", INSTANCES)], {}),
        ("a target that is not known", [("DeregisterScalableTarget", UNKNOWN, INSTANCES)], {}),
        (
            "alarms and groups",
            [
                *(("DeleteAlarms", "b"), ("DeleteAlarms", "a"), ("DeleteAlarms", "b"), ("DeleteAlarms", UNKNOWN)),
                *(("DeleteModelPackageGroup", "g"), ("DeleteModelPackageGroup", UNKNOWN)),
            ],
            {},
        ),
        ("an alarm and a group of a name", [("DeleteAlarms", "a"), ("DeleteModelPackageGroup", "b")], {}),
        (
            "an endpoint that is scaled",
            [("DeleteEndpoint", "Churn")],
            {"resource_requests": (TARGET, SCALED, replace(TARGET, name=UNKNOWN))},
        ),
        (
            "an endpoint whose targets are registered",
            [("DeleteEndpoint", "churn")],
            {"registered_targets": (replace(TARGET, name="endpoint/CHURN/variant/a"), SCALED)},
        ),
        ("another than the endpoint that is scaled", [("DeleteEndpoint", "old")], {"resource_requests": (TARGET,)}),
        ("a config whose name a scaled endpoint has", [("DeleteModel", "churn")], {"resource_requests": (TARGET,)}),
    )
}


def _short(value: str) -> str:
    return value.replace("arn:aws:sagemaker:eu-west-1:123456789012:", "…")


def _listed(value: Json) -> str:
    return ", ".join(_short(str(one)) for one in (value if isinstance(value, list) else [value]))


def statement_text(statement: Mapping[str, Json]) -> str:
    """A statement in one line, in the order of its members."""
    parts = [
        f"{name} {json.dumps(value) if isinstance(value, dict) else _listed(value)}"
        for name, value in statement.items()
    ]
    return _short(" | ".join(parts))


def _statements(document: Mapping[str, Json]) -> list[Mapping[str, Json]]:
    assert list(document) == ["Version", "Statement"]
    assert document["Version"] == "2012-10-17"
    statements = document["Statement"]
    assert isinstance(statements, list)
    return [one for one in statements if isinstance(one, dict)]


def label(text: str, name: str, texts: dict[str, str]) -> str:
    """What stands for a long text, in any file the same, so that a difference of files is one of texts."""
    short = f"{name}-{crc32(text.encode()):08x}"[:-4]
    assert texts.setdefault(short, text) == text
    return short


def outcome(make: Callable[[], Mapping[str, Json]], texts: dict[str, str]) -> str:
    """The labels of a policy's statements, or the error."""
    try:
        statements = _statements(make())
    except IamcheckError as error:
        return f"{type(error).__name__}: {error}"
    return " ".join(label(statement_text(one), str(one.get("Sid", "")), texts) for one in statements)


def policies_text(deployments: Mapping[str, Deployment], pinned: Sequence[str] = ("create", "lifecycle")) -> str:
    """The policies of deployments in every scope, in some pinned as well; below them the statements and the reasons."""
    lines: list[str] = []
    statements: dict[str, str] = {}
    reasons: dict[str, str] = {}
    for name, deployment in deployments.items():
        by_policy: dict[str, list[str]] = {}
        for pin, scope in (*((False, scope) for scope in SCOPES), *((True, scope) for scope in pinned)):
            what = f"{scope}{', pinned' if pin else ''}"
            policy = outcome(partial(generate_policy, deployment, scope, pin=pin), statements)
            by_policy.setdefault(policy, []).append(what)
        lines += [f"## {name}", "", *(f"{' / '.join(whats)}: {policy}" for policy, whats in by_policy.items())]
        for scope in ("create", "lifecycle"):
            labels = [label(reason, "reason", reasons) for reason in unpinned(deployment, scope)]
            lines.append(f"not pinned ({scope}): {' '.join(labels)}")
            sentences = beyond_one_deployment(render_policy(deployment, scope).policy, deployment)
            lines += [f"family ({scope}): {sentence}" for sentence in sentences]
        lines.append("")
    for title, texts in (("statements", statements), ("reasons", reasons)):
        lines += [f"## {title}", "", *(f"{short}: {text}" for short, text in sorted(texts.items())), ""]
    return "\n".join(lines)


def _plain(action: object, resource: object, **more: object) -> dict[str, Any]:
    return {"Effect": "Allow", "Action": action, "Resource": resource, **more}


def _document(*statements: object) -> dict[str, Any]:
    return {"Version": "2012-10-17", "Statement": [*statements]}


_IF: Final = {"Condition": {"StringEquals": {"a": "b"}}}
_SWAPPED: Final = {"Condition": {"StringEquals": {"c": "d"}, "Bool": {"e": "true"}}}
_SORTED: Final = {"Condition": {"Bool": {"e": "true"}, "StringEquals": {"c": "d"}}}
_DENY: Final = {"Sid": "No", "Effect": "Deny", "Action": "*", "Resource": "*"}
MERGED: Final[Mapping[str, Sequence[dict[str, Any]]]] = {
    "one statement that is no list": [{"Version": "2012-10-17", "Statement": _plain("s:A", "r")}],
    "a text and a list": [_document(_plain("s:A", "r"), _plain(["s:B"], ["r"]))],
    "actions and resources are sorted": [_document(_plain(["s:B", "s:A"], ["z", "y"]))],
    "actions of the same resources": [_document(_plain("s:A", ["x", "y"])), _document(_plain("s:B", ["y", "x"]))],
    "an action of some resources more": [_document(_plain("s:A", "x"), _plain(["s:A", "s:B"], "y"))],
    "under a condition and without": [_document(_plain("s:A", "x"), _plain(["s:A", "s:B"], ["x", "y"], **_IF))],
    "without a condition and under it": [_document(_plain("s:A", ["x", "y"], **_IF)), _document(_plain("s:A", "x"))],
    "under a condition, all granted anyway": [_document(_plain("s:A", "x", **_IF)), _document(_plain("s:A", "x"))],
    "the same conditions in another order": [_document(_plain("s:A", "x", **_SWAPPED), _plain("s:B", "x", **_SORTED))],
    "two conditions": [_document(_plain("s:A", "x", **_IF), _plain("s:A", "x", **_SORTED))],
    "what is no plain Allow": [
        _document(_DENY, _plain("s:A", "x"), _DENY, {"Effect": "Allow", "NotAction": "s:A", "Resource": "x"}),
        _document(_DENY, {"Effect": "Allow", "Action": "s:A", "NotResource": "x"}),
    ],
    "Sids that come again": [
        _document(
            _plain("s:A", "x", Sid="One"),
            _plain("s:A", "y", Sid="One"),
            _plain("s:B", "y", Sid="One"),
            _plain("s:C", "z", Sid="One2"),
            _plain("s:D", "v", Sid="One"),
            _plain("s:E", "w", Sid="One"),
            _plain("s:F", "u"),
        )
    ],
    "Sids of resources": [
        _document(_plain("s:A", "z", Sid="Z"), _plain("s:A", "b"), _plain("s:A", "a"), _plain("s:B", ["a", "b", "z"]))
    ],
    "a Sid of a Deny": [_document(_plain("s:A", "x", Sid="No"), _DENY)],
    "several deployments": [
        generate_policy(REQUESTS["tags of both"], "deploy"),
        generate_policy(NAMES["names with capitals"], "deploy"),
    ],
}


def merged_text() -> str:
    """Policies that are merged."""
    lines: list[str] = []
    for name, documents in MERGED.items():
        lines += [f"## {name}", "", *map(statement_text, _statements(merged_document(documents))), ""]
    return "\n".join(lines)


_THREE: Final = _document(_plain("s:A", "x", Sid="One"), _plain("s:B", "x", Sid="One"), _plain("s:C", "x", Sid="Two"))
_LONG: Final = _document(_plain(["s:A", "s:B", "s:C"], ["a" * 40, "b" * 40, "c" * 40], Sid="Long"), _plain("s:D", "d"))
_ACTIONS: Final = _document(_plain([f"s:Action{number}" for number in range(7)], "x"))
_CONDITION: Final = _document(_plain("s:A", "x", Sid="Fixed", Condition={"StringEquals": {"k": "v" * 200}}))
_NO_SID: Final = _document(_plain("s:A", "x" * 200))
SPLIT: Final[Sequence[tuple[str, dict[str, Any], Iterable[int]]]] = (
    ("statements of one name", _THREE, (100, 105, 106, 107, 158, 159, 160, 161, 162, 163, 230)),
    ("one statement that is no list", {"Version": "2012-10-17", "Statement": _plain("s:A", "x")}, (87, 88, 89)),
    ("resources first", _LONG, (130, 150, 170, 199, 240, 250, 280)),
    ("then actions", _ACTIONS, (100, 110, 150, 180, 190)),
    ("nothing to split by", _CONDITION, (300,)),
    ("nothing to split by, and no Sid", _NO_SID, (200,)),
    (
        "an id",
        {"Version": "2012-10-17", "Id": "mine", "Statement": [_plain("s:A", "x"), _plain("s:B", "y")]},
        (101, 190),
    ),
)


def split_text() -> str:
    """Policies that are split, for limits on both sides of their sizes."""
    lines: list[str] = []
    for name, document, limits in SPLIT:
        lines += [f"## {name}", ""]
        for limit in limits:
            try:
                parts = split_policy(document, limit)
            except IamcheckError as error:
                lines.append(f"{limit}: {error}")
                continue
            assert all(len(json.dumps(part, separators=(",", ":"))) <= limit for part in parts)
            texts = [f"{json.dumps(part['Statement'])}" for part in parts]
            lines += [
                f"{limit}: {len(parts)} with {', '.join(dict.fromkeys(' '.join(part) for part in parts))}",
                *texts,
            ]
        lines.append("")
    return "\n".join(lines)


def _checker(deployment: Deployment | PartialDeployment, principal: str = "user/deployer", **more: Any) -> Any:  # noqa: ANN401
    return partial(checker_of, deployment, f"arn:aws:iam::123456789012:{principal}", **more)


_PARTIAL: Final = PartialDeployment(
    None, "churn-v7", region="eu-west-1", unsettled=(Unsettled("the name", "is open", PLACE, "give it"),)
)
_MODEL_M: Final[dict[str, Any]] = {"ModelName": "m", "ExecutionRoleArn": ROLE}
_OF_ROLE: Final[dict[str, Any]] = {
    "config": config_of({"EndpointConfigName": "churn-v7", "ExecutionRoleArn": ROLE}),
    "models": (model_of(_MODEL_M), model_of({**_MODEL_M, "ExecutionRoleArn": OTHER_ROLE})),
}


def _hosted(**more: Any) -> Deployment:  # noqa: ANN401  members
    """A deployment that is written with its model and its role."""
    variant: Any = {"VariantName": "a", "ModelName": "m", "InstanceType": "ml.m5.large", "InitialInstanceCount": 1}
    config: dict[str, Any] = {
        "EndpointConfigName": "churn-v7",
        "ExecutionRoleArn": ROLE,
        "ProductionVariants": [variant],
        **more,
    }
    image = "123456789012.dkr.ecr.eu-west-1.amazonaws.com/i:1"
    data: Any = {"Image": image, "ModelDataUrl": "s3://models/m.tar.gz", "Environment": {"A": None}}
    model = model_of({**_MODEL_M, "PrimaryContainer": data})
    return made(written=written(config=config_of(config), models=(model,)))


OTHERS: Final[Mapping[str, Callable[[], Mapping[str, Json]]]] = {
    "checker of names": _checker(made()),
    "checker of names, for a role": _checker(made(), "role/path/deployer"),
    "checker of names, for a group": _checker(made(), "group/deployers"),
    "checker of names, for another thing": _checker(made(), "root"),
    "checker of names, with an execution role": _checker(made(), execution_role=ROLE),
    "checker of names, with a probe role": _checker(made(), probe_role="arn:aws:iam::123456789012:role/probe"),
    "checker of one check": _checker(made(), checks=("endpoint-name.ready", "endpoint-name.ready")),
    "checker of two checks": _checker(made(), checks=("models.exist", "quota.instances")),
    "checker of a check that needs nothing": _checker(made(), checks=("policy.minimal",)),
    "checker of a model": _checker(variants(A, A), checks=("models.exist",)),
    "checker of two models": _checker(variants(replace(A, model_name="n"), A), checks=("models.exist",)),
    "checker of a model that is not known": _checker(
        variants(A, replace(A, model_name=UNKNOWN)), checks=("models.exist",)
    ),
    "checker of pools": _checker(variants(replace(A, has_instance_pools=True)), checks=("models.exist",)),
    "checker of no variants": _checker(variants(), checks=("models.exist",)),
    "checker of a key": _checker(variants(A, kms_key_id=KEY), checks=("principal.allowed",)),
    "checker of a key that is not known": _checker(variants(A, kms_key_id=UNKNOWN), checks=("principal.allowed",)),
    "checker of written roles": _checker(
        made(written=written(**_OF_ROLE)), execution_role=ROLE, checks=("execution-role.trusted",)
    ),
    "checker of written roles, of which a role is none": _checker(
        made(written=written()), checks=("execution-role.trusted",)
    ),
    "checker of targets": _checker(with_resources(TARGET), checks=("principal.allowed",)),
    "checker of models that are made": _checker(MODELS["a model"], checks=("model-name.ready", "models.exist")),
    "checker in China": partial(
        checker_of, made(region="cn-north-1"), "arn:aws-cn:iam::123456789012:role/deployer", checks=("sts.active",)
    ),
    "checker of a deployment without names": _checker(_PARTIAL),
    "exporter": partial(generate_exporter, **HERE),
    "exporter in China": partial(generate_exporter, region="cn-north-1", account_id="123456789012"),
    "exporter of no account": partial(generate_exporter, region="eu-west-1", account_id="12345678901"),
    "exporter of an account with a letter": partial(generate_exporter, region="eu-west-1", account_id="12345678901x"),
    "exporter of no Region": partial(generate_exporter, region="eu-west-99", account_id="123456789012"),
    "trust": partial(generate_execution_role_trust, **HERE),
    "trust in the United States": partial(
        generate_execution_role_trust, region="us-gov-west-1", account_id="012345678901"
    ),
    "no deployments": partial(generate_policy, []),
    "one of a list": partial(generate_policy, [made()]),
    "two deployments": partial(generate_policy, [made(), made("other", "churn-v7")], "deploy"),
    "a deployment without names": partial(generate_policy, _PARTIAL),
    "a deployment of which nobody says what is open": partial(generate_policy, replace(_PARTIAL, unsettled=())),
    "role of a deployment": partial(execution_role_of, _hosted(), model_data_keys=[KEY]),
    "role of a deployment, named": partial(execution_role_of, _hosted(), role=OTHER_ROLE),
    "role of a deployment with asynchronous inputs": partial(
        execution_role_of, _hosted(AsyncInferenceConfig={"OutputConfig": {}}), async_inputs=["s3://inputs/a"]
    ),
    "role of names": partial(execution_role_of, made()),
    "role of a deployment without a Region": partial(execution_role_of, replace(_PARTIAL, region=None)),
    "role of a deployment without an account": partial(execution_role_of, _PARTIAL),
    "a deployment that is not settled": partial(generate_policy, made(unsettled=_PARTIAL.unsettled)),
    "no such scope": partial(generate_policy, made(), "everything"),
    "two templates": partial(generate_policy, made(), template="a", template_dir="b"),
    "no such template": partial(generate_policy, made(), template="nowhere/mine.json.j2"),
    "no such folder": partial(generate_policy, made(), template_dir="nowhere"),
    "too many models": partial(
        generate_policy, made(model_requests=tuple(ModelRequest(f"model-{at:050}") for at in range(60)))
    ),
}


def others_text() -> str:
    """Policies for others than who deploys, and what generates none."""
    lines: list[str] = []
    for name, make in OTHERS.items():
        try:
            document = make()
        except IamcheckError as error:
            text = [f"{type(error).__name__}: {error}"]
        else:
            text = [statement_text(one) for one in _statements(document)]
        lines += [f"## {name}", "", *text, ""]
    lines += [f"a role has {POLICIES_OF_A_ROLE} managed policies, each of {MANAGED_POLICY_LIMIT} characters", ""]
    return "\n".join(lines).replace(f"{packaged_folder()}/", "")


def _role(name: str, **more: Any) -> str:  # noqa: ANN401  keywords
    whole = example(name)
    models = [{**model, "ExecutionRoleArn": ROLE} for model in whole["models"]]
    try:
        document = generate_execution_role_policy(
            whole["endpoint"], {"ExecutionRoleArn": ROLE, **whole["config"]}, models, **{**HERE, **more}
        )
    except IamcheckError as error:
        return f"{type(error).__name__}: {error}"
    return "\n".join(statement_text(one) for one in _statements(document))


def roles_text() -> str:
    """The policies of execution roles, for what the documentation shows."""
    by_policy: dict[str, list[str]] = {}
    for name in EXAMPLES:
        by_policy.setdefault(_role(name), []).append(name)
    for what, name, more in (
        ("inputs", "async", {"async_inputs": ["s3://inputs/a", "s3://other/"]}),
        ("keys of models", "multi_model", {"model_data_keys": [KEY]}),
        ("another role", "create_endpoint", {"role": OTHER_ROLE}),
        ("the same role", "create_endpoint", {"role": ROLE}),
        ("China", "data_capture", {"region": "cn-north-1"}),
        ("no account", "data_capture", {"account_id": "1"}),
    ):
        by_policy.setdefault(_role(name, **more), []).append(f"{name} with {what}")
    bad: list[tuple[str, dict[str, Any], dict[str, Any], list[dict[str, Any]]]] = [
        ("no name", {}, {"EndpointConfigName": "c", "ExecutionRoleArn": ROLE}, []),
        ("a value that is no JSON", {"EndpointName": "e"}, {"EndpointConfigName": {1}}, []),
        ("a model that is no JSON", {"EndpointName": "e"}, {}, [{}, {"ModelName": object()}]),
        (
            "two roles",
            {"EndpointName": "e"},
            {"ExecutionRoleArn": ROLE},
            [{"ModelName": "m", "ExecutionRoleArn": OTHER_ROLE}],
        ),
    ]
    for name, endpoint, config, models in bad:
        try:
            text = json.dumps(generate_execution_role_policy(endpoint, config, models, **HERE))
        except IamcheckError as error:
            text = f"{type(error).__name__}: {error}"
        by_policy.setdefault(text, []).append(name)
    return "\n\n".join(f"## {', '.join(names)}\n\n{text}" for text, names in by_policy.items()) + "\n"


TEXTS: Final[Corpus] = {
    "policies/names": partial(policies_text, NAMES),
    "policies/requests": partial(policies_text, REQUESTS, SCOPES),
    "policies/models": partial(policies_text, MODELS),
    "policies/resources": partial(policies_text, RESOURCES),
    "policies/deletes": partial(policies_text, DELETES),
    "policies/merged": merged_text,
    "policies/split": split_text,
    "policies/others": others_text,
    "policies/roles": roles_text,
}
