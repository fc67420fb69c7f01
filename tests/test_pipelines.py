"""The examples for pipelines, the GitHub Action and the pre-commit hooks run, as far as they can without their host."""

from __future__ import annotations

import copy
import importlib.util
import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Final

import junitparser
import pytest
import yaml
from markdown_it import MarkdownIt

import iamcheck
from tests.documentation import ROOT, reader_folder

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from types import ModuleType

EXAMPLES: Final = ROOT / "examples"
PLAN: Final = ROOT / "tests" / "cases" / "plans"
PASSES: Final = "wide.json"
"""A policy of docs/examples that allows the deployment; deployer.json does not."""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A checkout that a pipeline works in: a template, policies, and programs that only write down their calls."""
    made = reader_folder(tmp_path / "checkout")
    for name in ("pip", "aws", "gh"):
        program = made / "bin" / name
        program.write_text(f'#!/bin/sh\necho {name} "$@" >>"{made}/calls"\n', encoding="utf-8")
        program.chmod(0o755)
    (made / "bin" / "python3").symlink_to(made / "bin" / "python")
    return made


def bash(commands: Sequence[str], folder: Path, **variables: str) -> subprocess.CompletedProcess[str]:
    """Run commands as a pipeline's shell does: the first that fails ends the job."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "IAMCHECK_"))}
    return subprocess.run(
        ["bash", "-euo", "pipefail", "-c", "\n".join(commands)],
        capture_output=True,
        text=True,
        timeout=120,
        cwd=folder,
        env={**kept, "PATH": f"{folder / 'bin'}:{kept['PATH']}", **variables},
        stdin=subprocess.DEVNULL,
    )


