"""Plans of Terraform: what is read from each, and what is refused.

The plans in `tests/cases/plans` were printed by Terraform itself; the README there says how.
"""

from __future__ import annotations

import copy
import json
import shlex
import sys
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

import pytest
from hypothesis import given
from hypothesis import strategies as st

from iamcheck.deployment.located import UNKNOWN, Pattern, Tool, Unknown
from iamcheck.deployment.resolving import draft_of
from iamcheck.deployment.terraform import plan_of, read_plan
from iamcheck.errors import InvalidInputError
from iamcheck.iam.catalogue import request_members
from iamcheck.iam.model import Place
from tests.profiles import examples
from tests.written import members, plain, plain_deployment

if TYPE_CHECKING:
    from collections.abc import Callable

    from iamcheck.deployment.located import Member, WrittenDeployment

Json: TypeAlias = "dict[str, Any]"

CASES = Path(__file__).parents[2] / "cases" / "plans"
PLANS = {path.stem: json.loads(path.read_text(encoding="utf-8")) for path in sorted(CASES.glob("*.json"))}
DEPLOYING = [name for name in PLANS if isinstance(json.loads((CASES / "expected" / f"{name}.json").read_text()), list)]
SECRET = "s3cr3t-token"


def deployments(
    plan: object, place: str = "plan.json", *, values: dict[str, str] | None = None, region: str | None = None
) -> tuple[WrittenDeployment, ...]:
    document = plan_of(json.dumps(plan))
    if document is None:
        raise InvalidInputError("not a plan", where=place)
    return read_plan(document, Place(place), values=values, region=region)


def changed(name: str, change: Callable[[Json], object]) -> Json:
    plan: Json = copy.deepcopy(PLANS[name])
    change(plan)
    return plan


def change_of(plan: Json, address: str) -> Json:
    found: Json = next(one["change"] for one in plan["resource_changes"] if one["address"] == address)
    return found


def configuration_of(plan: Json, address: str) -> Json:
    found: Json = next(one for one in plan["configuration"]["root_module"]["resources"] if one["address"] == address)
    return found


def at(member: Member | None, path: str) -> Member:
    """The member at a path of the API, found by walking and not by the paths that members say of themselves."""
    for step in path.replace("[", ".[").split("."):
        assert member is not None
        member = member.items()[int(step[1:-1])] if step.startswith("[") else member.get(step)
    assert member is not None
    return member


@pytest.mark.parametrize("name", PLANS)
def test_a_plan_is_read_as_expected(name: str) -> None:
    expected = json.loads((CASES / "expected" / f"{name}.json").read_text(encoding="utf-8"))

    if isinstance(expected, dict):
        with pytest.raises(InvalidInputError) as caught:
            deployments(PLANS[name], f"{name}.json")
        assert str(caught.value) == expected["error"]
    else:
        found = deployments(PLANS[name], f"{name}.json")
        assert [plain_deployment(one) for one in found] == expected
        assert {one.tool for one in found} == {Tool.TERRAFORM}


@pytest.mark.parametrize("name", DEPLOYING)
def test_members_know_their_path_and_are_the_apis(name: str) -> None:
    shapes = request_members()

    def walk(member: Member, shape: str) -> None:
        if isinstance(member.value, dict) and shape:
            for key, one in member.value.items():
                assert key in shapes[shape]
                walk(one, shapes[shape][key])
        for item in member.items():
            walk(item, shape)

    for found in deployments(PLANS[name]):
        for request in (found.endpoint, found.config, *found.models):
            if request is not None:
                walk(request.root, request.operation)
                for member in members(request.root):
                    assert str(member.place).startswith("plan.json, ")
                    assert member.path == "" or at(request.root, member.path) is member


@pytest.mark.parametrize("indent", [None, 2])
def test_places_have_the_line_and_column_of_their_resource(indent: int | None) -> None:
    """The formats point at lines; a text names the address, for `terraform show -json` prints one line."""
    text = json.dumps(PLANS["full"], indent=indent)
    document = plan_of(text)
    assert document is not None
    (found,) = read_plan(document, Place("plan.json"))

    for request in filter(None, (found.endpoint, found.config, *found.models)):
        line, column = request.place.line, request.place.column
        assert line is not None
        assert column is not None
        rest = "\n".join(text.split("\n")[line - 1 :])[column - 1 :]
        assert json.JSONDecoder().raw_decode(rest)[0]["address"] == request.place.path
        assert str(request.place) == f"plan.json, {request.place.path}"
        assert {(one.place.line, one.place.column) for one in members(request.root)} == {(line, column)}


def test_places_are_addresses_of_attributes() -> None:
    (found,) = deployments(PLANS["full"])
    assert found.config
    assert found.endpoint

    places = {
        "ProductionVariants[0].InstanceType": ".production_variants[0].instance_type",
        "ProductionVariants[0].CoreDumpConfig.KmsKeyId": ".production_variants[0].core_dump_config[0].kms_key_id",
        "DataCaptureConfig.CaptureOptions[1].CaptureMode": ".data_capture_config[0].capture_options[1].capture_mode",
        "KmsKeyId": ".kms_key_arn",
        "EndpointConfigName": ".name",
        "Tags[1].Value": '.tags_all["team"]',
    }
    for path, attribute in places.items():
        place = at(found.config.root, path).place
        assert str(place) == f"plan.json, aws_sagemaker_endpoint_configuration.instances{attribute}"
    assert str(found.endpoint.place) == "plan.json, aws_sagemaker_endpoint.instances"


def test_a_name_prefix_is_a_pattern_for_config_and_endpoint() -> None:
    (found,) = deployments(PLANS["prefix"])
    assert found.config
    assert found.endpoint

    assert at(found.config.root, "EndpointConfigName").value == Pattern("churn-*")
    assert at(found.endpoint.root, "EndpointConfigName").value == Pattern("churn-*")
    # the provider makes up a name where the configuration has none
    assert at(found.endpoint.root, "EndpointName").value == Pattern("terraform-*")


def test_sensitive_values_are_nowhere() -> None:
    """The provider's `tags_all` loses the marks that `tags` has, so Terraform's own marks are not enough."""
    assert SECRET in json.dumps(PLANS["unknown"])
    assert SECRET not in repr(deployments(PLANS["unknown"]))

    def default_tags(plan: Json) -> None:
        change_of(plan, "aws_sagemaker_endpoint.direct")["after"]["tags_all"] = {"by": f"prefix-{SECRET}", "a": "b"}

    found = deployments(changed("unknown", default_tags))
    assert SECRET not in repr(found)
    direct = next(one for one in found if one.label.endswith(".direct"))
    assert direct.endpoint
    assert [tag.get("Value") for tag in at(direct.endpoint.root, "Tags").items()][1] is not None
    assert at(direct.endpoint.root, "Tags[1].Value").value == "b"


@pytest.mark.parametrize(
    ("attribute", "value"), [("kms_key_arn", 3), ("execution_role_arn", SECRET), ("name", SECRET), ("tags", {"a": "b"})]
)
def test_what_is_marked_sensitive_is_unknown(attribute: str, value: object) -> None:
    def mark(plan: Json) -> None:
        change = change_of(plan, "aws_sagemaker_endpoint_configuration.instances")
        change["after"][attribute] = value
        change["after_sensitive"][attribute] = True

    found = deployments(changed("full", mark))[0]
    assert SECRET not in repr(found)
    assert found.config
    if attribute == "name":
        # nobody can tell whether it is the one that the endpoint names
        assert found.config_is_open
    else:
        member = {"kms_key_arn": "KmsKeyId", "execution_role_arn": "ExecutionRoleArn", "tags": "Tags"}[attribute]
        assert at(found.config.root, member).value is UNKNOWN


def test_a_tag_that_is_marked_is_unknown_in_tags_all_too() -> None:
    def mark(plan: Json) -> None:
        change = change_of(plan, CONFIG)
        for attribute in ("tags", "tags_all"):
            change["after"][attribute] = {"team": "ml", "made": "elsewhere"}
        change["after_sensitive"]["tags"] = {"made": True}

    (found,) = deployments(changed("full", mark))
    assert found.config
    assert [plain(tag) for tag in at(found.config.root, "Tags").items()] == [
        {"Key": "team", "Value": "ml"},
        {"Key": "made", "Value": "?"},
    ]


