"""What `cdk synth` writes: a manifest, a template for each stack, and assemblies within for stages."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from iamcheck.deployment.located import UNKNOWN, Pattern
from iamcheck.deployment.sources import read_sources
from iamcheck.errors import InvalidInputError

CDK = Path(__file__).parents[2] / "cases" / "templates" / "cdk.template.json"
NAMED = {
    "Parameters": {"Stage": {"Type": "String", "Default": "dev"}},
    "Resources": {
        "Endpoint": {
            "Type": "AWS::SageMaker::Endpoint",
            "Properties": {"EndpointName": {"Fn::Sub": "${AWS::StackName}-${AWS::Region}-${Stage}"}},
        }
    },
}
PLAIN = {"Resources": {"Bucket": {"Type": "AWS::S3::Bucket"}}}


def stack(template: str, environment: str = "aws://unknown-account/unknown-region", **more: str) -> dict[str, Any]:
    return {
        "type": "aws:cloudformation:stack",
        "environment": environment,
        "properties": {"templateFile": template, "validateOnSynth": False, **more},
    }


def assembly(folder: Path, artifacts: dict[str, Any], **templates: Any) -> Path:  # noqa: ANN401  any JSON
    folder.mkdir(exist_ok=True)
    (folder / "manifest.json").write_text(json.dumps({"version": "48.0.0", "artifacts": artifacts}))
    for name, template in templates.items():
        (folder / f"{name}.template.json").write_text(json.dumps(template))
    return folder


def test_the_manifest_may_be_larger_than_a_template(tmp_path: Path) -> None:
    """Its metadata have a line for each construct; CloudFormation's limit is for templates."""
    trace = [f"new Construct (/app/node_modules/aws-cdk-lib/core/lib/construct.js:{line}:1)" for line in range(20_000)]
    metadata = {"metadata": {"/Stage/Endpoint": [{"type": "aws:cdk:logicalId", "data": "Endpoint", "trace": trace}]}}
    artifacts = {"Stack": {**stack("Stack.template.json", stackName="prod"), **metadata}}
    out = assembly(tmp_path / "cdk.out", artifacts, Stack=NAMED)
    assert (out / "manifest.json").stat().st_size > 1_048_576

    (found,) = read_sources(str(out), region="eu-west-1", parameters={"Stage": "prod"})

    assert found.endpoint is not None
    name = found.endpoint.root.get("EndpointName")
    assert name is not None
    assert name.value == "prod-eu-west-1-prod"
    (out / "Stack.template.json").write_text(json.dumps({**NAMED, "Description": "x" * 1_048_576}), encoding="utf-8")
    with pytest.raises(InvalidInputError, match=r"Stack\.template\.json.*larger than the 1,048,576 bytes"):
        read_sources(str(out), region="eu-west-1")


def test_all_stacks_with_an_endpoint_are_read_with_what_the_manifest_knows(tmp_path: Path) -> None:
    stage = {"type": "cdk:cloud-assembly", "properties": {"directoryName": "assembly-Prod"}}
    artifacts = {
        "Inference.assets": {"type": "cdk:asset-manifest", "properties": {"file": "Inference.assets.json"}},
        "Inference": stack("Inference.template.json"),
        "Data": stack("Data.template.json"),
        "assembly-Prod": stage,
    }
    out = assembly(tmp_path / "cdk.out", artifacts, Data=PLAIN)
    shutil.copy(CDK, out / "Inference.template.json")
    prod = stack("Prod.template.json", "aws://123456789012/us-east-1", stackName="prod-inference")
    assembly(out / "assembly-Prod", {"ProdInference": prod}, Prod=NAMED)

    first, second = read_sources(str(out), region="eu-west-1", parameters={"Stage": "prod"})

    assert first.label == f"{out / 'Inference.template.json'}: Resources.Endpoint"
    assert (first.region, first.account_id) == ("eu-west-1", None)
    assert first.config is not None
    assert second.endpoint is not None
    name = second.endpoint.root.get("EndpointName")
    assert name is not None
    assert name.value == "prod-inference-us-east-1-prod"
    assert (second.region, second.account_id) == ("us-east-1", "123456789012")


def test_without_a_name_of_its_own_a_stack_is_called_as_its_artifact(tmp_path: Path) -> None:
    out = assembly(tmp_path, {"Inference": stack("A.template.json")}, A=NAMED)
    names = [found.endpoint.root.get("EndpointName") for found in read_sources(str(out)) if found.endpoint]

    assert [name.value for name in names if name] == [Pattern("Inference-*-dev")]


@pytest.mark.parametrize(
    ("artifacts", "wanted"),
    [
        ({}, "no stack has an endpoint"),
        ({"A": stack("Plain.template.json")}, "no stack has an endpoint"),
        ({"A": stack("Missing.template.json")}, "Missing.template.json: there is no such file"),
        ({"A": stack("../Plain.template.json")}, "outside the assembly"),
        ({"A": stack("/Plain.template.json")}, "outside the assembly"),
        ({"A": {"type": "aws:cloudformation:stack"}}, "a file that is not named"),
        ({"A": {"type": "cdk:cloud-assembly", "properties": {"directoryName": "."}}}, "outside the assembly"),
        ({"A": {"type": "cdk:cloud-assembly", "properties": {"directoryName": "gone"}}}, "without a manifest.json"),
        ({"A": stack("Broken.template.json")}, "Broken.template.json, line 1, Resources: this is a list"),
        ({"A": stack("Wrong.template.json")}, "did you mean EndpointName?"),
    ],
)
def test_an_assembly_that_cannot_be_read_is_refused(artifacts: dict[str, Any], wanted: str, tmp_path: Path) -> None:
    wrong = {"Resources": {"E": {"Type": "AWS::SageMaker::Endpoint", "Properties": {"EndpointNam": "x"}}}}
    out = assembly(tmp_path, artifacts, Plain=PLAIN, Broken={"Resources": []}, Wrong=wrong)

    with pytest.raises(InvalidInputError) as raised:
        read_sources(str(out))

    assert wanted in str(raised.value)
    assert str(raised.value).startswith(str(tmp_path))


