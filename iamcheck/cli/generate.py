"""`iamcheck generate`: the policy itself, ready to pipe."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import click

from iamcheck.cli import options
from iamcheck.cli.output import tell_call, write

if TYPE_CHECKING:
    from collections.abc import Mapping

    from iamcheck.results import Json

__all__ = ["command"]

_OF = {
    "--pin": ("deployer",),
    "--principal": ("sts-probe-role", "checker"),
    "--model-request": ("execution-role",),
    "--live": ("execution-role",),
    "--execution-role": ("execution-role", "checker"),
    "--model-data-key": ("execution-role",),
    "--async-input": ("execution-role",),
    "--check": ("checker",),
    "--sts-probe-role": ("checker",),
}
"""Whose policies each flag is for."""

_EXAMPLES = """\b
Example:
  iamcheck generate churn churn-v7 --region eu-west-1 --account-id 123456789012
"""


@click.command("generate", short_help="Print the least-privilege policy as JSON.", epilog=_EXAMPLES)
@options.names
@options.requests
@options.connection
@options.rendering
@options.subjects
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
    scope: str | None,
    template: str | None,
    template_dir: str | None,
    pin: bool,
    subject: str,
    principal: str | None,
    model_request: tuple[str, ...],
    live: bool,
    execution_role: str | None,
    model_data_key: tuple[str, ...],
    async_input: tuple[str, ...],
    checks: tuple[str, ...],
    sts_probe_role: str | None,
    output_file: str | None,
    debug: bool,
) -> int:
    """Print the least-privilege policy for ENDPOINT and CONFIG, for review, as JSON.

    Needs no network where Region and account id are given.
    """
    from iamcheck import api
    from iamcheck.aws.session import Access
    from iamcheck.cli import deployments as drafting

    _refuse_strangers(
        subject,
        {
            "--pin": pin,
            "--principal": principal,
            "--model-request": model_request,
            "--live": live,
            "--execution-role": execution_role,
            "--model-data-key": model_data_key,
            "--async-input": async_input,
            "--check": checks,
            "--sts-probe-role": sts_probe_role,
        },
    )
    access = Access(profile=profile, region=region, on_call=tell_call if debug else None)
    named = endpoint_argument or config_argument or endpoint_name or endpoint_config_name
    if subject in ("sts-probe-role", "execution-role-trust") and (named or request or config_request or source):
        raise click.UsageError(f"--for {subject} takes no endpoint")
    document: Mapping[str, Json]
    if subject == "sts-probe-role":
        document = api.generate_sts_probe_role(access, region=region, principal=principal)
    elif subject == "execution-role-trust":
        document = api.generate_execution_role_trust(access, region=region, account_id=account_id)
    else:
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
        draft = drafting.only(drafts)
        updates = draft.written is not None and draft.written.updates
        scope = scope or ("update" if updates else options.SCOPES[0])
        deployment = api.resolve_deployment(draft, access, region=region, account_id=account_id)
        if subject == "execution-role":
            from iamcheck.policies.execution_role import execution_role_of

            document = execution_role_of(
                deployment,
                model_requests=model_request,
                role=execution_role,
                async_inputs=async_input,
                model_data_keys=model_data_key,
                live=access if live else None,
            )
        elif subject == "checker":
            document = api.generate_checker(
                deployment,
                access,
                principal=principal,
                execution_role=execution_role,
                probe_role=sts_probe_role,
                checks=checks,
            )
        else:
            document = api.generate_policy(
                deployment, scope=scope, template=template, template_dir=template_dir, pin=pin
            )
            for text in api.not_pinned(deployment, scope) if pin else ():
                click.echo(f"not pinned: {text}", err=True)
    write(json.dumps(document, indent=2) + "\n", output_file)
    return 0


def _refuse_strangers(subject: str, given: Mapping[str, object]) -> None:
    for flag, value in given.items():
        if value and subject not in _OF[flag]:
            raise click.UsageError(f"{flag} goes with --for {' or --for '.join(_OF[flag])}")
