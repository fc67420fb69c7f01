"""The questions whose answers are approved texts: `python scripts/refresh_approved.py simulators`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from tests.answers.aws import written_aws
from tests.answers.local_iam import written_matrix, written_pages, written_refusals, written_responses
from tests.answers.simulate import written_inputs, written_simulations

if TYPE_CHECKING:
    from tests.approved import Corpus

__all__ = ["TEXTS"]

TEXTS: Final[Corpus] = {
    "simulators/aws": written_aws,
    "simulators/inputs": written_inputs,
    "simulators/matrix": written_matrix,
    "simulators/pages": written_pages,
    "simulators/refusals": written_refusals,
    "simulators/responses": written_responses,
    "simulators/simulations": written_simulations,
}
