"""Composes for the command line and the library alike: clients, policies, checks, one report."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, cast

from iamcheck.aws.defaults import MAX_CONCURRENCY, TIMEOUT
from iamcheck.aws.region import resolve_region
from iamcheck.checks.options import parse_options
from iamcheck.checks.placing import require_deployments, resolve_deployment
from iamcheck.errors import InvalidInputError, keywords_in_errors
from iamcheck.policies.rendering import generate_policy, render_policy

if TYPE_CHECKING:
    import os
    from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
    from typing import Literal

    import boto3
    from mypy_boto3_sagemaker import SageMakerClient
    from mypy_boto3_sts import STSClient
    from typing_extensions import Unpack

    from iamcheck.aws.client_pool import Watch
    from iamcheck.aws.session import Access
    from iamcheck.checks.keywords import CheckKeywords, DoorKeywords
    from iamcheck.checks.memory import CheckMemory
    from iamcheck.checks.options import CheckOptions
    from iamcheck.checks.report import Report, Reports
    from iamcheck.checks.sts import RegionResult, StsReport
    from iamcheck.deployment import Deployment, PartialDeployment, UnplacedDeployment
    from iamcheck.iam.model import ContextInput, PolicySet
    from iamcheck.iam.policy_input import LevelsInput, PolicyInput
    from iamcheck.results import Json

__all__ = [
    "check",
    "check_all",
    "check_parsed",
    "check_sts",
    "generate_checker",
    "generate_execution_role_trust",
    "generate_exporter",
    "generate_policy",
    "generate_sts_probe_role",
    "parse_run",
    "render_policy",
    "resolve_deployment",
]


def check(
    deployment: Deployment,
    *,
    session: boto3.Session | None = None,
    iam: object | None = None,
    sts: STSClient | None = None,
    sagemaker: SageMakerClient | None = None,
    principal: str | None = None,
    cloudformation_role: str | None = None,
    policies: PolicySet | Sequence[PolicyInput] | None = None,
    boundary: PolicyInput | None = None,
    scps: LevelsInput | None = None,
    rcps: LevelsInput | None = None,
    resource_policies: Mapping[str, PolicyInput] | None = None,
    session_policies: Sequence[PolicyInput] | None = None,
    authorization_details: str | os.PathLike[str] | None = None,
    organizations: str | None = None,
    context: Mapping[str, ContextInput] | None = None,
    absent: Collection[str] = (),
    scope: str = "create",
    template: str | os.PathLike[str] | None = None,
    template_dir: str | os.PathLike[str] | None = None,
    pin: bool = False,
    engine: str = "auto",
    offline: bool = False,
    strict: bool = False,
    excess: bool = False,
    checks: Collection[str] = (),
    skip: Collection[str] = (),
    sts_probe_role: str | None = None,
    endpoint: Literal["new", "existing"] | None = None,
    config: Literal["new", "existing", "any"] | None = None,
    execution_role: str | None = None,
    create_models: Sequence[Mapping[str, object]] = (),
    async_inputs: Sequence[str] = (),
    model_data_keys: Sequence[str] = (),
    timeout: float = TIMEOUT,
    max_concurrency: int = MAX_CONCURRENCY,
) -> Report:
    """Tells whether a deployment will be allowed: the policy, the principal, STS; one verdict.

    Args:
        deployment: What will be created.
        session: Where credentials come from; None: boto3's default chain. Not used offline.
        iam: A boto3 client for IAM, or a `LocalIAM`, in place of one made from the session.
        sts: A boto3 client for STS in the deployment's Region, likewise.
        sagemaker: A boto3 client for SageMaker in the deployment's Region, likewise.
        principal: ARN of who deploys; None: as the deployment's source says, else the caller.
        cloudformation_role: ARN of the service role of the stack, which makes the calls of a template.
        policies: The principal's policies, in place of those that AWS has; a whole `PolicySet`, or identity policies.
        boundary: The permissions boundary that goes with `policies`.
        scps: Levels of service control policies, root first.
        rcps: Levels of resource control policies, root first.
        resource_policies: Policies of resources by the ARN of their resource.
        session_policies: Policies that are passed when the session of the role or federated user is opened.
        authorization_details: The JSON of `aws iam get-account-authorization-details`, a file, in place of what IAM
            would say of the principal.
        organizations: Where SCPs and RCPs that were not given come from: `aws` reads them, `ignore` leaves them out, a
            folder has them as `aws organizations` prints them. None: `aws`, where they matter and AWS is asked at all.
        context: Known context keys with their values; they override what iamcheck knows itself.
        absent: Context keys known to be absent, likewise.
        scope: What the policy is for: `create`, `update`, `deploy`, `lifecycle` or `docs`.
        template: A template file of your own.
        template_dir: A folder of your own templates.
        pin: Whether conditions narrow the policy to what the requests say.
        engine: `auto`, `aws`, `local` or `both`: who decides `principal.allowed`.
        offline: Whether there is no network at all.
        strict: Whether a `principal.allowed` that passes on assumptions is `unknown`.
        excess: Whether the report tells what the principal's policies allow beyond the deployment.
        checks: Ids of checks to run besides those that run by default; `all` is all that can run.
        skip: Ids of checks to leave out.
        sts_probe_role: ARN of a role to assume as proof that STS is active.
        endpoint: What the deployment will find of the endpoint: `new`: its name is free; `existing`: it is in service.
            None: `existing` in the scope `update`, else `new`.
        config: What it will find of the endpoint config: `new`, `existing`, or `any` of the two. None: `new` in the
            scope `update` and where the deployment has a config request, else `any`.
        execution_role: For the checks of execution roles: ARN of the role, in place of those that the requests, or the
            models that are there, name.
        create_models: Likewise: arguments of boto3's `create_model`, in place of models that are there.
        async_inputs: Likewise: S3 URIs of the folders where inputs of asynchronous inference will be.
        model_data_keys: Likewise: KMS keys that the model data are encrypted with.
        timeout: Seconds for the whole run.
        max_concurrency: How many calls are made at a time.

    Raises:
        InvalidInputError: Something that was given cannot be used.
        TemplateError: The template does not give an IAM policy.
    """
    # the signature is the list of the keywords: written out once more it could only differ
    options = dict(locals())
    del options["deployment"]
    return check_all([deployment], **cast("DoorKeywords", options)).reports[0]


@keywords_in_errors()
def check_all(deployments: Iterable[Deployment | UnplacedDeployment], **options: Unpack[DoorKeywords]) -> Reports:
    """Tells of each of several deployments whether it will be allowed, such as of those of `deployments_from_file`.

    Args:
        deployments: What will be created.
        options: The keywords of `check`; and `region` (Region code) and `account_id` (12 digits) for deployments that
            do not say where they go. `scope` may be None: `update` for a deployment that a plan shows as an update,
            else `create`.

    Raises:
        InvalidInputError: Something that was given cannot be used.
        TemplateError: The template does not give an IAM policy.
        TypeError: There is no such keyword.
    """
    all_deployments = require_deployments(deployments)
    run = parse_run(options)
    return check_parsed(all_deployments, run.options, run.access, region=run.region, account_id=run.account_id)


class ParsedRun(NamedTuple):
    """What the keywords of `check_all` say, parsed."""

    options: CheckOptions
    access: Access | None
    region: str | None
    account_id: str | None


def parse_run(keywords: DoorKeywords, watch: Watch | None = None) -> ParsedRun:
    """The keywords of `check_all`, parsed.

    Args:
        keywords: The keywords.
        watch: Gets the events of each client that is made; None: nobody does.

    Raises:
        InvalidInputError: Something that was given cannot be used.
        TypeError: There is no such keyword.
    """
    # the command line needs none of it
    from iamcheck.checks.keywords import AccessKeywords, DoorKeywords, judged_keywords, require_known

    require_known(keywords, DoorKeywords)
    keywords = judged_keywords(keywords)
    of_access = {*AccessKeywords.__annotations__, "region", "account_id"}
    of_checks = cast("CheckKeywords", {name: value for name, value in keywords.items() if name not in of_access})
    access = _access(keywords, watch)  # its time runs from here, the reading of policies included
    return ParsedRun(parse_options(of_checks), access, keywords.get("region"), keywords.get("account_id"))


def check_parsed(
    deployments: Sequence[Deployment | UnplacedDeployment],
    options: CheckOptions,
    access: Access | None,
    *,
    region: str | None = None,
    account_id: str | None = None,
    memory: CheckMemory | None = None,
) -> Reports:
    """Checks deployments with options that are parsed, for the rooms above: errors name the command line's flags.

    Args:
        deployments: What will be created.
        options: What is checked, and how.
        access: The way to AWS; None: offline.
        region: Region code for deployments that do not say it; None: that of the environment or the profile.
        account_id: The 12 digits of the account, likewise; None: that of the credentials.
        memory: What checks before these have in common with them; None: nothing is kept.

    Raises:
        InvalidInputError: Something that was given cannot be used.
        TemplateError: The template does not give an IAM policy.
    """
    from iamcheck.checks.report import Reports  # `generate` has no need of reports and of the engine
    from iamcheck.checks.run import check_deployment

    return Reports(
        tuple(
            check_deployment(deployment, options, access, region=region, account_id=account_id, memory=memory)
            for deployment in deployments
        )
    )


def _access(keywords: DoorKeywords, watch: Watch | None) -> Access | None:
    """The way to AWS; None: offline."""
    if keywords.get("offline", False):
        return None
    from iamcheck.aws.session import Access  # brings the way to AWS along, which an offline run does not pay for

    return Access(
        session=keywords.get("session"),
        region=keywords.get("region"),
        iam=keywords.get("iam"),
        sts=keywords.get("sts"),
        sagemaker=keywords.get("sagemaker"),
        timeout=keywords.get("timeout", TIMEOUT),
        max_concurrency=keywords.get("max_concurrency", MAX_CONCURRENCY),
        watch=watch,
    )


def generate_sts_probe_role(
    access: Access, *, region: str | None = None, principal: str | None = None
) -> dict[str, Json]:
    """The trust policy of a role without permissions, which proves by being assumed that STS is active.

    Args:
        access: The way to AWS; used where the principal is not given, or is a role session.
        region: Region code; None: that of the environment or the profile.
        principal: ARN of whom the role trusts; None: the caller.

    Raises:
        InvalidInputError: The principal cannot be trusted by its ARN.
        AwsUnavailableError: The principal was not given or not known, and AWS could not be asked.
    """
    from iamcheck.aws.principals import IdentityKind, parse_principal, resolve
    from iamcheck.checks.sts import probe_role_trust

    who = access.caller(resolve_region(region, access)) if principal is None else parse_principal(principal)
    if who.kind is IdentityKind.ASSUMED_ROLE:
        who = resolve(who, access.iam, deadline=access.deadline)
    return probe_role_trust(who)


def generate_execution_role_trust(
    access: Access, *, region: str | None = None, account_id: str | None = None
) -> Mapping[str, Json]:
    """The trust policy of an execution role: SageMaker alone, for this account and Region alone.

    Args:
        access: The way to AWS; used where the account is not given.
        region: Region code; None: that of the environment or the profile.
        account_id: The 12 digits of the account; None: the caller's.

    Raises:
        InvalidInputError: There is no such Region, or the account is none.
        AwsUnavailableError: The account was not given, and STS could not be asked.
    """
    from iamcheck.policies import trust

    code = resolve_region(region, access)
    return trust.generate_execution_role_trust(region=code, account_id=account_id or access.caller(code).account_id)


def generate_exporter(
    access: Access, *, region: str | None = None, account_id: str | None = None
) -> Mapping[str, Json]:
    """The policy of whoever runs `iamcheck account export` and `iamcheck organizations export`.

    Args:
        access: The way to AWS; used where the account is not given.
        region: Region code, of which the partition counts; None: that of the environment or the profile.
        account_id: The 12 digits of the account; None: the caller's.

    Raises:
        InvalidInputError: There is no such Region, or the account is none.
        AwsUnavailableError: The account was not given, and STS could not be asked.
    """
    from iamcheck.policies import trust

    code = resolve_region(region, access)
    return trust.generate_exporter(region=code, account_id=account_id or access.caller(code).account_id)


def generate_checker(
    deployment: Deployment | PartialDeployment,
    access: Access,
    *,
    principal: str | None = None,
    execution_role: str | None = None,
    probe_role: str | None = None,
    checks: Sequence[str] = (),
) -> Mapping[str, Json]:
    """The policy of whoever runs iamcheck online for a deployment.

    Args:
        deployment: The deployment.
        access: The way to AWS; used where the principal is not given, or is a role session.
        principal: ARN of who deploys; None: the caller.
        execution_role: ARN of an execution role, besides those that are written.
        probe_role: ARN of the role of `--sts-probe-role`.
        checks: Ids of the checks that will run; none: every check.

    Raises:
        UnsettledError: A name is not known.
        InvalidInputError: The principal is no user, role or group, or one of the checks needs no permission.
        AwsUnavailableError: The principal was not given or not known, and AWS could not be asked.
    """
    from iamcheck.aws.principals import IdentityKind, parse_principal, resolve
    from iamcheck.policies import checker

    if deployment.region is None:
        from iamcheck.deployment.unsettled import UnsettledError

        raise UnsettledError(deployment.unsettled)
    who = access.caller(deployment.region) if principal is None else parse_principal(principal)
    if who.kind is IdentityKind.ASSUMED_ROLE:
        who = resolve(who, access.iam, deadline=access.deadline)
    if not who.path_known:
        raise InvalidInputError(
            f"the path of the role of {who.arn} could not be read", where="--principal", cure="give the role's ARN"
        )
    return checker.checker_of(
        deployment,
        who.policy_source_arn or who.arn,
        execution_role=execution_role,
        probe_role=probe_role,
        checks=checks,
    )


def check_sts(
    regions: Sequence[str],
    access: Access,
    *,
    skip_not_enabled: bool = False,
    account_id: str | None = None,
    sts_probe_role: str | None = None,
    max_concurrency: int = 4,
    on_region: Callable[[RegionResult], None] | None = None,
) -> StsReport:
    """Tells whether AWS STS is active in Regions.

    Args:
        regions: Region codes, at least one.
        access: The way to AWS.
        skip_not_enabled: Whether a Region that is not enabled is skipped, not failed.
        account_id: The account whose setting is asked about; None: that of the credentials.
        sts_probe_role: ARN of a role to assume as proof.
        max_concurrency: How many Regions are asked at a time.
        on_region: Called with the result of each Region, on the thread that asked about it.

    Raises:
        InvalidInputError: A Region, role or profile that cannot be used.
    """
    from iamcheck.checks.sts import StsAccess, check_regions

    way = StsAccess(session=access.session, account_id=account_id, probe_role=sts_probe_role, deadline=access.deadline)
    return check_regions(
        regions, way, skip_not_enabled=skip_not_enabled, max_concurrency=max_concurrency, on_region=on_region
    )
