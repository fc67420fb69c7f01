"""Defines `iamcheck simulate`, which decides any policies, actions and resources, locally or by AWS."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

import click

from iamcheck.cli import options
from iamcheck.cli.aws_access import instead_of_credentials
from iamcheck.cli.exit_status import STATUS
from iamcheck.cli.listed import ListedCommand, ListedOption
from iamcheck.cli.output import say, say_lines, style, tell_call, write
from iamcheck.simulators import simulate as simulation
from iamcheck.simulators.simulate.inputs import FIELDS

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from iamcheck.cli.words import SimulateWords

__all__ = ["command"]

_EXAMPLES = """\b
Examples:
  iamcheck simulate --policy-input-list deployer.json \\
      --action-names sagemaker:CreateEndpoint sagemaker:CreateEndpointConfig
  iamcheck simulate --policy-input-list deployer.json --action-names s3:GetObject \\
      --absent aws:SourceIp \\
      --context-entries ContextKeyName=aws:username,ContextKeyValues=ci,ContextKeyType=string
  iamcheck simulate --cli-input-json file://question.json --explain
"""


def _arguments(function: options.Decorated) -> options.Decorated:
    decorators = []
    for field in FIELDS:
        names = (field.flag, "--starting-token") if field.member == "Marker" else (field.flag,)
        # each lands under the API's own name
        if field.kind.many:
            decorators.append(
                click.option(
                    *names,
                    field.member.lower(),
                    cls=ListedOption,
                    multiple=True,
                    metavar=f"{field.kind.metavar} ...",
                    help=field.help,
                )
            )
        else:
            decorators.append(click.option(*names, field.member.lower(), metavar=field.kind.metavar, help=field.help))
    return options.stack(*decorators)(function)


@click.command(
    "simulate",
    cls=ListedCommand,
    epilog=_EXAMPLES,
)
@_arguments
@click.option(
    "--cli-input-json", metavar="JSON", help="All of the above under the API's names; an option wins over it."
)
@click.option("--boundary", metavar="FILE", help="The permissions boundary.")
@click.option(
    "--scp",
    metavar="LEVEL",
    multiple=True,
    help="One level of service control policies, as for `iamcheck check`. Repeatable.",
)
@click.option(
    "--rcp",
    metavar="LEVEL",
    multiple=True,
    help="One level of resource control policies; needs --semantics live. Repeatable.",
)
@click.option(
    "--session-policy",
    metavar="FILE",
    multiple=True,
    help="A policy passed with the session; needs --semantics live. Repeatable.",
)
@click.option(
    "--absent", metavar="KEY", multiple=True, help="A condition key that the request does not have. Repeatable."
)
@click.option(
    "--engine",
    type=click.Choice(["local", "aws"]),
    default="local",
    show_default=True,
    help="Who decides: the local engine, or AWS's simulator.",
)
@click.option(
    "--semantics",
    type=click.Choice(["simulator", "live"]),
    default="simulator",
    show_default=True,
    help="Answer as AWS's simulator does, or as AWS does when the call is made.",
)
@click.option("--explain", is_flag=True, help="Show for each statement why it matches or not, the nearest first.")
@options.connection
@options.timeout
@options.output("table", "json")
def command(words: SimulateWords) -> int:
    """Simulate policies with the arguments of `aws iam simulate-custom-policy`.

    An option with "..." takes several words, or is repeated. A policy is JSON text, file://PATH or a path; a file has
    one document or a list of them. With --output json the answer has AWS's form; --explain then goes to standard error.

    Exit status: 0 all allowed, 1 any denied, 2 bad input, 3 where an unknown condition key could change a decision.
    """
    from iamcheck.cli import policy_files as inputs
    from iamcheck.formats import simulation_format

    values = cast("Mapping[str, object]", words)
    arguments = {
        field.member: [value] if isinstance(value, str) else list(cast("Sequence[str]", value))
        for field in simulation.FIELDS
        if (value := values[field.member.lower()])
    }
    simulation_inputs = simulation.read_inputs(
        arguments,
        cli_input_json=words["cli_input_json"],
        boundary=words["boundary"],
        scps=inputs.levels(words["scp"], flag="--scp"),
    )
    with instead_of_credentials("use --engine local"):
        simulated = simulation.simulate(
            simulation_inputs,
            engine=words["engine"],
            semantics=words["semantics"],
            rcps=inputs.levels(words["rcp"], flag="--rcp"),
            session=inputs.session_policies(words["session_policy"]),
            absent=simulation.absent_keys(words["absent"], simulation_inputs),
            account_id=words["account_id"],
            with_traces=words["explain"],
            profile=words["profile"],
            region=words["region"],
            timeout=words["timeout"],
            on_call=tell_call if words["debug"] else None,
        )
    output, explain = words["output"], words["explain"]
    shown = style(no_color=words["no_color"], output_file=words["output_file"])
    text = simulation_format.render(simulated, output, shown)
    if explain and output == "table":
        text += simulation_format.explanation(simulated, shown)
    write(text, words["output_file"])
    if explain and output != "table":
        say_lines(simulation_format.explanation(simulated, shown))
    for doubt in simulated.doubts():
        say(doubt)
    return STATUS[simulated.verdict.value]
