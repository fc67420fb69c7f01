"""Places a deployment before it is checked: its Region and account, who calls, and the endpoint config that exists."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

from iamcheck.aws.region import agreed, resolve_region
from iamcheck.deployment import Deployment, UnplacedDeployment
from iamcheck.deployment.unknown import UNKNOWN, Tool
from iamcheck.errors import AwsUnavailableError, InvalidInputError
from iamcheck.iam import catalogue
from iamcheck.iam.model import Arn, Place, Policy, PolicyType
from iamcheck.iam.model.argument_types import items, refuse

if TYPE_CHECKING:
    from iamcheck.aws.principals import PrincipalIdentity
    from iamcheck.aws.session import Access
    from iamcheck.checks.options import CheckOptions, GivenLayers
    from iamcheck.deployment import PartialDeployment
    from iamcheck.deployment.located import WrittenCaller, WrittenRequest
    from iamcheck.results import Assumption

__all__ = ["PlacedDeployment", "place", "require_deployments", "resolve_deployment", "with_caller"]


class PlacedDeployment(NamedTuple):
    """A deployment with its Region and account.

    Args:
        deployment: What will be created; partial where a name, the Region or the account is not known.
        options: What is checked, and how; its `principal` is the caller that the source names, where it names one.
        caller: Whose credentials there are, where AWS was asked for them, or why nobody can tell.
        existing: The same deployment with the endpoint config that exists, where `--config any` found one: what that
            has is asked about besides.
        assumptions: What was taken to be so of the endpoint config that may exist.
    """

    deployment: Deployment | PartialDeployment
    options: CheckOptions
    caller: PrincipalIdentity | AwsUnavailableError | None = None
    existing: Deployment | None = None
    assumptions: tuple[Assumption, ...] = ()


def require_deployments(deployments: object, where: str = "deployments") -> tuple[Deployment | UnplacedDeployment, ...]:
    """Deployments, once they are seen to be some.

    Args:
        deployments: What a caller gives for them.
        where: What it is called.

    Raises:
        InvalidInputError: One is none.
    """
    return tuple(
        deployment
        if isinstance(deployment, (Deployment, UnplacedDeployment))
        else refuse(deployment, where, "give a Deployment")
        for deployment in items(deployments, where, "give a list of deployments")
    )


def resolve_deployment(
    unplaced: UnplacedDeployment, access: Access | None, *, region: str | None = None, account_id: str | None = None
) -> Deployment | PartialDeployment:
    """The deployment in its Region and account; AWS is asked for the account where nobody says it.

    Args:
        unplaced: The deployment.
        access: The way to AWS; None: there is none, and then Region and account are given.
        region: Region code; None: what the source says, else that of the environment or the profile.
        account_id: The 12 digits of the account; None: what the source says, else that of the credentials.

    Raises:
        InvalidInputError: A name, Region or account that AWS would not take, or no Region is to be had.
        AwsUnavailableError: The account was not given, and STS could not be asked.
    """
    if region is None and unplaced.has_open_region:
        # the Region of the environment is not that of the deployment
        return unplaced.nowhere()
    code = resolve_region(agreed(region, unplaced.region, "--region"), access)
    unplaced.at(code, None)  # names and Region are checked before AWS is asked
    account = agreed(account_id, _account_of(unplaced), "--account-id")
    if account is None:
        if access is None:
            raise InvalidInputError("no account", where="--account-id", cure="give its 12 digits")
        account = access.caller(code).account_id
    return unplaced.at(code, account)


def place(
    deployment: UnplacedDeployment | Deployment,
    options: CheckOptions,
    access: Access | None,
    *,
    region: str | None = None,
    account_id: str | None = None,
) -> PlacedDeployment:
    """Places a deployment; AWS is asked for the account where nothing says it.

    Args:
        deployment: What will be created.
        options: What is checked, and how, as `with_caller` gives it.
        access: The way to AWS; None: offline.
        region: Region code; None: what the source says, else that of the environment or the profile.
        account_id: The 12 digits of the account; None: what the source or the caller's ARN says, else that of the
            credentials.

    Raises:
        InvalidInputError: The Region, the account or the principal that is given is not that of the source.
    """
    if isinstance(deployment, Deployment):
        region, account_id = deployment.region, deployment.account_id
    unplaced = _unplaced(deployment)
    if options.model_requests:
        from iamcheck.deployment.added_requests import with_requests  # few runs have some

        unplaced = with_requests(unplaced, options.model_requests)
    if region is None and unplaced.has_open_region:
        # the Region of the environment is not that of the deployment
        return PlacedDeployment(unplaced.nowhere(), options)
    where = resolve_region(agreed(region, unplaced.region, "--region"), access)
    if access is not None:
        access.in_region(where)
    without_account = unplaced.at(where, None)  # names and Region are checked before AWS is asked
    account, caller = agreed(account_id, _account_of(unplaced), "--account-id"), None
    if account is None:
        if access is None:
            raise InvalidInputError("no account", where="--account-id", cure="--offline needs one")
        try:
            caller = access.caller(where)
        except AwsUnavailableError as error:
            return PlacedDeployment(without_account, options, error)
        account = caller.account_id
    _require_same_place(options, catalogue.region(where).partition, account)
    unplaced_deployment, exists, assumptions = _with_existing(unplaced, options, access, where)
    existing = None if exists is None else exists.at(where, account)
    over = existing if isinstance(existing, Deployment) else None
    return PlacedDeployment(unplaced_deployment.at(where, account), options, caller, over, assumptions)


def _unplaced(deployment: UnplacedDeployment | Deployment) -> UnplacedDeployment:
    if isinstance(deployment, UnplacedDeployment):
        return deployment
    return UnplacedDeployment(
        deployment.endpoint_name,
        deployment.endpoint_config_name,
        written=deployment.written,
        endpoint_request=deployment.endpoint_request,
        config_request=deployment.config_request,
        model_requests=deployment.model_requests,
        resource_requests=deployment.resource_requests,
        service_linked_role=deployment.service_linked_role,
        unsettled=deployment.unsettled,
        names_are_patterns=deployment.names_are_patterns,
    )


# --- who calls


def with_caller(
    deployment: UnplacedDeployment | Deployment, options: CheckOptions
) -> tuple[UnplacedDeployment | Deployment, CheckOptions]:
    """The deployment with its caller, and the options with the principal that the source names.

    Raises:
        InvalidInputError: The source names a caller, and another principal is given; or a service role is given for
            what is no stack.
    """
    written, role = deployment.written, options.cloudformation_role
    if role is not None:
        if written is None or written.tool is not Tool.CLOUDFORMATION:
            raise InvalidInputError("there is no stack", where="--cloudformation-role", cure="give --from TEMPLATE")
        from iamcheck.deployment.located import WrittenCaller  # names alone have no stack

        written = replace(written, caller=WrittenCaller(role, (), Place(label="--cloudformation-role")))
        deployment = replace(deployment, written=written)
    caller = None if written is None else written.caller
    if caller is None:
        return deployment, options
    options = options._replace(layers=_with_session_policies(options.layers, caller))
    if not isinstance(caller.principal, str):
        return deployment, options
    if options.principal not in (None, caller.principal):
        raise InvalidInputError(
            f"{options.principal} is given, and {caller.principal} makes the calls ({caller.place})",
            where="--principal",
            cure="leave it out, or give the role that makes the calls",
        )
    return deployment, options._replace(principal=caller.principal, principal_is_written=options.principal is None)


def _with_session_policies(layers: GivenLayers, caller: WrittenCaller) -> GivenLayers:
    """The layers with the policies of the caller's session whose text the source has.

    Raises:
        InvalidInputError: The source has them all, and the user gives others.
    """
    written = _session_policies(caller)
    if written and layers.session is not None and UNKNOWN not in caller.session_policies:
        raise InvalidInputError(
            f"the source assumes the role with session policies of its own ({caller.place})",
            where="--session-policy",
            cure="leave it out",
        )
    return layers._replace(written_session=written)


def _session_policies(caller: WrittenCaller) -> tuple[Policy, ...]:
    texts = [text for text in caller.session_policies if isinstance(text, str)]
    return tuple(Policy.parse(text, name=str(caller.place), layer=PolicyType.SESSION, stored=False) for text in texts)


def _account_of(unplaced: UnplacedDeployment) -> str | None:
    """The account that the source says, else that of the role that makes the calls; None: the source says neither."""
    caller = None if unplaced.written is None else unplaced.written.caller
    if unplaced.account_id is not None or caller is None or not isinstance(caller.principal, str):
        return unplaced.account_id
    return Arn.parse(caller.principal, where=str(caller.place)).account_id or None


def _require_same_place(options: CheckOptions, partition: str, account_id: str) -> None:
    """Returns where the principal belongs to the deployment's partition and account.

    Raises:
        InvalidInputError: It belongs to another, where its policies say nothing about the deployment's resources.
    """
    if options.principal is None:
        return
    arn = Arn.parse(options.principal, where="--principal")
    if arn.partition != partition:
        raise InvalidInputError(
            f"{arn} is of the partition {arn.partition}, and the deployment of {partition}",
            where="--principal",
            cure="give a principal of the deployment's partition",
        )
    from iamcheck.aws.principals import parse_principal, require_account

    require_account(parse_principal(options.principal), account_id)


# --- the endpoint config that exists


def _with_existing(
    unplaced: UnplacedDeployment, options: CheckOptions, access: Access | None, region: str
) -> tuple[UnplacedDeployment, UnplacedDeployment | None, tuple[Assumption, ...]]:
    """The deployment with what is known of the endpoint config that exists; and, under `any`, how it is where it does.

    What exists keeps its own tags, key, models and network: a file does not speak for it.
    """
    config_found = options.config_found(unplaced)
    if config_found == "new" or (unplaced.written is not None and unplaced.written.config_exists):
        return unplaced, None, ()
    read, is_told = _read_config(unplaced.endpoint_config_name, access, region)
    if config_found == "existing":
        return _over_existing(unplaced, read, region), None, ()
    if read is not None:
        return unplaced, _over_existing(unplaced, read, region), ()
    if is_told or unplaced.config_request is None:
        return unplaced, None, ()
    from iamcheck.results import Assumption  # `generate` makes no report

    as_written = "assumed: an endpoint config of this name that exists already is as the request says"
    return unplaced, None, (Assumption(as_written, "--config new or existing"),)


def _read_config(name: str | None, access: Access | None, region: str) -> tuple[WrittenRequest | None, bool]:
    """The endpoint config that exists, as the request that would create it; and whether AWS tells if there is one."""
    if access is None or name is None or "*" in name:
        return None, False
    from iamcheck.aws.deployed import existing_config

    # the checks wait for this read, so it has half of their time; endpoint-config.ready tells why one could not be
    # read: it rests on the same answer
    existing = existing_config(access.reads(region).until(access.deadline.half()), name)
    if existing is None:
        return None, True
    key = existing.request.root.get("KmsKeyId")
    is_read = key is None or key.value is not UNKNOWN
    return existing.request if is_read else None, is_read


def _over_existing(unplaced: UnplacedDeployment, config: WrittenRequest | None, region: str) -> UnplacedDeployment:
    """The deployment over an endpoint config that exists; None: what that has is not known."""
    from iamcheck.deployment.located import WrittenDeployment
    from iamcheck.deployment.resolving import draft_of

    label = f"endpoint config {unplaced.endpoint_config_name} in {region}"
    written = unplaced.written or WrittenDeployment(Tool.SDK, label)
    over = replace(written, config=config, config_exists=True, config_is_open=False)
    if unplaced.names_are_patterns or None in (unplaced.endpoint_name, unplaced.endpoint_config_name):
        return replace(unplaced, written=over, config_request=None)
    return draft_of(over, endpoint_name=unplaced.endpoint_name, endpoint_config_name=unplaced.endpoint_config_name)
