"""Runs `iamcheck check` with the inputs of the GitHub Action: annotations, a job summary, and the outputs.

It reads the environment of a step: INPUTS (a JSON object of texts), RUNNER_TEMP, GITHUB_OUTPUT, GITHUB_STEP_SUMMARY,
GITHUB_SHA and GITHUB_REF. Exit status: iamcheck's own.
"""

from __future__ import annotations

import base64
import gzip
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from iamcheck.cli.check import command

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

OWN_INPUTS = {"upload-sarif"}


def words_of(inputs: Mapping[str, str]) -> Iterator[str]:
    """The command line of the inputs; an input that is empty was not given, as GitHub has it.

    Raises:
        SystemExit: An input is no option, or a flag is neither true nor false.
    """
    options = {max(option.opts, key=len): option for option in command.params if isinstance(option, click.Option)}
    for name, value in inputs.items():
        if not value.strip() or name in OWN_INPUTS:
            continue
        option = options.get(f"--{name}")
        if option is None:
            sys.exit(f"::error::iamcheck has no input {name}")
        if not option.is_flag:
            lines = value.splitlines() if option.multiple else [value.strip()]
            # in one word: a value that begins with a dash is a value all the same
            yield from (f"--{name}={line.strip()}" for line in lines if line.strip())
        elif value.strip() == "true":
            yield f"--{name}"
        elif value.strip() != "false":
            sys.exit(f"::error::the input {name} is true or false")


def run(inputs: Mapping[str, str], environment: Mapping[str, str]) -> int:
    """Runs the check; returns its exit status."""
    folder = Path(environment["RUNNER_TEMP"])
    files = {name: folder / f"iamcheck.{ending}" for name, ending in (("json", "json"), ("sarif", "sarif"))}
    summary, upload = folder / "iamcheck.md", folder / "iamcheck.upload.json"
    for file in (*files.values(), summary, upload):
        # a report of an earlier step must not be taken for this one's
        file.unlink(missing_ok=True)
    reports = [f"--output-file={name}:{file}" for name, file in (*files.items(), ("markdown", summary))]
    words = [sys.executable, "-m", "iamcheck", "check", *words_of(inputs), "--output=github", *reports]
    status = subprocess.run(words, check=False).returncode
    if summary.exists():
        with Path(environment["GITHUB_STEP_SUMMARY"]).open("a", encoding="utf-8") as step_summary:
            step_summary.write(summary.read_text(encoding="utf-8"))
    with Path(environment["GITHUB_OUTPUT"]).open("a", encoding="utf-8") as outputs:
        if files["json"].exists():
            outputs.write(f"verdict={json.loads(files['json'].read_text(encoding='utf-8'))['verdict']}\n")
        outputs.writelines(f"{name}={path}\n" for name, path in files.items() if path.exists())
    if files["sarif"].exists():
        upload.write_text(json.dumps(upload_of(files["sarif"].read_bytes(), environment)), encoding="utf-8")
    return status


def upload_of(sarif: bytes, environment: Mapping[str, str]) -> dict[str, str]:
    """What code scanning takes: https://docs.github.com/en/rest/code-scanning/code-scanning#upload-an-analysis-as-sarif-data."""
    return {
        "commit_sha": environment["GITHUB_SHA"],
        "ref": environment["GITHUB_REF"],
        "sarif": base64.b64encode(gzip.compress(sarif, mtime=0)).decode("ascii"),
    }


if __name__ == "__main__":
    sys.exit(run(json.loads(os.environ["INPUTS"]), os.environ))
