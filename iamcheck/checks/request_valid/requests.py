"""Shows the requests of one deployment to the rules between members."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from iamcheck.checks.request_valid.reading import given, known_items, settled, text
from iamcheck.deployment.located import UNKNOWN, Tool

if TYPE_CHECKING:
    from collections.abc import Iterator

    from iamcheck.deployment.located import Member, Operation, WrittenRequest

__all__ = ["Container", "RequestPlace", "Requests", "VariantMember"]


@dataclass(frozen=True, slots=True)
class VariantMember:
    """One variant of an endpoint config; `request` is the config's."""

    request: WrittenRequest
    at: Member

    @property
    def serverless(self) -> Member | None:
        """Its ServerlessConfig."""
        config = self.at.get("ServerlessConfig")
        return config if given(config) else None

    @property
    def is_serverless_text(self) -> str:
        """Says that it is serverless, or that it may be."""
        return f"{self.at.path} {'is' if settled(self.serverless) else 'may be'} one"

    def models(self) -> Iterator[Member]:
        """The members that name models which it hosts."""
        named = [self.at.get("ModelName")]
        named += [pool.get("ModelNameOverride") for pool in known_items(self.at.get("InstancePools"))]
        yield from (member for member in named if member is not None and given(member))


@dataclass(frozen=True, slots=True)
class Container:
    """One container of a model; `request` is the model's."""

    request: WrittenRequest
    at: Member


@dataclass(frozen=True, slots=True)
class RequestPlace:
    """The partition, Region and account that requests go to.

    Args:
        partition: Such as `aws`.
        region: Region code.
        account_id: The 12 digits; None: not known.
    """

    partition: str
    region: str
    account_id: str | None = None


@dataclass(frozen=True, slots=True)
class Requests:
    """The requests that are given.

    Args:
        endpoint: The CreateEndpoint request; None: not given.
        config: The CreateEndpointConfig request; None: not given.
        models: The CreateModel requests.
        target: Where they go; None: nobody says.
        resources: The requests of what is made besides, such as inference components and scalable targets.
        tool: What sends them.
        updates: Whether the endpoint exists already.
    """

    endpoint: WrittenRequest | None
    config: WrittenRequest | None
    models: tuple[WrittenRequest, ...]
    target: RequestPlace | None = None
    resources: tuple[WrittenRequest, ...] = ()
    tool: Tool = Tool.SDK
    updates: bool = False

    def all(self) -> tuple[WrittenRequest, ...]:
        """Every request, the endpoint's first, then the endpoint config's, the models', and those of the rest."""
        first = tuple(request for request in (self.endpoint, self.config) if request is not None)
        return first + self.models + self.resources

    def of(self, *operations: Operation) -> tuple[WrittenRequest, ...]:
        """The requests besides, of these operations."""
        return tuple(request for request in self.resources if request.operation in operations)

    def production(self) -> tuple[VariantMember, ...]:
        """The production variants whose members are known."""
        return self._variants("ProductionVariants")

    def shadow(self) -> tuple[VariantMember, ...]:
        """The shadow variants whose members are known."""
        return self._variants("ShadowProductionVariants")

    def variants(self) -> tuple[VariantMember, ...]:
        """Both."""
        return self.production() + self.shadow()

    def serverless(self) -> list[VariantMember]:
        """The variants that are serverless or may be, those that certainly are first: they say more."""
        variants = [variant for variant in self.variants() if variant.serverless is not None]
        return sorted(variants, key=lambda variant: not settled(variant.serverless))

    def _variants(self, name: str) -> tuple[VariantMember, ...]:
        if self.config is None:
            return ()
        return tuple(VariantMember(self.config, item) for item in known_items(self.config.root.get(name)))

    def containers(self) -> Iterator[Container]:
        """Every container of every model that is written."""
        for model in self.models:
            primary = model.root.get("PrimaryContainer")
            yield from (Container(model, container) for container in ([primary] if primary else []))
            yield from (Container(model, item) for item in known_items(model.root.get("Containers")))

    def hosted(self, variant: VariantMember) -> Iterator[tuple[WrittenRequest, bool]]:
        """The written models that a variant hosts, each with whether that is certain: a name may not be known yet."""
        names = [text(model) for model in variant.models()]
        for model in self.models:
            name = text(model.root.get("ModelName"))
            if isinstance(name, str) and name in names:
                yield model, True
            elif UNKNOWN in names or (name is UNKNOWN and names):
                yield model, False
