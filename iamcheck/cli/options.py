"""Defines the options that several commands share, in the AWS CLI's spelling."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from iamcheck.cli.output import say
from iamcheck.cli.source_options import names, requests
from iamcheck.cli.stacking import Decorated, stack

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

__all__ = [
    "LONGEST_TIMEOUT",
    "SCOPES",
    "Decorated",
    "connection",
    "context",
    "debug",
    "execution_roles",
    "layers",
    "max_concurrency",
    "names",
    "organization_layers",
    "output",
    "output_file",
    "principals",
    "redact",
    "refuse_nan",
    "rendering",
    "report_output",
    "requests",
    "stack",
    "sts_probe",
    "subjects",
    "timeout",
]

SCOPES = ("create", "update", "deploy", "lifecycle", "docs")

SUBJECTS = ("deployer", "execution-role", "execution-role-trust", "checker", "sts-probe-role", "exporter")
"""Whose policy `generate` prints."""

redact = click.option(
    "--redact",
    is_flag=True,
    help="Replace account ids and names of principals in the report: ACCOUNT-1, PRINCIPAL-1 and so on.",
)

LONGEST_TIMEOUT = 86400
"""Seconds; a day."""


def connection(function: Decorated) -> Decorated:
    """Region, account and profile."""
    return stack(
        click.option(
            "--region",
            metavar="REGION",
            help="The AWS Region; otherwise AWS_REGION, AWS_DEFAULT_REGION or the profile says it.",
        ),
        click.option(
            "--account-id", metavar="ID", help="The account, 12 digits; otherwise the account of the credentials."
        ),
        click.option(
            "--profile",
            metavar="NAME",
            callback=_refuse_missing_profile,
            help="Use this profile of the AWS configuration files.",
        ),
    )(function)


def _refuse_missing_profile(ctx: click.Context, param: click.Parameter, value: str | None) -> str | None:
    """Refuses a profile that is typed and does not exist, whether or not the run will use it.

    One of a variable or a configuration file is for the runs that use it: an offline run need not have it.
    """
    source = ctx.get_parameter_source(param.name or "")
    if value is not None and source is click.core.ParameterSource.COMMANDLINE and not ctx.resilient_parsing:
        from iamcheck.aws.clients import require_profile  # it reads AWS's configuration with botocore

        require_profile(value)
    return value


def rendering(function: Decorated) -> Decorated:
    """The scope of the policy and the templates that it is rendered from."""
    return stack(
        click.option(
            "--scope",
            type=click.Choice(SCOPES),
            help="Which calls the policy is for: the two creates; an update; create and describe; all calls of an "
            "endpoint's life; AWS's documented example.  [default: create; update where a plan updates the "
            "endpoint]",
        ),
        click.option("--template", metavar="FILE", help="Render this Jinja template in place of the packaged one."),
        click.option("--template-dir", metavar="DIR", help="Take the templates from DIR/policies/SCOPE.json.j2."),
        click.option(
            "--pin",
            is_flag=True,
            help="Narrow the policy with conditions to the tags, instance types, models, network, key and serverless"
            " sizes that the requests have.",
        ),
    )(function)


def principals(function: Decorated) -> Decorated:
    """Who deploys, and the policies that have a say."""
    return stack(
        click.option("--principal", metavar="ARN", help="Check this principal, in place of the caller."),
        click.option(
            "--cloudformation-role",
            metavar="ARN",
            help="The stack's service role, which makes the calls in place of whoever deploys.",
        ),
        layers,
        click.option(
            "--authorization-details",
            metavar="FILE",
            help="Read the principal's policies from the JSON of `aws iam get-account-authorization-details`, or from "
            "a folder of `iamcheck account export`, in place of IAM.",
        ),
        click.option(
            "--organizations",
            metavar="aws|ignore|DIR",
            help="Read SCPs and RCPs from AWS Organizations, leave them out, or take them from a folder of what `aws"
            " organizations` printed.  [default: aws]",
        ),
    )(function)


def layers(function: Decorated) -> Decorated:
    """The policies that have a say, by layer."""
    return stack(
        click.option(
            "--policy",
            metavar="FILE",
            multiple=True,
            help="An identity policy, in place of those that the principal has. Repeatable.",
        ),
        click.option("--boundary", metavar="FILE", help="The principal's permissions boundary."),
        organization_layers,
        click.option(
            "--session-policy",
            metavar="FILE",
            multiple=True,
            help="A policy that is passed when the session of the role or federated user is opened. Repeatable.",
        ),
    )(function)


def organization_layers(function: Decorated) -> Decorated:
    """The policies that the principal does not have itself: of the organization, and of the resource."""
    return stack(
        click.option(
            "--scp",
            metavar="LEVEL",
            multiple=True,
            help="One level of service control policies, root first: a file, a folder, or files with commas between "
            "them; FullAWSAccess stands for AWS's default policy. Repeatable.",
        ),
        click.option(
            "--rcp",
            metavar="LEVEL",
            multiple=True,
            help="One level of resource control policies, as for --scp. Repeatable.",
        ),
        click.option(
            "--resource-policy",
            metavar="ARN=FILE",
            multiple=True,
            help="The policy of a resource, such as a KMS key. Repeatable.",
        ),
    )(function)


def context(function: Decorated) -> Decorated:
    """What is known of the condition context."""
    return stack(
        click.option(
            "--context",
            metavar="KEY=VALUE",
            multiple=True,
            help="The value that a condition key will have. Repeatable.",
        ),
        click.option(
            "--absent", metavar="KEY", multiple=True, help="A condition key that the request will not have. Repeatable."
        ),
    )(function)


def sts_probe(function: Decorated) -> Decorated:
    """`--sts-probe-role`."""
    return click.option(
        "--sts-probe-role",
        metavar="ARN",
        help="A role without permissions that the caller may assume: with it, a caller with session credentials can "
        "prove that STS is active (`iamcheck generate --for sts-probe-role` prints its trust policy).",
    )(function)


def subjects(function: Decorated) -> Decorated:
    """Whose policy is generated, and what only those policies depend on."""
    return stack(
        click.option(
            "--for",
            "subject",
            type=click.Choice(SUBJECTS),
            default=SUBJECTS[0],
            show_default=True,
            help="Whose policy to print: that of whoever deploys; of the models' execution role, or its trust "
            "policy; of whoever runs `check` online; the trust policy of a role for --sts-probe-role; or of whoever "
            "runs `account export` and `organizations export`.",
        ),
        click.option(
            "--principal",
            metavar="ARN",
            help="With --for sts-probe-role: the principal that the role trusts. With --for checker: whoever "
            "deploys. Otherwise the caller.",
        ),
        click.option(
            "--live",
            is_flag=True,
            help="With --for execution-role: read the endpoint config and the models from SageMaker where you give "
            "no request.",
        ),
        click.option(
            "--execution-role",
            metavar="ARN",
            help="With --for execution-role: the role, where the models name several. With --for checker: the role, "
            "where no file names it.",
        ),
        click.option(
            "--model-data-key",
            metavar="KEY",
            multiple=True,
            help="With --for execution-role: a KMS key that encrypts the model data. Repeatable.",
        ),
        click.option(
            "--async-input",
            metavar="S3URI",
            multiple=True,
            help="With --for execution-role: where the inputs of asynchronous inference will be. Repeatable.",
        ),
        click.option(
            "--check",
            "checks",
            metavar="ID",
            multiple=True,
            help="With --for checker: allow what this check needs, in place of what all checks need. Repeatable.",
        ),
        sts_probe,
    )(function)


def execution_roles(function: Decorated) -> Decorated:
    """What the checks of execution roles depend on beside the requests."""
    return stack(
        click.option(
            "--execution-role",
            metavar="ARN",
            help="The role for execution-role.trusted and execution-role.allowed, in place of the roles that the "
            "requests or the existing models name.",
        ),
        click.option(
            "--model-data-key",
            metavar="KEY",
            multiple=True,
            help="For the same checks: a KMS key that encrypts the model data. Repeatable.",
        ),
        click.option(
            "--async-input",
            metavar="S3URI",
            multiple=True,
            help="For the same checks: where the inputs of asynchronous inference will be. Repeatable.",
        ),
    )(function)


def timeout(function: Decorated) -> Decorated:
    """`--timeout`."""
    return click.option(
        "--timeout",
        type=click.FloatRange(min=1, max=LONGEST_TIMEOUT),
        callback=refuse_nan,
        metavar="SECONDS",
        default=60,
        show_default=True,
        help="The time limit of the whole run.",
    )(function)


def max_concurrency(function: Decorated) -> Decorated:
    """`--max-concurrency`."""
    return click.option(
        "--max-concurrency",
        type=click.IntRange(1, 32),
        metavar="NUMBER",
        default=4,
        show_default=True,
        help="How many calls to AWS run at a time.",
    )(function)


def refuse_nan(ctx: click.Context, param: click.Parameter, seconds: float) -> float:
    """NaN lies within every range, for it is neither less nor more."""
    if seconds != seconds:
        raise click.BadParameter("it is not a number", ctx=ctx, param=param)
    return seconds


def output(*formats: str) -> Callable[[Decorated], Decorated]:
    """`--output`, `--output-file`, `--no-color` and `--debug`."""

    def tell(_ctx: click.Context, _param: click.Parameter, file: str | None) -> str | None:
        if file is not None:
            _tell_of_format(file, formats, lambda name, path: f"--output {name} --output-file {path}")
        return file

    return stack(_output_format(formats), _output_file(tell), _no_color, debug)


def report_output(formats: Sequence[str]) -> Callable[[Decorated], Decorated]:
    """`--output`, `--output-file` with formats and repeatable, `--no-color` and `--debug`."""

    def tell(_ctx: click.Context, _param: click.Parameter, files: tuple[str, ...]) -> tuple[str, ...]:
        for file in files:
            if file.partition(":")[0] not in formats:
                _tell_of_format(file, formats, lambda name, path: f"{name}:{path}")
        return files

    files = click.option(
        "--output-file",
        "output_files",
        multiple=True,
        callback=tell,
        metavar="[FORMAT:]FILE",
        help="Write there in place of standard output; with a format, write there too, in that format. Repeatable.",
    )
    return stack(_output_format(formats), files, _no_color, debug)


def _tell_of_format(file: str, formats: Sequence[str], spelled: Callable[[str, str], str]) -> None:
    """Says on standard error that the name of a file starts as a format does, or nearly, and is a name all the same.

    Args:
        file: The name of the file.
        formats: The formats.
        spelled: How a file in a format is asked for.
    """
    prefix, colon, path = file.partition(":")
    if not (colon and path.strip() and prefix.isalpha()):
        return
    from difflib import get_close_matches  # few names have a colon

    for name in get_close_matches(prefix[:100].lower(), formats, n=1):
        say(f"--output-file: the name of the file is {file} (did you mean {spelled(name, path)}?)")


def _output_format(formats: Sequence[str]) -> Callable[[Decorated], Decorated]:
    return click.option(
        "--output",
        type=click.Choice(formats),
        default=formats[0],
        show_default=True,
        help="How to show the result.",
    )


def _no_color(function: Decorated) -> Decorated:
    return click.option("--no-color", is_flag=True, help="No colour; NO_COLOR in the environment does the same.")(
        function
    )


def output_file(function: Decorated) -> Decorated:
    """`--output-file`."""
    return _output_file(None)(function)


def _output_file(
    callback: Callable[[click.Context, click.Parameter, str | None], str | None] | None,
) -> Callable[[Decorated], Decorated]:
    return click.option(
        "--output-file", metavar="FILE", callback=callback, help="Write there in place of standard output."
    )


def debug(function: Decorated) -> Decorated:
    """`--debug`."""
    return click.option(
        "--debug",
        is_flag=True,
        help="List the calls to AWS on standard error, and show the traceback of an unexpected error.",
    )(function)