@pytest.mark.parametrize("marks", ["after_sensitive", "after_unknown"])
def test_a_prefix_that_may_not_be_shown_is_no_pattern(marks: str) -> None:
    def mark(plan: Json) -> None:
        change_of(plan, "aws_sagemaker_endpoint_configuration.this")[marks]["name_prefix"] = True

    (found,) = deployments(changed("prefix", mark))
    assert found.config
    assert at(found.config.root, "EndpointConfigName").value is UNKNOWN


@pytest.mark.parametrize(
    ("actions", "updates"),
    [
        (["create"], False),
        (["delete", "create"], False),
        (["create", "delete"], False),
        (["create", "forget"], False),
        (["update"], True),
    ],
)
def test_what_is_created_replaced_or_updated_is_deployed(actions: list[str], updates: bool) -> None:
    plan = changed("basic", lambda plan: change_of(plan, "aws_sagemaker_endpoint.this").update(actions=actions))
    (found,) = deployments(plan)
    assert found.updates is updates


@pytest.mark.parametrize("actions", [["no-op"], ["delete"], ["forget"], ["read"]])
def test_an_endpoint_that_stays_or_goes_is_not_deployed(actions: list[str]) -> None:
    def change(plan: Json) -> None:
        change_of(plan, "aws_sagemaker_endpoint.this").update(actions=actions)
        change_of(plan, "aws_sagemaker_endpoint_configuration.this").update(actions=["no-op"])

    with pytest.raises(InvalidInputError, match="creates and updates no endpoint"):
        deployments(changed("basic", change))


@pytest.mark.parametrize("actions", [["no-op"], ["delete"]])
def test_a_config_that_is_created_for_no_endpoint_is_a_deployment_of_its_own(actions: list[str]) -> None:
    plan = changed("basic", lambda plan: change_of(plan, "aws_sagemaker_endpoint.this").update(actions=actions))
    (found,) = deployments(plan)
    assert found.endpoint is None
    assert found.config
    assert str(found.config.place) == "plan.json, aws_sagemaker_endpoint_configuration.this"
    assert (found.updates, found.config_exists, found.config_is_open) == (False, False, False)
    assert found.label == "plan.json: aws_sagemaker_endpoint_configuration.this"


@pytest.mark.parametrize(("actions", "exists"), [(["no-op"], True), (["update"], True), (["create"], False)])
def test_a_config_that_is_there_already_says_so(actions: list[str], exists: bool) -> None:
    address = "aws_sagemaker_endpoint_configuration.this"
    (found,) = deployments(changed("basic", lambda plan: change_of(plan, address).update(actions=actions)))
    assert found.config
    assert found.config_exists is exists


def test_a_config_that_will_be_gone_is_not_the_one() -> None:
    address = "aws_sagemaker_endpoint_configuration.this"
    (found,) = deployments(changed("basic", lambda plan: change_of(plan, address).update(actions=["delete"])))
    assert (found.config, found.config_exists) == (None, False)


def _deletes(found: WrittenDeployment) -> list[tuple[str, object, str]]:
    return [(one.operation, one.name, one.place.path) for one in found.deletes]


@pytest.mark.parametrize("actions", [["delete", "create"], ["create", "delete"]])
def test_a_replacement_deletes_the_old_resource_by_its_own_name(actions: list[str]) -> None:
    """All attributes of an endpoint config force a replacement, so its name usually changes with it."""
    endpoint, config = "aws_sagemaker_endpoint.this", "aws_sagemaker_endpoint_configuration.this"

    def replace_all(plan: Json) -> None:
        for address in (endpoint, config, "aws_sagemaker_model.this"):
            change = change_of(plan, address)
            change.update(actions=actions, before={**change["after"], "name": "old", "endpoint_config_name": "old"})
        change_of(plan, config)["before_sensitive"] = {"name": True}

    (found,) = deployments(changed("basic", replace_all))
    assert _deletes(found) == [
        ("DeleteEndpoint", "old", endpoint),
        ("DeleteEndpointConfig", UNKNOWN, config),
        ("DeleteModel", "old", "aws_sagemaker_model.this"),
    ]
    assert (found.updates, found.config_exists) == (False, False)
    # what nobody can name, nobody can ask about: the deletion is not left out in silence
    hidden = [str(one) for one in found.unsettled if "deletes" in one.what]
    what = "the name of what DeleteEndpointConfig deletes is hidden: the plan marks it as sensitive"
    assert hidden == [f"{what} (plan.json, {config})"]


@pytest.mark.parametrize("actions", [["create"], ["update"], ["create", "forget"], ["forget", "create"]])
def test_what_is_not_replaced_is_not_deleted(actions: list[str]) -> None:
    plan = changed("basic", lambda plan: change_of(plan, "aws_sagemaker_endpoint.this").update(actions=actions))
    assert deployments(plan)[0].deletes == ()


def without(kind: str, name: str, before: Json) -> Json:
    """A resource that the configuration has no more, and that the plan deletes."""
    change = {"actions": ["delete"], "before": before, "after": None, "after_unknown": {}}
    return {"address": f"{kind}.{name}", "mode": "managed", "type": kind, "name": name, "change": change}


def test_what_a_plan_deletes_besides_is_deleted_with_its_deployment() -> None:
    def remove(plan: Json) -> None:
        before = {"endpoint_config_name": "v6", "tags_all": {"team": "ml"}}
        change_of(plan, "aws_sagemaker_endpoint.this").update(actions=["update"], before=before)
        plan["resource_changes"] += [
            *(without("aws_sagemaker_endpoint_configuration", name, {"name": name}) for name in ("v5", "v6")),
            without("aws_sagemaker_model", "old", {"name": "old"}),
            without("aws_sagemaker_endpoint", "other", {"name": "other"}),
        ]

    (found,) = deployments(changed("basic", remove))
    assert _deletes(found) == [
        ("DeleteEndpointConfig", "v6", "aws_sagemaker_endpoint_configuration.v6"),
        ("DeleteEndpointConfig", "v5", "aws_sagemaker_endpoint_configuration.v5"),
        ("DeleteModel", "old", "aws_sagemaker_model.old"),
        ("DeleteEndpoint", "other", "aws_sagemaker_endpoint.other"),
    ]
    assert {one.what for one in found.not_covered} == {"Terraform's state", "aws_iam_role"}


AWS_NAME = "registry.terraform.io/hashicorp/aws"


@pytest.mark.parametrize(
    ("region", "others", "is_judged"),
    [
        ("eu-west-1", {}, True),
        ("us-east-1", {}, False),
        ("eu-west-1", {"aws.other": {"name": "aws", "full_name": AWS_NAME, "alias": "other"}}, False),
        ("eu-west-1", {"amazon": {"name": "amazon", "full_name": AWS_NAME, "expressions": {}}}, False),
        ("eu-west-1", {"module.m:aws": {"name": "aws", "full_name": AWS_NAME, "module_address": "module.m"}}, True),
        ("eu-west-1", {"null": {"name": "null", "full_name": "registry.terraform.io/hashicorp/null"}}, True),
    ],
)
def test_what_is_deleted_elsewhere_or_perhaps_elsewhere_is_named(region: str, others: Json, is_judged: bool) -> None:
    def remove(plan: Json) -> None:
        plan["resource_changes"].append(without("aws_sagemaker_model", "old", {"name": "old", "region": region}))
        plan["configuration"]["provider_config"].update(others)

    (found,) = deployments(changed("basic", remove))
    assert [name for _, name, _ in _deletes(found)] == (["old"] if is_judged else [])
    assert ("aws_sagemaker_model" not in {one.what for one in found.not_covered}) is is_judged


def test_what_a_replacement_that_failed_left_behind_is_deleted() -> None:
    def depose(plan: Json) -> None:
        old = copy.deepcopy(next(one for one in plan["resource_changes"] if one["type"] == "aws_sagemaker_endpoint"))
        old.update(deposed="1a2b3c4d")
        old["change"].update(actions=["delete"], before={"name": "churn-old"}, after=None)
        plan["resource_changes"].append(old)

    (found,) = deployments(changed("basic", depose))
    assert _deletes(found) == [("DeleteEndpoint", "churn-old", "aws_sagemaker_endpoint.this")]
    assert "aws_sagemaker_endpoint" not in {one.what for one in found.not_covered}


def test_what_a_plan_changes_besides_is_named() -> None:
    (found,) = deployments(PLANS["basic"])
    assert [(one.what, str(one.where)) for one in found.not_covered] == [
        ("Terraform's state", "plan.json"),
        ("aws_iam_role", "plan.json, aws_iam_role.execution"),
    ]
    assert all("it is created" in one.why for one in found.not_covered[1:])


