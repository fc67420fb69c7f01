"""`iamcheck generate`: the policy itself, ready to pipe."""

from __future__ import annotations

import json

import click

from iamcheck.cli import options
from iamcheck.cli.output import write

__all__ = ["command"]

_EXAMPLES = """\b
Example:
  iamcheck generate churn churn-v7 --region eu-west-1 --account-id 123456789012
"""


@click.command("generate", short_help="Print the least-privilege policy as JSON.", epilog=_EXAMPLES)
@options.names
@options.requests
@options.connection
@options.rendering
@click.option(
    "--for",
    "subject",
    type=click.Choice(["deployer", "sts-probe-role"]),
    default="deployer",
    show_default=True,
    help="Whose policy: who deploys, or the trust policy of a role without permissions for `sts --sts-probe-role`.",
)
@click.option("--principal", metavar="ARN", help="With --for sts-probe-role: whom the role trusts; else the caller.")
@options.output_file
@options.debug
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
    scope: str,
    template: str | None,
    template_dir: str | None,
    pin: bool,
    subject: str,
    principal: str | None,
    output_file: str | None,
    debug: bool,  # noqa: ARG001  read by the entry point
) -> int:
    """Print the least-privilege policy for ENDPOINT and CONFIG, for review, as JSON.

    Needs no network where Region and account id are given.
    """
    from iamcheck import api, inputs
    from iamcheck.access import Access

    access = Access(profile=profile, region=region)
    if subject == "sts-probe-role":
        named = endpoint_argument or config_argument or endpoint_name or endpoint_config_name
        if named or request or config_request or source:
            raise click.UsageError("--for sts-probe-role takes no endpoint")
        document = api.generate_sts_probe_role(access, region=region, principal=principal)
    else:
        if principal:
            raise click.UsageError("--principal goes with --for sts-probe-role")
        drafts = inputs.drafts(
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
        deployment = api.resolve_deployment(inputs.only(drafts), access, region=region, account_id=account_id)
        document = api.generate_policy(deployment, scope=scope, template=template, template_dir=template_dir, pin=pin)
        for text in api.not_pinned(deployment, scope) if pin else ():
            click.echo(f"not pinned: {text}", err=True)
    write(json.dumps(document, indent=2) + "\n", output_file)
    return 0
