"""`iamcheck sts`: is AWS STS active in Regions?"""

from __future__ import annotations

import sys
import time
from typing import TYPE_CHECKING

import click

from iamcheck.cli import options
from iamcheck.cli.output import style, tell_call, write

if TYPE_CHECKING:
    from collections.abc import Sequence

    from iamcheck.checks.sts import RegionResult, StsReport

__all__ = ["command"]

_EXAMPLES = """\b
Examples:
  iamcheck sts eu-west-1
  iamcheck sts eu-central-1 --wait 600
  iamcheck sts --all-regions --sts-probe-role arn:aws:iam::123456789012:role/sts-probe
"""


@click.command("sts", short_help="Is AWS STS active in Regions?", epilog=_EXAMPLES)
@click.argument("regions", metavar="[REGION ...]", nargs=-1)
@click.option("--all-regions", is_flag=True, help="Every Region of the partition; one that is not enabled is skipped.")
@options.connection
@options.sts_probe
@click.option(
    "--wait",
    type=click.FloatRange(min=0, max=options.LONGEST_TIMEOUT),
    callback=options.refuse_nan,
    metavar="SECONDS",
    default=0,
    help="Ask again until STS is activated, or the Region enabled, for so long; --timeout is for the asking alone.",
)
@options.timeout
@options.max_concurrency
@options.output("table", "json")
def command(
    regions: tuple[str, ...],
    all_regions: bool,
    region: str | None,
    account_id: str | None,
    profile: str | None,
    sts_probe_role: str | None,
    wait: float,
    timeout: float,
    max_concurrency: int,
    output: str,
    output_file: str | None,
    no_color: bool,
    debug: bool,
) -> int:
    """Tell whether AWS STS is active in each REGION, with the evidence.

    No API reads the setting, so it is proved: a call that issues credentials succeeds there (they are thrown away), or
    is refused with RegionDisabledException. Exit status: that of the worst Region, fail before unknown.
    """
    from iamcheck import api
    from iamcheck.aws.session import Access
    from iamcheck.checks.sts import wait_for_regions
    from iamcheck.cli.progress import progress
    from iamcheck.formats import sts_format

    if all_regions and regions:
        raise click.UsageError("--all-regions takes no REGION")
    access = Access(
        profile=profile,
        region=region,
        timeout=timeout + wait,
        max_concurrency=max_concurrency,
        on_call=tell_call if debug else None,
    )
    named = regions or ((region,) if region else ())

    def ask(asked: Sequence[str]) -> StsReport:
        with progress(len(asked), "Regions", hidden=debug) as told:
            return api.check_sts(
                asked,
                access,
                skip_not_enabled=all_regions,
                account_id=account_id,
                sts_probe_role=sts_probe_role,
                max_concurrency=max_concurrency,
                told=told,
            )

    report = wait_for_regions(
        ask,
        api.sts_regions(named, access, all_regions=all_regions),
        seconds=wait,
        clock=time.monotonic,
        sleep=time.sleep,
        told=_tell_wait,
    )
    shown = style(no_color=no_color, output_file=output_file)
    write(sts_format.render(report, output, shown), output_file)
    return options.STATUS[report.verdict.value]


def _tell_wait(waited_for: Sequence[RegionResult], seconds: float) -> None:
    named = ", ".join(f"{one.region} ({one.state})" for one in waited_for)
    sys.stderr.write(f"iamcheck: waiting for STS in {named}: asking again in {seconds:.2g} s\n")
