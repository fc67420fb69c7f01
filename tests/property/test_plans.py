"""Generated plans: a verdict on what a plan leaves open holds for every form that it can take.

Each part of a plan is drawn with the forms that it can take when the plan is applied. A plan passes only where each of
its forms passes, and fails only where each fails.
"""

from __future__ import annotations

import json
from itertools import product
from typing import TYPE_CHECKING, Any, Final, NamedTuple, TypeAlias

import pytest
from hypothesis import given
from hypothesis import strategies as st

import iamcheck
from iamcheck.deployment import Deployment
from iamcheck.deployment.resolving import draft_of
from iamcheck.deployment.terraform import plan_of, read_plan
from iamcheck.iam.model import Place
from tests.profiles import examples

if TYPE_CHECKING:
    from collections.abc import Mapping

Json: TypeAlias = "dict[str, Any]"

ACCOUNT: Final = "123456789012"
KEY: Final = f"arn:aws:kms:eu-west-1:{ACCOUNT}:key/1234abcd-12ab-34cd-56ef-1234567890ab"
ROLE: Final = f"arn:aws:iam::{ACCOUNT}:role/serving"
LATER: Final = {"references": ["aws_kms_key.later.arn", "aws_kms_key.later"]}
ABSENT: Final = object()


class Part(NamedTuple):
    """An attribute as a plan has it, and the values that it can have when the plan is applied.

    Args:
        after: The value in the plan; ABSENT: none.
        unknown: Its mark in `after_unknown`; ABSENT: none.
        sensitive: Whether it is marked as sensitive.
        expression: Its expression in the configuration; ABSENT: none.
        forms: The values that it can have; ABSENT: the request does not have it.
    """

    after: object
    unknown: object
    sensitive: bool
    expression: object
    forms: tuple[object, ...]


def known(value: object) -> Part:
    expression = ABSENT if value is ABSENT else {"constant_value": value}
    return Part(value, ABSENT, False, expression, (value,))


def later(*forms: object) -> Part:
    """A value that is still to come."""
    return Part(ABSENT, True, False, LATER, forms)


def computed(*forms: object) -> Part:
    """A value that the provider computes: unknown, and with no expression."""
    return Part(ABSENT, True, False, ABSENT, forms or (ABSENT,))


def sensitive(value: object, *forms: object) -> Part:
    """A value that may not be shown: whoever reads the plan does not know it."""
    return Part(value, ABSENT, True, LATER, forms)


CONFIG_PARTS: Final[Mapping[str, tuple[Part, ...]]] = {
    "kms_key_arn": (known(ABSENT), known(KEY), later(KEY, ABSENT), later(KEY), sensitive(KEY, KEY, ABSENT)),
    "execution_role_arn": (known(ABSENT), known(ROLE), later(ROLE, ABSENT)),
    "tags": (
        known(ABSENT),
        known({"team": "ml"}),
        known({"team": "other"}),
        Part({}, {"team": True}, False, LATER, ({"team": "ml"}, {"team": "other"})),
        later({"team": "ml"}, ABSENT),
    ),
}
VARIANT_PARTS: Final[Mapping[str, tuple[Part, ...]]] = {
    "volume_size_in_gb": (known(ABSENT), computed(), known(20)),
    "instance_type": (known("ml.m5.large"), later("ml.m5.large", "ml.p4d.24xlarge")),
    "variant_name": (known("main"), computed("terraform-20240101")),
}
ENDPOINT_PARTS: Final[Mapping[str, tuple[Part, ...]]] = {
    "tags": (known(ABSENT), known({"team": "ml"}), later({"team": "ml"}, {"team": "other"})),
}
NAMES: Final = ("linked", "literal", "expression", "other")


def statement(*actions: str, effect: str = "Allow", **more: object) -> Json:
    return {"Effect": effect, "Action": list(actions), "Resource": "*", **more}


CREATES: Final = ("sagemaker:CreateEndpoint", "sagemaker:CreateEndpointConfig")
EVERYTHING: Final = statement("*")
POLICIES: Final[tuple[tuple[Json, ...], ...]] = (
    (EVERYTHING,),
    (statement(*CREATES),),
    (statement(*CREATES, "sagemaker:AddTags"),),
    (statement(*CREATES, "sagemaker:AddTags", "kms:CreateGrant", "iam:PassRole"),),
    (EVERYTHING, statement("kms:CreateGrant", effect="Deny")),
    (EVERYTHING, statement("iam:PassRole", effect="Deny")),
    (
        EVERYTHING,
        statement(*CREATES, effect="Deny", Condition={"StringNotEquals": {"aws:RequestTag/team": "ml"}}),
    ),
    (
        EVERYTHING,
        statement(CREATES[1], effect="Deny", Condition={"Null": {"sagemaker:VolumeKmsKey": "true"}}),
    ),
    (
        EVERYTHING,
        statement(
            CREATES[1],
            effect="Deny",
            Condition={"ForAnyValue:StringLike": {"sagemaker:InstanceTypes": "ml.p4d.*"}},
        ),
    ),
    (EVERYTHING, statement("sagemaker:DeleteEndpointConfig", effect="Deny")),
    (statement("sagemaker:*"),),
)


