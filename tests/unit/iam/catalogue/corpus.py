"""The questions to the reference data whose answers are approved: `python scripts/refresh_approved.py catalogue`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from tests.answers.reference import written_reference

if TYPE_CHECKING:
    from tests.approved import Corpus

__all__ = ["TEXTS"]

TEXTS: Final[Corpus] = {"catalogue/reference": written_reference}
