"""Each place that must know an option of `check` knows it: the library, the command line, the errors."""

from __future__ import annotations

import inspect
from typing import TYPE_CHECKING, cast

import iamcheck
from iamcheck.checks.keywords import CheckKeywords, DoorKeywords
from iamcheck.cli import check
from iamcheck.errors import KEYWORDS
from iamcheck.iam.files import read_policy

if TYPE_CHECKING:
    from iamcheck.cli.words import CheckWords

CLIENTS = {"iam", "sts", "sagemaker"}
"""Keywords that no option of the command line stands for."""


def test_the_library_has_a_keyword_for_each_option() -> None:
    assert {*inspect.signature(iamcheck.check).parameters, "region", "account_id"} == {
        *DoorKeywords.__annotations__,
        "deployment",
    }


def test_the_command_line_gives_each_keyword() -> None:
    words = cast("CheckWords", check.command.make_context("check", ["churn", "churn-v7"]).params)
    # the requests of models come with the deployment
    assert set(check._keywords(words, read_policy)) == set(CheckKeywords.__annotations__) - {"create_models"}


def test_errors_know_the_flag_of_each_keyword() -> None:
    assert set(DoorKeywords.__annotations__) - CLIENTS <= set(KEYWORDS.values())