class DrawnPlan(NamedTuple):
    """A plan, by its parts.

    Args:
        config: The parts of the endpoint config by attribute.
        variant: Those of its production variant.
        endpoint: Those of the endpoint.
        reference: How the endpoint names its config: by its literal name, by an expression that is known to be the
            config's, by one that is not, or another config's name.
        has_configuration: Whether the plan has its configuration.
        module: Whether everything is in a module.
        actions: What happens to the config.
    """

    config: Mapping[str, Part]
    variant: Mapping[str, Part]
    endpoint: Mapping[str, Part]
    reference: str
    has_configuration: bool
    module: bool
    actions: tuple[str, ...]


@st.composite
def plans(draw: st.DrawFn) -> DrawnPlan:
    def parts(table: Mapping[str, tuple[Part, ...]]) -> Mapping[str, Part]:
        return {name: draw(st.sampled_from(choices)) for name, choices in table.items()}

    return DrawnPlan(
        parts(CONFIG_PARTS),
        parts(VARIANT_PARTS),
        parts(ENDPOINT_PARTS),
        draw(st.sampled_from(NAMES)),
        draw(st.sampled_from([True, True, True, False])),
        draw(st.booleans()),
        draw(st.sampled_from([("create",), ("create",), ("delete", "create"), ("no-op",)])),
    )


def trees(parts: Mapping[str, Part], fixed: Mapping[str, object]) -> tuple[Json, Json, Json, Json]:
    """After, unknown, sensitive and expressions of attributes."""
    after: Json = dict(fixed)
    unknown: Json = {}
    hidden: Json = {}
    expressions: Json = {}
    for name, value in fixed.items():
        expressions[name] = {"constant_value": value}
    for name, part in parts.items():
        for tree, value in ((after, part.after), (unknown, part.unknown), (expressions, part.expression)):
            if value is not ABSENT:
                tree[name] = value
        if part.sensitive:
            hidden[name] = True
    return after, unknown, hidden, expressions


def with_tags_all(after: Json, unknown: Json) -> None:
    """What the provider makes of the tags."""
    if unknown.get("tags"):
        unknown["tags_all"] = True
    elif after.get("tags"):
        after["tags_all"] = after["tags"]
    else:
        unknown["tags_all"] = True


def resource(
    type_: str, name: str, parts: tuple[Json, Json, Json, Json], actions: tuple[str, ...]
) -> tuple[Json, Json]:
    """A change and its configuration."""
    after, unknown, hidden, expressions = parts
    with_tags_all(after, unknown)
    about = {"address": f"{type_}.{name}", "mode": "managed", "type": type_, "name": name}
    before = None if actions == ("create",) else {**after, "name": "churn-old" if actions != ("no-op",) else "churn-v7"}
    change = {
        "actions": list(actions),
        "before": before,
        "after": after,
        "after_unknown": unknown,
        "after_sensitive": hidden,
    }
    return {**about, "change": change}, {**about, "provider_config_key": "aws", "expressions": expressions}


