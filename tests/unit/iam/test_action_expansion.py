"""Actions with wildcards, spelled out."""

from __future__ import annotations

import re
import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from iamcheck.iam import catalogue
from iamcheck.iam.action_expansion import expand_actions

POOL = [name for prefix in ("sagemaker", "iam", "kms", "sts") for name in catalogue.actions(prefix)]


@pytest.mark.parametrize(
    ("patterns", "expanded"),
    [
        (["sagemaker:CreateEndpoint*"], ["sagemaker:CreateEndpoint", "sagemaker:CreateEndpointConfig"]),
        (["SAGEMAKER:createendpoint"], ["sagemaker:CreateEndpoint"]),
        # policyuniverse leaves a `?` as it is
        (["sagemaker:Create?ndpoint"], ["sagemaker:CreateEndpoint"]),
        (["s?s:AssumeRole"], ["sts:AssumeRole"]),
        (["s*s:AssumeRol?"], ["sts:AssumeRole"]),
        (["*:CreateEndpointConfig"], ["sagemaker:CreateEndpointConfig"]),
        (["sts:Assume*Root", "sts:AssumeRoot"], ["sts:AssumeRoot"]),
        # a bracket is literal in IAM, and a class of characters to policyuniverse
        (["sts:AssumeRol[e]*"], ["sts:AssumeRol[e]*"]),
        # what nobody knows stays as it was written
        (["s3:MadeUp"], ["s3:MadeUp"]),
        (["madeup:*"], ["madeup:*"]),
        (["madeup:*", "MADEUP:*"], ["MADEUP:*"]),
        ([""], [""]),
        ([], []),
    ],
)
def test_expansion(patterns: list[str], expanded: list[str]) -> None:
    assert list(expand_actions(patterns)) == expanded


def test_both_sources_are_united() -> None:
    expanded = expand_actions(["sagemaker:*"])
    assert set(catalogue.actions("sagemaker")) <= set(expanded)
    # closed since, so only policyuniverse, of 2023, has them
    assert any(catalogue.action(name) is None for name in expand_actions(["cloudhsm:*"]))


def test_a_lone_star_is_everything() -> None:
    expanded = expand_actions(["*"])
    assert len(expanded) > 22_000
    assert {"s3:GetObject", "sagemaker:CreateEndpoint"} <= set(expanded)


def test_nothing_is_printed(capfd: pytest.CaptureFixture[str]) -> None:
    expand_actions(["iam:*", "madeup:*", "s3:Get?bject"])
    assert capfd.readouterr() == ("", "")


def test_policyuniverse_is_imported_when_used_and_not_before() -> None:
    code = (
        "import sys, iamcheck.iam.action_expansion as e; assert 'policyuniverse' not in sys.modules;"
        "e.expand_actions(['s3:*']); assert 'policyuniverse' in sys.modules"
    )
    # -W error: what policyuniverse warns of on import stays quiet
    subprocess.run([sys.executable, "-W", "error", "-c", code], check=True, capture_output=True)


@given(
    st.sampled_from(POOL).flatmap(
        lambda name: st.lists(st.sampled_from(["*", "?", *name]), min_size=1, max_size=len(name)).map("".join)
    )
    | st.from_regex(r"(sagemaker|iam|kms|sts):[*?A-Z]{1,4}[a-z*?]{0,5}\*?", fullmatch=True)
)
def test_an_expansion_is_what_the_obvious_regular_expression_finds(pattern: str) -> None:
    obvious = re.compile(
        "".join(".*" if c == "*" else "." if c == "?" else re.escape(c) for c in pattern), re.DOTALL | re.IGNORECASE
    )
    expanded = set(expand_actions([pattern]))
    assert {name for name in POOL if obvious.fullmatch(name)} == expanded & set(POOL)


def test_nested_stars_take_linear_time_in_text_times_pattern() -> None:
    assert expand_actions(["sagemaker:" + "*a" * 200 + "b"]) == ("sagemaker:" + "*a" * 200 + "b",)
