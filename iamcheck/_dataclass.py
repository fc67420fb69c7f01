"""`dataclass` in a quarter of the time, for start-up is a feature.

The standard decorator compiles up to six methods a class, which takes half a millisecond for each of ours: together as
long as importing click. This one compiles `__init__` alone; what else a value needs is shared between the classes. Type
checkers see the standard decorator, and the result works with `replace`, `fields` and `asdict` of `dataclasses`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

__all__ = ["dataclass"]

if TYPE_CHECKING:
    from dataclasses import dataclass
else:
    import dataclasses
    from operator import attrgetter

    def dataclass(cls=None, /, *, frozen=False, slots=False, eq=True, kw_only=False):  # noqa: ANN001, ANN202  typed above
        """Makes a dataclass; the keywords are those of `dataclasses.dataclass`, as far as iamcheck uses them."""
        if cls is None:
            return lambda one: dataclass(one, frozen=frozen, slots=slots, eq=eq, kw_only=kw_only)
        own = set(vars(cls))
        # without a docstring the standard decorator writes one, from a signature that is slow to get
        cls.__doc__ = cls.__doc__ or cls.__name__
        made = dataclasses.dataclass(init=False, repr=False, eq=False, slots=slots, kw_only=kw_only)(cls)
        fields = dataclasses.fields(made)
        methods = {"__init__": _init(made, fields, frozen), "__repr__": _repr}
        if eq:
            made._compared = attrgetter(*(field.name for field in fields if field.compare))
            methods |= {"__eq__": _eq, "__hash__": _hash if frozen else None}
        if frozen:
            methods |= {"__setattr__": _refuse, "__delattr__": _refuse, "__setstate__": _set_state}
        for name, method in methods.items():
            # a class that has an __eq__ has a __hash__ too, None unless it is written out
            if name not in own or (name == "__hash__" and "__eq__" not in own):
                setattr(made, name, method)
        return made

    def _init(cls, fields, frozen):  # noqa: ANN001, ANN202  typed above
        values = {"_put_": object.__setattr__, "_missing_": dataclasses.MISSING}
        positional, keyword, body = [], [], []
        for field in fields:
            name = value = parameter = field.name
            if field.default is not dataclasses.MISSING:
                values[f"_default_{name}"] = field.default
                parameter = f"{name}=_default_{name}"
                value = name if field.init else f"_default_{name}"
            elif field.default_factory is not dataclasses.MISSING:
                values[f"_make_{name}"] = field.default_factory
                parameter = f"{name}=_missing_"
                value = f"_make_{name}() if {name} is _missing_ else {name}" if field.init else f"_make_{name}()"
            elif not field.init:
                continue  # __post_init__ sets it
            if field.init:
                (keyword if field.kw_only else positional).append(parameter)
            body.append(f"_put_(self, {name!r}, {value})" if frozen else f"self.{name} = {value}")
        if hasattr(cls, "__post_init__"):
            body.append("self.__post_init__()")
        signature = ", ".join(["self", *positional, *(["*", *keyword] if keyword else [])])
        exec(f"def __init__({signature}):\n " + "\n ".join(body), values)  # noqa: S102  made of our own fields' names
        made = values["__init__"]
        made.__module__, made.__qualname__ = cls.__module__, f"{cls.__qualname__}.__init__"
        made.__annotations__ = {field.name: field.type for field in fields if field.init} | {"return": None}
        return made

    def _repr(self) -> str:  # noqa: ANN001  any dataclass
        shown = (f"{one.name}={getattr(self, one.name)!r}" for one in dataclasses.fields(self) if one.repr)
        return f"{type(self).__qualname__}({', '.join(shown)})"

    def _eq(self, other):  # noqa: ANN001, ANN202  as object's
        if other.__class__ is not self.__class__:
            return NotImplemented
        return self._compared(self) == self._compared(other)

    def _hash(self) -> int:  # noqa: ANN001  any dataclass
        return hash(self._compared(self))

    def _refuse(self, name, *_) -> None:  # noqa: ANN001, ANN002  any dataclass
        raise dataclasses.FrozenInstanceError(f"{type(self).__qualname__} is frozen: {name!r} cannot be changed")

    def _set_state(self, state) -> None:  # noqa: ANN001  as pickle and copy have it
        plain, slotted = state if isinstance(state, tuple) else (state, None)
        for name, value in {**(plain or {}), **(slotted or {})}.items():
            object.__setattr__(self, name, value)
