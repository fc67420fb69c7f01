"""The texts, documents and requests whose reading is approved: `python scripts/refresh_approved.py model`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from tests.answers.documents import written_documents, written_json, written_requests, written_values

if TYPE_CHECKING:
    from tests.approved import Corpus

__all__ = ["TEXTS"]

TEXTS: Final[Corpus] = {
    "model/documents": written_documents,
    "model/json": written_json,
    "model/requests": written_requests,
    "model/values": written_values,
}