def test_what_is_left_of_a_replaced_object_is_passed_over() -> None:
    def depose(plan: Json) -> None:
        old = copy.deepcopy(plan["resource_changes"][1])
        assert old["type"] == "aws_sagemaker_endpoint"
        old.update(deposed="1a2b3c4d")
        plan["resource_changes"].insert(0, old)

    assert len(deployments(changed("basic", depose))) == 1


def _config_expression(expression: object) -> Callable[[Json], None]:
    def change(plan: Json) -> None:
        found = configuration_of(plan, "aws_sagemaker_endpoint.direct")
        found["expressions"]["endpoint_config_name"] = expression

    return change


GENERATED = "aws_sagemaker_endpoint_configuration.generated"


@pytest.mark.parametrize(
    ("references", "is_found"),
    [
        ([f"{GENERATED}.name", GENERATED], True),
        ([f"{GENERATED}.id", GENERATED], True),
        ([GENERATED], True),
        (["var.extra", f"{GENERATED}.name", GENERATED, "path.module", "terraform.workspace", "each.key"], True),
        ([f"{GENERATED}.name", GENERATED, "aws_sagemaker_model.this.name", "aws_sagemaker_model.this"], True),
        ([f"{GENERATED}.name", GENERATED, "data.aws_region.here.name", "data.aws_region.here"], True),
        ([f"{GENERATED}.arn", GENERATED], False),
        ([f"{GENERATED}.name", GENERATED, "random_pet.suffix.id", "random_pet.suffix"], False),
        ([f"{GENERATED}.name", GENERATED, "random_pet.suffix"], False),
        ([f"{GENERATED}.name", GENERATED, "local.other"], False),
        (["each.value.name", "each.value"], False),
        ([f'{GENERATED}["x"].name', GENERATED], False),
        (["aws_sagemaker_endpoint_configuration.absent.name"], False),
        ([f"{GENERATED}.name", GENERATED, "random_pet.absent.id", "random_pet.absent"], False),
        (["module.absent.name", "module.absent"], False),
        (["module.absent"], False),
        (["self"], False),
        (["aws_sagemaker_model.this.name"], False),
        ([], False),
        (["var.extra"], False),
    ],
)
def test_a_config_is_the_one_only_if_its_name_is_all_that_is_unknown(references: list[str], is_found: bool) -> None:
    found = deployments(changed("unknown", _config_expression({"references": references})))
    direct = next(one for one in found if one.label.endswith(".direct"))
    assert direct.config
    if is_found:
        assert str(direct.config.place) == f"plan.json, {GENERATED}"
        assert at(direct.config.root, "ProductionVariants[0].InstanceType").value == "ml.m5.large"
    else:
        assert {member.value for member in members(direct.config.root) if member.path} == {UNKNOWN}
        assert str(direct.config.place) == "plan.json, aws_sagemaker_endpoint.direct.endpoint_config_name"


def test_a_name_is_looked_for_in_its_region() -> None:
    address = "aws_sagemaker_endpoint_configuration.this"

    def twin(plan: Json) -> None:
        other = next(one for one in copy.deepcopy(plan["resource_changes"]) if one["address"] == address)
        other.update(name="west", address="aws_sagemaker_endpoint_configuration.west")
        other["change"]["after"]["region"] = "us-west-2"
        plan["resource_changes"].insert(0, other)

    other, found = deployments(changed("basic", twin))
    assert (other.endpoint, other.region) == (None, "us-west-2")
    assert found.endpoint
    assert found.config
    assert str(found.config.place) == f"plan.json, {address}"


def test_models_of_blocks_that_cannot_be_counted_are_not_told() -> None:
    def repeat(plan: Json) -> None:
        change = change_of(plan, "aws_sagemaker_endpoint_configuration.this")
        for part in ("after", "after_unknown"):
            change[part]["production_variants"] *= 2

    assert len(deployments(PLANS["prefix"])[0].models) == 1
    (found,) = deployments(changed("prefix", repeat))
    assert found.models == ()


def test_without_a_configuration_nothing_is_guessed() -> None:
    found = deployments(changed("count", lambda plan: plan.pop("configuration")))
    endpoints = [one for one in found if one.endpoint is not None]
    assert len(endpoints) == 7
    for one in endpoints:
        assert one.config_is_open
        assert one.config
        assert at(one.config.root, "ProductionVariants").value is UNKNOWN


def test_modules_that_refer_to_each_other_end() -> None:
    def circle(plan: Json) -> None:
        calls = plan["configuration"]["root_module"]["module_calls"]
        calls["config"]["module"]["outputs"]["name"]["expression"] = {"references": ["var.type"]}
        calls["config"]["expressions"]["type"] = {"references": ["module.config.name", "module.config"]}

    found = deployments(changed("modules", circle))
    shared = next(one for one in found if one.label == "plan.json: module.endpoint.aws_sagemaker_endpoint.this")
    assert shared.config
    assert at(shared.config.root, "ProductionVariants").value is UNKNOWN


def test_an_output_of_a_repeated_module_without_index_is_nobodys() -> None:
    def repeat(plan: Json) -> None:
        plan["configuration"]["root_module"]["module_calls"]["config"]["count_expression"] = {"constant_value": 1}

    found = deployments(changed("modules", repeat))
    shared = next(one for one in found if one.label == "plan.json: module.endpoint.aws_sagemaker_endpoint.this")
    assert shared.config
    assert at(shared.config.root, "ProductionVariants").value is UNKNOWN


def _region(expression: object, region: str | None = None, value: object = "eu-west-1") -> Callable[[Json], None]:
    def change(plan: Json) -> None:
        change_of(plan, "aws_sagemaker_endpoint.this")["after"]["region"] = region
        change_of(plan, "aws_sagemaker_endpoint_configuration.this")["after"]["region"] = region
        plan["configuration"]["provider_config"]["aws"]["expressions"]["region"] = expression
        plan["variables"]["region"]["value"] = value

    return change


@pytest.mark.parametrize(
    ("change", "region"),
    [
        (_region({"constant_value": "us-west-2"}), "us-west-2"),
        (_region({"references": ["var.region"]}), "eu-west-1"),
        (_region({"constant_value": "us-west-2"}, region="eu-north-1"), "eu-north-1"),
        # "${var.region}-west-1" refers to the variable as well
        (_region({"references": ["var.region"]}, value="eu"), UNKNOWN),
        (_region({"references": ["var.region"]}, value=7), UNKNOWN),
        (_region({"references": ["var.region", "var.other"]}), UNKNOWN),
        (_region({"references": ["local.region"]}), UNKNOWN),
        (_region({"references": ["data.aws_ssm_parameter.region.value", "data.aws_ssm_parameter.region"]}), UNKNOWN),
        (_region({}), UNKNOWN),
        # what the environment says is what the provider takes too
        (_region(None), None),
        (_region({"constant_value": None}), None),
        (_region({"references": ["var.region"]}, value=None), None),
    ],
)
def test_the_region_is_the_resources_own_or_the_providers(
    change: Callable[[Json], object], region: str | Unknown | None
) -> None:
    plan = changed("basic", change)
    (found,) = deployments(plan)
    assert found.region == region
    assert found.config
    (given,) = deployments(plan, region="ap-south-1")
    if region is UNKNOWN:
        (unsettled,) = found.unsettled
        assert (unsettled.cure, unsettled.place.path) == ("give --region", "provider.aws.region")
        assert (given.region, given.unsettled) == ("ap-south-1", ())
    else:
        # whether what the user gives agrees is not for the reader to say
        assert (found.unsettled, given.region) == ((), region)


def test_a_region_that_is_a_constant_and_none_of_aws_is_refused() -> None:
    with pytest.raises(InvalidInputError, match=r"plan\.json, provider\.aws\.region: 'mars-1' is not an AWS Region"):
        deployments(changed("basic", _region({"constant_value": "mars-1"})))


def test_without_a_configuration_the_region_is_not_the_environments() -> None:
    def strip(plan: Json) -> None:
        del plan["configuration"]
        for one in plan["resource_changes"]:
            one["change"]["after"].pop("region", None)

    (found,) = deployments(changed("basic", strip))
    assert found.region is UNKNOWN


def _provider(expressions: dict[str, object], **about: object) -> Callable[[Json], None]:
    def change(plan: Json) -> None:
        plan["configuration"]["provider_config"]["aws"].update(about, expressions=expressions)

    return change


ROLE = "arn:aws:iam::123456789012:role/deployer"


