"""Answers requests by the engine, and keeps unknown what is unknown."""

from __future__ import annotations

from typing import TYPE_CHECKING

from iamcheck.iam.engine import Semantics, evaluate

if TYPE_CHECKING:
    from collections.abc import Sequence

    from iamcheck.iam.model import Evaluation, PolicySet, Request

__all__ = ["LocalSimulator"]


class LocalSimulator:
    """A `Simulator` that asks nobody.

    Args:
        semantics: `LIVE` for what happens on the day; `SIMULATOR` to compare with AWS's simulator; `ALONE`
            to judge a policy by itself.
    """

    def __init__(self, semantics: Semantics = Semantics.LIVE) -> None:
        self.semantics = semantics

    @property
    def name(self) -> str:
        """`local`."""
        return "local"

    def simulate(self, requests: Sequence[Request], policies: PolicySet) -> tuple[Evaluation, ...]:
        """Decides each request under `policies`, in the same order.

        Raises:
            UnsupportedElementError: A statement stands in a layer that does not take it.
        """
        return tuple(evaluate(request, policies, semantics=self.semantics) for request in requests)
