"""`iamcheck simulate`: any policies, actions and resources, answered locally or by AWS."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

import click

from iamcheck.cli import options
from iamcheck.cli.listed import ListedCommand, ListedOption
from iamcheck.cli.output import say, say_lines, style, tell_call, write

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
    from iamcheck.simulators.simulate.inputs import FIELDS

    found = []
    for field in FIELDS:
        names = (field.flag, "--starting-token") if field.member == "Marker" else (field.flag,)
        # each lands under the API's own name
        if field.kind.many:
            found.append(
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
            found.append(click.option(*names, field.member.lower(), metavar=field.kind.metavar, help=field.help))
    return options.stack(*found)(function)


@click.command(
    "simulate",
    cls=ListedCommand,
    epilog=_EXAMPLES,
)
@_arguments
@click.option(
    "--cli-input-json", metavar="JSON", help="All of the above by the API's names; options that are given win over it."
)
@click.option("--boundary", metavar="FILE", help="The permissions boundary.")
@click.option("--scp", metavar="LEVEL", multiple=True, help="Service control policies, as for check.")
@click.option("--rcp", metavar="LEVEL", multiple=True, help="Resource control policies, as for check. With live.")
@click.option(
    "--session-policy", metavar="FILE", multiple=True, help="A policy passed with the session. Repeatable. With live."
)
@click.option("--absent", metavar="KEY", multiple=True, help="A context key known to be absent. Repeatable.")
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
    help="What AWS's simulator says, or what happens on the day.",
)
@click.option("--explain", is_flag=True, help="Say how each statement fares, nearest to a match first.")
@options.connection
@options.timeout
@options.output("table", "json")
def command(words: SimulateWords) -> int:
    """Simulate policies with the arguments of `aws iam simulate-custom-policy`.

    Lists take several words, or the option is repeated. A policy is JSON text, file://PATH or a path; a file holds one
    document or a list of them. With --output json the answer is AWS's own; --explain then goes to standard error.

    Exit status: 0 all allowed, 1 any denied, 2 bad input, 3 where a key of which nothing is known could change it.
    """
    from iamcheck.cli import policy_files as inputs
    from iamcheck.formats import simulation_format
    from iamcheck.simulators import simulate as simulation

    given = cast("Mapping[str, object]", words)
    arguments = {
        field.member: [value] if isinstance(value, str) else list(cast("Sequence[str]", value))
        for field in simulation.FIELDS
        if (value := given[field.member.lower()])
    }
    asked = simulation.read_inputs(
        arguments,
        cli_input_json=words["cli_input_json"],
        boundary=words["boundary"],
        scps=inputs.levels(words["scp"], flag="--scp"),
    )
    simulated = simulation.simulate(
        asked,
        engine=words["engine"],
        semantics=words["semantics"],
        rcps=inputs.levels(words["rcp"], flag="--rcp"),
        session=inputs.session_policies(words["session_policy"]),
        absent=simulation.absent_keys(words["absent"], asked),
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
    return options.STATUS[simulated.verdict.value]
