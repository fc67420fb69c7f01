"""Reads all pages of a list."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from iamcheck.aws.clients import AwsAnswer

__all__ = ["MOST_PAGES", "pages"]

MOST_PAGES: Final = 200
"""Pages of a list that are read: 20,000 entries of a list that gives 100 a page."""


def pages(ask: Callable[[Mapping[str, str]], AwsAnswer], *lists: str) -> Iterator[AwsAnswer]:
    """Gives the pages of a list, the first one first.

    A page without a token, or with an empty one, is the last, as for botocore's own paginators; IAM says so with
    `IsTruncated` besides. An empty page that has a token is not the last
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


def _next(page: AwsAnswer) -> Mapping[str, str]:
    """The parameter that asks for the page after this one; empty where there is none."""
    name = "Marker" if page.operation.startswith("iam:") else "NextToken"
    truncated = page.data.get("IsTruncated") if name == "Marker" else None
    if truncated not in (True, False, None):
        raise page.unusable("IsTruncated is neither true nor false")
    if truncated is False or (truncated is None and page.data.get(name) in (None, "")):
        return {}
    return {name: page.text(name)}