@pytest.mark.parametrize(
    ("change", "account"),
    [
        (_provider({"allowed_account_ids": {"constant_value": ["123456789012"]}}), "123456789012"),
        (_provider({"allowed_account_ids": {"constant_value": ["123456789012", "210987654321"]}}), None),
        (_provider({"allowed_account_ids": {"constant_value": ["12"]}}), None),
        (_provider({"allowed_account_ids": {"references": ["var.accounts"]}}), None),
        (_provider({"assume_role": [{"role_arn": {"constant_value": ROLE}}]}), "123456789012"),
        (_provider({"assume_role": [{"role_arn": {"constant_value": ROLE}}] * 2}), "123456789012"),
        (_provider({"assume_role": [{"role_arn": {"constant_value": "deployer"}}]}), None),
        (_provider({"assume_role": [{"role_arn": {"references": ["var.role"]}}]}), None),
        (
            _provider({"allowed_account_ids": {"constant_value": ["123456789012"]}}, module_address="module.a"),
            "123456789012",
        ),
        (_provider({}), None),
    ],
)
def test_the_account_is_what_the_provider_says(change: Callable[[Json], object], account: str | None) -> None:
    (found,) = deployments(changed("basic", change))
    assert found.account_id == account


def _accounts(kind: str, *accounts: str) -> Callable[[Json], None]:
    return _provider({f"{kind}_account_ids": {"constant_value": list(accounts)}})


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (_accounts("allowed", "111122223333", "210987654321"), "it is for 111122223333 and 210987654321"),
        (_accounts("forbidden", "123456789012"), "it forbids this one"),
        (_accounts("allowed", "123456789012", "210987654321"), None),
        (_accounts("forbidden", "210987654321"), None),
        (_provider({"allowed_account_ids": {"references": ["var.accounts"]}}), None),
    ],
)
def test_the_provider_makes_calls_in_the_accounts_that_it_allows_alone(
    change: Callable[[Json], object], said: str | None
) -> None:
    """Terraform stops before its first call otherwise."""
    draft = draft_of(deployments(changed("full", change))[0])

    if said is None:
        assert draft.at("eu-west-1", "123456789012").account_id == "123456789012"
        return
    with pytest.raises(InvalidInputError, match=said):
        draft.at("eu-west-1", "123456789012")


def _role(arn: object) -> Json:
    return {"role_arn": arn if isinstance(arn, dict) else {"constant_value": arn}}


FIRST = "arn:aws:iam::123456789012:role/first"


@pytest.mark.parametrize(
    ("expressions", "principal", "path"),
    [
        ({}, None, None),
        ({"assume_role": [_role(ROLE)]}, ROLE, "assume_role.role_arn"),
        ({"assume_role": [_role(FIRST), _role(ROLE)]}, ROLE, "assume_role.role_arn"),
        ({"assume_role": _role(ROLE)}, ROLE, "assume_role.role_arn"),
        ({"assume_role": [_role({"references": ["var.region"]})]}, UNKNOWN, "assume_role.role_arn"),
        ({"assume_role": [_role({"references": ["local.role"]})]}, UNKNOWN, "assume_role.role_arn"),
        ({"assume_role": [_role({"references": ["aws_iam_role.r.arn", "aws_iam_role.r"]})]}, UNKNOWN, "assume_role"),
        ({"assume_role": [_role("deployer")]}, UNKNOWN, "assume_role.role_arn"),
        ({"assume_role": [_role(None)]}, None, None),
        ({"assume_role": [_role("")], "profile": {"constant_value": "prod"}}, UNKNOWN, "profile"),
        ({"assume_role_with_web_identity": [_role(ROLE)]}, ROLE, "assume_role_with_web_identity.role_arn"),
        ({"assume_role_with_web_identity": [_role(FIRST)], "assume_role": [_role(ROLE)]}, ROLE, "assume_role.role_arn"),
        ({"assume_role": [_role(ROLE)], "profile": {"constant_value": "prod"}}, ROLE, "assume_role.role_arn"),
        ({"profile": {"constant_value": "prod"}}, UNKNOWN, "profile"),
        ({"profile": {"references": ["var.region"]}}, UNKNOWN, "profile"),
        ({"profile": {"constant_value": None}}, None, None),
        ({"access_key": {"constant_value": "AKIAIOSFODNN7EXAMPLE"}}, UNKNOWN, "access_key"),
        ({"token": {"references": ["data.vault.aws.token", "data.vault.aws"]}}, UNKNOWN, "token"),
        ({"shared_config_files": {"constant_value": ["/etc/aws"]}}, UNKNOWN, "shared_config_files"),
    ],
)
def test_the_provider_says_who_calls(expressions: Json, principal: str | Unknown | None, path: str | None) -> None:
    (found,) = deployments(changed("basic", _provider(expressions)))
    if path is None:
        assert found.caller is None
    else:
        assert found.caller is not None
        assert (found.caller.principal, found.caller.called_via) == (principal, ())
        assert found.caller.place.path.startswith(f"provider.aws.{path}")
    assert "AKIAIOSFODNN7EXAMPLE" not in repr(found)


DENY_ALL = '{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Action":"*","Resource":"*"}]}'


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        ({}, ()),
        ({"policy": {"constant_value": None}, "policy_arns": {"constant_value": []}}, ()),
        ({"policy": {"constant_value": DENY_ALL}}, (DENY_ALL,)),
        ({"policy": {"references": ["local.limits"]}}, (UNKNOWN,)),
        ({"policy": {"references": ["var.region"]}}, (UNKNOWN,)),
        ({"policy_arns": {"constant_value": ["arn:aws:iam::aws:policy/ReadOnlyAccess"]}}, (UNKNOWN,)),
    ],
)
def test_the_provider_says_which_session_policies_limit_the_role(more: Json, expected: tuple[object, ...]) -> None:
    change = _provider({"assume_role": [{**_role(FIRST), "policy": {"constant_value": "{}"}}, {**_role(ROLE), **more}]})
    (found,) = deployments(changed("basic", change))
    assert found.caller is not None
    # those of a role that was assumed before do not limit the last one
    assert found.caller.session_policies == expected


@pytest.mark.parametrize(
    ("blocks", "expected"),
    [
        ([{}], ()),
        ([{"tags": {"constant_value": {}}}], ()),
        ([{"tags": {"constant_value": {"team": "ml", "stage": "prod"}}}], (("team", "ml"), ("stage", "prod"))),
        ([{"tags": {"references": ["var.region"]}}], UNKNOWN),
        ([{"tags": {"references": ["local.tags"]}}], UNKNOWN),
        ([{"tags": {"constant_value": {"team": None}}}], UNKNOWN),
        ([{"tags": {"constant_value": {"team": "ml", "Team": "ops"}}}], UNKNOWN),
        # the tags of a role that was assumed before are those of its own session, but for transitive ones
        ([{"tags": {"constant_value": {"team": "ml"}}}, {}], ()),
        ([{"transitive_tag_keys": {"constant_value": ["team"]}}, {}], UNKNOWN),
        (
            [{"transitive_tag_keys": {"constant_value": ["team"]}, "tags": {"constant_value": {"team": "ml"}}}],
            (("team", "ml"),),
        ),
    ],
)
def test_the_provider_says_which_tags_the_session_has(blocks: list[Json], expected: object) -> None:
    (found,) = deployments(changed("basic", _provider({"assume_role": [{**_role(ROLE), **block} for block in blocks]})))
    assert found.caller is not None
    assert found.caller.session_tags == expected


@pytest.mark.parametrize("key", [None, "aws.west", "module.a:aws.west"])
def test_of_a_provider_that_the_plan_does_not_show_nothing_is_known(key: str | None) -> None:
    def change(plan: Json) -> None:
        for one in plan["configuration"]["root_module"]["resources"]:
            one["provider_config_key"] = key
        for one in plan["resource_changes"]:
            one["change"]["after"].pop("region", None)

    (found,) = deployments(changed("basic", change))
    assert found.region is UNKNOWN
    assert found.caller is not None
    assert found.caller.principal is UNKNOWN


def _defer(type_: str) -> Callable[[Json], None]:
    def change(plan: Json) -> None:
        (later,) = (one for one in plan["resource_changes"] if one["type"] == type_)
        plan["resource_changes"].remove(later)
        plan["deferred_changes"] = [{"reason": "resource_config_unknown", "resource_change": later}]

    return change


