"""`iamcheck sts`: is AWS STS active in Regions?"""

from __future__ import annotations

import click

from iamcheck.cli import options
from iamcheck.cli.output import style, tell_call, write

__all__ = ["command"]

_EXAMPLES = """\b
Examples:
  iamcheck sts eu-west-1
  iamcheck sts --all-regions --sts-probe-role arn:aws:iam::123456789012:role/sts-probe
"""


@click.command("sts", short_help="Is AWS STS active in Regions?", epilog=_EXAMPLES)
@click.argument("regions", metavar="[REGION ...]", nargs=-1)
@click.option("--all-regions", is_flag=True, help="Every Region of the partition; one that is not enabled is skipped.")
@options.connection
@options.sts_probe
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
    from iamcheck.access import Access
    from iamcheck.formats import sts_format

    if all_regions and regions:
        raise click.UsageError("--all-regions takes no REGION")
    access = Access(
        profile=profile,
        region=region,
        timeout=timeout,
        max_concurrency=max_concurrency,
        told=tell_call if debug else None,
    )
    report = api.check_sts(
        regions or ((region,) if region else ()),
        access,
        all_regions=all_regions,
        account_id=account_id,
        sts_probe_role=sts_probe_role,
        max_concurrency=max_concurrency,
    )
    shown = style(no_color=no_color, output_file=output_file)
    write(sts_format.render(report, output, shown), output_file)
    return options.STATUS[report.verdict.value]
