"""`iamcheck check`: the main job."""

from __future__ import annotations

from dataclasses import replace

import click

from iamcheck.cli import options
from iamcheck.cli.output import style, tell_call, write

__all__ = ["command"]

_EXAMPLES = """\b
Examples:
  iamcheck check churn churn-v7 --region eu-west-1
  iamcheck check churn churn-v7 --offline --region eu-west-1 \\
      --account-id 123456789012 --policy deployer.json --scp FullAWSAccess
  iamcheck check --request create-endpoint.json \\
      --config-request create-endpoint-config.json
  iamcheck check --from template.yaml --parameter Stage=prod
"""


@click.command("check", short_help="The main job: generate, simulate, STS; one verdict.", epilog=_EXAMPLES)
@options.names
@options.requests
@options.connection
@options.rendering
@click.option("--offline", is_flag=True, help="No network at all; needs a Region and an account id.")
@click.option(
    "--engine",
    type=click.Choice(["auto", "aws", "local", "both"]),
    default="auto",
    show_default=True,
    help="Who decides: AWS's simulator, the local engine, or both, compared.",
)
@options.principals
@options.context
@click.option("--strict", is_flag=True, help="A principal.allowed that passes on assumptions becomes unknown.")
@click.option("--check", "checks", multiple=True, metavar="ID", help="Run this check too; `all` for all. Repeatable.")
@click.option("--skip", multiple=True, metavar="ID", help="Leave this check out. Repeatable.")
@click.option(
    "--excess",
    is_flag=True,
    help="Show what the principal's policies allow beyond this deployment, worst first, and what AWS's managed policy "
    "for SageMaker would.",
)
@click.option("--explain", is_flag=True, help="Show each permission: why it is needed, and what asks for it.")
@options.sts_probe
@click.option(
    "--endpoint",
    type=click.Choice(["new", "existing"]),
    help="What the deployment will find: the name free, or the endpoint in service.  [default: existing with --scope "
    "update, else new]",
)
@click.option(
    "--config",
    type=click.Choice(["new", "existing", "any"]),
    help="What it will find of the endpoint config: the name free, the config there, or either.  [default: new with a "
    "config request and with --scope update, else any]",
)
@options.execution_roles
@options.timeout
@options.max_concurrency
@options.output("table", "json")
def command(
    endpoint_argument: str | None,
    config_argument: str | None,
    endpoint_name: str | None,
    endpoint_config_name: str | None,
    request: str | None,
    config_request: str | None,
    source: str | None,
    parameters: tuple[str, ...],
    stack_name: str | None,
    name_patterns: tuple[str, ...],
    region: str | None,
    account_id: str | None,
    profile: str | None,
    scope: str | None,
    template: str | None,
    template_dir: str | None,
    pin: bool,
    offline: bool,
    engine: str,
    principal: str | None,
    policy: tuple[str, ...],
    boundary: str | None,
    scp: tuple[str, ...],
    rcp: tuple[str, ...],
    resource_policy: tuple[str, ...],
    authorization_details: str | None,
    organizations: str | None,
    context: tuple[str, ...],
    absent: tuple[str, ...],
    strict: bool,
    checks: tuple[str, ...],
    skip: tuple[str, ...],
    excess: bool,
    explain: bool,
    sts_probe_role: str | None,
    endpoint: str | None,
    config: str | None,
    execution_role: str | None,
    model_request: tuple[str, ...],
    model_data_key: tuple[str, ...],
    async_input: tuple[str, ...],
    timeout: float,
    max_concurrency: int,
    output: str,
    output_file: str | None,
    no_color: bool,
    debug: bool,
) -> int:
    """Tell whether the deployment of ENDPOINT with CONFIG will be allowed, with the evidence.

    Online by default: account and principal come from the credentials, the decision from AWS's policy simulator.
    Exit status: 0 pass, 1 fail, 2 bad input, 3 unknown.
    """
    from iamcheck import formats
    from iamcheck.checks import run as answering
    from iamcheck.checks.options import CheckOptions
    from iamcheck.cli import deployments as drafting
    from iamcheck.cli import policy_files as inputs

    given = inputs.context_entries(context)
    wanted = CheckOptions(
        principal=principal,
        policies=inputs.policies(policy) if policy else None,
        boundary=inputs.boundary(boundary) if boundary else None,
        scps=inputs.levels(scp, flag="--scp") if scp else None,
        rcps=inputs.levels(rcp, flag="--rcp") if rcp else None,
        resource_policies=inputs.resource_policies(resource_policy),
        authorization_details=authorization_details,
        organizations=organizations,
        context=given,
        absent=inputs.absent_keys(absent),
        scope=scope or options.SCOPES[0],
        scope_follows=scope is None,
        template=template,
        template_dir=template_dir,
        pin=pin,
        engine=engine,
        strict=strict,
        excess=excess,
        checks=checks,
        skip=skip,
        sts_probe_role=sts_probe_role,
        endpoint=endpoint,
        config=config,
        execution_role=execution_role,
        model_requests=inputs.model_requests(model_request),
        async_inputs=async_input,
        model_data_keys=model_data_key,
    )
    drafts = drafting.drafts(
        options.given(endpoint_argument, endpoint_name, what="ENDPOINT", flag="--endpoint-name"),
        options.given(config_argument, endpoint_config_name, what="CONFIG", flag="--endpoint-config-name"),
        request=request,
        config_request=config_request,
        source=source,
        parameters=parameters,
        stack_name=stack_name,
        name_patterns=name_patterns,
        region=region,
        account_id=account_id,
    )
    access = None
    if not offline:
        from iamcheck.aws.session import Access  # brings the way to AWS along, which an offline run does not pay for

        access = Access(
            profile=profile,
            region=region,
            timeout=timeout,
            max_concurrency=max_concurrency,
            on_call=tell_call if debug else None,
        )
    report = answering.check_drafts(drafts, wanted, access, region=region, account_id=account_id)
    shown = replace(style(no_color=no_color, output_file=output_file), explain=explain)
    write(formats.render(report, output, shown), output_file)
    return options.STATUS[report.verdict.value]