def plan_for(drawn: DrawnPlan) -> Json:
    """The plan as `terraform show -json` prints it."""
    after, unknown, hidden, expressions = trees(
        drawn.variant, {"model_name": "churn", "initial_instance_count": 1, "initial_variant_weight": 1}
    )
    variants = {"production_variants": [after]}
    config_parts = trees(drawn.config, {"name": "churn-v7"})
    config_parts[0].update(variants)
    config_parts[1]["production_variants"] = [unknown]
    config_parts[2]["production_variants"] = [hidden]
    config_parts[3]["production_variants"] = [expressions]
    endpoint_parts = trees(drawn.endpoint, {"name": "churn"})
    config = "aws_sagemaker_endpoint_configuration.c"
    name = {"literal": "churn-v7", "other": "churn-v8"}.get(drawn.reference)
    if name is not None:
        endpoint_parts[0]["endpoint_config_name"] = name
        endpoint_parts[3]["endpoint_config_name"] = {"constant_value": name}
    else:
        for tree, key in ((config_parts[0], "name"), (config_parts[3], "name")):
            tree.pop(key)
        config_parts[1]["name"] = True
        endpoint_parts[1]["endpoint_config_name"] = True
        refers = [f"{config}.name", config] if drawn.reference == "linked" else ["random_pet.x.id", "random_pet.x"]
        endpoint_parts[3]["endpoint_config_name"] = {"references": refers}
    made = [
        resource("aws_sagemaker_endpoint_configuration", "c", config_parts, drawn.actions),
        resource("aws_sagemaker_endpoint", "e", endpoint_parts, ("create",)),
    ]
    changes, configured = [one for one, _ in made], [one for _, one in made]
    module: Json = {"resources": configured}
    if drawn.module:
        module = {"module_calls": {"m": {"module": module}}}
        for change in changes:
            change.update(module_address="module.m", address=f"module.m.{change['address']}")
    plan: Json = {"format_version": "1.2", "resource_changes": changes}
    if drawn.has_configuration:
        providers = {"aws": {"name": "aws", "expressions": {"region": {"constant_value": "eu-west-1"}}}}
        plan["configuration"] = {"provider_config": providers, "root_module": module}
    return plan


def forms_of(drawn: DrawnPlan) -> list[DrawnPlan]:
    """Every plan of which nothing is open, and which this one can turn out to be."""

    def resolved(parts: Mapping[str, Part]) -> list[Mapping[str, Part]]:
        choices = product(*(part.forms for part in parts.values()))
        return [{name: known(value) for name, value in zip(parts, one, strict=True)} for one in choices]

    references = {"linked": ("literal",), "expression": ("literal", "other")}.get(drawn.reference, (drawn.reference,))
    return [
        DrawnPlan(config, variant, endpoint, reference, True, drawn.module, drawn.actions)
        for config, variant, endpoint, reference in product(
            resolved(drawn.config), resolved(drawn.variant), resolved(drawn.endpoint), references
        )
    ]


def verdict(plan: Json, statements: tuple[Json, ...]) -> str:
    """What `principal.allowed` says of everything that the plan makes: the worst counts."""
    document = plan_of(json.dumps(plan))
    assert document is not None
    found = set()
    for written in read_plan(document, Place("plan.json"), region="eu-west-1"):
        made = draft_of(written).at("eu-west-1", ACCOUNT)
        if not isinstance(made, Deployment) or made.unsettled:
            found.add("unknown")
            continue
        report = iamcheck.check(
            made,
            policies=[{"Version": "2012-10-17", "Statement": list(statements)}],
            offline=True,
            skip=("policy.sufficient", "policy.minimal", "request.valid"),
        )
        found |= {check.status.value for check in report.checks if check.id == "principal.allowed"}
    return next(word for word in ("fail", "unknown", "pass") if word in found)


def require_sound(drawn: DrawnPlan, statements: tuple[Json, ...], most: int) -> None:
    found = verdict(plan_for(drawn), statements)
    if found == "unknown":
        return
    for form in forms_of(drawn)[:most]:
        assert verdict(plan_for(form), statements) == found, (plan_for(drawn), plan_for(form))


@examples(40)
@given(drawn=plans(), statements=st.sampled_from(POLICIES))
def test_a_verdict_on_a_plan_holds_for_every_form_of_it(drawn: DrawnPlan, statements: tuple[Json, ...]) -> None:
    require_sound(drawn, statements, 8)


@pytest.mark.slow
@examples(1000)
@given(drawn=plans(), statements=st.sampled_from(POLICIES))
def test_a_verdict_on_any_plan_holds_for_every_form_of_it(drawn: DrawnPlan, statements: tuple[Json, ...]) -> None:
    require_sound(drawn, statements, 128)


@pytest.mark.parametrize(("statements", "expected"), [(POLICIES[0], "pass"), (POLICIES[-1], "pass"), ((), "fail")])
def test_a_real_plan_is_no_longer_unknown(statements: tuple[Json, ...], expected: str) -> None:
    """What the provider computes is unknown in every real plan, and not sent."""
    drawn = DrawnPlan(
        {"kms_key_arn": known(ABSENT), "tags": known(ABSENT)},
        {"volume_size_in_gb": computed(), "instance_type": known("ml.m5.large"), "variant_name": computed()},
        {"tags": known(ABSENT)},
        "linked",
        True,
        False,
        ("create",),
    )
    assert verdict(plan_for(drawn), statements or (statement("s3:*"),)) == expected
