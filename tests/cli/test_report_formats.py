"""`iamcheck check` in several formats at once: where each goes, and what is refused."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import jsonschema
import pytest
from junitparser import JUnitXml

from iamcheck.formats import FORMATS
from tests.cli import OFFLINE, deny, policy

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from tests.cli import Run, Write
    from tests.server import LoopbackAws

TEMPLATE = """\
Resources:
  Config:
    Type: AWS::SageMaker::EndpointConfig
    Properties:
      EndpointConfigName: churn-v7
      ProductionVariants:
        - VariantName: a
          ModelName: churn
          InstanceType: ml.m5.large
          InitialInstanceCount: 1
          InitialVariantWeight: 1

  Endpoint:
    Type: AWS::SageMaker::Endpoint
    Properties:
      EndpointName: churn
      EndpointConfigName: !GetAtt Config.EndpointConfigName
"""


def test_several_formats_in_one_run(run: Run, tmp_path: Path) -> None:
    done = run(*OFFLINE, "--output-file", "sarif:a.sarif", "--output-file", "junit:b.xml")
    assert done.status == 0
    assert done.out.startswith("Verdict: pass\n")
    assert json.loads((tmp_path / "a.sarif").read_text())["version"] == "2.1.0"
    assert JUnitXml.fromfile(str(tmp_path / "b.xml")).errors == 0


def test_a_plain_file_replaces_standard_output(run: Run, tmp_path: Path) -> None:
    done = run(*OFFLINE, "--output", "markdown", "--output-file", "a.md", "--output-file", "json:b.json")
    assert done.out == ""
    assert (tmp_path / "a.md").read_text().startswith("## \u2705 iamcheck: pass\n")
    assert json.loads((tmp_path / "b.json").read_text())["verdict"] == "pass"


@pytest.mark.parametrize("name", ["C:report.txt", "sarif.v2:x", "SARIF:x", "./json:x"])
def test_a_name_that_no_format_begins_is_a_file(name: str, run: Run, tmp_path: Path) -> None:
    assert run(*OFFLINE, "--output-file", name).out == ""
    assert (tmp_path / name).read_text().startswith("Verdict: pass\n")


@pytest.mark.parametrize(
    ("files", "words"),
    [
        (("a", "b"), "2 files have no format"),
        (("json:",), "'json:' names no file"),
        (("json:a", "sarif:./a"), "./a is named twice"),
        (("json:-",), "standard output is named twice"),
        (("json:no/such/folder",), "no/such/folder"),
    ],
)
def test_places_that_cannot_be_written_are_refused(files: tuple[str, ...], words: str, run: Run) -> None:
    done = run(*OFFLINE, *(word for file in files for word in ("--output-file", file)))
    assert done.status == 2
    assert words in done.err


def test_a_file_that_cannot_be_written_leaves_the_others(run: Run, tmp_path: Path) -> None:
    done = run(*OFFLINE, "--output-file", "json:no/such/folder", "--output-file", "sarif:a.sarif")
    assert done.status == 2
    assert (tmp_path / "a.sarif").exists()
    assert done.out.startswith("Verdict: pass\n")


@pytest.mark.parametrize("output", FORMATS)
def test_the_same_input_gives_the_same_bytes(output: str, run: Run) -> None:
    first, second = run(*OFFLINE, "--output", output), run(*OFFLINE, "--output", output)
    assert first.status == 0
    assert first.out == second.out


def _denied(run: Run, write: Write, tmp_path: Path, output: str) -> str:
    (tmp_path / "t.yaml").write_text(TEMPLATE)
    write("lock.json", policy(deny("sagemaker:CreateEndpoint")))
    done = run(
        *("check", "--from", "t.yaml", "--offline", "--region", "eu-west-1", "--account-id", "123456789012"),
        *("--no-stack-tags", "--scp", "FullAWSAccess,lock.json", "--output", output),
    )
    assert done.status == 1
    return done.out


def test_annotations_stand_on_the_resources_that_ask(run: Run, write: Write, tmp_path: Path) -> None:
    errors = [
        line
        for line in _denied(run, write, tmp_path, "github").splitlines()
        if line.startswith("::error ") and "principal.allowed%3A fail" in line
    ]
    lines = TEMPLATE.splitlines()
    asked = {int(line.split("line=")[1].split(",")[0]) for line in errors}
    assert {lines[number - 1] for number in asked} == {"  Config:", "  Endpoint:"}


def test_sarif_stands_on_the_resources_that_ask(run: Run, write: Write, tmp_path: Path) -> None:
    results = json.loads(_denied(run, write, tmp_path, "sarif"))["runs"][0]["results"]
    denied = [result for result in results if result["ruleId"] == "principal.allowed"]
    physical = [result["locations"][0]["physicalLocation"] for result in denied]
    assert {one["artifactLocation"]["uri"] for one in physical} == {"t.yaml"}
    lines = TEMPLATE.splitlines()
    starts = {lines[one["region"]["startLine"] - 1][one["region"]["startColumn"] - 1 :] for one in physical}
    assert starts == {"Config:", "Endpoint:"}
    related = {
        one["physicalLocation"]["artifactLocation"]["uri"] for each in denied for one in each["relatedLocations"]
    }
    assert related == {"lock.json"}


def test_a_redacted_report_of_aws_names_nobody(
    run: Run, aws: LoopbackAws, tmp_path: Path, schema: Mapping[str, object]
) -> None:
    denies = {"Effect": "Deny", "Action": "sagemaker:CreateEndpoint", "Resource": "*"}
    allows = {"Effect": "Allow", "Action": "*", "Resource": "*"}
    user = aws.create_user("ann.zqx", policy={"Version": "2012-10-17", "Statement": allows})
    iam = aws.client("iam")
    iam.create_group(GroupName="ml-zqx", Path="/team/")
    iam.add_user_to_group(GroupName="ml-zqx", UserName="ann.zqx")
    document = json.dumps({"Version": "2012-10-17", "Statement": denies})
    iam.put_group_policy(GroupName="ml-zqx", PolicyName="own", PolicyDocument=document)
    words = ("check", "churn", "churn-v7", "--region", "eu-west-1", "--redact", "--verbose", "--explain")
    files = [word for output in FORMATS for word in ("--output-file", f"{output}:report.{output}")]
    assert run(*words, *files, **aws.environment(user)).status == 1
    for output in FORMATS:
        text = (tmp_path / f"report.{output}").read_text()
        assert "ACCOUNT-1" in text
        assert [name for name in ("zqx", "123456789012") if name in text] == [], output
    jsonschema.validate(json.loads((tmp_path / "report.json").read_text()), schema)


@pytest.mark.parametrize(
    ("file", "meant"),
    [("htlm:r.html", "html:r.html"), ("HTML:r", "html:r"), ("Sarif:a.sarif", "sarif:a.sarif"), ("jsn:a", "json:a")],
)
def test_a_name_that_starts_nearly_as_a_format_does_is_a_name_and_is_told(
    run: Run, tmp_path: Path, file: str, meant: str
) -> None:
    done = run(*OFFLINE, "--output-file", file)
    assert (done.status, done.out) == (0, "")
    assert done.err == f"iamcheck: --output-file: the name of the file is {file} (did you mean {meant}?)\n"
    assert (tmp_path / file).read_text().startswith("Verdict: pass")


@pytest.mark.parametrize("file", ["report", "2024:report", "json", "json:r.json", "results:r", ":r", "html"])
def test_other_names_are_not_told(run: Run, file: str) -> None:
    assert run(*OFFLINE, "--output-file", file).err == ""


def test_a_command_of_one_output_tells_how_its_format_is_chosen(run: Run, tmp_path: Path) -> None:
    done = run("catalogue", "sagemaker:CreateEndpoint", "--output-file", "json:c.json")
    assert done.status == 0
    assert "(did you mean --output json --output-file c.json?)" in done.err
    assert (tmp_path / "json:c.json").exists()
