"""Reads the opt-in status of Regions for the caller's account: one call for one Region, one list for several."""

from __future__ import annotations

from threading import Lock
from typing import TYPE_CHECKING

from iamcheck.aws.clients import call
from iamcheck.aws.pages import pages
from iamcheck.checks.sts._verdict import OptIn
from iamcheck.errors import AwsUnavailableError
from iamcheck.results import AwsCall

if TYPE_CHECKING:
    from collections.abc import Mapping

    from iamcheck.aws.clients import AwsAnswer, Deadline
    from iamcheck.checks.sts._clients import SessionClients
    from iamcheck.iam.catalogue import Region

__all__ = ["OptIns", "opt_in_status"]

_LONGEST_PAGE = 50
"""Entries; the most that ListRegions gives."""
_LIST = "account:ListRegions"


class OptIns:
    """The statuses of all Regions, listed when the first is asked about; safe to share between threads.

    Source: https://docs.aws.amazon.com/accounts/latest/reference/API_ListRegions.html

    Args:
        clients: Clients of the account.
        deadline: When the run must have ended.
    """

    def __init__(self, clients: SessionClients, deadline: Deadline | None) -> None:
        self._clients, self._deadline = clients, deadline
        self._lock = Lock()
        self._listed: tuple[AwsCall, Mapping[str, str]] | None = None

    def status(self, region: Region) -> tuple[AwsCall, OptIn | None]:
        """The Region's status, with the call that told it; None where it could not be had.

        A Region that is not in the list, and every one where there is no list, is asked about by itself.
        """
        with self._lock:
            if self._listed is None:
                self._listed = self._list()
        listed, statuses = self._listed
        if region.name not in statuses:
            return opt_in_status(self._clients, region, self._deadline)
        return _read(listed.operation, listed.endpoint, statuses[region.name])

    def _list(self) -> tuple[AwsCall, Mapping[str, str]]:
        statuses: dict[str, str] = {}
        endpoint = ""
        try:
            for page in pages(self._page, "Regions"):
                endpoint = page.endpoint or ""
                statuses |= {part.text("RegionName"): part.text("RegionOptStatus") for part in page.parts("Regions")}
        except AwsUnavailableError as error:
            # whoever may not list may still ask about one
            return AwsCall(_LIST, error.endpoint or "", error.reason), {}
        return AwsCall(_LIST, endpoint, ""), statuses

    def _page(self, token: Mapping[str, str]) -> AwsAnswer:
        return call(self._clients.account(), _LIST, self._deadline, MaxResults=_LONGEST_PAGE, **token)


def opt_in_status(clients: SessionClients, region: Region, deadline: Deadline | None) -> tuple[AwsCall, OptIn | None]:
    """The Region's opt-in status for the caller's own account; None where it could not be had.

    Source: https://docs.aws.amazon.com/accounts/latest/reference/API_GetRegionOptStatus.html
    """
    operation = "account:GetRegionOptStatus"
    try:
        answer = call(clients.account(), operation, deadline, RegionName=region.name)
        return _read(operation, answer.endpoint or "", answer.text("RegionOptStatus"))
    except AwsUnavailableError as error:
        return AwsCall(operation, error.endpoint or "", error.reason), None


def _read(operation: str, endpoint: str, text: str) -> tuple[AwsCall, OptIn | None]:
    try:
        status = OptIn(text)
    except ValueError:
        return AwsCall(operation, endpoint, "a status that is not known"), None
    return AwsCall(operation, endpoint, text), status
