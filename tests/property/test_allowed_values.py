"""What a template makes of parameters without a value is known where each value that it allows makes the same of it.

The other reading gives each combination of allowed values and looks at what comes out.
"""

from __future__ import annotations

import io
import itertools
import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from iamcheck.deployment.sources import read_sources
from tests.profiles import examples

ALLOWED = {"P": ("a", "b"), "Q": ("b", "c", "d")}
TEXTS = st.recursive(
    st.sampled_from(["a", "b", "x", {"Ref": "P"}, {"Ref": "Q"}, {"Ref": "Free"}]),
    lambda text: st.one_of(
        st.builds(lambda first, second: {"Fn::Join": ["-", [first, second]]}, text, text),
        st.builds(lambda first, second: {"Fn::Sub": ["${A}${B}", {"A": first, "B": second}]}, text, text),
        st.builds(lambda key: {"Fn::FindInMap": ["M", {"Ref": key}, "one"]}, st.sampled_from(["P", "Q"])),
        st.builds(lambda name, *of: {"Fn::If": [name, *of]}, st.sampled_from(["C0", "C1", "C2"]), text, text),
    ),
    max_leaves=6,
)
LEAVES = st.sampled_from(["a", "b", "c", {"Ref": "P"}, {"Ref": "Q"}, {"Ref": "Free"}])
TESTS = st.recursive(
    st.builds(lambda first, second: {"Fn::Equals": [first, second]}, LEAVES, LEAVES),
    lambda test: st.one_of(
        st.builds(lambda one: {"Fn::Not": [one]}, test),
        st.builds(lambda one, other: {"Fn::And": [one, other]}, test, test),
        st.builds(lambda one, other: {"Fn::Or": [one, other]}, test, test),
    ),
    max_leaves=4,
)


def name_of(text: object, tests: tuple[object, ...], values: dict[str, str]) -> Any:  # noqa: ANN401  whatever it is
    template = {
        "Parameters": {
            **{name: {"Type": "String", "AllowedValues": list(texts)} for name, texts in ALLOWED.items()},
            "Free": {"Type": "String"},
        },
        "Mappings": {"M": {"a": {"one": "x"}, "b": {"one": "x"}, "c": {"one": "x"}, "d": {"one": "y"}}},
        "Conditions": {f"C{index}": test for index, test in enumerate(tests)},
        "Resources": {
            "Endpoint": {
                "Type": "AWS::SageMaker::Endpoint",
                "Properties": {"EndpointName": text, "EndpointConfigName": "churn-v7"},
            }
        },
    }
    document = io.BytesIO(json.dumps(template).encode())
    (written,) = read_sources("-", stdin=document, parameters=values, region="eu-west-1", account_id="123456789012")
    assert written.endpoint is not None
    name = written.endpoint.root.get("EndpointName")
    return None if name is None else name.value


@examples(150)
@given(text=TEXTS, tests=st.tuples(TESTS, TESTS, TESTS))
def test_what_every_allowed_value_makes_the_same_is_known_and_nothing_else(text: Any, tests: Any) -> None:  # noqa: ANN401
    combinations = [dict(zip(ALLOWED, values, strict=True)) for values in itertools.product(*ALLOWED.values())]
    names = [name_of(text, tests, values) for values in combinations]
    known = name_of(text, tests, {})
    same = names[0] if isinstance(names[0], str) and names.count(names[0]) == len(names) else None
    assert (known if isinstance(known, str) else None) == same
