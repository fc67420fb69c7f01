"""A value that a template does not allow for its parameter: CloudFormation would refuse the stack.

Source: https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/parameters-section-structure.html
"""

from __future__ import annotations

import io
import json
from typing import Any

import pytest

from iamcheck.deployment.sources import read_sources
from iamcheck.errors import InvalidInputError


def read(about: dict[str, Any], given: str | None) -> None:
    template = {
        "Parameters": {"P": about},
        "Resources": {
            "Endpoint": {
                "Type": "AWS::SageMaker::Endpoint",
                "Properties": {"EndpointName": {"Fn::Sub": "churn-${P}"}, "EndpointConfigName": "churn-v7"},
            }
        },
    }
    if about["Type"] not in ("String", "Number"):
        joined = {"Fn::Join": ["-", {"Ref": "P"}]}
        template["Resources"]["Endpoint"]["Properties"]["EndpointName"] = joined
    document = io.BytesIO(json.dumps(template).encode())
    parameters = {} if given is None else {"P": given}
    read_sources("-", stdin=document, parameters=parameters, region="eu-west-1", account_id="123456789012")


CASES: list[tuple[dict[str, Any], str, str | None]] = [
    ({"Type": "String", "AllowedValues": ["dev", "prod"]}, "prd", "AllowedValues has no 'prd' (it has dev, prod)"),
    ({"Type": "String", "AllowedValues": ["dev", "prod"]}, "prod", None),
    ({"Type": "Number", "AllowedValues": [1, 2]}, "3", "AllowedValues has no '3' (it has 1, 2)"),
    ({"Type": "Number", "AllowedValues": [1, 2]}, "2", None),
    ({"Type": "CommaDelimitedList", "AllowedValues": ["a", "b"]}, "a, c", "AllowedValues has no 'c' (it has a, b)"),
    ({"Type": "CommaDelimitedList", "AllowedValues": ["a", "b"]}, "a, b", None),
    ({"Type": "String", "MinLength": 2}, "a", "1 is beyond MinLength, which is 2"),
    ({"Type": "String", "MaxLength": "2"}, "abc", "3 is beyond MaxLength, which is 2"),
    ({"Type": "String", "MinLength": 2, "MaxLength": 2}, "ab", None),
    ({"Type": "Number", "MinValue": 2}, "1", "1 is beyond MinValue, which is 2"),
    ({"Type": "Number", "MaxValue": 2}, "2.5", "2.5 is beyond MaxValue, which is 2"),
    ({"Type": "Number", "MinValue": 2, "MaxValue": 2}, "2", None),
    ({"Type": "Number"}, "many", "'many' is no number"),
    ({"Type": "Number"}, "NaN", "'NaN' is no number"),
    ({"Type": "List<Number>", "MaxValue": 2}, "1,3", "3 is beyond MaxValue, which is 2"),
]


@pytest.mark.parametrize(("about", "value", "what"), CASES)
def test_a_value_is_held_against_what_the_template_allows(about: dict[str, Any], value: str, what: str | None) -> None:
    if what is None:
        read(about, value)
        read({**about, "Default": value}, None)
        return
    with pytest.raises(InvalidInputError) as given:
        read(about, value)
    with pytest.raises(InvalidInputError) as default:
        read({**about, "Default": value}, None)
    assert (given.value.what, default.value.what) == (what, what)
    assert given.value.where.endswith("--parameter P")
    assert default.value.where.endswith("Parameters.P.Default")


def test_a_default_that_is_replaced_is_not_looked_at() -> None:
    read({"Type": "String", "Default": "", "MinLength": 1}, "a")


def test_a_secret_is_refused_without_being_told() -> None:
    with pytest.raises(InvalidInputError) as caught:
        read({"Type": "String", "NoEcho": True, "AllowedValues": ["hidden"]}, "s3cret")
    assert "s3cret" not in str(caught.value)
    assert "hidden" not in str(caught.value)