def script(name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(name, ROOT / "scripts" / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def calls(folder: Path) -> str:
    file = folder / "calls"
    return file.read_text(encoding="utf-8") if file.exists() else ""


@pytest.mark.parametrize("policy", ["deployer.json", PASSES])
def test_gitlab_shows_the_findings_and_stops_the_job(folder: Path, policy: str) -> None:
    job = yaml.safe_load((EXAMPLES / "gitlab" / ".gitlab-ci.yml").read_text(encoding="utf-8"))["preflight"]
    shutil.copy(EXAMPLES / "gitlab" / "code_quality.py", folder)
    done = bash([line.replace("deployer.json", policy) for line in job["script"]], folder)
    assert done.returncode == (0 if policy == PASSES else 1), done.stderr
    reports = job["artifacts"]["reports"]
    issues = json.loads((folder / reports["codequality"]).read_text(encoding="utf-8"))
    worst = {issue["severity"] for issue in issues}
    assert ("critical" in worst) is (policy != PASSES)
    for issue in issues:
        # https://docs.gitlab.com/ci/testing/code_quality/#code-quality-report-format
        assert issue.keys() == {"description", "check_name", "fingerprint", "severity", "location"}
        assert issue["severity"] in {"info", "minor", "major", "critical", "blocker"}
        assert (folder / issue["location"]["path"]).is_file()
        assert issue["location"]["lines"]["begin"] >= 1
    assert len({issue["fingerprint"] for issue in issues}) == len(issues)
    suite = next(iter(junitparser.JUnitXml.fromfile(str(folder / reports["junit"]))))
    assert bool(suite.failures) is (policy != PASSES)


@pytest.mark.parametrize("policy", ["deployer.json", PASSES])
def test_codebuild_deploys_only_after_a_pass(folder: Path, policy: str) -> None:
    spec = yaml.safe_load((EXAMPLES / "codebuild" / "buildspec.yml").read_text(encoding="utf-8"))
    commands = [
        line.replace("deployer.json", policy) for phase in spec["phases"].values() for line in phase["commands"]
    ]
    done = bash(commands, folder)
    assert (done.returncode == 0) is (policy == PASSES), done.stderr
    assert ("aws cloudformation deploy" in calls(folder)) is (policy == PASSES)
    report = spec["reports"]["iamcheck"]
    assert report["file-format"] == "JUNITXML"
    assert (folder / report["base-directory"] / report["files"][0]).is_file()


def test_jenkins_finds_the_report_of_a_failure(folder: Path) -> None:
    text = (EXAMPLES / "jenkins" / "Jenkinsfile").read_text(encoding="utf-8")
    steps = re.findall(r"sh '(?:''\n(.*?)'''|(.*?)'\n)", text, re.DOTALL)
    assert len(steps) == 2
    done = bash([long or short for long, short in steps], folder)
    assert done.returncode == 1, done.stderr
    (report,) = re.findall(r"testResults: '(.*?)'", text)
    assert next(iter(junitparser.JUnitXml.fromfile(str(folder / report)))).failures


@pytest.mark.parametrize("policy", ["deployer.json", PASSES])
def test_make_deploys_only_after_a_pass(folder: Path, policy: str) -> None:
    text = (EXAMPLES / "make" / "Makefile").read_text(encoding="utf-8")
    (folder / "Makefile").write_text(text.replace("deployer.json", policy), encoding="utf-8")
    done = bash(["make deploy", "make policy.json"], folder)
    assert (done.returncode == 0) is (policy == PASSES), done.stderr
    assert ("aws cloudformation deploy" in calls(folder)) is (policy == PASSES)
    assert (folder / "iamcheck.html").is_file()
    if policy == PASSES:
        assert json.loads((folder / "policy.json").read_text(encoding="utf-8"))["Statement"]


def test_terraform_s_plan_is_checked_before_it_is_applied(folder: Path) -> None:
    plan = PLAN / "full.json"
    program = folder / "bin" / "terraform"
    program.write_text(f'#!/bin/sh\n[ "$1" != show ] || cat {shlex.quote(str(plan))}\n', encoding="utf-8")
    program.chmod(0o755)
    for name in ("preflight.sh", "endpoint_changes.py"):
        shutil.copy(EXAMPLES / "terraform" / name, folder)
    done = bash(["bash preflight.sh && terraform apply plan.bin"], folder)
    assert (done.returncode, done.stdout.splitlines()[0]) == (1, "Verdict: fail"), done.stderr


def test_a_plan_that_changes_no_endpoint_is_applied_without_a_check(folder: Path) -> None:
    program = folder / "bin" / "terraform"
    plan = shlex.quote(str(PLAN / "rollout-noop.json"))
    program.write_text(f'#!/bin/sh\necho "$@" >>calls\n[ "$1" != show ] || cat {plan}\n', encoding="utf-8")
    program.chmod(0o755)
    for name in ("preflight.sh", "endpoint_changes.py"):
        shutil.copy(EXAMPLES / "terraform" / name, folder)
    done = bash(["bash preflight.sh && terraform apply plan.bin"], folder)
    assert (done.returncode, "nothing to check" in done.stdout) == (0, True), done.stderr
    assert calls(folder).splitlines()[-1] == "apply plan.bin"


def _with_other(plan: dict[str, object], **after: object) -> dict[str, object]:
    """A plan whose endpoint is there already, and whose config is left as it is; `after` is what changes."""
    made = copy.deepcopy(plan)
    resources = made["resource_changes"]
    assert isinstance(resources, list)
    for resource in resources:
        change = resource["change"]
        is_endpoint = resource["type"] == "aws_sagemaker_endpoint"
        change.update(actions=["update" if is_endpoint else "no-op"], before=change["after"], after_unknown={})
        change["after"] = {**change["after"], **(after if is_endpoint else {})}
    return made


_BASIC: Final = json.loads((PLAN / "basic.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize(
    "plan",
    [
        *(
            json.loads(path.read_text(encoding="utf-8"))
            for path in sorted(PLAN.glob("*.json"))
            if path.stem != "rollout-state"
        ),
        _with_other(_BASIC, tags={"team": "ml"}, tags_all={"team": "ml"}),
        _with_other(_BASIC, endpoint_config_name="churn-v8"),
    ],
)
def test_a_plan_is_skipped_exactly_where_it_has_nothing_to_check(plan: object, tmp_path: Path) -> None:
    file = tmp_path / "plan.json"
    file.write_text(json.dumps(plan), encoding="utf-8")
    words = [sys.executable, str(EXAMPLES / "terraform" / "endpoint_changes.py"), str(file)]
    done = subprocess.run(words, capture_output=True, text=True, timeout=60, check=True)
    try:
        iamcheck.deployments_from_file(str(file), region="eu-west-1", account_id="123456789012")
        refusal = ""
    except iamcheck.IamcheckError as error:
        refusal = str(error)
    assert (int(done.stdout) == 0) is ("there is nothing to check" in refusal)


def test_terraform_takes_the_policy_as_a_data_source(folder: Path) -> None:
    shutil.copy(EXAMPLES / "terraform" / "policy.py", folder)
    query = {
        "endpoint_name": "churn",
        "endpoint_config_name": "churn-v7",
        "region": "eu-west-1",
        "account_id": "123456789012",
    }
    done = bash([f"echo {shlex.quote(json.dumps(query))} | python3 policy.py"], folder)
    assert done.returncode == 0, done.stderr
    result = json.loads(done.stdout)
    # the provider takes an object of texts and nothing else
    assert list(result) == ["policy"]
    assert json.loads(result["policy"])["Version"] == "2012-10-17"
    refused = bash([f"echo {shlex.quote(json.dumps(query | {'region': 'nowhere'}))} | python3 policy.py"], folder)
    assert (refused.returncode, refused.stdout) == (2, "")


# --- the GitHub Action


def test_the_action_is_made_from_the_options_of_the_command() -> None:
    made = script("make_action").text()
    assert (ROOT / "action.yml").read_text(encoding="utf-8") == made, "run python scripts/make_action.py"


def act(folder: Path, inputs: Mapping[str, str]) -> tuple[subprocess.CompletedProcess[str], Path]:
    """Run the steps of the action, with inputs as GitHub hands them over; the set-up of Python is not run."""
    action = yaml.safe_load((ROOT / "action.yml").read_text(encoding="utf-8"))
    given = {name: inputs.get(name, said["default"]) for name, said in action["inputs"].items()}
    temporary = folder.parent / "runner"
    (temporary / "iamcheck" / "bin").mkdir(parents=True)
    (temporary / "iamcheck" / "bin" / "python").symlink_to(folder / "bin" / "python")
    check, upload = action["runs"]["steps"]
    run = "\n".join(line for line in check["run"].splitlines() if " -m venv " not in line and "/pip" not in line)
    if given["upload-sarif"] == "true":
        run = f"trap {shlex.quote(upload['run'].strip())} EXIT\n{run}"
    done = bash(
        [run],
        folder,
        INPUTS=json.dumps(given),
        RUNNER_TEMP=str(temporary),
        GITHUB_ACTION_PATH=str(ROOT),
        GITHUB_OUTPUT=str(temporary / "output"),
        GITHUB_STEP_SUMMARY=str(temporary / "summary"),
        GITHUB_REPOSITORY="OWNER/models",
        GITHUB_SHA="0" * 40,
        GITHUB_REF="refs/pull/7/merge",
    )
    return done, temporary


FROM_TEMPLATE: Final = {
    "from": "template.yaml",
    "parameter": "Stage=prod\n",
    "no-stack-tags": "true",
    "offline": "true",
    "region": "eu-west-1",
    "account-id": "123456789012",
}


def test_the_action_annotates_summarises_and_uploads(folder: Path) -> None:
    done, temporary = act(folder, {**FROM_TEMPLATE, "scp": "FullAWSAccess,region-lock.json", "upload-sarif": "true"})
    assert done.returncode == 1, done.stderr
    assert done.stdout.startswith("::error file=template.yaml,line=10,")
    outputs = dict(line.split("=", 1) for line in (temporary / "output").read_text(encoding="utf-8").splitlines())
    assert outputs["verdict"] == "fail"
    assert json.loads((temporary / "iamcheck.json").read_text(encoding="utf-8"))["verdict"] == "fail"
    assert json.loads((temporary / "iamcheck.sarif").read_text(encoding="utf-8"))["version"] == "2.1.0"
    summary = (temporary / "summary").read_text(encoding="utf-8")
    assert "<h2>" in MarkdownIt().render(summary)
    assert "gh api --method POST /repos/OWNER/models/code-scanning/sarifs" in calls(folder)
    sent = json.loads((temporary / "iamcheck.upload.json").read_text(encoding="utf-8"))
    assert (sent["commit_sha"], sent["ref"]) == ("0" * 40, "refs/pull/7/merge")


def test_the_action_passes_where_the_check_does_and_uploads_only_when_asked(folder: Path) -> None:
    done, _ = act(folder, {**FROM_TEMPLATE, "policy": f"{PASSES}\n", "verbose": "false"})
    assert (done.returncode, calls(folder)) == (0, ""), done.stdout


@pytest.mark.parametrize(
    ("inputs", "says"),
    [
        ({"offline": "yes"}, "the input offline is true or false"),
        ({"region": "$(touch harmed); `touch harmed`"}, "is not an AWS Region"),
        ({"policy": "--help"}, "--help"),
    ],
)
def test_no_input_of_the_action_becomes_code_or_an_option(folder: Path, inputs: dict[str, str], says: str) -> None:
    done, temporary = act(folder, {**FROM_TEMPLATE, **inputs})
    assert done.returncode in {1, 2}
    assert says in done.stdout + done.stderr
    assert not (folder / "harmed").exists()
    assert not (temporary / "output").exists() or "verdict" not in (temporary / "output").read_text(encoding="utf-8")


# --- pre-commit


@pytest.mark.parametrize(
    ("hook", "words", "status"),
    [
        ("iamcheck", ["--from", "template.yaml", "--parameter", "Stage=prod", "--policy", "deployer.json"], 1),
        ("iamcheck-policy", ["--from", "template.yaml", "--parameter", "Stage=prod", "--output-file", "p.json"], 0),
    ],
)
def test_the_hooks_run_with_arguments(folder: Path, hook: str, words: list[str], status: int) -> None:
    hooks = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text(encoding="utf-8"))
    (entry,) = [one["entry"] for one in hooks if one["id"] == hook]
    place = ["--no-stack-tags", "--region", "eu-west-1", "--account-id", "123456789012"]
    done = bash([shlex.join([*entry.split(), *words, *place])], folder)
    assert done.returncode == status, done.stderr


# --- linted


@pytest.mark.slow
def test_zizmor_finds_nothing_in_the_action_and_the_workflow() -> None:
    files = [str(ROOT / "action.yml"), str(EXAMPLES / "github" / "preflight.yml")]
    program = str(Path(sys.executable).with_name("zizmor"))
    zizmor = [program, "--offline", "--no-progress", *files]
    done = subprocess.run(zizmor, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
