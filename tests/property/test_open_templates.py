"""A template that leaves something open says pass only where every form that it may take passes, and fail likewise.

A form is the same template with every parameter decided and every function worked out, made here without the reader.
"""

from __future__ import annotations

import itertools
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given
from hypothesis import strategies as st

from iamcheck import check, deployments_from_file
from iamcheck.deployment.unsettled import UnsettledError
from iamcheck.errors import InvalidInputError
from tests.profiles import examples

if TYPE_CHECKING:
    from pathlib import Path

HERE: dict[str, Any] = {"region": "eu-west-1", "account_id": "123456789012"}
KEY = "arn:aws:kms:eu-west-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab"
STAGES, SECURES = ("prod", "dev"), ("yes", "no")
VARIANT = {"VariantName": "a", "ModelName": "m", "InstanceType": "ml.m5.large", "InitialInstanceCount": 1}
POLICIES: dict[str, list[dict[str, Any]]] = {
    "everything": [],
    "no grants": [{"Effect": "Deny", "Action": "kms:CreateGrant", "Resource": "*"}],
    "no tags": [{"Effect": "Deny", "Action": "sagemaker:AddTags", "Resource": "*"}],
    "no prod": [{"Effect": "Deny", "Action": "sagemaker:Create*", "Resource": "arn:aws:sagemaker:*:*:*prod*"}],
    "no config": [{"Effect": "Deny", "Action": "sagemaker:CreateEndpointConfig", "Resource": "*"}],
    "a team": [
        {
            "Effect": "Deny",
            "Action": "sagemaker:CreateEndpointConfig",
            "Resource": "*",
            "Condition": {"StringNotEquals": {"aws:RequestTag/team": "ml"}},
        }
    ],
}


@dataclass(frozen=True)
class Design:
    """What a template has, before anybody decides its parameters."""

    name: str
    """How the endpoint config's own name is written."""
    reference: str
    """How the endpoint names its endpoint config."""
    key: str
    """When the endpoint config has a key: never, always, secure."""
    tags: str
    other: str
    """When there is another endpoint config, which has a key and the first's name in another spelling."""
    condition: str
    """When the first endpoint config is made."""
    whole: bool
    """Whether the condition of the key is on all properties at once."""
    defaults: bool
    """Whether the parameters have Defaults, which then decide."""
    allowed: bool = False
    """Whether the template says which values the parameters may have."""


WHEN = st.sampled_from(["never", "always", "secure", "insecure"])
DESIGNS = st.builds(
    Design,
    name=st.sampled_from(["literal", "sub", "join", "capitals"]),
    reference=st.sampled_from(["getatt", "literal", "sub", "join", "ref", "elsewhere"]),
    key=WHEN,
    tags=WHEN,
    other=WHEN,
    condition=st.sampled_from(["always", "always", "always", "secure"]),
    whole=st.booleans(),
    defaults=st.booleans(),
    allowed=st.booleans(),
)
NAMES: dict[str, Any] = {
    "literal": "churn-prod",
    "sub": {"Fn::Sub": "churn-${Stage}"},
    "join": {"Fn::Join": ["-", ["churn", {"Ref": "Stage"}]]},
    "capitals": "Churn-Prod",
    "elsewhere": "other",
    "getatt": {"Fn::GetAtt": ["Config", "EndpointConfigName"]},
    "ref": {"Ref": "Config"},
}
CONDITIONS = {"secure": "IsSecure", "insecure": "NotSecure"}


def holds(when: str, secure: str) -> bool:
    return {"never": False, "always": True, "secure": secure == "yes", "insecure": secure == "no"}[when]


def written(when: str, value: object) -> Any:  # noqa: ANN401  JSON
    """A member that is there under a condition, as a template writes it; None where it is never."""
    if when == "never":
        return None
    return value if when == "always" else {"Fn::If": [CONDITIONS[when], value, {"Ref": "AWS::NoValue"}]}


def resources(config: dict[str, Any], endpoint: object, other: dict[str, Any] | None) -> dict[str, Any]:
    found: dict[str, Any] = {"Config": {"Type": "AWS::SageMaker::EndpointConfig", **config}}
    if other is not None:
        found["Other"] = {"Type": "AWS::SageMaker::EndpointConfig", **other}
    names = {"EndpointName": "churn", "EndpointConfigName": endpoint}
    return found | {"Endpoint": {"Type": "AWS::SageMaker::Endpoint", "Properties": names}}


