"""Templates as people publish them, in files: what CloudFormation would ask of SageMaker for each."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from iamcheck.deployment import Deployment
from iamcheck.deployment.located import UNKNOWN, Member, Pattern, Tool
from iamcheck.deployment.resolving import draft_of
from iamcheck.deployment.sources import read_sources
from iamcheck.permissions import required

if TYPE_CHECKING:
    from iamcheck.deployment.located import WrittenDeployment, WrittenRequest

FOLDER = Path(__file__).parents[2] / "cases" / "templates"
CASES = sorted(path for path in FOLDER.iterdir() if path.suffix in (".yaml", ".json", ".template"))


def plain(member: Member) -> Any:  # noqa: ANN401  any JSON
    """A request as JSON; what is not known is marked."""
    value = member.value
    if value is UNKNOWN:
        return {"?": "unknown"}
    if isinstance(value, Pattern):
        return {"?": value.text}
    if isinstance(value, tuple):
        return [plain(item) for item in value]
    if isinstance(value, (str, int, float)) or value is None:
        return value
    assert isinstance(value, Mapping)
    return {name: plain(one) for name, one in value.items()}


def summary(found: WrittenDeployment) -> dict[str, Any]:
    def request(one: WrittenRequest | None) -> Any:  # noqa: ANN401  any JSON
        return None if one is None else plain(one.root)

    return {
        "label": Path(found.label).name,
        "endpoint": request(found.endpoint),
        "config": request(found.config),
        "models": [request(model) for model in found.models],
    }


def read(path: Path) -> list[dict[str, Any]]:
    expected = json.loads((FOLDER / "expected" / f"{path.stem}.json").read_text(encoding="utf-8"))
    found = read_sources(str(path), **expected["given"])
    assert all(one.tool is Tool.CLOUDFORMATION for one in found)
    return [summary(one) for one in found]


def test_there_are_enough() -> None:
    assert len(CASES) >= 20


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
def test_each_is_read_as_cloudformation_would(path: Path) -> None:
    expected = json.loads((FOLDER / "expected" / f"{path.stem}.json").read_text(encoding="utf-8"))

    assert read(path) == expected["deployments"]


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
def test_each_needs_what_it_should(path: Path) -> None:
    """What is not known is named; with patterns for the names, it is what each pattern needs."""
    expected = json.loads((FOLDER.parent / "template_permissions.json").read_text(encoding="utf-8"))[path.name]
    given = json.loads((FOLDER / "expected" / f"{path.stem}.json").read_text(encoding="utf-8"))["given"]
    place = {"region": "eu-west-1", "account_id": "123456789012", **given}
    endpoint = "fraud-*" if path.stem.startswith("conditions") else "e-*"
    patterns: Any = {"EndpointName": endpoint, "EndpointConfigName": "c-*", "ModelName": "m-*", "AlarmName": "a-*"}

    found = []
    for one in read_sources(str(path), **place):
        made = draft_of(one).at(place["region"], place["account_id"])
        named = draft_of(one, name_patterns=patterns).at(place["region"], place["account_id"])
        row: dict[str, Any] = {"not_known": [what.what for what in made.unsettled]}
        if isinstance(named, Deployment) and not named.unsettled:
            row["needed"] = [f"{need.request.action} on {need.request.resource}" for need in required(named)]
        found.append(row)

    assert found == expected


def test_each_knows_the_line_of_every_member() -> None:
    found = read_sources(str(FOLDER / "async.yaml"))[0]
    assert found.config is not None
    key = found.config.root.get("KmsKeyId")
    assert key is not None
    line = (FOLDER / "async.yaml").read_text(encoding="utf-8").splitlines().index("      KmsKeyId: !Ref KeyAlias") + 1

    assert str(key.place) == f"{FOLDER / 'async.yaml'}, line {line}, Resources.Config.Properties.KmsKeyId"
    assert key.path == "KmsKeyId"


def cfn_lint(*paths: Path) -> subprocess.CompletedProcess[str]:
    command = [str(Path(sys.executable).parent / "cfn-lint"), "--regions", "eu-west-1", "--non-zero-exit-code", "error"]
    return subprocess.run([*command, *map(str, paths)], capture_output=True, text=True, check=False, timeout=300)


@pytest.mark.slow
def test_cfn_lint_finds_no_error_in_any(tmp_path: Path) -> None:
    """An independent witness that these are templates which CloudFormation takes; it does find errors."""
    found = cfn_lint(*CASES)
    bad = tmp_path / "bad.yaml"
    bad.write_text((FOLDER / "several.yaml").read_text(encoding="utf-8").replace("!GetAtt Config", "!GetAtt Cfg"))

    assert found.returncode == 0, found.stdout
    assert cfn_lint(bad).returncode != 0