def test_an_endpoint_that_terraform_leaves_to_a_later_plan_is_open() -> None:
    (found,) = deployments(changed("basic", _defer("aws_sagemaker_endpoint")))
    assert found.endpoint is None
    assert ["aws_sagemaker_endpoint" in str(one) for one in found.unsettled] == [True]
    assert "aws_sagemaker_endpoint" in {one.what for one in found.not_covered}


def test_a_provider_in_a_module_takes_the_variables_of_that_module() -> None:
    def module(plan: Json) -> None:
        root = plan["configuration"]["root_module"]
        child = {"resources": root.pop("resources"), "variables": {"role": {}, "home": {"default": "eu-north-1"}}}
        expressions = {"role": {"references": ["var.deployer"]}}
        root["module_calls"] = {"a": {"module": child, "expressions": expressions}}
        plan["variables"]["deployer"] = {"value": ROLE}
        for one in plan["resource_changes"]:
            one.update(module_address="module.a", address=f"module.a.{one['address']}")
            one["change"]["after"].pop("region", None)
        for one in child["resources"]:
            one["provider_config_key"] = "module.a:aws"
        providers = plan["configuration"]["provider_config"]
        providers["module.a:aws"] = {
            "module_address": "module.a",
            "expressions": {
                "region": {"references": ["var.home"]},
                "assume_role": [_role({"references": ["var.role"]})],
            },
        }

    (found,) = deployments(changed("basic", module))
    assert found.caller
    assert (found.region, found.caller.principal, found.account_id) == ("eu-north-1", ROLE, "123456789012")


def test_a_module_without_a_provider_inherits_the_roots() -> None:
    def inherit(plan: Json) -> None:
        for one in plan["configuration"]["root_module"]["resources"]:
            one["provider_config_key"] = "module.a:aws"

    assert deployments(changed("basic", inherit))[0].region == deployments(PLANS["basic"])[0].region == "eu-west-1"


CONFIG = "aws_sagemaker_endpoint_configuration.instances"


def _after(attribute: str, value: object, unknown: object = None, address: str = CONFIG) -> Callable[[Json], None]:
    def change(plan: Json) -> None:
        change_of(plan, address)["after"][attribute] = value
        if unknown is not None:
            change_of(plan, address)["after_unknown"][attribute] = unknown

    return change


def _written(attribute: str) -> Callable[[Json], None]:
    """An attribute that is known only after the plan was applied, and has an expression."""

    def change(plan: Json) -> None:
        change_of(plan, CONFIG)["after_unknown"][attribute] = True
        configuration_of(plan, CONFIG)["expressions"][attribute] = {"references": ["random_pet.x.id", "random_pet.x"]}

    return change


def _in_variant(attribute: str, value: object) -> Callable[[Json], None]:
    def change(plan: Json) -> None:
        change_of(plan, CONFIG)["after"]["production_variants"][0][attribute] = value

    return change


def _drop_name(plan: Json) -> None:
    change_of(plan, CONFIG)["after"].pop("name")
    change_of(plan, CONFIG)["after"]["name_prefix"] = "churn*"
    change_of(plan, CONFIG)["after_unknown"]["name"] = True
    endpoint = change_of(plan, "aws_sagemaker_endpoint.instances")
    endpoint["after_unknown"]["endpoint_config_name"] = endpoint["after"].pop("endpoint_config_name") != ""


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (_after("encryption", [{"mode": "new"}]), f"plan.json, {CONFIG}.encryption: this attribute is not known"),
        (_written("encryption"), f"{CONFIG}.encryption: this attribute is not known"),
        (_after("encryption", False), f"{CONFIG}.encryption: this attribute is not known"),
        (_in_variant("new_setting", 0), r"production_variants\[0\].new_setting: this attribute is not known"),
        (_in_variant("routing_config", [{}, {}]), r"\[0\].routing_config: the API takes one of these blocks"),
        (_in_variant("routing_config", "x"), "routing_config: the provider has a list of blocks here"),
        (_in_variant("instance_type", {"a": {}}), r"instance_type\[\"a\"\]: a text, a number or a truth value"),
        (_in_variant("instance_type", [["x"]]), r"instance_type\[0\]: a text, a number or a truth value"),
        (_after("production_variants", [3]), r"production_variants\[0\]: a block is due"),
        (_after("production_variants", [None]), r"production_variants\[0\]: a block is due"),
        (_after("production_variants", {"a": 1}), "production_variants: the provider has a list of blocks"),
        (_after("tags_all", ["team"]), "tags_all: an object is due"),
        (_after("tags_all", {"team": {"a": "b"}}), r'tags_all\["team"\]: a text, a number or a truth value'),
        (_drop_name, "name_prefix: the prefix has characters that no name has"),
        (lambda plan: change_of(plan, CONFIG).update(actions=["invoke"]), "the actions 'invoke' are not known"),
        (lambda plan: change_of(plan, CONFIG).update(after_unknown=True), "nothing is known of the resource"),
        (lambda plan: plan["resource_changes"].append(plan["resource_changes"][1]), "have the name that is used"),
        (_after("two\nlines", 3), r"two\\nlines': this attribute is not known"),
        (_after("tags_all", {"two\nlines": []}), r"two\\nlines'\]: a text, a number or a truth value"),
        (lambda plan: plan["resource_changes"][1].update(address=f"{CONFIG}\n"), r"has the address '.*\\n'"),
        (lambda plan: plan["resource_changes"][0].update(address="x"), "a resource has the address 'x'"),
        (
            lambda plan: plan["resource_changes"][0].update(
                module_address="m", address=f"m.{plan['resource_changes'][0]['address']}"
            ),
            "'m' is no address of a module",
        ),
        (lambda plan: plan.update(resource_changes={}), "resource_changes: a list is due here"),
        (lambda plan: plan.update(configuration=[]), "configuration: an object is due here"),
        (lambda plan: plan.update(errored=True), "errored: Terraform could not complete this plan"),
        (lambda plan: plan.update(format_version="2.0"), "the plan's format '2.0' is not known"),
        (lambda plan: plan.update(format_version=1), "the plan's format '' is not known"),
        (lambda plan: [plan.pop("planned_values"), plan.pop("resource_changes")], "not a Terraform plan"),
        (lambda plan: plan.update(resource_changes=[]), "the plan has no resource of type aws_sagemaker_endpoint"),
    ],
)
def test_what_cannot_be_read_is_refused_with_its_place(change: Callable[[Json], object], message: str) -> None:
    with pytest.raises(InvalidInputError, match=message) as caught:
        deployments(changed("full", change))
    assert str(caught.value).startswith("plan.json")
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("root", [[], "plan", 3, None, True, {}])
def test_what_is_no_plan_at_all_is_refused(root: object) -> None:
    assert plan_of(json.dumps(root)) is None
    assert plan_of(f"x: {json.dumps(root)}") is None


@pytest.mark.parametrize(
    ("change", "path", "value"),
    [
        (_in_variant("initial_instance_count", 0), "ProductionVariants[0].InitialInstanceCount", None),
        (_in_variant("initial_variant_weight", 0), "ProductionVariants[0].InitialVariantWeight", 0),
        (_in_variant("initial_variant_weight", 1.5e0), "ProductionVariants[0].InitialVariantWeight", 1.5),
        (_in_variant("enable_ssm_access", False), "ProductionVariants[0].EnableSSMAccess", False),
        (_in_variant("accelerator_type", ""), "ProductionVariants[0].AcceleratorType", None),
        (_in_variant("new_setting", None), "ProductionVariants[0].NewSetting", None),
        (_in_variant("core_dump_config", []), "ProductionVariants[0].CoreDumpConfig", None),
        (_after("tags_all", {}), "Tags", None),
        (_after("tags_all", None, unknown=True), "Tags", UNKNOWN),
        (_after("kms_key_arn", None, unknown=True), "KmsKeyId", UNKNOWN),
        (_after("shadow_production_variants", [], unknown=True), "ShadowProductionVariants", UNKNOWN),
        (_after("shadow_production_variants", [], unknown=[{"model_name": True}]), "ShadowProductionVariants", UNKNOWN),
        (_after("execution_role_arn", None), "ExecutionRoleArn", None),
        (
            _after("shadow_production_variants", [{"variant_name": "s"}], unknown=[{}, {"model_name": True}]),
            "ShadowProductionVariants",
            UNKNOWN,
        ),
    ],
)
def test_what_is_not_set_is_not_there(change: Callable[[Json], object], path: str, value: object) -> None:
    (found,) = deployments(changed("full", change))
    assert found.config
    parent, _, name = path.rpartition(".")
    member = (at(found.config.root, parent) if parent else found.config.root).get(name)
    assert (None if member is None else member.value) == value


