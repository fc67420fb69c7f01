"""A row of a manifest becomes the words that the command line of `check` makes of the same options."""

from __future__ import annotations

import click
import pytest

from iamcheck.cli import check
from iamcheck.cli.fleet_rows import ROW_KEYS, check_row
from iamcheck.fleet.manifest.reading import ManifestRow

WORDS = check.command.make_context("check", ["churn", "churn-v7", "--no-config"], resilient_parsing=False).params


@pytest.mark.parametrize("key", ROW_KEYS)
def test_null_in_a_row_is_an_option_that_nobody_gives(key: str) -> None:
    row = check_row(ManifestRow(1, {key: None}), ".")
    word = ROW_KEYS[key].word
    is_argument = isinstance(ROW_KEYS[key].param, click.Argument)

    assert row.error is None
    assert row.words == {word: None if is_argument else WORDS[word]}
