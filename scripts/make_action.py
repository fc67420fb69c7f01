"""Writes action.yml, the GitHub Action of this repository: one input for each option of `iamcheck check`.

Run `python scripts/make_action.py` after an option was added, changed or removed; a test compares.
"""

from __future__ import annotations

from pathlib import Path

import click
import yaml

from iamcheck.cli.check import command

ACTION = Path(__file__).parents[1] / "action.yml"
LEFT_OUT = {"--output", "--output-file", "--no-color", "--color", "--debug", "--help"}
"""What the action says itself, or what makes no sense in it."""
HEAD = """\
# Made by scripts/make_action.py from the options of `iamcheck check`.
# Linux and macOS runners with Python 3.10 or later. It needs no secret: credentials come from the job's environment.
"""
RUN = """\
python3 -m venv "$RUNNER_TEMP/iamcheck"
"$RUNNER_TEMP/iamcheck/bin/pip" install --quiet "$GITHUB_ACTION_PATH"
"$RUNNER_TEMP/iamcheck/bin/python" "$GITHUB_ACTION_PATH/scripts/run_action.py"
"""
UPLOAD = """\
gh api --method POST "/repos/$GITHUB_REPOSITORY/code-scanning/sarifs" --input "$RUNNER_TEMP/iamcheck.upload.json"
"""


def inputs() -> dict[str, dict[str, object]]:
    """The inputs: the options by their names, and what the action has besides."""
    made: dict[str, dict[str, object]] = {}
    for option in sorted(command.params, key=lambda option: option.name or ""):
        if not isinstance(option, click.Option) or LEFT_OUT.intersection(option.opts):
            continue
        text = (option.help or "").removesuffix(" Repeatable.")
        if option.is_flag:
            text += ' Give "true".'
        elif option.multiple:
            text += " Several: one a line."
        made[flag_of(option).removeprefix("--")] = {"description": text, "required": False, "default": ""}
    made["upload-sarif"] = {
        "description": 'Show the findings in code scanning; the job needs security-events: write. Give "true".',
        "required": False,
        "default": "",
    }
    return dict(sorted(made.items()))


def flag_of(option: click.Option) -> str:
    """The option's long name."""
    return max(option.opts, key=len)


def action() -> dict[str, object]:
    """The action, as action.yml has it."""
    return {
        "name": "iamcheck",
        "description": "Will AWS allow this deployment of a SageMaker endpoint? Never says yes when it does not know.",
        "inputs": inputs(),
        "outputs": {
            "verdict": {"description": "pass, fail or unknown.", "value": "${{ steps.check.outputs.verdict }}"},
            "json": {"description": "The file of the JSON report.", "value": "${{ steps.check.outputs.json }}"},
            "sarif": {"description": "The file of the SARIF report.", "value": "${{ steps.check.outputs.sarif }}"},
        },
        "runs": {
            "using": "composite",
            "steps": [
                {
                    "id": "check",
                    "name": "iamcheck check",
                    "shell": "bash",
                    # as one variable: no input is ever part of a script
                    "env": {"INPUTS": "${{ toJSON(inputs) }}"},
                    "run": RUN,
                },
                {
                    "name": "Upload the SARIF report",
                    "if": "always() && inputs.upload-sarif == 'true' && steps.check.outputs.sarif != ''",
                    "shell": "bash",
                    "env": {"GH_TOKEN": "${{ github.token }}"},
                    "run": UPLOAD,
                },
            ],
        },
    }


class _Dumper(yaml.SafeDumper):
    """Writes texts of several lines as blocks."""


def _text(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style="|" if "\n" in text else None)


_Dumper.add_representer(str, _text)


def text() -> str:
    """The text of action.yml."""
    return HEAD + yaml.dump(action(), Dumper=_Dumper, sort_keys=False, width=110, allow_unicode=True)


if __name__ == "__main__":
    ACTION.write_text(text(), encoding="utf-8")