def test_data_capture_is_off_where_the_plan_does_not_set_it() -> None:
    """The provider documents false; the API's own default is on."""

    def unset(plan: Json) -> None:
        change_of(plan, CONFIG)["after"]["data_capture_config"][0]["enable_capture"] = None

    (found,) = deployments(changed("full", unset))
    assert found.config
    assert at(found.config.root, "DataCaptureConfig.EnableCapture").value is False


def test_tags_are_read_where_the_plan_has_no_tags_all() -> None:
    def without(plan: Json) -> None:
        for part in ("after", "after_unknown"):
            change_of(plan, CONFIG)[part].pop("tags_all", None)

    (found,) = deployments(changed("full", without))
    assert found.config
    assert str(at(found.config.root, "Tags[1].Key").place) == f'plan.json, {CONFIG}.tags["team"]'


def test_deep_modules_are_read() -> None:
    """Forty modules in each other nest the configuration over a hundred levels deep."""
    plan = copy.deepcopy(PLANS["basic"])
    module = plan["configuration"]["root_module"]
    for _ in range(40):
        module = {"module_calls": {"inner": {"source": "./inner", "module": module}}}
    plan["configuration"]["root_module"] = module
    for one in plan["resource_changes"]:
        one["module_address"] = ".".join(["module.inner"] * 40)
        one["address"] = f"{one['module_address']}.{one['address']}"

    (found,) = deployments(plan)
    assert found.config
    assert len(found.models) == 1


# --- what the provider computes, and what is still to come


def _computed(attribute: str, *, is_written: bool, in_variant: bool = True) -> Callable[[Json], None]:
    """An attribute that is unknown in the plan, with an expression in the configuration or without."""

    def change(plan: Json) -> None:
        details = change_of(plan, "aws_sagemaker_endpoint_configuration.this")
        expressions = configuration_of(plan, "aws_sagemaker_endpoint_configuration.this")["expressions"]
        trees = [details["after"], details["after_unknown"], expressions]
        if in_variant:
            trees[1].setdefault("production_variants", [{}])
            trees = [tree["production_variants"][0] for tree in trees]
        after, unknown, written = trees
        after.pop(attribute, None)
        unknown[attribute] = True
        written.pop(attribute, None)
        if is_written:
            written[attribute] = {"references": ["random_integer.x.result", "random_integer.x"]}

    return change


@pytest.mark.parametrize(
    ("attribute", "member", "value"),
    [
        ("volume_size_in_gb", "VolumeSizeInGB", None),
        ("inference_ami_version", "InferenceAmiVersion", None),
        # the request must have a name, and the provider makes it up
        ("variant_name", "VariantName", Pattern("terraform-*")),
        # no provider computes these: something else is still to come
        ("model_name", "ModelName", UNKNOWN),
        ("instance_type", "InstanceType", UNKNOWN),
    ],
)
def test_what_the_provider_computes_is_sent_only_where_it_is_written(
    attribute: str, member: str, value: object
) -> None:
    (computed,) = deployments(changed("basic", _computed(attribute, is_written=False)))
    (written,) = deployments(changed("basic", _computed(attribute, is_written=True)))
    assert computed.config
    assert written.config
    found = at(computed.config.root, "ProductionVariants[0]").get(member)
    assert (None if found is None else found.value) == value
    sent = at(written.config.root, f"ProductionVariants[0].{member}")
    assert sent.value is UNKNOWN
    (cause,) = sent.causes
    assert cause.text == "it is made of random_integer.x.result"
    address = "aws_sagemaker_endpoint_configuration.this"
    assert cause.cure == f"--set '{address}.production_variants[0].{attribute}=VALUE'"


def test_what_is_computed_is_unknown_where_the_configuration_does_not_show_it() -> None:
    """Neither a plan without configuration nor a `dynamic` block says whether there is an expression."""

    def strip(plan: Json) -> None:
        _computed("volume_size_in_gb", is_written=False)(plan)
        del plan["configuration"]

    def dynamic(plan: Json) -> None:
        _computed("volume_size_in_gb", is_written=False)(plan)
        del configuration_of(plan, "aws_sagemaker_endpoint_configuration.this")["expressions"]["production_variants"]

    for change in (strip, dynamic):
        (found,) = deployments(changed("basic", change))
        assert found.config
        assert at(found.config.root, "ProductionVariants[0].VolumeSizeInGB").value is UNKNOWN


def test_a_block_whose_number_is_unknown_is_unknown() -> None:
    """A `dynamic` block over an unknown value leaves no trace in the configuration."""
    (found,) = deployments(changed("full", _after("data_capture_config", [], unknown=True)))
    assert found.config
    assert at(found.config.root, "DataCaptureConfig").value is UNKNOWN


@pytest.mark.parametrize(
    ("attribute", "known", "computed", "member"),
    [
        ("core_dump_config", {"destination_s3_uri": "s3://b/x"}, "kms_key_id", "CoreDumpConfig.KmsKeyId"),
        (
            "managed_instance_scaling",
            {"status": "ENABLED"},
            "min_instance_count",
            "ManagedInstanceScaling.MinInstanceCount",
        ),
        ("serverless_config", {"memory_size_in_mb": 1024}, "max_concurrency", "ServerlessConfig.MaxConcurrency"),
    ],
)
def test_a_dynamic_block_within_a_block_is_open_where_it_is_computed(
    attribute: str, known: Json, computed: str, member: str
) -> None:
    """The configuration of the block around it has no word of it: neither of the block nor of what is in it."""

    def within(plan: Json, after: list[Json], unknown: object) -> None:
        change = change_of(plan, "aws_sagemaker_endpoint_configuration.this")
        change["after"]["production_variants"][0][attribute] = after
        change["after_unknown"]["production_variants"] = [{attribute: unknown}]
        variants = configuration_of(plan, "aws_sagemaker_endpoint_configuration.this")["expressions"]
        variants["production_variants"] = [{"model_name": {"constant_value": "m"}}]

    for after, unknown, path in (([], True, member.partition(".")[0]), ([known], [{computed: True}], member)):
        (found,) = deployments(changed("basic", partial(within, after=after, unknown=unknown)))
        assert found.config
        assert at(found.config.root, f"ProductionVariants[0].{path}").value is UNKNOWN


def test_blocks_that_the_provider_computes_are_not_sent() -> None:
    def computed(plan: Json) -> None:
        change = change_of(plan, "aws_sagemaker_model.this")
        change["after_unknown"]["inference_execution_config"] = True
        change["after_unknown"]["primary_container"] = [{"model_data_source": True}]
        change["after"]["primary_container"][0].pop("model_data_source", None)

    plan = changed("basic", computed)
    expressions = configuration_of(plan, "aws_sagemaker_model.this")["expressions"]
    expressions["primary_container"] = [{"image": {"constant_value": "i"}}]
    (found,) = deployments(plan)
    (model,) = found.models
    assert model.root.get("InferenceExecutionConfig") is None
    assert at(model.root, "PrimaryContainer").get("ModelDataSource") is None


@pytest.mark.parametrize(
    ("tags", "unknown", "default_tags", "expected"),
    [
        # older providers leave tags_all unknown where there are no tags
        (None, True, None, None),
        (None, True, {"constant_value": {}}, None),
        (None, True, {"references": ["data.x.y.tags", "data.x.y"]}, "?"),
        (None, True, {"constant_value": {"by": "terraform"}}, "?"),
        ({"team": "ml"}, True, None, "?"),
        # no provider says tags_all at all
        ({"team": "ml"}, None, {"constant_value": {"by": "terraform"}}, {"by": "terraform", "team": "ml"}),
        ({"team": "ml"}, None, {"references": ["var.tags"]}, "?"),
        ({"team": "ml"}, None, None, {"team": "ml"}),
    ],
)
def test_tags_are_those_of_the_resource_and_of_the_provider(
    tags: Json | None, unknown: bool | None, default_tags: Json | None, expected: object
) -> None:
    def change(plan: Json) -> None:
        details = change_of(plan, "aws_sagemaker_endpoint.this")
        details["after"].pop("tags_all", None)
        details["after"]["tags"] = tags
        details["after_unknown"].pop("tags_all", None)
        if unknown is not None:
            details["after_unknown"]["tags_all"] = unknown
        expressions = plan["configuration"]["provider_config"]["aws"]["expressions"]
        expressions.pop("default_tags", None)
        if default_tags is not None:
            expressions["default_tags"] = [{"tags": default_tags}]

    (found,) = deployments(changed("basic", change))
    assert found.endpoint
    member = found.endpoint.root.get("Tags")
    if isinstance(expected, dict):
        assert member is not None
        pairs = {plain(tag)["Key"]: plain(tag)["Value"] for tag in member.items()}  # type: ignore[index,call-overload]
        assert pairs == expected
    else:
        assert (None if member is None else plain(member)) == expected