def open_template(design: Design) -> dict[str, Any]:
    base = {"EndpointConfigName": NAMES[design.name], "ProductionVariants": [VARIANT]}
    members = {"KmsKeyId": written(design.key, KEY), "Tags": written(design.tags, [{"Key": "team", "Value": "ml"}])}
    properties: Any = base | {name: value for name, value in members.items() if value is not None}
    if design.whole and design.key in CONDITIONS:
        without = {name: value for name, value in properties.items() if name != "KmsKeyId"}
        properties = {"Fn::If": [CONDITIONS[design.key], without | {"KmsKeyId": KEY}, without]}
    config = {"Properties": properties}
    if design.condition in CONDITIONS:
        config["Condition"] = CONDITIONS[design.condition]
    other: dict[str, Any] | None = None
    if design.other != "never":
        other = {"Properties": {"EndpointConfigName": NAMES["sub"], "KmsKeyId": KEY, "ProductionVariants": [VARIANT]}}
        if design.other in CONDITIONS:
            other["Condition"] = CONDITIONS[design.other]
    default = {"Stage": "prod", "Secure": "no"} if design.defaults else {}
    allowed = {"Stage": STAGES, "Secure": SECURES}
    return {
        "Parameters": {
            name: {
                "Type": "String",
                **({"Default": default[name]} if design.defaults else {}),
                **({"AllowedValues": values} if design.allowed else {}),
            }
            for name, values in allowed.items()
        },
        "Conditions": {
            "IsSecure": {"Fn::Equals": [{"Ref": "Secure"}, "yes"]},
            "NotSecure": {"Fn::Not": [{"Condition": "IsSecure"}]},
        },
        "Resources": resources(config, NAMES[design.reference], other),
    }


def form(design: Design, stage: str, secure: str) -> dict[str, Any] | None:
    """The template with everything decided; None where CloudFormation makes no stack of it."""
    texts = {"literal": "churn-prod", "capitals": "Churn-Prod", "elsewhere": "other"}
    own = texts.get(design.name, f"churn-{stage}")
    arn = f"arn:aws:sagemaker:eu-west-1:123456789012:endpoint-config/{own.lower()}"
    endpoint = {"getatt": own, "ref": arn}.get(design.reference) or texts.get(design.reference, f"churn-{stage}")
    is_made, has_other = holds(design.condition, secure), holds(design.other, secure)
    if (not is_made and design.reference in ("getatt", "ref")) or (
        is_made and has_other and own.lower() == f"churn-{stage}"
    ):
        return None
    properties: dict[str, Any] = {"EndpointConfigName": own, "ProductionVariants": [VARIANT]}
    if holds(design.key, secure):
        properties["KmsKeyId"] = KEY
    if holds(design.tags, secure):
        properties["Tags"] = [{"Key": "team", "Value": "ml"}]
    other = {"EndpointConfigName": f"churn-{stage}", "KmsKeyId": KEY, "ProductionVariants": [VARIANT]}
    found = resources({"Properties": properties}, endpoint, {"Properties": other} if has_other else None)
    if not is_made:
        del found["Config"]
    return {"Resources": found}


def outcome(folder: Path, template: dict[str, Any], policy: str) -> str:
    path = folder / "template.json"
    path.write_text(json.dumps(template), encoding="utf-8")
    allow = {"Effect": "Allow", "Action": "*", "Resource": "*"}
    document = {"Version": "2012-10-17", "Statement": [allow, *POLICIES[policy]]}
    key = {"Version": "2012-10-17", "Statement": [{**allow, "Principal": {"AWS": "*"}}]}
    try:
        (deployment,) = deployments_from_file(path, stack_tags={}, **HERE)
    except UnsettledError:
        return "unknown"
    report = check(
        deployment,
        policies=[document],
        boundary=None,
        scps=[],
        rcps=[],
        resource_policies={KEY: key},
        skip=["policy.sufficient", "policy.minimal"],
        offline=True,
    )
    return report.verdict.value


def agrees(folder: Path, design: Design, policy: str) -> None:
    said = outcome(folder, open_template(design), policy)
    decided = itertools.product(STAGES, SECURES) if not design.defaults else [("prod", "no")]
    forms = [found for stage, secure in decided if (found := form(design, stage, secure)) is not None]
    if not forms or said == "unknown":
        return
    outcomes = {outcome(folder, found, policy) for found in forms}
    # a form may itself be unknown, as a config that is created elsewhere is
    assert outcomes <= {said, "unknown"} if said == "fail" else outcomes == {said}, (said, outcomes)


@examples(15, HealthCheck.function_scoped_fixture)
@given(DESIGNS, st.sampled_from(sorted(POLICIES)))
def test_no_form_contradicts_what_is_said_of_an_open_template(tmp_path: Path, design: Design, policy: str) -> None:
    agrees(tmp_path, design, policy)


@pytest.mark.slow
@examples(600, HealthCheck.function_scoped_fixture)
@given(DESIGNS, st.sampled_from(sorted(POLICIES)))
def test_no_form_of_many_contradicts_what_is_said(tmp_path: Path, design: Design, policy: str) -> None:
    agrees(tmp_path, design, policy)


def test_something_is_said_of_templates_that_leave_nothing_open(tmp_path: Path) -> None:
    """The property above is not empty: pass and fail both come."""
    plain = Design("literal", "getatt", "always", "always", "never", "always", whole=False, defaults=False)

    assert outcome(tmp_path, open_template(plain), "everything") == "pass"
    assert outcome(tmp_path, open_template(plain), "no grants") == "fail"
    with pytest.raises(InvalidInputError):
        outcome(tmp_path, {"Resources": {}}, "everything")