def test_an_assembly_that_is_named_twice_is_read_once(tmp_path: Path) -> None:
    stage = {"type": "cdk:cloud-assembly", "properties": {"directoryName": "prod"}}
    out = assembly(tmp_path, {"A": stage, "B": stage})
    assembly(out / "prod", {"Inference": stack("A.template.json")}, A=NAMED)

    assert len(read_sources(str(out))) == 1


def test_a_folder_that_is_no_assembly_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InvalidInputError, match=r"a folder without a manifest\.json"):
        read_sources(str(tmp_path))


def test_a_parameter_that_no_stack_has_is_refused(tmp_path: Path) -> None:
    out = assembly(tmp_path, {"A": stack("A.template.json")}, A=NAMED)

    with pytest.raises(InvalidInputError, match="no parameter 'Stag'"):
        read_sources(str(out), parameters={"Stag": "prod"})


def test_the_manifest_says_who_calls_with_which_parameters_and_tags(tmp_path: Path) -> None:
    role = "arn:${AWS::Partition}:iam::${AWS::AccountId}:role/cfn-exec-${AWS::Region}"
    artifact = stack("S.template.json", "aws://123456789012/eu-west-1")
    artifact["properties"] |= {
        "cloudFormationExecutionRoleArn": role,
        "assumeRoleArn": "arn:aws:iam::123456789012:role/deploy",
        "parameters": {"Stage": "${AWS::Region}"},
        "tags": {"team": "ml", "stage": "${AWS::Region}"},
    }
    out = assembly(tmp_path / "cdk.out", {"S": artifact, "Empty": stack("Empty.template.json")}, S=NAMED, Empty={})

    (found,) = read_sources(str(out))

    assert found.caller is not None
    assert (found.caller.principal, found.caller.called_via) == (
        "arn:aws:iam::123456789012:role/cfn-exec-eu-west-1",
        (),
    )
    assert found.caller.place.path == "artifacts.S.properties.cloudFormationExecutionRoleArn"
    assert found.endpoint is not None
    name, tags = found.endpoint.root.get("EndpointName"), found.endpoint.root.get("Tags")
    assert name is not None
    assert name.value == "S-eu-west-1-eu-west-1"
    assert tags is not None
    assert [(tag.get("Key"), tag.get("Value")) != (None, None) for tag in tags.items()] == [True, True]
    assert found.assumptions == ()


def test_a_role_of_the_manifest_that_nobody_can_resolve_is_unknown(tmp_path: Path) -> None:
    artifact = stack("S.template.json")
    artifact["properties"]["assumeRoleArn"] = "arn:${AWS::Partition}:iam::${AWS::AccountId}:role/deploy"

    (found,) = read_sources(str(assembly(tmp_path / "cdk.out", {"S": artifact}, S=NAMED)))

    assert found.caller is not None
    assert (found.caller.principal, found.caller.called_via) == (UNKNOWN, ("cloudformation.amazonaws.com",))


@pytest.mark.parametrize(
    ("missing", "said"),
    [
        ([{"key": "vpc-provider:account=1", "provider": "vpc-provider", "props": {}}], "'vpc-provider:account=1'"),
        ([{}], "has not looked everything up"),
        ([], None),
    ],
)
def test_an_assembly_that_cdk_has_not_completed_is_refused(
    missing: list[object], said: str | None, tmp_path: Path
) -> None:
    """Made-up values stand in its templates ("should not be deployed", the manifest's schema)."""
    out = assembly(tmp_path / "cdk.out", {"S": stack("S.template.json")}, S=NAMED)
    manifest = json.loads((out / "manifest.json").read_text(encoding="utf-8"))
    (out / "manifest.json").write_text(json.dumps({**manifest, "missing": missing}), encoding="utf-8")
    if said is None:
        assert len(read_sources(str(out))) == 1
        return
    with pytest.raises(InvalidInputError, match=rf"manifest\.json.*missing.*{said}"):
        read_sources(str(out))


@pytest.mark.parametrize(
    ("member", "options", "policies", "tags"),
    [
        ("assumeRoleArn", {"ExternalId": "x"}, (), ()),
        ("assumeRoleArn", {"Tags": [{"Key": "team", "Value": "ml"}]}, (), UNKNOWN),
        ("assumeRoleArn", {"Policy": "{}"}, (UNKNOWN,), ()),
        # CloudFormation opens the session of its service role itself
        ("cloudFormationExecutionRoleArn", {"Tags": [], "Policy": "{}"}, (), ()),
    ],
)
def test_what_cdk_passes_when_it_assumes_the_role_is_of_that_session(
    tmp_path: Path, member: str, options: dict[str, object], policies: object, tags: object
) -> None:
    artifact = stack("S.template.json", **{member: "arn:aws:iam::123456789012:role/deploy"})
    artifact["properties"]["assumeRoleAdditionalOptions"] = options

    (found,) = read_sources(str(assembly(tmp_path / "cdk.out", {"S": artifact}, S=NAMED)))

    assert found.caller is not None
    assert (found.caller.session_policies, found.caller.session_tags) == (policies, tags)
