"""Asks a simulator again until every context key that is known and that matters has its value."""

from __future__ import annotations

from typing import TYPE_CHECKING

from iamcheck.iam.request_context import ContextFacts, settle

if TYPE_CHECKING:
    from collections.abc import Sequence

    from iamcheck.iam.model import Evaluation, PolicySet, Request
    from iamcheck.simulators import Simulator

__all__ = ["ask"]


def ask(
    simulator: Simulator, requests: Sequence[Request], policies: PolicySet, facts: ContextFacts | None = None
) -> tuple[Evaluation, ...]:
    """Evaluates requests with everything that is known of the keys that turn out to matter.

    Args:
        simulator: Who answers.
        requests: What is asked; what a request says itself wins over `facts`.
        policies: The policies that have a say.
        facts: What is known besides, from who calls for one.

    Returns:
        An evaluation a request, in the same order; its `request` is the one that was asked in the end.

    Raises:
        AwsUnavailableError: The simulator could not be asked.
    """
    facts = facts or ContextFacts()
    settled_requests = (
        [settle(request, facts, ()) for request in requests] if facts.known or facts.absent else list(requests)
    )
    answers = list(simulator.simulate(settled_requests, policies))
    unsettled = [place for place, answer in enumerate(answers) if answer.open_keys]
    while unsettled:
        settled = {place: settle(answers[place].request, facts, answers[place].open_keys) for place in unsettled}
        # settling one key can bring another one to light, and there are only so many
        unsettled = [
            place for place, request in settled.items() if len(request.absent) > len(answers[place].request.absent)
        ]
        again = simulator.simulate([settled[place] for place in unsettled], policies) if unsettled else ()
        for place, answer in zip(unsettled, again, strict=True):
            answers[place] = answer
        unsettled = [place for place in unsettled if answers[place].open_keys]
    return tuple(answers)
