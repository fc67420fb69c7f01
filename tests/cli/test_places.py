"""Each finding stands on the line that it speaks of: in templates, plans and requests of every kind."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.cli import deny, policy

if TYPE_CHECKING:
    from tests.cli import Run, Write

CASES = Path(__file__).parents[1] / "cases"
TEMPLATES = sorted(path for path in (CASES / "templates").iterdir() if path.is_file())
REQUESTS = sorted((CASES / "requests").glob("*.json"))
PLANS = [CASES / "plans" / f"{name}.json" for name in ("basic", "dynamic", "full", "modules", "prefix", "serverless")]
PLACE = ("--offline", "--account-id", "123456789012")


def located(run: Run, write: Write, *words: str) -> list[tuple[str, dict[str, Any]]]:
    """The text of each finding that is no note, and its place."""
    write("deny.json", policy(deny("*")))
    done = run("check", *words, *PLACE, "--policy", "deny.json", "--output", "sarif")
    assert done.status in {1, 3}, done.err
    results = json.loads(done.out)["runs"][0]["results"]
    return [
        (result["message"]["text"], result["locations"][0])
        for result in results
        if result["level"] != "note" and result["locations"]
    ]


def key_of(location: dict[str, Any]) -> str:
    """The last name on the path of a place."""
    return str(re.sub(r"\[\d+\]$", "", location["logicalLocations"][0]["fullyQualifiedName"]).rsplit(".", 1)[-1])


def rest_of(text: str, location: dict[str, Any]) -> str:
    """The text from the place on."""
    region = location["physicalLocation"]["region"]
    lines = text.split("\n")[region["startLine"] - 1 :]
    return "\n".join([lines[0][region["startColumn"] - 1 :], *lines[1:]])


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda path: str(path.name))
def test_findings_of_a_template_stand_where_it_says_what_they_speak_of(template: Path, run: Run, write: Write) -> None:
    region = "us-gov-west-1" if template.stem == "govcloud" else "eu-west-1"
    findings = located(run, write, "--from", str(template), "--region", region)
    assert findings
    text = template.read_text(encoding="utf-8")
    for message, location in findings:
        rest = rest_of(text, location)
        assert re.match(rf"\"?{re.escape(key_of(location))}\"?\s*:", rest), (message, location)
        call = re.match(r"\w+: sagemaker:CreateEndpoint(?:Config)? on \S+:(endpoint|endpoint-config)/", message)
        if call and location["logicalLocations"][0]["fullyQualifiedName"].count(".") == 1:
            kind = re.search(r"AWS::SageMaker::\w+", rest)
            assert kind
            assert kind[0].removeprefix("AWS::SageMaker::") == {"endpoint": "Endpoint"}.get(call[1], "EndpointConfig")


@pytest.mark.parametrize("plan", PLANS, ids=lambda path: str(path.name))
def test_findings_of_a_plan_name_the_address_that_asks(plan: Path, run: Run, write: Write) -> None:
    findings = located(run, write, "--from", str(plan), "--region", "eu-west-1")
    assert findings
    addresses = re.findall(r'"address": ?"((?:[^"\\]|\\.)*)"', plan.read_text(encoding="utf-8"))
    known = {json.loads(f'"{address}"') for address in addresses}
    for _, location in findings:
        path = location["logicalLocations"][0]["fullyQualifiedName"]
        assert any(path == address or path.startswith((f"{address}.", f"{address}[")) for address in known), path


@pytest.mark.parametrize("request_file", REQUESTS, ids=lambda path: str(path.name))
def test_findings_of_requests_stand_where_they_say_it(request_file: Path, run: Run, write: Write) -> None:
    document = json.loads(request_file.read_text(encoding="utf-8"))
    texts = {}
    words = []
    for name, flag in (("endpoint", "--request"), ("config", "--config-request")):
        if name in document:
            write(f"{name}.json", document[name])
            texts[f"{name}.json"] = json.dumps(document[name], indent=2)
            words += [flag, f"{name}.json"]
    findings = located(run, write, *words, "--region", "eu-west-1")
    assert findings
    for message, location in findings:
        rest = rest_of(texts[location["physicalLocation"]["artifactLocation"]["uri"]], location)
        if "logicalLocations" in location:
            assert rest.startswith(f'"{key_of(location)}":'), (message, location)
        else:
            assert rest.startswith("{"), (message, location)
