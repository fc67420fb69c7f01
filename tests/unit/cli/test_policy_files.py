"""Words of a command line to values."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from iamcheck.cli import policy_files as inputs
from iamcheck.errors import InvalidInputError
from iamcheck.iam.model import ContextValue, KeyType

if TYPE_CHECKING:
    from pathlib import Path

ALLOW = '{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}'
DENY = ALLOW.replace("Allow", "Deny")


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["aws:SourceIp=203.0.113.7"], {"aws:SourceIp": ContextValue(("203.0.113.7",), KeyType.IP)}),
        (["aws:TagKeys=a,b"], {"aws:TagKeys": ContextValue(("a", "b"), KeyType.STRING_LIST)}),
        (["aws:TagKeys=a", "aws:tagkeys=b"], {"aws:TagKeys": ContextValue(("a", "b"), KeyType.STRING_LIST)}),
        (["aws:PrincipalTag/team=a,b"], {"aws:PrincipalTag/team": ContextValue(("a,b",), KeyType.STRING)}),
        (["aws:PrincipalTag/team="], {"aws:PrincipalTag/team": ContextValue(("",), KeyType.STRING)}),
        (["own:key=a=b"], {"own:key": ContextValue(("a=b",), None)}),
        ([], {}),
    ],
)
def test_context_entries(words: list[str], expected: dict[str, ContextValue]) -> None:
    assert inputs.context_entries(words) == expected


@given(st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=30))
def test_a_context_word_is_read_or_refused_with_its_flag(word: str) -> None:
    try:
        found = inputs.context_entries([word])
    except InvalidInputError as error:
        assert error.where.startswith("--context")  # noqa: PT017  most words are refused, some are not
    else:
        ((key, value),) = found.items()
        assert word == f"{key}={value.values[0]}" or value.type is KeyType.STRING_LIST


@pytest.mark.parametrize("key", ["aws:SourceIp", "aws:PrincipalTag/a = b", "ci.example.com:sub"])
def test_absent_keys(key: str) -> None:
    assert inputs.absent_keys([key]) == (key,)


def test_levels(tmp_path: Path) -> None:
    (tmp_path / "level").mkdir()
    for name, text in (("b.json", DENY), ("a.json", ALLOW), ("notes.txt", "none")):
        (tmp_path / "level" / name).write_text(text)
    folder = str(tmp_path / "level")
    root, account = inputs.levels(["FullAWSAccess", f"FullAWSAccess,{folder}"], flag="--scp")
    assert [one.name for one in root] == ["FullAWSAccess"]
    assert [one.name.removeprefix(folder) for one in account] == ["FullAWSAccess", "/a.json", "/b.json"]
    (rcps,) = inputs.levels(["RCPFullAWSAccess"], flag="--rcp")
    assert [one.name for one in rcps] == ["RCPFullAWSAccess"]


@pytest.mark.parametrize("name", ["fullawsaccess", "FullAWSaccess"])
def test_a_default_policy_that_is_misspelt_is_not_a_file(tmp_path: Path, name: str) -> None:
    with pytest.raises(InvalidInputError, match="did you mean FullAWSAccess"):
        inputs.levels([name], flag="--scp")


def test_a_level_without_an_allow_is_refused_with_its_cure(tmp_path: Path) -> None:
    path = tmp_path / "deny.json"
    path.write_text(DENY)
    with pytest.raises(InvalidInputError) as refused:
        inputs.levels([str(path)], flag="--scp")
    assert refused.value.cure.endswith(f"--scp FullAWSAccess,{path}")


def test_policies_are_named_by_their_files(tmp_path: Path) -> None:
    path = tmp_path / "own.json"
    path.write_text(ALLOW)
    assert [one.name for one in inputs.policies([str(path)])] == [str(path)]
    assert inputs.boundary(str(path)).name == str(path)


def test_resource_policies(tmp_path: Path) -> None:
    path = tmp_path / "key.json"
    path.write_text(ALLOW.replace('"Allow",', '"Allow", "Principal": "*",'))
    arn = "arn:aws:kms:eu-west-1:123456789012:key/one"
    assert list(inputs.resource_policies([f"{arn}={path}"])) == [arn]
    for word in (arn, f"{arn}=", f"=={path}"):
        with pytest.raises(InvalidInputError, match="--resource-policy"):
            inputs.resource_policies([word])
    path.write_text(ALLOW)
    with pytest.raises(InvalidInputError, match="Principal"):
        inputs.resource_policies([f"{arn}={path}"])
