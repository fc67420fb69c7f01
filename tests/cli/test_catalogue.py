"""`iamcheck catalogue`: what is known, and since when."""

from __future__ import annotations

import json

import pytest

from iamcheck.cli import main
from iamcheck.iam import catalogue


def run(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, str, str]:
    """Run the command in this process."""
    with pytest.raises(SystemExit) as left:
        main(["catalogue", *words])
    captured = capsys.readouterr()
    return int(str(left.value.code)), captured.out, captured.err


def test_an_action_in_a_table(capsys: pytest.CaptureFixture[str]) -> None:
    status, out, err = run(capsys, "SageMaker:createendpoint")
    assert (status, err) == (0, "")
    for text in (
        "sagemaker:CreateEndpoint\n",
        "Write",
        catalogue.reference_date(),
        "endpoint-config (always)",
        "arn:${Partition}:sagemaker:${Region}:${Account}:endpoint/${EndpointName}",
        "ArrayOfString",
    ):
        assert text in out
    assert "Actions" not in out
    assert "\nCondition keys\n" in out
    without = next(
        info.full_name
        for name in catalogue.actions("sagemaker")
        if (info := catalogue.action(name)) and not info.resource_types and not info.condition_keys
    )
    out = run(capsys, without)[1]
    assert "Condition keys: none of its own\n" in out
    assert "Resource types: none, only *\n" in out


def test_dependent_actions_are_told(capsys: pytest.CaptureFixture[str]) -> None:
    infos = [info for name in catalogue.actions("sagemaker") if (info := catalogue.action(name))]
    info = next(info for info in infos if info.dependent_actions)
    assert info.dependent_actions[0] in run(capsys, info.full_name)[1]


def test_a_service_in_a_table_lists_its_actions(capsys: pytest.CaptureFixture[str]) -> None:
    status, out, _ = run(capsys, "sts")
    assert status == 0
    assert [line for line in catalogue.actions("sts") if f"  {line}\n" not in out] == []


def test_json_has_all_of_it(capsys: pytest.CaptureFixture[str]) -> None:
    status, out, _ = run(capsys, "iam:PassRole", "--output", "json")
    found = json.loads(out)
    assert status == 0
    assert (found["service"], found["action"]["name"], found["date"]) == (
        "iam",
        "iam:PassRole",
        catalogue.reference_date(),
    )
    assert [one["name"] for one in found["resource_types"]] == ["role"]
    assert "iam:PassedToService" in found["condition_keys"]
    whole = json.loads(run(capsys, "iam", "--output", "json")[1])
    assert whole["action"] is None
    assert whole["actions"] == list(catalogue.actions("iam"))


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("sagemakr", "did you mean sagemaker"),
        ("sagemaker:CreateEndpont", "did you mean sagemaker:CreateEndpoint"),
        ("", "is empty"),
    ],
)
def test_what_is_not_known_is_exit_2(capsys: pytest.CaptureFixture[str], name: str, told: str) -> None:
    status, out, err = run(capsys, name)
    assert (status, out) == (2, "")
    assert told in err
    assert err.count("\n") == 1
