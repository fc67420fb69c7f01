"""Requests of any shape are judged: no error, no order, no place that is not the request's."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from hypothesis import given
from hypothesis import strategies as st

from iamcheck.checks.request_valid import Validity, validity_of
from iamcheck.checks.request_valid.service import shapes
from iamcheck.deployment.located import UNKNOWN, Pattern
from tests.examples import EXAMPLES, config_of, endpoint_of, example, model_of

if TYPE_CHECKING:
    from collections.abc import Callable

MEMBERS = sorted({name for shape in shapes().values() if shape.kind == "structure" for name in shape.members})
SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.just(10**400),
    st.text(),
    st.sampled_from(["CANARY", "LINEAR", "CAPACITY_PERCENT", "INSTANCE_COUNT", "PREFIX_AWARE", "MultiModel", "\ud800"]),
    st.just(UNKNOWN),
    st.builds(Pattern, st.text()),
)
TREES = st.recursive(
    SCALARS,
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.sampled_from(MEMBERS) | st.text() | st.just("9" * 5000), inner, max_size=6)
    ),
    max_leaves=30,
)


@st.composite
def _changed(draw: Callable[[st.SearchStrategy[Any]], Any]) -> dict[str, Any]:
    """An example of the documentation in which some members are something else."""
    case = example(draw(st.sampled_from(sorted(EXAMPLES))))
    for _ in range(draw(st.integers(1, 4))):
        owner: Any = case
        step: Any = draw(st.sampled_from(["endpoint", "config", "models"]))
        while isinstance(owner[step], (dict, list)) and owner[step] and draw(st.integers(0, 4)):
            owner = owner[step]
            step = draw(st.sampled_from(sorted(owner) if isinstance(owner, dict) else range(len(owner))))
        owner[step] = draw(TREES)
    return case


def _judged(case: dict[str, Any]) -> Validity:
    models = case["models"] if isinstance(case["models"], list) else [case["models"]]
    return validity_of(endpoint_of(case["endpoint"]), config_of(case["config"]), [model_of(one) for one in models])


def _reversed(value: Any) -> Any:  # noqa: ANN401  JSON
    if isinstance(value, dict):
        return {name: _reversed(value[name]) for name in reversed(value)}
    return [_reversed(one) for one in value] if isinstance(value, list) else value


@given(TREES, TREES, TREES)
def test_any_tree_is_judged(endpoint: Any, config: Any, model: Any) -> None:  # noqa: ANN401  JSON
    _judged({"endpoint": endpoint, "config": config, "models": [model]})


@given(_changed())
def test_a_changed_request_is_judged_whatever_the_change(case: dict[str, Any]) -> None:
    places = {"endpoint.json", "config.json", "model.json"}

    validity = _judged(case)

    assert {one.place.file for one in validity.problems} <= places
    assert {one.place.file for one in validity.unjudged + validity.on_trust} <= places


@given(_changed())
def test_the_order_of_members_is_nothing_to_the_outcome(case: dict[str, Any]) -> None:
    assert _judged(case) == _judged(case | {name: _reversed(case[name]) for name in ("endpoint", "config", "models")})
