"""The account API's answers about Regions, which moto lacks.

Which Regions are enabled by default: AWS Account Management guide, "Enable or disable AWS Regions in your account".
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from botocore.loaders import create_loader

from tests.server.wire import Answer, error, json_answer

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.server.calls import Call

ENABLED_BY_DEFAULT = frozenset(
    {
        *("us-east-1", "us-east-2", "us-west-1", "us-west-2", "ca-central-1", "sa-east-1"),
        *("eu-central-1", "eu-north-1", "eu-west-1", "eu-west-2", "eu-west-3"),
        *("ap-northeast-1", "ap-northeast-2", "ap-northeast-3", "ap-south-1", "ap-southeast-1", "ap-southeast-2"),
    }
)


@lru_cache(maxsize=1)
def regions() -> tuple[str, ...]:
    """All Regions of the ``aws`` partition that botocore knows."""
    partitions = create_loader().load_data("partitions")["partitions"]
    (aws,) = (partition for partition in partitions if partition["id"] == "aws")
    return tuple(sorted(region for region in aws["regions"] if region != "aws-global"))


def answer(call: Call, is_enabled: Callable[[str], bool]) -> Answer | None:
    """Answer ListRegions and GetRegionOptStatus; ``None`` leaves the call to moto."""

    def status(region: str) -> str:
        if region in ENABLED_BY_DEFAULT:
            return "ENABLED_BY_DEFAULT"
        return "ENABLED" if is_enabled(region) else "DISABLED"

    if call.operation == "ListRegions":
        wanted = call.parameters.get("RegionOptStatusContains")
        found = [{"RegionName": region, "RegionOptStatus": status(region)} for region in regions()]
        if isinstance(wanted, list):
            found = [entry for entry in found if entry["RegionOptStatus"] in wanted]
        return json_answer({"Regions": found})
    if call.operation == "GetRegionOptStatus":
        region = str(call.parameters["RegionName"])
        if region not in regions():
            return error(call.protocol, 400, "ValidationException", f"Invalid region name: {region}")
        return json_answer({"RegionName": region, "RegionOptStatus": status(region)})
    return None
