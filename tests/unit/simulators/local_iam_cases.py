"""The case files of LocalIAM, ready to be asked of anything with boto3's simulator methods.

A case is one call with a part of its answer. `line` quotes what was observed. In `input` and `details`, `@name` stands
for a document of policies.json, which goes in as the text that `json.dumps` gives; `null` in an expected answer means
that AWS leaves the key out; `MatchedStatements` compare as sets, for AWS's order is not stable.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import pytest
from botocore.exceptions import ClientError

from iamcheck.simulators.local_iam import LocalIAM

if TYPE_CHECKING:
    from collections.abc import Callable

ACCOUNT = "123456789012"
CASES = Path(__file__).parents[2] / "cases" / "simulator"
POLICIES: dict[str, Any] = json.loads((CASES / "policies.json").read_text())
DOCUMENTS = ("PolicyInputList", "PermissionsBoundaryPolicyInputList", "ServiceControlPolicyInputList", "ResourcePolicy")

Case = dict[str, Any]


def cases(*names: str) -> list[Any]:
    """The cases of some files, as parameters that show the line."""
    return [
        pytest.param(case, id=f"{name}-{number}-{case['line'][:60]}")
        for name in names
        for number, case in enumerate(json.loads((CASES / f"{name}.json").read_text()))
    ]


def text(document: object) -> str:
    """A document as the text that is sent."""
    if isinstance(document, str) and document.startswith("@"):
        document = POLICIES[document[1:]]
    return document if isinstance(document, str) else json.dumps(document)


def parsed(document: object) -> object:
    """A document as an object."""
    return POLICIES[str(document)[1:]]


def url_encoded(document: object) -> str:
    """A document as IAM's API sends it."""
    return quote(text(document), safe="")


def local_iam(case: Case, encode: Callable[[object], object] = text) -> LocalIAM:
    """LocalIAM over the account that the case is about."""
    details = documents(json.loads((CASES / "details.json").read_text()), encode)
    return LocalIAM(ACCOUNT, authorization_details=details, scps=documents(case.get("scps", []), encode))


def arguments(case: Case) -> Case:
    """The arguments of the call."""
    given = dict(case["input"])
    for name in DOCUMENTS:
        if isinstance(given.get(name), list):
            given[name] = [text(each) for each in given[name]]
        elif name in given:
            given[name] = text(given[name])
    if levels := given.get("OrderedOrganizationPolicyInputList"):
        lists = [[text(each) for each in level["ServiceControlPolicyInputList"]] for level in levels]
        given["OrderedOrganizationPolicyInputList"] = [{"ServiceControlPolicyInputList": each} for each in lists]
    return given


def documents(details: object, encode: Callable[[object], object] = text) -> Any:  # noqa: ANN401  JSON
    """Authorization details with every `@name` replaced by its document."""
    if isinstance(details, dict):
        return {key: documents(value, encode) for key, value in details.items()}
    if isinstance(details, list):
        return [documents(value, encode) for value in details]
    return encode(details) if isinstance(details, str) and details.startswith("@") else details


def check(case: Case, iam: Any) -> None:  # noqa: ANN401  LocalIAM or a boto3 client
    """Makes the call of a case and compares."""
    operation = case.get("operation", "simulate_custom_policy")
    if "error" in case:
        with pytest.raises(ClientError) as raised:
            getattr(iam, operation)(**arguments(case))
        error = raised.value.response["Error"]
        assert error["Code"] == case["error"]["code"]
        assert case["error"]["message"] in (None, error["Message"])
        return
    response = getattr(iam, operation)(**arguments(case))
    assert_part(case.get("response", {}), response)
    if "results" in case:
        assert_part(case["results"], response["EvaluationResults"])


def assert_part(expected: object, seen: object, place: str = "") -> None:
    """Whether what is expected is a part of what is seen."""
    if isinstance(expected, dict):
        assert isinstance(seen, dict), place
        for key, value in expected.items():
            if value is None:
                assert key not in seen, f"{place}.{key}: {seen.get(key)}"
            elif key == "MatchedStatements":
                assert statements(seen.get(key, [])) == statements(value), f"{place}.{key}"
            elif key == "EvalDecisionDetails":
                assert seen.get(key) == value, f"{place}.{key}: {seen.get(key)}"
            else:
                assert key in seen, f"{place}.{key}"
                assert_part(value, seen[key], f"{place}.{key}")
    elif isinstance(expected, list):
        assert isinstance(seen, list), place
        assert len(seen) == len(expected), f"{place}: {seen}"
        for index, (one, other) in enumerate(zip(expected, seen, strict=True)):
            assert_part(one, other, f"{place}[{index}]")
    else:
        assert seen == expected, place


def statements(matched: list[Case]) -> list[str]:
    """Statements in an order that does not depend on AWS's."""
    return sorted(json.dumps(each, sort_keys=True) for each in matched)