def test_tags_without_an_expression_are_those_of_the_provider() -> None:
    """A provider may compute what nobody writes: then it adds no tags but its own."""

    def computed(plan: Json) -> None:
        details = change_of(plan, "aws_sagemaker_endpoint.this")
        for name in ("tags", "tags_all"):
            details["after"].pop(name, None)
            details["after_unknown"][name] = True
        configuration_of(plan, "aws_sagemaker_endpoint.this")["expressions"].pop("tags", None)
        plan["configuration"]["provider_config"]["aws"]["expressions"].pop("default_tags", None)

    def written(plan: Json) -> None:
        computed(plan)
        configuration_of(plan, "aws_sagemaker_endpoint.this")["expressions"]["tags"] = {"references": ["local.tags"]}

    for change, value in ((computed, None), (written, UNKNOWN)):
        (found,) = deployments(changed("basic", change))
        assert found.endpoint
        tags = found.endpoint.root.get("Tags")
        assert (None if tags is None else tags.value) is value


# --- an endpoint config that may be the endpoint's


def _config_named(value: object, **marks: object) -> Callable[[Json], None]:
    def change(plan: Json) -> None:
        address = "aws_sagemaker_endpoint_configuration.this"
        change = change_of(plan, address)
        change["after"]["name"] = value
        for tree, mark in marks.items():
            change[f"after_{tree}"]["name"] = mark
        configuration_of(plan, address)["expressions"]["name"] = {"references": ["random_pet.x.id", "random_pet.x"]}

    return change


@pytest.mark.parametrize(
    ("change", "is_open"),
    [
        (_config_named(None, unknown=True), True),
        (_config_named("secret", sensitive=True), True),
        (_config_named("another"), False),
    ],
)
def test_a_config_of_an_unknown_name_may_be_the_endpoints(change: Callable[[Json], None], is_open: bool) -> None:
    found = next(one for one in deployments(changed("basic", change)) if one.endpoint is not None)
    assert found.config_is_open is is_open
    if not is_open:
        assert found.config is None
        return
    assert found.config
    assert {member.value for member in members(found.config.root) if member.path} == {UNKNOWN}
    (unsettled,) = found.unsettled
    assert unsettled.cure == "give --set aws_sagemaker_endpoint_configuration.this.name=NAME"
    settled = deployments(
        changed("basic", change), values={"aws_sagemaker_endpoint_configuration.this.name": "another"}
    )
    assert [one.config_is_open for one in settled] == [False, False]


def test_configs_of_one_name_in_two_places_are_told_apart_by_their_provider() -> None:
    address = "aws_sagemaker_endpoint_configuration.this"

    def twin(expression: Json) -> Callable[[Json], None]:
        def change(plan: Json) -> None:
            for one in plan["resource_changes"]:
                one["change"]["after"].pop("region", None)
            other = next(one for one in copy.deepcopy(plan["resource_changes"]) if one["address"] == address)
            other.update(name="west", address="aws_sagemaker_endpoint_configuration.west")
            plan["resource_changes"].insert(0, other)
            configured = copy.deepcopy(configuration_of(plan, address))
            configured.update(name="west", address=other["address"], provider_config_key="aws.west")
            plan["configuration"]["root_module"]["resources"].append(configured)
            providers = plan["configuration"]["provider_config"]
            providers["aws.west"] = {"alias": "west", "expressions": {"region": expression}}

        return change

    other, found = deployments(changed("basic", twin({"constant_value": "us-west-2"})))
    assert (other.endpoint, other.region) == (None, "us-west-2")
    assert found.config
    assert str(found.config.place) == f"plan.json, {address}"
    # the endpoint's own provider has a config of the name: another elsewhere does not matter
    _, found = deployments(changed("basic", twin({"references": ["local.region"]})))
    assert (found.config_is_open, found.config is not None) == (False, True)


# --- values for what is open


CONFIG_KEY = "aws_sagemaker_endpoint_configuration.this"
KEY_ARN = "arn:aws:kms:eu-west-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab"


def _open_plan() -> Json:
    """A plan that leaves a key, a number, a truth value, the tags and a block open, all written."""

    def change(plan: Json) -> None:
        details = change_of(plan, CONFIG_KEY)
        details["after_unknown"].update(
            kms_key_arn=True, tags={"owner": True}, tags_all=True, data_capture_config=True, execution_role_arn=True
        )
        details["after"].update(tags={"team": "ml"}, execution_role_arn=SECRET)
        details["after_sensitive"]["execution_role_arn"] = True
        for name in ("kms_key_arn", "data_capture_config", "tags_all"):
            details["after"].pop(name, None)
        expressions = configuration_of(plan, CONFIG_KEY)["expressions"]
        for name in ("kms_key_arn", "tags", "data_capture_config", "execution_role_arn"):
            expressions[name] = {"references": ["aws_kms_key.k.arn", "aws_kms_key.k"]}
        for name in ("volume_size_in_gb", "enable_ssm_access"):
            _computed(name, is_written=True)(plan)

    return changed("basic", change)


@pytest.mark.parametrize(
    ("path", "text", "member", "value"),
    [
        ("kms_key_arn", KEY_ARN, "KmsKeyId", KEY_ARN),
        ("kms_key_arn", "null", "KmsKeyId", None),
        ("execution_role_arn", ROLE, "ExecutionRoleArn", ROLE),
        ("production_variants[0].volume_size_in_gb", "20", "ProductionVariants[0].VolumeSizeInGB", 20),
        ("production_variants[0].enable_ssm_access", "true", "ProductionVariants[0].EnableSSMAccess", True),
        ('tags_all["owner"]', "ann", "Tags[1].Value", "ann"),
        ("tags.owner", "ann", "Tags[1].Value", "ann"),
        ("tags_all", '{"a": "b"}', "Tags[0].Key", "a"),
        (
            "data_capture_config",
            '[{"destination_s3_uri": "s3://b/", "initial_sampling_percentage": 5, "capture_options": []}]',
            "DataCaptureConfig.InitialSamplingPercentage",
            5,
        ),
    ],
)
def test_a_value_settles_what_a_plan_leaves_open(path: str, text: str, member: str, value: object) -> None:
    (found,) = deployments(_open_plan(), values={f"{CONFIG_KEY}.{path}": text})
    assert found.config
    parent, _, name = member.rpartition(".")
    owner = at(found.config.root, parent) if parent else found.config.root
    settled = owner.get(name)
    assert (None if settled is None else settled.value) == value


def test_every_open_member_names_the_flag_that_settles_it() -> None:
    """Giving what each cure asks for leaves nothing open, and no cure is needed twice."""
    (found,) = deployments(_open_plan())
    assert found.config
    cures = [cause.cure for member in members(found.config.root) for cause in member.causes]
    assert len(cures) == len(set(cures)) == 6
    values = {}
    for cure in cures:
        (assignment,) = shlex.split(cure.removeprefix("--set "))
        key, _, placeholder = assignment.rpartition("=")
        assert placeholder == "VALUE"
        values[key] = {"v": "20", "e": "true", "d": "null"}.get(key.rpartition(".")[2][0], "null")
    values[f"{CONFIG_KEY}.production_variants[0].enable_ssm_access"] = "true"
    (settled,) = deployments(_open_plan(), values=values)
    assert settled.config
    assert not [member for member in members(settled.config.root) if member.causes]


