"""Options that several commands share, in the AWS CLI's spelling."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

import click

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = [
    "LONGEST_TIMEOUT",
    "SCOPES",
    "STATUS",
    "connection",
    "context",
    "debug",
    "execution_roles",
    "max_concurrency",
    "names",
    "output",
    "output_file",
    "principals",
    "refuse_nan",
    "rendering",
    "requests",
    "stack",
    "sts_probe",
    "subjects",
    "timeout",
]

SCOPES = ("create", "update", "deploy", "lifecycle", "docs")

SUBJECTS = ("deployer", "execution-role", "execution-role-trust", "checker", "sts-probe-role")
"""Whose policy `generate` prints."""

STATUS = {"pass": 0, "fail": 1, "unknown": 3}
"""Exit status by verdict."""

LONGEST_TIMEOUT = 86400
"""Seconds; a day."""

Decorated = TypeVar("Decorated", bound="Callable[..., object]")


def stack(*decorators: Callable[[Decorated], Decorated]) -> Callable[[Decorated], Decorated]:
    """Several options as one decorator, shown in `--help` in the order given."""

    def decorate(function: Decorated) -> Decorated:
        for decorator in reversed(decorators):
            function = decorator(function)
        return function

    return decorate


def names(function: Decorated) -> Decorated:
    """The endpoint and the endpoint config, as arguments or by name."""
    return stack(
        click.argument("endpoint_argument", metavar="[ENDPOINT]", required=False),
        click.argument("config_argument", metavar="[CONFIG]", required=False),
        click.option("--endpoint-name", metavar="NAME", help="The endpoint, in place of the argument."),
        click.option("--endpoint-config-name", metavar="NAME", help="The endpoint config, in place of the argument."),
    )(function)


def requests(function: Decorated) -> Decorated:
    """The requests, template or plan that the names and more may come from."""
    return stack(
        click.option(
            "--request",
            metavar="FILE",
            help="The CreateEndpoint request, as for `aws sagemaker create-endpoint --cli-input-json`; - is standard "
            "input. The names may come from it.",
        ),
        click.option("--config-request", metavar="FILE", help="The CreateEndpointConfig request, likewise."),
        click.option(
            "--from",
            "source",
            metavar="FILE",
            help="A CloudFormation or SAM template, CDK's cdk.out, or the output of `terraform show -json PLAN`, in "
            "place of the requests.",
        ),
        click.option(
            "--parameter", "parameters", metavar="KEY=VALUE", multiple=True, help="A template's parameter. Repeatable."
        ),
        click.option("--stack-name", metavar="NAME", help="The stack that the template is for."),
        click.option(
            "--stack-tag",
            "stack_tags",
            metavar="KEY=VALUE",
            multiple=True,
            help="A tag of the stack, which CloudFormation puts on every resource. Repeatable.",
        ),
        click.option(
            "--only",
            type=click.Choice(["endpoint"]),
            help="Ask about the creation of the endpoint and its config alone; the report lists what is left out.",
        ),
        click.option("--no-stack-tags", is_flag=True, help="The stack has no tags of its own."),
        click.option(
            "--set",
            "values",
            metavar="LOGICAL_ID.MEMBER=VALUE",
            multiple=True,
            help="A value that the file leaves open, such as Config.KmsKeyId=ARN; of a plan ADDRESS.attribute=VALUE. "
            "Repeatable.",
        ),
        click.option(
            "--name-pattern",
            "name_patterns",
            metavar="[endpoint=|config=]PATTERN",
            multiple=True,
            help="For a name that is known only when the deployment is made: what it will look like, * for any text.",
        ),
    )(function)


def connection(function: Decorated) -> Decorated:
    """Region, account and profile."""
    return stack(
        click.option("--region", metavar="REGION", help="Else AWS_REGION, AWS_DEFAULT_REGION, the profile."),
        click.option("--account-id", metavar="ID", help="The account, 12 digits; else that of the credentials."),
        click.option("--profile", metavar="NAME", help="The profile of the AWS configuration files."),
    )(function)


def rendering(function: Decorated) -> Decorated:
    """The scope of the policy and the templates that it is rendered from."""
    return stack(
        click.option(
            "--scope",
            type=click.Choice(SCOPES),
            help="What the policy is for: the two creates; an update; create and describe; all calls of an endpoint's "
            "life; AWS's documented example.  [default: create; update where a plan updates the endpoint]",
        ),
        click.option("--template", metavar="FILE", help="A Jinja template of your own, in place of the scope's."),
        click.option("--template-dir", metavar="DIR", help="Your own templates, as policies/SCOPE.json.j2."),
        click.option(
            "--pin",
            is_flag=True,
            help="Narrow the policy by conditions to what the requests say: tags, instance types, models, network, "
            "key, serverless sizes.",
        ),
    )(function)


def principals(function: Decorated) -> Decorated:
    """Who deploys, and the policies that have a say."""
    return stack(
        click.option("--principal", metavar="ARN", help="Who deploys, in place of the caller."),
        click.option(
            "--cloudformation-role",
            metavar="ARN",
            help="The service role of the stack: it makes the calls of a template, in place of whoever deploys.",
        ),
        click.option("--policy", metavar="FILE", multiple=True, help="In place of the principal's own. Repeatable."),
        click.option("--boundary", metavar="FILE", help="The permissions boundary."),
        click.option(
            "--scp",
            metavar="LEVEL",
            multiple=True,
            help="Service control policies, one level each time, root first: a file, a folder, or a comma-separated "
            "list of files; FullAWSAccess is AWS's default policy.",
        ),
        click.option("--rcp", metavar="LEVEL", multiple=True, help="Resource control policies, likewise."),
        click.option("--resource-policy", metavar="ARN=FILE", multiple=True, help="A resource's policy. Repeatable."),
        click.option(
            "--authorization-details",
            metavar="FILE",
            help="The JSON of `aws iam get-account-authorization-details`, in place of what IAM says of the principal.",
        ),
        click.option(
            "--organizations",
            metavar="aws|ignore|DIR",
            help="The organization's policies: read them from AWS, leave them out, or take them from a folder of what "
            "`aws organizations` printed.  [default: aws]",
        ),
    )(function)


def context(function: Decorated) -> Decorated:
    """What is known of the condition context."""
    return stack(
        click.option("--context", metavar="KEY=VALUE", multiple=True, help="A context key's value. Repeatable."),
        click.option("--absent", metavar="KEY", multiple=True, help="A context key known to be absent. Repeatable."),
    )(function)


def sts_probe(function: Decorated) -> Decorated:
    """`--sts-probe-role`."""
    return click.option(
        "--sts-probe-role",
        metavar="ARN",
        help="A role without permissions that the caller may assume: the proof for callers with session credentials "
        "(`iamcheck generate --for sts-probe-role`).",
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
            help="Whose policy: who deploys; the models' execution role, or its trust policy; whoever runs `check` "
            "online; the trust policy of a role without permissions for `sts --sts-probe-role`.",
        ),
        click.option(
            "--principal",
            metavar="ARN",
            help="With --for sts-probe-role whom the role trusts, with --for checker who deploys; else the caller.",
        ),
        click.option(
            "--model-request",
            metavar="FILE",
            multiple=True,
            help="With --for execution-role: a CreateModel request, as for `aws sagemaker create-model "
            "--cli-input-json`. Repeatable.",
        ),
        click.option(
            "--live",
            is_flag=True,
            help="With --for execution-role: read the endpoint config and models that are not given from SageMaker.",
        ),
        click.option(
            "--execution-role",
            metavar="ARN",
            help="With --for execution-role, where the models name several; with --for checker, where none is written.",
        ),
        click.option(
            "--model-data-key",
            metavar="KEY",
            multiple=True,
            help="With --for execution-role: a KMS key that the model data are encrypted with. Repeatable.",
        ),
        click.option(
            "--async-input",
            metavar="S3URI",
            multiple=True,
            help="With --for execution-role: where inputs of asynchronous inference will be. Repeatable.",
        ),
        click.option(
            "--check",
            "checks",
            metavar="ID",
            multiple=True,
            help="With --for checker: a check that will run, in place of every check. Repeatable.",
        ),
        sts_probe,
    )(function)


def execution_roles(function: Decorated) -> Decorated:
    """What the checks of execution roles depend on beside the requests."""
    return stack(
        click.option(
            "--execution-role",
            metavar="ARN",
            help="For --check execution-role.trusted and execution-role.allowed: the role, in place of those that the "
            "requests, or the models that are there, name.",
        ),
        click.option(
            "--model-request",
            metavar="FILE",
            multiple=True,
            help="Likewise: a CreateModel request, in place of the model that is there. Repeatable.",
        ),
        click.option(
            "--model-data-key",
            metavar="KEY",
            multiple=True,
            help="Likewise: a KMS key that the model data are encrypted with. Repeatable.",
        ),
        click.option(
            "--async-input",
            metavar="S3URI",
            multiple=True,
            help="Likewise: where inputs of asynchronous inference will be. Repeatable.",
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
        help="For the whole run.",
    )(function)


def max_concurrency(function: Decorated) -> Decorated:
    """`--max-concurrency`."""
    return click.option(
        "--max-concurrency",
        type=click.IntRange(1, 32),
        metavar="NUMBER",
        default=4,
        show_default=True,
        help="Calls to AWS made side by side.",
    )(function)


def refuse_nan(ctx: click.Context, param: click.Parameter, seconds: float) -> float:
    """NaN lies within every range, for it is neither less nor more."""
    if seconds != seconds:
        raise click.BadParameter("it is not a number", ctx=ctx, param=param)
    return seconds


def output(*formats: str) -> Callable[[Decorated], Decorated]:
    """`--output`, `--output-file`, `--no-color` and `--debug`."""
    return stack(
        click.option(
            "--output",
            type=click.Choice(formats),
            default=formats[0],
            show_default=True,
            help="How to show the result.",
        ),
        output_file,
        click.option("--no-color", is_flag=True, help="No colour; NO_COLOR in the environment does the same."),
        debug,
    )


def output_file(function: Decorated) -> Decorated:
    """`--output-file`."""
    return click.option("--output-file", metavar="FILE", help="Write there in place of standard output.")(function)


def debug(function: Decorated) -> Decorated:
    """`--debug`."""
    return click.option(
        "--debug",
        is_flag=True,
        help="List the calls to AWS on standard error, and show the traceback of an unexpected error.",
    )(function)
