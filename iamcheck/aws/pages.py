"""Reads all pages of a list."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from iamcheck.aws.clients import AwsAnswer

__all__ = ["MOST_PAGES", "pages"]

MOST_PAGES: Final = 200
"""Pages of a list that are read: 20,000 entries of a list that gives 100 a page."""


def pages(ask: Callable[[Mapping[str, str]], AwsAnswer], *lists: str) -> Iterator[AwsAnswer]:
    """Gives the pages of a list, the first one first.

    A page without a token, or with an empty one, is the last, as for botocore's own paginators; IAM and KMS say so
    with a truth value besides. An empty page that has a token is not the last
    (https://docs.aws.amazon.com/organizations/latest/APIReference/API_ListPoliciesForTarget.html).

    Args:
        ask: Makes the call, with the parameter that asks for the next page: none for the first one.
        lists: The members of an answer that hold its entries; a page that has none of them is not AWS's, which names
            empty lists. None: what the list is called does not matter.

    Raises:
        AwsUnavailableError: A call failed, a page cannot be understood, or the pages do not end.
    """
    seen: set[str] = set()
    token: Mapping[str, str] = {}
    entries: list[object] = []
    for _ in range(MOST_PAGES):
        page = ask(token)
        if lists and all(page.data.get(name) is None for name in lists):
            raise page.unusable(f"{' and '.join(lists)} is missing from the answer")
        previous, entries = entries, [page.data.get(name) for name in lists]
        if any(entries) and entries == previous:
            raise page.unusable("its pages do not end: a page comes again")
        yield page
        token = _next(page)
        if not token:
            return
        if seen.issuperset(token.values()):
            raise page.unusable("its pages do not end: a token comes again")
        seen.update(token.values())
    raise page.unusable(f"it has more than {MOST_PAGES} pages")


class _PageNames(NamedTuple):
    """What a service calls the parts of its pages."""

    parameter: str = "NextToken"
    next_page: str = "NextToken"
    truncated: str | None = None


_NAMES: Final = {
    "iam": _PageNames("Marker", "Marker", "IsTruncated"),
    # https://docs.aws.amazon.com/kms/latest/APIReference/API_ListKeys.html
    "kms": _PageNames("Marker", "NextMarker", "Truncated"),
}
"""Services with names of their own."""


def _next(page: AwsAnswer) -> Mapping[str, str]:
    """The parameter that asks for the page after this one; empty where there is none."""
    names = _NAMES.get(page.operation.partition(":")[0], _PageNames())
    truncated = page.data.get(names.truncated) if names.truncated else None
    if truncated not in (True, False, None):
        raise page.unusable(f"{names.truncated} is neither true nor false")
    if truncated is False or (truncated is None and page.data.get(names.next_page) in (None, "")):
        return {}
    return {names.parameter: page.text(names.next_page)}