@pytest.mark.parametrize(
    ("key", "text", "message"),
    [
        ("aws_sagemaker_endpoint.that.name", "x", "the plan has no such resource"),
        ("aws_kms_key.k.arn", KEY_ARN, "the plan has no such resource"),
        ("name", "x", "the plan has no such resource"),
        (f"{CONFIG_KEY}.kms_key", KEY_ARN, "there is no attribute 'kms_key'.*kms_key_arn"),
        (f"{CONFIG_KEY}.name", "other", "the plan has another value"),
        (f"{CONFIG_KEY}.production_variants[0].instance_type", "x", "the plan has another value"),
        (f"{CONFIG_KEY}.async_inference_config", "[{}]", "the plan does not set it"),
        (f"{CONFIG_KEY}.production_variants[7].volume_size_in_gb", "1", "the plan does not set it"),
        (f"{CONFIG_KEY}.production_variants[0].volume_size_in_gb", "big", "'big' is not a number"),
        (f"{CONFIG_KEY}.production_variants[0].enable_ssm_access", "yes", "'yes' is not true or false"),
        (f"{CONFIG_KEY}.data_capture_config", "on", "not JSON"),
        (f"{CONFIG_KEY}.data_capture_config[0].enable_capture", "true", "the plan leaves more open than this"),
        (f"{CONFIG_KEY}.production_variants[x].name", "x", "no step to an attribute"),
    ],
)
def test_a_value_for_nothing_that_is_open_is_refused(key: str, text: str, message: str) -> None:
    with pytest.raises(InvalidInputError, match=message) as caught:
        deployments(_open_plan(), values={key: text})
    assert "--set" in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("attribute", ["tags", "tags_all"])
@pytest.mark.parametrize("marks", ["after_sensitive", "after_unknown"])
def test_tags_that_are_open_as_a_whole_are_given_as_a_whole(attribute: str, marks: str) -> None:
    """One tag must not bring the others to light."""

    def mark(plan: Json) -> None:
        change = change_of(plan, CONFIG_KEY)
        change["after"]["tags"] = change["after"]["tags_all"] = {"team": SECRET, "owner": SECRET}
        for name in ("tags", "tags_all") if marks == "after_unknown" else (attribute,):
            change[marks][name] = True
        configuration_of(plan, CONFIG_KEY)["expressions"]["tags"] = {"references": ["var.tags"]}

    plan = changed("basic", mark)
    for name in ("tags", "tags_all"):
        with pytest.raises(InvalidInputError, match="the plan leaves more open than this"):
            deployments(plan, values={f"{CONFIG_KEY}.{name}.team": "ml"})
        (found,) = deployments(plan, values={f"{CONFIG_KEY}.{name}": '{"team": "ml"}'})
        assert found.config
        assert plain(at(found.config.root, "Tags")) == [{"Key": "team", "Value": "ml"}]
        assert SECRET not in repr(found)


def test_a_value_that_the_plan_has_already_changes_nothing() -> None:
    assert deployments(PLANS["basic"], values={f"{CONFIG_KEY}.name": "churn-v7"}) == deployments(PLANS["basic"])


# --- large and hostile plans


def _many(count: int, *, is_open: bool) -> str:
    """A plan with many endpoints, each with its config, whose names are known or not."""
    base = [one for one in PLANS["basic"]["resource_changes"] if one["type"].startswith("aws_sagemaker_endpoint")]
    changes = []
    for number in range(count):
        for resource in base:
            made = copy.deepcopy(resource)
            made["address"] += f"[{number}]"
            after = made["change"]["after"]
            after["name"] += f"-{number}"
            if "endpoint_config_name" in after:
                after["endpoint_config_name"] += f"-{number}"
            elif is_open:
                made["change"]["after_unknown"]["name"] = after.pop("name") != ""
            changes.append(made)
    return json.dumps({"format_version": "1.2", "resource_changes": changes})


@pytest.mark.parametrize("is_open", [False, True])
def test_work_grows_with_the_plan_and_not_with_its_square(is_open: bool) -> None:
    def calls(count: int) -> int:
        """Calls of functions that reading takes, which do not depend on the machine."""
        made = 0

        def count_call(_frame: object, event: str, _argument: object) -> None:
            nonlocal made
            made += event == "call"

        document = plan_of(_many(count, is_open=is_open))
        assert document is not None
        sys.setprofile(count_call)
        try:
            read_plan(document, Place("plan.json"))
        finally:
            sys.setprofile(None)
        return made

    calls(1)
    assert calls(80) < 2.5 * calls(40)


def test_what_nothing_depends_on_is_not_kept() -> None:
    plan = copy.deepcopy(PLANS["basic"])
    plan["prior_state"] = {"values": ["x" * 100] * 1000}
    other = {"address": "aws_instance.i", "mode": "managed", "type": "aws_instance", "name": "i"}
    details = {
        "actions": ["create"],
        "after": {"user_data": "x" * 1000},
        "after_unknown": {"a": [{"b": True}], "c": []},
    }
    plan["resource_changes"].append({**other, "change": details})
    document = plan_of(json.dumps(plan))
    assert document
    assert "prior_state" in document.names
    assert "xxx" not in repr(document.members)
    changes = document.members["resource_changes"]
    assert isinstance(changes, list)
    assert changes[-1]["change"] == {"actions": ["create"], "after_unknown": {"a": True, "c": False}}


BEGIN = '{"format_version": "1.2", "resource_changes": '


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (f"{BEGIN}{'[' * 100_000}", "nested too deeply|not JSON"),
        (f'{BEGIN}[], "configuration": {"[" * 100_000}{"]" * 100_000}}}', "nested too deeply"),
        (f"{BEGIN}[", "line 1: not JSON"),
        (f"{BEGIN}[]", "line 1: not JSON"),
        (f"{BEGIN}[]}}\n\nx", "line 3: not JSON: extra data"),
        (f"{BEGIN}[{{}} {{}}]}}", "not JSON"),
        (f'{BEGIN}[], "x": NaN}}', "NaN is not JSON"),
        (f'{BEGIN}[], "resource_changes": []}}', "a member twice"),
        (f'{BEGIN}[{{"address": 1, "address": 2}}]}}', "the key 'address' twice"),
        (f"{BEGIN}[], 3: 4}}", "not JSON"),
    ],
)
def test_a_text_that_begins_as_a_plan_is_refused_as_one(text: str, message: str) -> None:
    with pytest.raises(InvalidInputError, match=message):
        plan_of(text)
    # what begins otherwise is for another reader to judge
    assert plan_of("Resources: {}\n# " + text) is None


@pytest.mark.parametrize("depth", [300, 2000])
def test_deep_values_end_in_a_reading_or_in_a_refusal(depth: int) -> None:
    plan = copy.deepcopy(PLANS["basic"])
    plan["variables"]["deep"] = {"value": "leaf"}
    declared = plan["configuration"]["root_module"].setdefault("variables", {})
    declared["deep"] = {"sensitive": True}
    text = json.dumps(plan).replace('"leaf"', f"{'[' * depth}{']' * depth}")
    outcome = ""
    try:
        document = plan_of(text)
        outcome = "read" if document and read_plan(document, Place("plan.json")) else ""
    except InvalidInputError as error:
        outcome = str(error)
    assert outcome == "read" or "nested too deeply" in outcome


# --- any plan


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)


def _places(value: object, path: tuple[str | int, ...] = ()) -> list[tuple[str | int, ...]]:
    children: list[tuple[str | int, object]] = []
    if isinstance(value, dict):
        children = list(value.items())
    elif isinstance(value, list):
        children = list(enumerate(value))
    return [path, *(place for step, child in children for place in _places(child, (*path, step)))]


def _replaced(value: object, path: tuple[str | int, ...], new: object) -> object:
    """A copy with another value in a place; the value itself where it has no such place any more."""
    if not path:
        return new
    step, rest = path[0], path[1:]
    if isinstance(value, dict) and step in value:
        return {**value, step: _replaced(value[step], rest, new)}
    if isinstance(value, list) and isinstance(step, int) and step < len(value):
        return [*value[:step], _replaced(value[step], rest, new), *value[step + 1 :]]
    return value


ALL_PLACES = {name: _places(plan)[1:] for name, plan in PLANS.items()}


@examples(300)
@given(data=st.data())
def test_any_json_in_any_place_is_read_or_refused(data: st.DataObject) -> None:
    name = data.draw(st.sampled_from(sorted(PLANS)))
    plan: object = PLANS[name]
    for path in data.draw(st.lists(st.sampled_from(ALL_PLACES[name]), min_size=1, max_size=3)):
        plan = _replaced(plan, path, data.draw(ANYTHING))
    try:
        found = deployments(plan)
    except InvalidInputError as error:
        text = str(error)
    else:
        assert found
        assert all(one.endpoint is not None or one.config is not None for one in found)
        text = "".join(
            str(member.place)
            for one in found
            for request in (one.endpoint, one.config, *one.models)
            if request is not None
            for member in members(request.root)
        )
    assert SECRET not in text
    assert "\n" not in text
