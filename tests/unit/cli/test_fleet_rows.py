"""A row of a manifest becomes the words that the command line of `check` makes of the same options."""

from __future__ import annotations

import json

import click
import pytest

from iamcheck.cli import check
from iamcheck.cli.fleet_row_keys import ROW_KEYS, in_keys
from iamcheck.cli.fleet_rows import answer_rows, check_row
from iamcheck.fleet.manifest.reading import ManifestRow

WORDS = check.command.make_context("check", ["churn", "churn-v7", "--no-config"], resilient_parsing=False).params


@pytest.mark.parametrize("key", ROW_KEYS)
def test_null_in_a_row_is_an_option_that_nobody_gives(key: str) -> None:
    row = check_row(ManifestRow(1, {key: None}), ".")
    word = ROW_KEYS[key].word
    is_argument = isinstance(ROW_KEYS[key].param, click.Argument)

    assert row.error is None
    assert row.words == {word: None if is_argument else WORDS[word]}


OFFLINE = {"offline": True}
DEFAULTS: dict[str, object] = {**WORDS, **OFFLINE, "file_assumptions": ()}
PLACED = {"endpoint": "e", "config": "c", "region": "eu-west-1", "account_id": "123456789012"}


@pytest.mark.parametrize(
    ("row", "error"),
    [
        ({"endpoint": "e", "config": "c"}, "region: no Region (give region or set AWS_REGION)"),
        ({"endpoint": "e", "config": "c", "region": "mars-1"}, "region: 'mars-1' is not an AWS Region"),
        ({**PLACED, "expect_config": "x"}, "expect_config: 'x' is not"),
        ({**PLACED, "principal": "arn:aws:iam::123456789012:role/x"}, "principal: its identity policies are not known"),
        ({**PLACED, "stack_tag": ["a=b"]}, "stack_tag: there is no template (give from FILE)"),
        ({**PLACED, "endpoint_name": "f"}, "endpoint: 'e' as endpoint and 'f' as endpoint_name differ (give one)"),
        ({**PLACED, "config": None}, "config: not given (give it as config or as endpoint_config_name)"),
        # the row does not say offline, the command does
        ({**PLACED, "engine": "aws"}, "engine: aws asks AWS (leave out --offline)"),
        ({**PLACED, "engine": "aws", "offline": True}, "engine: aws asks AWS (leave out offline)"),
    ],
)  # fmt: skip
def test_an_error_names_the_keys_of_the_row_and_the_flags_of_the_command(row: dict[str, object], error: str) -> None:
    (result,) = answer_rows(DEFAULTS, error, [check_row(ManifestRow(1, row), ".")])
    assert json.loads("".join(result.texts))["error"].startswith(error)


def test_flags_of_commands_to_run_stay_and_others_become_keys() -> None:
    commands = "run aws configure export-credentials --profile p (or `iamcheck generate --for checker --check all`"
    assert (
        in_keys(f"give --principal ARN, {commands} and --profile)", ())
        == f"give principal ARN, {commands} and profile)"
    )
