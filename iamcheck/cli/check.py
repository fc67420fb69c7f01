"""Defines `iamcheck check`, the main job."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from iamcheck.cli import options
from iamcheck.cli.aws_access import access_of
from iamcheck.cli.exit_status import STATUS
from iamcheck.cli.parsing import MappingCommand
from iamcheck.cli.report_files import parse_report_files, write_report
from iamcheck.formats import FORMATS

if TYPE_CHECKING:
    from iamcheck.aws.session import Access
    from iamcheck.checks.keywords import CheckKeywords
    from iamcheck.checks.options import CheckOptions
    from iamcheck.cli.policy_files import ReadPolicy
    from iamcheck.cli.words import CheckWords

__all__ = ["check_access", "command", "options_of"]

_EXAMPLES = """\b
Examples:
  iamcheck check churn churn-v7 --region eu-west-1
  iamcheck check churn churn-v7 --offline --region eu-west-1 \\
      --account-id 123456789012 --policy deployer.json --scp FullAWSAccess
  iamcheck check --request create-endpoint.json \\
      --config-request create-endpoint-config.json
  iamcheck check --from template.yaml --parameter Stage=prod
  iamcheck check --from template.yaml --output-file sarif:iamcheck.sarif
"""


@click.command("check", cls=MappingCommand, epilog=_EXAMPLES)
@options.names
@options.requests
@options.connection
@options.rendering
@click.option(
    "--offline", is_flag=True, help="Use no network, only the files that you give; needs a Region and an account id."
)
@click.option(
    "--engine",
    type=click.Choice(["auto", "aws", "local", "both"]),
    default="auto",
    show_default=True,
    help="Who decides: AWS's simulator, the local engine, or both compared; auto uses what can be asked.",
)
@options.principals
@options.context
@click.option(
    "--strict",
    is_flag=True,
    help="Report unknown where a pass rests on an assumption that an option or a read could settle.",
)
@click.option(
    "--check",
    "checks",
    multiple=True,
    metavar="ID",
    help="Run this check too; `all` runs every check that has what it needs. Repeatable.",
)
@click.option("--skip", multiple=True, metavar="ID", help="Leave this check out. Repeatable.")
@click.option(
    "--excess",
    is_flag=True,
    help="Show what the principal's policies allow beyond this deployment, worst first, and what AWS's managed "
    "policy for SageMaker would allow.",
)
@click.option(
    "--explain",
    is_flag=True,
    help="Show why each permission is needed, what asks for it, and the message that AWS would show.",
)
@click.option("--verbose", is_flag=True, help="Show each assumption, what was read, and the whole text of passes.")
@options.redact
@options.sts_probe
@click.option(
    "--endpoint",
    type=click.Choice(["new", "existing"]),
    help="What must be true before the deployment: the endpoint's name is free, or the endpoint is in service.  "
    "[default: existing with --scope update, otherwise new]",
)
@click.option(
    "--config",
    type=click.Choice(["new", "existing", "any"]),
    help="Likewise for the endpoint config: its name is free, it exists, or either.  [default: new with a config "
    "request and with --scope update, otherwise any]",
)
@options.execution_roles
@options.timeout
@options.max_concurrency
@options.report_output(FORMATS)
def command(words: CheckWords) -> int:
    """Tell whether AWS will allow the deployment of ENDPOINT with CONFIG, with the evidence.

    Without --offline the account and the principal come from the credentials, and AWS's policy simulator decides.

    Exit status: 0 pass, 1 fail, 2 bad input, 3 unknown.
    """
    from iamcheck import api, formats
    from iamcheck.cli.deployments import drafts

    places = parse_report_files(words["output"], words["output_files"])
    access = None if words["offline"] else check_access(words)  # its time runs from here, the reading of files included
    parsed = options_of(words)
    reports = api.check_parsed(drafts(words), parsed, access, region=words["region"], account_id=words["account_id"])
    report = reports.reports[0] if len(reports.reports) == 1 else reports
    if words["redact"]:
        from iamcheck.formats.redacting import redacted  # few reports are for strangers

        report = redacted(report)
    write_report(
        lambda output, style: formats.render(
            report, output, style._replace(explain=words["explain"], verbose=words["verbose"])
        ),
        places,
        no_color=words["no_color"],
    )
    return STATUS[reports.verdict.value]


def check_access(words: CheckWords) -> Access:
    """The way to AWS that the words name; its time runs from now."""
    return access_of(words, debug=words["debug"], timeout=words["timeout"], max_concurrency=words["max_concurrency"])


def options_of(words: CheckWords, read: ReadPolicy | None = None) -> CheckOptions:
    """The options of a check that the words stand for, with the files read.

    Args:
        words: The words.
        read: Reads a policy file; None: each is read where it is named.

    Raises:
        InvalidInputError: A file or a word cannot be used.
    """
    from iamcheck.checks.options import parse_options
    from iamcheck.iam.files import read_policy

    keywords = _keywords(words, read or read_policy)
    return parse_options(keywords)._replace(file_assumptions=words["file_assumptions"])


def _keywords(words: CheckWords, read: ReadPolicy) -> CheckKeywords:
    """The keywords of `iamcheck.check`."""
    from iamcheck.cli import policy_files as files

    return {
        "principal": words["principal"],
        "cloudformation_role": words["cloudformation_role"],
        "policies": files.policies(words["policy"], read) if words["policy"] else None,
        "boundary": None if words["boundary"] is None else files.boundary(words["boundary"], read),
        "scps": files.levels(words["scp"], flag="--scp", read=read) if words["scp"] else None,
        "rcps": files.levels(words["rcp"], flag="--rcp", read=read) if words["rcp"] else None,
        "resource_policies": files.resource_policies(words["resource_policy"], read),
        "session_policies": files.session_policies(words["session_policy"], read) if words["session_policy"] else None,
        "authorization_details": words["authorization_details"],
        "organizations": words["organizations"],
        "context": files.context_entries(words["context"]),
        "absent": files.absent_keys(words["absent"]),
        "scope": words["scope"],
        "template": words["template"],
        "template_dir": words["template_dir"],
        "pin": words["pin"],
        "engine": words["engine"],
        "strict": words["strict"],
        "excess": words["excess"],
        "checks": words["checks"],
        "skip": words["skip"],
        "sts_probe_role": words["sts_probe_role"],
        "endpoint": words["endpoint"],
        "config": words["config"],
        "execution_role": words["execution_role"],
        "async_inputs": words["async_input"],
        "model_data_keys": words["model_data_key"],
    }
