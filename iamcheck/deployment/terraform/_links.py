"""Finds the endpoint config of an endpoint and the models of an endpoint config in a plan, or why nobody can tell."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from itertools import chain, islice
from typing import TYPE_CHECKING, Final

from iamcheck.deployment.located import UNKNOWN, Unknown
from iamcheck.deployment.terraform._attributes import CONFIG, MODEL, name_of
from iamcheck.deployment.terraform._document import text
from iamcheck.deployment.terraform._references import named_by
from iamcheck.deployment.terraform._values import attribute_of
from iamcheck.errors import InvalidInputError

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

    from iamcheck.deployment.terraform._attributes import Surroundings
    from iamcheck.deployment.terraform._plan import PlannedResource, TerraformPlan
    from iamcheck.deployment.terraform._providers import Provider
    from iamcheck.deployment.terraform._values import PlannedValue

__all__ = ["REFERENCE", "Linked", "Links"]

REFERENCE = "endpoint_config_name"
"""The attribute of an endpoint that names its endpoint config."""


_MOST_NAMED: Final = 3
"""Resources that are named where one of many may be meant."""


class _Match(Enum):
    """Whether two things are the same."""

    YES = "yes"
    PERHAPS = "perhaps"
    NO = "no"


@dataclass(frozen=True, slots=True)
class Linked:
    """The resource that another one names.

    Args:
        resource: The resource; None: the plan does not have it, or nobody can tell which it is.
        is_open: Whether the plan may have it, and nobody can tell which it is.
        perhaps: The first of those that it may be.
    """

    resource: PlannedResource | None
    is_open: bool = False
    perhaps: tuple[PlannedResource, ...] = ()


class Links:
    """The links of one plan.

    Args:
        plan: The plan.
        surroundings: What the rest of the plan says about a resource.
        provider: The provider of a resource.
    """

    def __init__(
        self,
        plan: TerraformPlan,
        surroundings: Callable[[PlannedResource], Surroundings],
        provider: Callable[[PlannedResource], Provider],
    ) -> None:
        self._plan, self._surroundings, self._provider = plan, surroundings, provider
        self._named: dict[str, dict[str, list[PlannedResource]]] = {}
        self._open: dict[str, dict[object, list[PlannedResource]]] = {}
        for type_ in (CONFIG, MODEL):
            self._index(type_)

    def _index(self, type_: str) -> None:
        """Sorts the resources of a type by their names, so that looking one up costs the same in any plan."""
        named: dict[str, list[PlannedResource]] = {}
        unnamed: dict[object, list[PlannedResource]] = {}
        for resource in self._plan.resources:
            if resource.type != type_ or resource.kind != "managed" or resource.action.is_gone or resource.is_deposed:
                continue
            name = name_of(resource, self._surroundings(resource))
            if name is not None and isinstance(name.value, str):
                named.setdefault(name.value.casefold(), []).append(resource)
            elif name is not None and name.value is UNKNOWN:
                # a name that the provider makes up is nobody's before the plan is applied
                provider = self._provider(resource)
                place = (provider.key, provider.region, provider.account_id)
                unnamed.setdefault(place, []).append(resource)
        self._named[type_], self._open[type_] = named, unnamed

    def config_of(self, endpoint: PlannedResource) -> Linked:
        """The endpoint config of an endpoint.

        Raises:
            InvalidInputError: Several endpoint configs have the name that the endpoint names.
        """
        expressions = self._surroundings(endpoint).expressions
        return self._linked(CONFIG, endpoint, attribute_of(endpoint, expressions, REFERENCE))

    def models_of(self, config: PlannedResource) -> tuple[PlannedResource, ...]:
        """The models of an endpoint config that the plan has too, each once.

        Raises:
            InvalidInputError: Several models have the name that the endpoint config names.
        """
        by_address: dict[str, PlannedResource] = {}
        expressions = self._surroundings(config).expressions
        for list_name in ("production_variants", "shadow_production_variants"):
            variants = attribute_of(config, expressions, list_name)
            for value in _model_names(variants):
                model = self._linked(MODEL, config, value).resource
                if model is not None:
                    by_address[model.address] = model
        return tuple(by_address.values())

    def unnamed_models(self, main: PlannedResource, named: Collection[PlannedResource]) -> tuple[PlannedResource, ...]:
        """The models that the plan creates where a deployment is made, and that no endpoint config names.

        Args:
            main: A resource of the deployment.
            named: The models that the plan's endpoint configs name.
        """
        addresses = {model.address for model in named}
        return tuple(
            model
            for model in self._plan.resources
            if (model.type, model.kind, model.is_deposed) == (MODEL, "managed", False)
            and model.action.creates
            and model.address not in addresses
            and self._is_same_place(main, model) is _Match.YES
        )

    def _linked(self, type_: str, user: PlannedResource, value: PlannedValue) -> Linked:
        if value.is_unknown:
            expression = value.expression if isinstance(value.expression, dict) else None
            named = named_by(self._plan, expression, user, type_)
            if named is not None:
                return Linked(named)
            every = chain(self._open[type_].values(), self._named[type_].values())
            return Linked(None, is_open=True, perhaps=tuple(islice(chain.from_iterable(every), _MOST_NAMED)))
        name = text(value.after)
        if not name:
            return Linked(None)
        same, perhaps = [], []
        for resource in self._named[type_].get(name.casefold(), ()):
            is_same = self._is_same_place(user, resource)
            if is_same is _Match.YES and text(resource.after.get("name")) == name:
                same.append(resource)
            elif is_same is not _Match.NO:
                perhaps.append(resource)
        if len(same) > 1:
            addresses = " and ".join(resource.address for resource in same)
            raise InvalidInputError(
                f"{addresses} have the name that is used here", where=user.address, cure="names are unique in a Region"
            )
        if same:
            return Linked(same[0])
        # those of one place are alike: looking at the first of them is enough
        groups = (group for group in self._open[type_].values() if self._is_same_place(user, group[0]) is not _Match.NO)
        perhaps += islice(chain.from_iterable(groups), _MOST_NAMED)
        return Linked(None, is_open=bool(perhaps), perhaps=tuple(perhaps[:_MOST_NAMED]))

    def is_same_place(self, resource: PlannedResource, other: PlannedResource) -> bool:
        """Whether two resources are certainly in the same account and Region."""
        return self._is_same_place(resource, other) is _Match.YES

    def _is_same_place(self, resource: PlannedResource, other: PlannedResource) -> _Match:
        """Whether two resources are in the same account and Region."""
        a, b = self._provider(resource), self._provider(other)
        is_known = not isinstance(a.region, Unknown) and not isinstance(b.region, Unknown)
        if is_known and a.region is not None and b.region is not None and a.region != b.region:
            return _Match.NO
        if a.account_id is not None and b.account_id is not None and a.account_id != b.account_id:
            return _Match.NO
        if a.key == b.key and a.region == b.region:
            return _Match.YES
        is_same = is_known and a.region is not None and a.region == b.region and a.account_id is not None
        return _Match.YES if is_same and a.account_id == b.account_id else _Match.PERHAPS


def _model_names(variants: PlannedValue) -> list[PlannedValue]:
    """The values that name models: of each variant, and of its instance pools."""
    names = []
    for variant in _items(variants):
        names.append(variant.member("model_name"))
        names += [pool.member("model_name_override") for pool in _items(variant.member("instance_pools"))]
    return names


def _items(blocks: PlannedValue) -> list[PlannedValue]:
    if not isinstance(blocks.after, list):
        return []
    length = len(blocks.after)
    return [blocks.item(index, length, is_ordered=True) for index in range(length)]
