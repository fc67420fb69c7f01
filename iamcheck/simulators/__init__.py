"""Has requests answered by the engine, or by AWS."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Sequence

    from iamcheck.iam.model import Evaluation, PolicySet, Request

__all__ = ["Simulator"]


class Simulator(Protocol):
    """Requests and policies in, one evaluation a request out, in the same order."""

    @property
    def name(self) -> str:
        """`local` or `aws`."""

    def simulate(self, requests: Sequence[Request], policies: PolicySet) -> tuple[Evaluation, ...]:
        """Decides each request under `policies`.

        Raises:
            AwsUnavailableError: The simulator could not be asked, or gave no answer that can be understood.
        """
