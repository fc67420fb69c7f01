"""Makes pages as botocore's paginators do, without botocore.

Source: https://boto3.amazonaws.com/v1/documentation/api/latest/guide/paginators.html
"""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from iamcheck.simulators.local_iam.shapes import EvaluationResult, SimulatePolicyResponse

__all__ = ["PageIterator", "Paginator"]

_TRUNCATED = "boto_truncate_amount"


class Paginator:
    """What `client.get_paginator("simulate_custom_policy")` gives."""

    def __init__(self, operation: Callable[..., SimulatePolicyResponse]) -> None:
        self._operation = operation

    def paginate(self, **kwargs: object) -> PageIterator:
        """Prepares the calls, which are made as the pages are read.

        Args:
            **kwargs: The operation's own arguments, and `PaginationConfig={"MaxItems": ..., "PageSize": ...,
                "StartingToken": ...}`.
        """
        pagination = kwargs.pop("PaginationConfig", None)
        config: Mapping[str, object] = pagination if isinstance(pagination, Mapping) else {}
        most, size, start = config.get("MaxItems"), config.get("PageSize"), config.get("StartingToken")
        if size is not None:
            kwargs["MaxItems"] = int(str(size))
        token = _Token.decode(str(start)) if start is not None else _Token()
        return PageIterator(self._operation, kwargs, None if most is None else int(str(most)), token)


@dataclass(frozen=True, slots=True)
class _Token:
    """Where to go on: IAM's marker, and how many results of that page have been handed out."""

    marker: str | None = None
    taken: int = 0

    def encode(self) -> str:
        token: dict[str, object] = {"Marker": self.marker}
        if self.taken:
            token[_TRUNCATED] = self.taken
        return base64.b64encode(json.dumps(token).encode()).decode()

    @classmethod
    def decode(cls, text: str) -> _Token:
        """Takes a token of ours or of botocore's, and a bare marker as botocore does."""
        try:
            token = json.loads(base64.b64decode(text, validate=True))
        except ValueError:
            return cls(text)
        return cls(token.get("Marker"), int(token.get(_TRUNCATED, 0))) if isinstance(token, dict) else cls(text)


class PageIterator:
    """The pages; may be iterated over again."""

    def __init__(
        self,
        operation: Callable[..., SimulatePolicyResponse],
        kwargs: Mapping[str, object],
        most: int | None,
        start: _Token,
    ) -> None:
        self._operation, self._kwargs, self._most, self._start = operation, kwargs, most, start
        self.resume_token: str | None = None
        """Where to go on when `MaxItems` stopped the reading."""

    def __iter__(self) -> Iterator[SimulatePolicyResponse]:
        self.resume_token = None
        left, token = self._most, self._start
        while True:
            page = self._operation(**(dict(self._kwargs) | ({"Marker": token.marker} if token.marker else {})))
            results = page["EvaluationResults"][token.taken :]
            if left is not None and len(results) > left:
                page["EvaluationResults"] = results[:left]
                self.resume_token = _Token(token.marker, token.taken + left).encode()
                yield page
                return
            page["EvaluationResults"] = results
            yield page
            marker = page.get("Marker")
            left = None if left is None else left - len(results)
            if marker is None:
                return
            token = _Token(marker)
            if left == 0:
                self.resume_token = token.encode()
                return

    def build_full_result(self) -> dict[str, object]:
        """Reads all pages into one: `EvaluationResults`, and `NextToken` where `MaxItems` stopped the reading."""
        results: list[EvaluationResult] = [result for page in self for result in page["EvaluationResults"]]
        full: dict[str, object] = {"EvaluationResults": results}
        if self.resume_token is not None:
            full["NextToken"] = self.resume_token
        return full

    def result_key_iters(self) -> tuple[Iterator[EvaluationResult]]:
        """Returns one iterator, over the results of all pages."""
        return ((result for page in self for result in page["EvaluationResults"]),)

    def search(self, expression: str) -> Iterator[object]:
        """Yields what the JMESPath expression finds in each page, the elements of a list one by one."""
        import jmespath

        compiled = jmespath.compile(expression)
        for page in self:
            result = compiled.search(page)
            yield from result if isinstance(result, list) else [result]
