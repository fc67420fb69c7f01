"""Defines `iamcheck sts`, which tells whether AWS STS is active in Regions."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import click

from iamcheck.cli import options
from iamcheck.cli.aws_access import access_of
from iamcheck.cli.exit_status import STATUS
from iamcheck.cli.output import say, style, write
from iamcheck.cli.parsing import MappingCommand

if TYPE_CHECKING:
    from collections.abc import Sequence

    from iamcheck.checks.sts import RegionResult, StsReport
    from iamcheck.cli.words import StsWords

__all__ = ["command"]

_EXAMPLES = """\b
Examples:
  iamcheck sts eu-west-1
  iamcheck sts eu-central-1 --wait 600
  iamcheck sts --all-regions --sts-probe-role arn:aws:iam::123456789012:role/sts-probe
"""


@click.command("sts", cls=MappingCommand, epilog=_EXAMPLES)
@click.argument("regions", metavar="[REGION ...]", nargs=-1)
@click.option(
    "--all-regions", is_flag=True, help="Ask about every Region of the partition; skip those that are not enabled."
)
@options.connection
@options.sts_probe
@click.option(
    "--wait",
    type=click.FloatRange(min=0, max=options.LONGEST_TIMEOUT),
    callback=options.refuse_nan,
    metavar="SECONDS",
    default=0,
    help="Where STS or the Region is not active, ask again for at most this time, which --timeout does not count.",
)
@options.timeout
@options.max_concurrency
@options.output("table", "json")
def command(words: StsWords) -> int:
    """Tell whether AWS STS is active in each REGION, with the evidence.

    No API reads the setting, so iamcheck proves it: a call that issues credentials succeeds in the Region (they are
    thrown away), or AWS refuses it with RegionDisabledException.

    Exit status: that of the worst Region, fail before unknown.
    """
    from iamcheck import api
    from iamcheck.aws.region import regions_to_ask
    from iamcheck.checks.sts import wait_for_regions
    from iamcheck.cli.progress import progress
    from iamcheck.formats import sts_format

    region = words["region"]
    if words["all_regions"] and words["regions"]:
        raise click.UsageError("--all-regions takes no REGION")
    seconds = words["timeout"] + words["wait"]
    access = access_of(words, debug=words["debug"], timeout=seconds, max_concurrency=words["max_concurrency"])
    named = words["regions"] or ((region,) if region else ())

    def ask(asked: Sequence[str]) -> StsReport:
        with progress(len(asked), "Regions", hidden=words["debug"]) as on_region:
            return api.check_sts(
                asked,
                access,
                skip_not_enabled=words["all_regions"],
                account_id=words["account_id"],
                sts_probe_role=words["sts_probe_role"],
                max_concurrency=words["max_concurrency"],
                on_region=on_region,
            )

    report = wait_for_regions(
        ask,
        regions_to_ask(named, access, all_regions=words["all_regions"]),
        seconds=words["wait"],
        clock=time.monotonic,
        sleep=time.sleep,
        on_wait=_tell_wait,
    )
    shown = style(no_color=words["no_color"], output_file=words["output_file"])
    write(sts_format.render(report, words["output"], shown), words["output_file"])
    return STATUS[report.verdict.value]


def _tell_wait(waited_for: Sequence[RegionResult], seconds: float) -> None:
    named = ", ".join(f"{one.region} ({one.state})" for one in waited_for)
    say(f"waiting for STS in {named}: asking again in {seconds:.2g} s")
