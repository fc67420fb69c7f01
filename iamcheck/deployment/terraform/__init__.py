"""Reads a plan of Terraform or OpenTofu, as `terraform show -json PLANFILE` prints it.

Source: https://developer.hashicorp.com/terraform/internals/json-format
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from iamcheck.deployment.located import UNKNOWN, Tool, Unknown, WrittenDelete, WrittenDeployment, unknown_request
from iamcheck.deployment.terraform._attributes import (
    CONFIG,
    ENDPOINT,
    MODEL,
    Surroundings,
    cause_of,
    name_of,
    request_of,
    set_flag,
)
from iamcheck.deployment.terraform._document import LARGEST, is_true, members, plan_of, text
from iamcheck.deployment.terraform._links import REFERENCE, Linked, Links
from iamcheck.deployment.terraform._plan import Action, read
from iamcheck.deployment.terraform._providers import provider_of
from iamcheck.deployment.terraform._resources import RESOURCES, Resources
from iamcheck.deployment.terraform._settings import with_values
from iamcheck.deployment.terraform._uncovered import uncovered
from iamcheck.deployment.terraform._values import attribute_of
from iamcheck.deployment.unsettled import LATER, OpenCause, Unsettled, settle_with
from iamcheck.errors import InvalidInputError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from typing import Literal

    from iamcheck.deployment.located import WrittenRequest
    from iamcheck.deployment.terraform._document import PlanDocument
    from iamcheck.deployment.terraform._plan import PlannedResource, TerraformPlan
    from iamcheck.deployment.terraform._providers import Provider
    from iamcheck.iam.model import Place
    from iamcheck.results import NotCovered

__all__ = ["LARGEST", "plan_of", "read_plan"]

_SKIP: Final = "let the pipeline skip the check of such a plan"
_DELETES: Final[Mapping[str, Literal["DeleteEndpoint", "DeleteEndpointConfig", "DeleteModel"]]] = {
    ENDPOINT: "DeleteEndpoint",
    CONFIG: "DeleteEndpointConfig",
    MODEL: "DeleteModel",
}
"""Type of resource -> operation that deletes it."""


def read_plan(
    document: PlanDocument, file: Place, *, values: Mapping[str, str] | None = None, region: str | None = None
) -> tuple[WrittenDeployment, ...]:
    """The deployments of a plan, in the plan's order.

    There is one for each endpoint that the plan creates, replaces or updates, and one for each endpoint config that it
    creates for none of these. An endpoint config that the plan leaves as it is comes along (`config_exists`). Values
    that the plan marks as sensitive are UNKNOWN.

    Args:
        document: The plan; `plan_of` reads it.
        file: The file of the plan.
        values: Values for what the plan leaves open: the address of an attribute, such as
            `aws_sagemaker_endpoint.this.name`, -> its value.
        region: The Region, where the user says it: what the plan leaves open does not matter then.

    Raises:
        InvalidInputError: It is no plan (a state, say), it creates and updates no endpoint and creates no endpoint
            config, a resource has an attribute that is not known here, or a value is for nothing that is open.
    """
    try:
        plan = with_values(read(document), values or {})
        reading = _PlanReading(plan, file, region)
        return tuple(reading.deployments())
    except RecursionError:
        raise InvalidInputError("nested too deeply", where=str(file)) from None
    except InvalidInputError as error:
        raise error.at(str(file)) from None


@dataclass(frozen=True, slots=True)
class _Parts:
    """The resources of one deployment.

    Args:
        main: The endpoint, or the endpoint config where there is none.
        endpoint: The endpoint.
        config: The endpoint config, or why nobody can tell which it is.
        models: The models of the endpoint config.
        unnamed: The models that are created as well, and that no endpoint config names.
        others: What else is made, or put.
    """

    main: PlannedResource
    endpoint: PlannedResource | None
    config: Linked
    models: tuple[PlannedResource, ...]
    unnamed: tuple[PlannedResource, ...] = ()
    others: tuple[PlannedResource, ...] = ()

    def resources(self) -> Iterator[PlannedResource]:
        """The resources."""
        yield from (resource for resource in (self.endpoint, self.config.resource) if resource is not None)
        yield from self.models
        yield from self.unnamed


class _PlanReading:
    """The reading of one plan.

    Args:
        plan: The plan.
        file: Its file.
        region: The Region that the user says; None: nobody does.
    """

    def __init__(self, plan: TerraformPlan, file: Place, region: str | None) -> None:
        self._plan, self._file, self._given_region = plan, file, region
        self._gone: dict[tuple[str, str | None], list[PlannedResource]] = {}
        for resource in plan.resources:
            if resource.action is Action.DELETE and resource.type in _DELETES:
                name = text(resource.before.get("name"))
                is_config = resource.type == CONFIG and not resource.is_deposed and name is not None
                key = (
                    ("config", name) if is_config else ("deposed" if resource.is_deposed else "other", resource.address)
                )
                self._gone.setdefault(key, []).append(resource)
        self._providers: dict[str, Provider] = {}
        self._links = Links(plan, self._surroundings, self._provider)
        self._others = Resources(plan, file, self._surroundings, self._links.is_same_place)

    def deployments(self) -> Iterator[WrittenDeployment]:
        """The deployments; InvalidInputError where there are none."""
        found = list(self._parts())
        if not found:
            raise self._nothing()
        named = [model for one in found for model in one.models]
        mains = [one.main for one in found]
        parts = [
            replace(
                one,
                unnamed=self._links.unnamed_models(one.main, named),
                others=self._others.made_with(one.main, mains),
            )
            for one in found
        ]
        deleted = [(*self._deleted(part), *self._others.deleted_with(part.main, mains)) for part in parts]
        replaced = {id(resource) for resources in deleted for resource in resources}
        deleted = [
            (*resources, *self._deleted_alone(part.main, replaced))
            for part, resources in zip(parts, deleted, strict=True)
        ]
        judged = {
            id(resource)
            for part in parts
            for resource in (part.endpoint, part.config.resource, *self._created(part), *part.others)
        }
        judged |= {id(resource) for resources in deleted for resource in resources if resource.action.is_gone}
        not_covered = tuple(uncovered(self._plan, self._file, judged))
        return (self._deployment(part, gone, not_covered) for part, gone in zip(parts, deleted, strict=True))

    def _parts(self) -> Iterator[_Parts]:
        """The resources of each deployment, in the plan's order."""
        managed = [
            resource for resource in self._plan.resources if resource.kind == "managed" and not resource.is_deposed
        ]
        by_endpoint: dict[str, _Parts] = {}
        used: set[str] = set()
        for endpoint in managed:
            is_updated = endpoint.action is Action.UPDATE and not endpoint.changes_tags_alone
            if endpoint.type == ENDPOINT and (endpoint.action.creates or is_updated):
                config = self._links.config_of(endpoint)
                models = () if config.resource is None else self._links.models_of(config.resource)
                by_endpoint[endpoint.address] = _Parts(endpoint, endpoint, config, models)
                used |= {config.resource.address} if config.resource is not None else set()
        for resource in managed:
            if resource.address in by_endpoint and resource.type == ENDPOINT:
                yield by_endpoint[resource.address]
            elif resource.type == CONFIG and resource.action.creates and resource.address not in used:
                yield _Parts(resource, None, Linked(resource), self._links.models_of(resource))

    def _nothing(self) -> InvalidInputError:
        if any(deferred.type in (ENDPOINT, CONFIG) for deferred in self._plan.deferred):
            return InvalidInputError(
                "Terraform leaves the endpoint to a later plan", cure="apply this plan, and check the next one"
            )
        types = {resource.type for resource in self._plan.resources if resource.kind == "managed"}
        if types & {ENDPOINT, CONFIG}:
            return InvalidInputError(
                "the plan creates and updates no endpoint, and creates no endpoint config: there is nothing to check",
                cure=f"it leaves those that it has, deletes them, or changes their tags alone; {_SKIP}",
            )
        return InvalidInputError(
            f"the plan has no resource of type {ENDPOINT}: there is nothing to check",
            cure=f"compare the path of the plan; if it is the right plan, {_SKIP}",
        )

    def _deployment(
        self, parts: _Parts, deleted: Sequence[PlannedResource], not_covered: tuple[NotCovered, ...]
    ) -> WrittenDeployment:
        provider = self._provider(parts.main)
        region, unsettled = self._region(provider)
        endpoint = None if parts.endpoint is None else self._request(parts.endpoint)
        config = None if parts.config.resource is None else self._request(parts.config.resource)
        if parts.endpoint is not None and parts.config.is_open:
            place = parts.endpoint.place(self._file)
            place = place._replace(path=f"{place.path}.{REFERENCE}")
            causes = tuple(self._open_config(parts.endpoint, parts.config, place))
            config = unknown_request("CreateEndpointConfig", place, causes)
            unsettled = (*unsettled, settle_with("the endpoint config", place, causes))
        if parts.endpoint is not None and endpoint is not None and config is not None:
            is_open = is_true(parts.endpoint.unknown.get(REFERENCE))
            endpoint = _with_name_of(endpoint, config) if is_open else endpoint
        deletes = tuple(self._delete(resource) for resource in deleted)
        return WrittenDeployment(
            tool=Tool.TERRAFORM,
            label=f"{self._file}: {parts.main.address}",
            endpoint=endpoint,
            config=config,
            models=tuple(self._request(model) for model in parts.models),
            created_models=tuple(self._request(model) for model in self._created(parts)),
            resources=tuple(self._others.request(resource, parts.endpoint) for resource in parts.others),
            region=region,
            account_id=provider.account_id,
            accounts=provider.accounts,
            updates=parts.endpoint is not None and parts.endpoint.action is Action.UPDATE,
            deletes=deletes,
            config_exists=parts.config.resource is not None and not parts.config.resource.action.creates,
            config_is_open=parts.config.is_open,
            caller=provider.caller,
            unsettled=(*unsettled, *_nameless(deletes), *self._deferred()),
            not_covered=not_covered,
        )

    def _deferred(self) -> Iterator[Unsettled]:
        """The endpoints, endpoint configs and models that a later plan makes: the deployment is not whole."""
        for deferred in self._plan.deferred:
            if deferred.type in (ENDPOINT, CONFIG, MODEL):
                place = self._file._replace(path=deferred.address)
                why = "is known only later: Terraform leaves it to a later plan"
                yield Unsettled(f"what {deferred.address} has", why, place, "apply this plan, and check the next one")

    def _created(self, parts: _Parts) -> Iterator[PlannedResource]:
        """The models that a deployment creates, in the plan's order."""
        addresses = {model.address for model in (*parts.models, *parts.unnamed) if model.action.creates}
        return (
            resource for resource in self._plan.resources if resource.address in addresses and not resource.is_deposed
        )

    def _region(self, provider: Provider) -> tuple[str | Unknown | None, tuple[Unsettled, ...]]:
        if provider.region is not UNKNOWN:
            return provider.region, ()
        place = self._file._replace(path=provider.region_path)
        return UNKNOWN, (Unsettled("the Region", LATER, place, "give --region"),)

    def _open_config(self, endpoint: PlannedResource, link: Linked, place: Place) -> Iterator[OpenCause]:
        """Why nobody can tell which endpoint config an endpoint uses."""
        reference = attribute_of(endpoint, self._surroundings(endpoint).expressions, REFERENCE)
        if reference.is_unknown or reference.is_hidden:
            yield cause_of(reference, place)
            return
        for config in link.perhaps:
            name = name_of(config, self._surroundings(config))
            if name is not None and name.value is UNKNOWN:
                yield OpenCause(f"{config.address} may have this name", set_flag(f"{config.address}.name", "NAME"))
            else:
                text = f"{config.address} has a name like this one, and may be in another Region or account"
                yield OpenCause(text, "--region, and the name as it is written there")

    def _deleted(self, parts: _Parts) -> Iterator[PlannedResource]:
        """What is deleted with a deployment: what is replaced, and the endpoint config that an update leaves behind."""
        yield from (resource for resource in parts.resources() if resource.action is Action.REPLACE)
        left = None if parts.endpoint is None else text(parts.endpoint.before.get(REFERENCE))
        keys = [("deposed", resource.address) for resource in parts.resources()]
        for key in (*keys, ("config", left)):
            yield from self._gone.get(key, ())

    def _deleted_alone(self, main: PlannedResource, replaced: set[int]) -> Iterator[PlannedResource]:
        """What is deleted and belongs to no deployment of the plan: it goes with each in the same place.

        Args:
            main: The endpoint of the deployment, or its endpoint config.
            replaced: What is deleted with a deployment, by its `id`.
        """
        for resources in self._gone.values():
            for resource in resources:
                if id(resource) not in replaced and self._links.is_same_place(main, resource):
                    yield resource

    def _delete(self, resource: PlannedResource) -> WrittenDelete:
        if resource.type in RESOURCES:
            return self._others.delete(resource)
        name = text(resource.before.get("name"))
        is_hidden = is_true(resource.before_sensitive.get("name"))
        place = resource.place(self._file)
        return WrittenDelete(_DELETES[resource.type], UNKNOWN if is_hidden or not name else name, place)

    def _request(self, resource: PlannedResource) -> WrittenRequest:
        return request_of(resource, self._surroundings(resource))

    def _surroundings(self, resource: PlannedResource) -> Surroundings:
        configuration = self._plan.configuration_of(resource)
        expressions = None if configuration is None else members(configuration.get("expressions"), resource.address)
        return Surroundings(self._file, expressions, self._provider(resource).default_tags, self._plan.secrets)

    def _provider(self, resource: PlannedResource) -> Provider:
        if resource.address not in self._providers:
            provider = provider_of(self._plan, resource, self._file)
            if provider.region is UNKNOWN and self._given_region is not None:
                provider = replace(provider, region=self._given_region)
            self._providers[resource.address] = provider
        return self._providers[resource.address]


def _nameless(deletes: Sequence[WrittenDelete]) -> Iterator[Unsettled]:
    """The deletions that nobody can ask about, for the plan does not show the name."""
    for delete in deletes:
        if delete.name is UNKNOWN:
            what = f"the name of what {delete.operation} deletes"
            cure = "mark the name as not sensitive (nonsensitive() in the configuration), and plan again"
            yield Unsettled(what, "is hidden: the plan marks it as sensitive", delete.place, cure)


def _with_name_of(endpoint: WrittenRequest, config: WrittenRequest) -> WrittenRequest:
    """The request for an endpoint, with what is known of the name of its endpoint config."""
    name, referred = config.root.get("EndpointConfigName"), endpoint.root.get("EndpointConfigName")
    if name is None or referred is None or not isinstance(endpoint.root.value, Mapping):
        return endpoint
    named = {**endpoint.root.value, "EndpointConfigName": replace(referred, value=name.value, causes=name.causes)}
    return replace(endpoint, root=replace(endpoint.root, value=named))
