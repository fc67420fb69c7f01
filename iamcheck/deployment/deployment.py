"""The endpoint and the endpoint config that are about to be created."""

from __future__ import annotations

from dataclasses import KW_ONLY, dataclass

__all__ = ["Deployment"]


@dataclass(frozen=True)
class Deployment:
    """One endpoint with its endpoint config, in one account and Region.

    Args:
        endpoint_name: Name of the endpoint.
        endpoint_config_name: Name of the endpoint config.
        region: Region code, such as `eu-west-1`; the partition follows from it.
        account_id: The 12 digits of the account.
    """

    endpoint_name: str
    endpoint_config_name: str
    _: KW_ONLY
    region: str
    account_id: str

    @property
    def partition(self) -> str:
        """The partition of the Region, such as `aws`."""
        raise NotImplementedError
