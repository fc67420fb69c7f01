"""What `check` can be told beside the deployment and the way to AWS, and whether it makes sense together."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from iamcheck.errors import InvalidInputError
from iamcheck.iam.model import PolicySet, PolicyType
from iamcheck.iam.policy_input import levels_of, policies_of, policy_of
from iamcheck.iam.request_context import typed

if TYPE_CHECKING:
    import os
    from collections.abc import Collection, Mapping, Sequence

    from iamcheck.deployment import Deployment, Named
    from iamcheck.deployment.located import WrittenRequest
    from iamcheck.deployment.resolving import Draft
    from iamcheck.iam.model import ContextInput, Request
    from iamcheck.iam.policy_input import LevelsInput, PolicyInput

__all__ = [
    "CONFIGS",
    "ENDPOINTS",
    "ENGINES",
    "CheckOptions",
    "apply_user_context",
    "parse_layers",
    "require_consistent",
    "user_context_assumptions",
]

ENGINES = ("auto", "aws", "local", "both")
ENDPOINTS = ("new", "existing")
CONFIGS = ("new", "existing", "any")


@dataclass(frozen=True)
class CheckOptions:
    """Everything that `check` can be told beside the deployment and the way to AWS; see there."""

    principal: str | None = None
    policies: PolicySet | Sequence[PolicyInput] | None = None
    boundary: PolicyInput | None = None
    scps: LevelsInput | None = None
    rcps: LevelsInput | None = None
    resource_policies: Mapping[str, PolicyInput] = field(default_factory=dict)
    context: Mapping[str, ContextInput] = field(default_factory=dict)
    absent: Collection[str] = ()
    scope: str = "create"
    scope_follows: bool = False
    """Whether nobody chose the scope, so that an update that a plan shows is asked about as one."""
    template: str | os.PathLike[str] | None = None
    template_dir: str | os.PathLike[str] | None = None
    pin: bool = False
    authorization_details: str | os.PathLike[str] | None = None
    organizations: str | None = None
    engine: str = "auto"
    strict: bool = False
    excess: bool = False
    checks: Collection[str] = ()
    skip: Collection[str] = ()
    sts_probe_role: str | None = None
    endpoint: str | None = None
    config: str | None = None
    execution_role: str | None = None
    model_requests: tuple[WrittenRequest, ...] = ()
    """CreateModel requests of models of the endpoint config, besides those that its source has."""
    async_inputs: Collection[str] = ()
    model_data_keys: Collection[str] = ()

    def of(self, draft: Named | Draft) -> CheckOptions:
        """The same for one deployment, with the scope that goes with it where nobody chose one."""
        updates = draft.written is not None and draft.written.updates
        return replace(self, scope="update") if self.scope_follows and updates else self

    def endpoint_found(self) -> str:
        """What the deployment will find of the endpoint: as was said, else what goes with the scope."""
        return self.endpoint or ("existing" if self.scope == "update" else "new")

    def config_found(self, deployment: Deployment) -> str:
        """What the deployment will find of the endpoint config, likewise."""
        if self.config:
            return self.config
        if deployment.written is not None and deployment.written.config_exists:
            return "existing"
        return "new" if deployment.config_request is not None or self.scope == "update" else "any"


def parse_layers(wanted: CheckOptions) -> PolicySet | None:
    """The layers that were given; None where none was."""
    layers = (wanted.policies, wanted.boundary, wanted.scps, wanted.rcps)
    if all(layer is None for layer in layers) and not wanted.resource_policies:
        return None
    base = PolicySet() if wanted.policies is None else policies_of(wanted.policies)
    more: dict[str, object] = {}
    if wanted.boundary is not None:
        more["boundary"] = policy_of(wanted.boundary, name="boundary", layer=PolicyType.BOUNDARY)
    if wanted.scps is not None:
        more["scps"] = levels_of(wanted.scps, layer=PolicyType.SCP)
    if wanted.rcps is not None:
        more["rcps"] = levels_of(wanted.rcps, layer=PolicyType.RCP)
    return replace(base, **more)  # type: ignore[arg-type]  # each has the type of its field


def require_consistent(wanted: CheckOptions, given: PolicySet | None, *, offline: bool) -> None:
    """Returns where what was asked makes sense.

    Raises:
        InvalidInputError: It does not.
    """
    if wanted.engine not in ENGINES:
        raise InvalidInputError(f"no engine {wanted.engine!r}", where="--engine", cure=f"one of {', '.join(ENGINES)}")
    for flag, given_word, words in (
        ("--endpoint", wanted.endpoint, ENDPOINTS),
        ("--config", wanted.config, CONFIGS),
    ):
        if given_word is not None and given_word not in words:
            raise InvalidInputError(f"{given_word!r} is not known", where=flag, cure=f"one of {', '.join(words)}")
    if wanted.execution_role is not None:
        _require_role(wanted.execution_role)
    said = {key.lower() for key in wanted.context} & {key.lower() for key in wanted.absent}
    if said:
        raise InvalidInputError(
            f"{min(said)} is given by --context too", where="--absent", cure="it is one or the other"
        )
    for key, value in wanted.context.items():
        typed(key, value, where="--context")
    if wanted.excess and offline and given is None and wanted.authorization_details is None:
        raise InvalidInputError("there are no policies to look at", where="--excess", cure="give --policy FILE")
    if offline and wanted.engine in {"aws", "both"}:
        raise InvalidInputError(f"{wanted.engine} asks AWS", where="--engine", cure="leave out --offline")
    if wanted.organizations is not None:
        _require_for_organizations(wanted, wanted.organizations, offline=offline)
    if wanted.authorization_details is not None:
        _require_for_details(wanted, offline=offline)
        return
    if wanted.policies is not None or given is None:
        if offline and wanted.principal is not None and given is None:
            raise InvalidInputError(
                "its policies are not known",
                where="--principal",
                cure="offline, give --policy FILE or --authorization-details FILE",
            )
        return
    if offline and wanted.principal is not None:
        raise InvalidInputError("its identity policies are not known", where="--principal", cure="give --policy FILE")
    if not offline and wanted.engine == "aws" and not {"principal.allowed", "all"} & {*wanted.skip}:
        raise InvalidInputError(
            "AWS's principal simulation takes no SCPs, RCPs, boundary or resource policies",
            where="--scp, --rcp, --boundary, --resource-policy",
            cure="give the principal's policies with --policy FILE as well, or use another --engine",
        )


def _require_for_details(wanted: CheckOptions, *, offline: bool) -> None:
    where = "--authorization-details"
    if wanted.policies is not None:
        raise InvalidInputError(
            "--policy is in place of the principal's policies", where=where, cure="give one of them"
        )
    if offline and wanted.principal is None:
        raise InvalidInputError("whose policies in it count is not known", where=where, cure="give --principal ARN")
    if wanted.engine == "aws":
        raise InvalidInputError("AWS's simulator has its own", where=where, cure="use another --engine")


def _require_role(arn: str) -> None:
    from iamcheck.permissions.execution_role import is_role  # only for those who name one

    if not is_role(arn):
        raise InvalidInputError(
            f"{arn!r} is no ARN of a role", where="--execution-role", cure="write it as arn:aws:iam::ACCOUNT:role/NAME"
        )


def _require_for_organizations(wanted: CheckOptions, word: str, *, offline: bool) -> None:
    where = f"--organizations {word}"
    if wanted.scps is not None:
        raise InvalidInputError("--scp says what the SCPs are", where=where, cure="give one of them")
    if offline and word == "aws":
        raise InvalidInputError("it asks AWS", where=where, cure="offline, give ignore or a folder")
    if wanted.engine == "aws" and word not in ("aws", "ignore") and wanted.policies is None:
        raise InvalidInputError(
            "AWS's principal simulation takes no SCPs", where=where, cure="give --policy too, or use another --engine"
        )


def apply_user_context(request: Request, wanted: CheckOptions) -> Request:
    """The request with what the user says of its context, which wins over what iamcheck knows."""
    said = {key.lower() for key in (*wanted.context, *wanted.absent)}
    context = {key: value for key, value in request.context.items() if key.lower() not in said}
    absent = [key for key in request.absent if key.lower() not in said]
    return replace(request, context={**context, **wanted.context}, absent=(*absent, *wanted.absent))


def user_context_assumptions(wanted: CheckOptions) -> tuple[str, ...]:
    """What the user says of the context, as assumptions."""
    known = (
        f"{key} is {', '.join(typed(key, value).values)}, as --context says" for key, value in wanted.context.items()
    )
    return (*known, *(f"{key} is absent, as --absent says" for key in wanted.absent))
