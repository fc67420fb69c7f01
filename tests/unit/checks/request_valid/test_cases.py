"""What AWS's documentation shows is valid; each change of it that AWS refuses is found, with its path and its rule."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from iamcheck.checks.request_valid import RequestPlace, Validity, validity_of
from iamcheck.checks.request_valid.rules import RULES
from tests.examples import CASES, EXAMPLES, config_of, endpoint_of, example, model_of
from tests.unit.checks.request_valid.test_resources import CHANGES

MUTATIONS: list[dict[str, Any]] = json.loads((CASES / "request_mutations.json").read_text(encoding="utf-8"))


def judged(requests: dict[str, Any], target: dict[str, Any] | None = None) -> Validity:
    return validity_of(
        endpoint_of(requests["endpoint"]),
        config_of(requests["config"]),
        [model_of(one) for one in requests["models"]],
        target=None if target is None else RequestPlace(**target),
    )


def owner_of(whole: Any, path: str) -> tuple[Any, str | int]:  # noqa: ANN401  JSON
    """What holds the member of that path, and the member's name in it."""
    steps = [int(step) if step.isdecimal() else step for step in re.findall(r"[^.\[\]]+", path)]
    for step in steps[:-1]:
        whole = whole[step]
    return whole, steps[-1]


def spelt_out(value: Any) -> Any:  # noqa: ANN401  JSON
    """A value with its long texts: `{"$repeat": ["a", 64]}` is 64 times an a."""
    if isinstance(value, dict):
        repeat = value.get("$repeat")
        return repeat[0] * repeat[1] if repeat else {name: spelt_out(one) for name, one in value.items()}
    return [spelt_out(one) for one in value] if isinstance(value, list) else value


def change(whole: Any, case: dict[str, Any]) -> None:  # noqa: ANN401  JSON
    for path in case.get("drop", ()):
        owner, name = owner_of(whole, path)
        del owner[name]
    for path, value in case.get("set", {}).items():
        owner, name = owner_of(whole, path)
        if isinstance(owner, list) and name == len(owner):
            owner.append(spelt_out(value))
        else:
            owner[name] = spelt_out(value)


def mutated(case: dict[str, Any]) -> dict[str, Any]:
    requests = example(case["example"])
    part = requests["models"][0] if case["request"] == "models[0]" else requests[case["request"]]
    change(part, case)
    for name, edits in case.get("also", {}).items():
        change(requests[name], {"set": edits})
    return requests


def label(case: dict[str, Any]) -> str:
    return f"{case['example']}-{case['request']}-{'-'.join([*case.get('drop', ()), *case.get('set', ())])}"


@pytest.mark.parametrize("name", EXAMPLES)
def test_what_the_documentation_shows_is_valid(name: str) -> None:
    assert example(name)["source"].startswith("https://docs.aws.amazon.com/sagemaker/latest/")
    assert judged(example(name)) == Validity()


@pytest.mark.parametrize("case", MUTATIONS, ids=label)
def test_a_change_that_aws_refuses_is_found_with_its_path(case: dict[str, Any]) -> None:
    validity = judged(mutated(case), case.get("target"))
    found = validity.unjudged if case.get("unjudged") else validity.problems

    assert sorted({one.path for one in found}) == sorted(case["paths"])
    assert case["rule"] in {one.rule for one in found}
    assert all(one.source.startswith("https://docs.aws.amazon.com/") for one in found)
    assert bool(validity.problems) is not bool(case.get("unjudged"))


def test_every_rule_is_hit_by_a_change() -> None:
    hit = {case["rule"] for case in MUTATIONS} | {case.rule for case in CHANGES}

    assert len({rule.id for rule in RULES}) == len(RULES)
    assert {rule.id for rule in RULES} | {"shape"} == hit
    assert sum(not case.get("unjudged") for case in MUTATIONS) >= 60


@pytest.mark.parametrize(
    "number", [10**5000, -(10**5000), float("nan"), float("inf"), 1e39], ids=["huge", "low", "nan", "inf", "float"]
)
@pytest.mark.parametrize("name", ["InitialInstanceCount", "InitialVariantWeight"])
def test_a_number_that_the_api_has_no_room_for_is_a_problem(name: str, number: float) -> None:
    requests = example("create_endpoint")
    requests["config"]["ProductionVariants"][0][name] = number

    assert {one.path for one in judged(requests).problems} == {f"ProductionVariants[0].{name}"}


def test_problems_stand_in_the_order_of_their_paths() -> None:
    requests = example("create_endpoint")
    requests["endpoint"]["Tags"] = [{"Key": f"k{at}", "Value": "?"} for at in range(12)]
    requests["config"]["KmsKeyId"] = "?"

    paths = [one.path for one in judged(requests).problems]

    assert paths == [*(f"Tags[{at}].Value" for at in range(12)), "KmsKeyId", "KmsKeyId"]
