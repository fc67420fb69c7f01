"""Online fleets over the roles of three accounts, as the tests of their limits share them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from tests.documents import allow, document

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from tests.cli import Done
    from tests.server import LoopbackAws

__all__ = ["ACCOUNTS", "EVERYTHING", "create_roles", "results_of", "trust", "write_rows"]

ACCOUNTS = ("123456789012", "210987654321", "345678901234")
EVERYTHING = document(allow("*"))
NAMES = {"endpoint": "churn", "config": "churn-v7", "region": "eu-west-1"}


def write_rows(folder: Path, rows: Sequence[dict[str, str]]) -> None:
    (folder / "fleet.jsonl").write_text("".join(f"{json.dumps({**NAMES, **row})}\n" for row in rows))


def trust() -> dict[str, object]:
    principal = {"AWS": f"arn:aws:iam::{ACCOUNTS[0]}:root"}
    return document({"Effect": "Allow", "Principal": principal, "Action": "sts:AssumeRole"})


def create_roles(aws: LoopbackAws) -> None:
    for account in ACCOUNTS:
        aws.create_role("fleet", account_id=account, policy=EVERYTHING, trust=trust())


def results_of(done: Done) -> list[dict[str, Any]]:
    return [json.loads(line) for line in done.out.splitlines()]
