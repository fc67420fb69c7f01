"""Parses what `check` is given beside the deployments and the way to AWS: once, from keywords, into one value."""

from __future__ import annotations

from dataclasses import replace
from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple

from iamcheck.deployment.unknown import Tool
from iamcheck.errors import InvalidInputError
from iamcheck.iam.model import UNREAD, PolicySet, PolicyType
from iamcheck.iam.policy_input import levels_of, policies_of, policy_of, resource_policies_of, session_policies_of
from iamcheck.iam.request_context import typed

if TYPE_CHECKING:
    import os
    from collections.abc import Mapping, Sequence

    from iamcheck.checks.keywords import CheckKeywords
    from iamcheck.deployment import Deployment, UnplacedDeployment
    from iamcheck.deployment.located import WrittenRequest
    from iamcheck.iam.model import ContextValue, Policy, Request
    from iamcheck.iam.policy_input import LevelsInput, PolicyInput

__all__ = [
    "CheckOptions",
    "GivenLayers",
    "apply_user_context",
    "parse_layers",
    "parse_options",
]


class GivenLayers(NamedTuple):
    """The policies that the user gave, parsed; None: this layer was not given.

    Args:
        identity: The principal's identity policies.
        boundary: The permissions boundary.
        scps: Levels of service control policies, root first.
        rcps: Levels of resource control policies, root first.
        session: Session policies.
        written_session: Session policies that the deployment's source assumes its role with, where none was given.
        resource_policies: Policies of resources by the ARN of their resource.
        whole: A whole `PolicySet`, in place of `identity`; its layers that are `UNREAD` stay so.
    """

    identity: tuple[Policy, ...] | None = None
    boundary: Policy | None = None
    scps: tuple[tuple[Policy, ...], ...] | None = None
    rcps: tuple[tuple[Policy, ...], ...] | None = None
    session: tuple[Policy, ...] | None = None
    written_session: tuple[Policy, ...] = ()
    resource_policies: Mapping[str, Policy] = MappingProxyType({})
    whole: PolicySet | None = None

    @property
    def has_identity(self) -> bool:
        """Whether the principal's identity policies were given."""
        return self.identity is not None or self.whole is not None

    @property
    def of_session(self) -> tuple[Policy, ...]:
        """The session policies that count: those that the user gave, else those of the deployment's source."""
        return self.written_session if self.session is None else self.session

    def policy_set(self) -> PolicySet | None:
        """The layers that were given as one set, without resource policies; None where nothing was given."""
        layers = (self.identity, self.whole, self.boundary, self.scps, self.rcps, self.session)
        if all(layer is None for layer in layers) and not self.resource_policies:
            return None
        base = PolicySet(identity=self.identity or ()) if self.whole is None else self.whole
        return replace(
            base,
            session=base.session if self.session is None and base.session != () else self.of_session,
            boundary=base.boundary if self.boundary is None else self.boundary,
            scps=base.scps if self.scps is None else self.scps,
            rcps=base.rcps if self.rcps is None else self.rcps,
        )


class CheckOptions(NamedTuple):
    """What `check` is given beside the deployments and the way to AWS, parsed; `iamcheck.check` says what each means.

    Made by `parse_options`.
    """

    principal: str | None = None
    principal_is_written: bool = False
    """Whether the deployment's source names the principal, and not the user."""
    cloudformation_role: str | None = None
    layers: GivenLayers = GivenLayers()
    context: Mapping[str, ContextValue] = MappingProxyType({})
    absent: tuple[str, ...] = ()
    scope: str = "create"
    scope_follows: bool = False
    """Whether nobody chose the scope, so that an update that a plan shows is asked about as an update."""
    template: str | os.PathLike[str] | None = None
    template_dir: str | os.PathLike[str] | None = None
    pin: bool = False
    authorization_details: str | os.PathLike[str] | None = None
    organizations: str | None = None
    engine: str = "auto"
    strict: bool = False
    excess: bool = False
    checks: frozenset[str] = frozenset()
    skip: frozenset[str] = frozenset()
    sts_probe_role: str | None = None
    endpoint: str | None = None
    config: str | None = None
    execution_role: str | None = None
    model_requests: tuple[WrittenRequest, ...] = ()
    """CreateModel requests of models of the endpoint config, besides those that its source has."""
    async_inputs: tuple[str, ...] = ()
    model_data_keys: tuple[str, ...] = ()
    file_assumptions: tuple[str, ...] = ()
    """What a configuration file sets, which others than who runs the check may change."""

    @property
    def settled_twice(self) -> str | None:
        """A context key, in lower case, that is said both to have a value and to be absent; None: there is none."""
        both = {key.lower() for key in self.context} & {key.lower() for key in self.absent}
        return min(both, default=None)

    def of(self, draft: UnplacedDeployment | Deployment) -> CheckOptions:
        """The same for one deployment, with the scope that goes with it where nobody chose one."""
        updates = draft.written is not None and draft.written.updates
        return self._replace(scope="update") if self.scope_follows and updates else self

    def endpoint_found(self) -> str:
        """What the deployment will find of the endpoint: as the user says, else what goes with the scope."""
        return self.endpoint or ("existing" if self.scope == "update" else "new")

    def config_found(self, deployment: Deployment | UnplacedDeployment) -> str:
        """What the deployment will find of the endpoint config: as the user says, else as its source says."""
        written = deployment.written
        if self.config:
            return self.config
        if written is not None and (written.config_exists or (written.tool is not Tool.SDK and written.config is None)):
            # a template or plan that has the endpoint alone uses an endpoint config that is there
            return "existing"
        return "new" if deployment.config_request is not None or self.scope == "update" else "any"


