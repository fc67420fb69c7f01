"""Defines the options that say what the deployment is: names, files, and what a file leaves open."""

from __future__ import annotations

import click

from iamcheck.cli.stacking import Decorated, stack

__all__ = ["names", "requests", "values"]


def names(function: Decorated) -> Decorated:
    """The endpoint and the endpoint config, as arguments or by name."""
    return stack(
        click.argument("endpoint_argument", metavar="[ENDPOINT]", required=False),
        click.argument("config_argument", metavar="[CONFIG]", required=False),
        click.option("--endpoint-name", metavar="NAME", help="The endpoint's name, in place of the argument."),
        click.option(
            "--endpoint-config-name", metavar="NAME", help="The endpoint config's name, in place of the argument."
        ),
    )(function)


def requests(function: Decorated) -> Decorated:
    """The requests, template or plan that the names and more may come from."""
    return stack(
        click.option(
            "--request",
            metavar="FILE",
            help="Take the names and more from a CreateEndpoint request, the JSON of `aws sagemaker create-endpoint "
            "--cli-input-json`; - is standard input.",
        ),
        click.option(
            "--config-request", metavar="FILE", help="Take the endpoint config from a CreateEndpointConfig request."
        ),
        click.option(
            "--model-request",
            metavar="FILE",
            multiple=True,
            help="The CreateModel request of a model that the deployment makes too. Repeatable.",
        ),
        click.option(
            "--request-for",
            metavar="OPERATION=FILE",
            multiple=True,
            help="The request for something else that the deployment makes, such as "
            "RegisterScalableTarget=target.json. Repeatable.",
        ),
        click.option(
            "--service-linked-role",
            type=click.Choice(["present", "missing"]),
            help="Whether the account has the role by which Application Auto Scaling scales endpoints; without this "
            "option, AWS is asked, or nobody knows.",
        ),
        click.option(
            "--from",
            "source",
            metavar="FILE",
            help="Take the deployment from a CloudFormation or SAM template, CDK's cdk.out, the output of `terraform "
            "show -json PLAN`, a state machine of Step Functions, or what `iamcheck record` wrote; - is standard "
            "input.",
        ),
        click.option(
            "--only",
            type=click.Choice(["endpoint"]),
            help="Check only the creation of the endpoint and its config; the report lists what is left out.",
        ),
    )(values(function))


def values(function: Decorated) -> Decorated:
    """What the file leaves open: values of parameters, names, tags and members."""
    return stack(
        click.option(
            "--parameter",
            "parameters",
            metavar="KEY=VALUE",
            multiple=True,
            help="The value of a template's parameter. Repeatable.",
        ),
        click.option("--stack-name", metavar="NAME", help="The stack's name, where the template uses it."),
        click.option(
            "--stack-tag",
            "stack_tags",
            metavar="KEY=VALUE",
            multiple=True,
            help="A tag of the stack, which CloudFormation puts on every resource. Repeatable.",
        ),
        click.option("--no-stack-tags", is_flag=True, help="Nobody adds tags to the stack."),
        click.option(
            "--set",
            "values",
            metavar="LOGICAL_ID.MEMBER=VALUE",
            multiple=True,
            help="Give a value that the file leaves open: Config.KmsKeyId=ARN, or ADDRESS.attribute=VALUE in a plan."
            " Repeatable.",
        ),
        click.option(
            "--name-pattern",
            "name_patterns",
            metavar="[KIND=]PATTERN",
            multiple=True,
            help="Say what a name will look like that is known only when the deployment is made, or, without a file, "
            "what the names of a family look like; * stands for any text.",
        ),
    )(function)
