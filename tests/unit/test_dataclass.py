"""The quick dataclass behaves as the standard one."""

from __future__ import annotations

import copy
import dataclasses
import inspect
import pickle
from dataclasses import KW_ONLY, FrozenInstanceError, asdict, field, fields, replace
from typing import Any

import pytest

from iamcheck._dataclass import dataclass


@dataclass(frozen=True, slots=True)
class Slotted:
    """A point."""

    x: int
    y: int = 0
    note: str = field(default="", compare=False, repr=False)


@dataclass(frozen=True)
class Rich:
    """A value with everything that a field can have."""

    name: str
    _: KW_ONLY
    tags: list[str] = field(default_factory=list)
    length: int = field(init=False)
    seen: list[str] = field(default_factory=list, init=False)
    fixed: int = field(default=7, init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "length", len(self.name))


@dataclass(kw_only=True)
class Open:
    size: int
    colour: str = "red"


@dataclass(frozen=True, eq=False)
class ByIdentity:
    name: str


@dataclass(frozen=True)
class OwnMethods:
    name: str

    def __eq__(self, other: object) -> bool:
        return isinstance(other, OwnMethods) and other.name.lower() == self.name.lower()

    def __hash__(self) -> int:
        return hash(self.name.lower())

    def __repr__(self) -> str:
        return "own"


def test_values_compare_by_their_compared_fields() -> None:
    assert Slotted(1, note="a") == Slotted(1, 0, "b")
    assert hash(Slotted(1, note="a")) == hash(Slotted(1, 0, "b"))
    assert Slotted(1) != Slotted(2)
    plain: object = (1, 0)
    assert Slotted(1) != plain
    assert ByIdentity("a") != ByIdentity("a")
    assert OwnMethods("A") == OwnMethods("a")
    assert len({OwnMethods("A"), OwnMethods("a")}) == 1


def test_they_are_shown_as_the_standard_ones() -> None:
    assert repr(Slotted(1, 2, "x")) == "Slotted(x=1, y=2)"
    assert repr(Open(size=1)) == "Open(size=1, colour='red')"
    assert repr(OwnMethods("a")) == "own"


def test_defaults_are_made_for_each_value() -> None:
    one, other = Rich("abc"), Rich("abc", tags=["x"])
    one.seen.append("x")
    assert (one.length, one.tags, one.fixed) == (3, [], 7)
    assert (other.seen, other.tags) == ([], ["x"])


@pytest.mark.parametrize("value", [Slotted(1), Rich("a")])
def test_frozen_values_cannot_be_changed(value: Slotted | Rich) -> None:
    name = fields(value)[0].name
    with pytest.raises(FrozenInstanceError, match=name):
        setattr(value, name, 5)
    with pytest.raises(FrozenInstanceError, match=name):
        delattr(value, name)


def test_open_values_can_be_changed_and_have_no_hash() -> None:
    value = Open(size=1)
    value.size = 2
    assert value == Open(size=2)
    with pytest.raises(TypeError, match="unhashable"):
        hash(value)


def test_slots_take_no_other_attributes() -> None:
    assert not hasattr(Slotted(1), "__dict__")


@pytest.mark.parametrize("value", [Slotted(1, 2, "n"), Rich("a", tags=["b"]), Open(size=3)])
def test_values_can_be_copied(value: Slotted | Rich | Open) -> None:
    assert copy.copy(value) == copy.deepcopy(value) == pickle.loads(pickle.dumps(value)) == replace(value) == value


def test_the_tools_of_dataclasses_work() -> None:
    assert dataclasses.is_dataclass(Slotted)
    assert asdict(Slotted(1, 2)) == {"x": 1, "y": 2, "note": ""}
    assert replace(Slotted(1), y=5) == Slotted(1, 5)
    match Slotted(1, 2):
        case Slotted(x, y):
            assert (x, y) == (1, 2)


def test_the_signature_is_there_for_help() -> None:
    signature = inspect.signature(Rich)
    assert list(signature.parameters) == ["name", "tags"]
    assert signature.parameters["tags"].kind is inspect.Parameter.KEYWORD_ONLY
    assert signature.parameters["name"].annotation == "str"


@pytest.mark.parametrize("arguments", [{}, {"x": 1, "z": 2}])
def test_wrong_arguments_are_refused(arguments: dict[str, Any]) -> None:
    with pytest.raises(TypeError, match="__init__"):
        Slotted(**arguments)