def parse_options(keywords: CheckKeywords) -> CheckOptions:
    """The options of a run.

    Raises:
        InvalidInputError: A policy, a value of a context key or a CreateModel request cannot be used.
    """
    scope = keywords.get("scope")
    return CheckOptions(
        principal=keywords.get("principal"),
        cloudformation_role=keywords.get("cloudformation_role"),
        layers=parse_layers(
            keywords.get("policies"),
            keywords.get("boundary"),
            keywords.get("scps"),
            keywords.get("rcps"),
            keywords.get("resource_policies"),
            keywords.get("session_policies"),
        ),
        context={key: typed(key, value, where="--context") for key, value in (keywords.get("context") or {}).items()},
        absent=tuple(keywords.get("absent", ())),
        scope="create" if scope is None else scope,
        scope_follows=scope is None,
        template=keywords.get("template"),
        template_dir=keywords.get("template_dir"),
        pin=keywords.get("pin", False),
        authorization_details=keywords.get("authorization_details"),
        organizations=keywords.get("organizations"),
        engine=keywords.get("engine", "auto"),
        strict=keywords.get("strict", False),
        excess=keywords.get("excess", False),
        checks=frozenset(keywords.get("checks", ())),
        skip=frozenset(keywords.get("skip", ())),
        sts_probe_role=keywords.get("sts_probe_role"),
        endpoint=keywords.get("endpoint"),
        config=keywords.get("config"),
        execution_role=keywords.get("execution_role"),
        model_requests=_model_requests(keywords.get("create_models", ())),
        async_inputs=tuple(keywords.get("async_inputs", ())),
        model_data_keys=tuple(keywords.get("model_data_keys", ())),
    )


def parse_layers(
    policies: PolicySet | Sequence[PolicyInput] | None = None,
    boundary: PolicyInput | None = None,
    scps: LevelsInput | None = None,
    rcps: LevelsInput | None = None,
    resource_policies: Mapping[str, PolicyInput] | None = None,
    session_policies: Sequence[PolicyInput] | None = None,
) -> GivenLayers:
    """The policies that a caller gives, in the forms that a library takes, parsed.

    Raises:
        InvalidInputError: One is not a policy of its layer.
    """
    layers: dict[str, object] = {"--policy": policies, "--boundary": boundary, "--scp": scps, "--rcp": rcps}
    layers["--session-policy"] = session_policies
    for flag, layer in layers.items():
        if layer is UNREAD:
            cure = "leave it out, or give a PolicySet with UNREAD as --policy"
            raise InvalidInputError("UNREAD stands for a layer of a PolicySet", where=flag, cure=cure)
    whole = policies if isinstance(policies, PolicySet) else None
    return GivenLayers(
        identity=None if policies is None or isinstance(policies, PolicySet) else policies_of(policies),
        boundary=None if boundary is None else policy_of(boundary, name="boundary", layer=PolicyType.BOUNDARY),
        scps=None if scps is None else levels_of(scps, layer=PolicyType.SCP),
        rcps=None if rcps is None else levels_of(rcps, layer=PolicyType.RCP),
        session=None if session_policies is None else session_policies_of(session_policies),
        resource_policies=resource_policies_of(resource_policies or {}),
        whole=whole,
    )


def _model_requests(models: Sequence[Mapping[str, object] | WrittenRequest]) -> tuple[WrittenRequest, ...]:
    if not models:
        return ()
    from iamcheck.deployment.requests import models_of  # few runs have some

    return models_of(models)


def apply_user_context(request: Request, options: CheckOptions) -> Request:
    """The request with what the user says of its context, which wins over what iamcheck knows."""
    settled = {key.lower() for key in (*options.context, *options.absent)}
    context = {key: value for key, value in request.context.items() if key.lower() not in settled}
    absent = [key for key in request.absent if key.lower() not in settled]
    return replace(request, context={**context, **options.context}, absent=(*absent, *options.absent))
