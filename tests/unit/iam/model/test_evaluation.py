"""What a deciding statement is called, and where it stands."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from iamcheck.iam.engine import evaluate
from iamcheck.iam.files import read_policy
from iamcheck.iam.model import Place, Policy, PolicySet, PolicyType, Request, StatementRef

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize(
    ("ref", "text"),
    [
        (
            StatementRef(PolicyType.SCP, "lock.json", "Lock", 0, line=4),
            "statement Lock of the service control policy (SCP) lock.json, line 4",
        ),
        (StatementRef(PolicyType.IDENTITY, "p.json", None, 2), "Statement[2] of the identity policy p.json"),
        (StatementRef(PolicyType.BOUNDARY, "edge", None, None), "a statement of the permissions boundary edge"),
        (StatementRef(PolicyType.RESOURCE, "", "S", 0), "statement S of the resource policy"),
    ],
)
def test_a_statement_in_words(ref: StatementRef, text: str) -> None:
    assert str(ref) == text


def test_the_deciding_statement_says_where_it_stands_in_its_file(tmp_path: Path) -> None:
    file = tmp_path / "p.json"
    file.write_text(
        '{"Version": "2012-10-17", "Statement": [\n  {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"},\n'
        '    {"Effect": "Deny", "Action": "*", "Resource": "*"}\n]}'
    )
    request = Request("s3:GetObject", "arn:aws:s3:::b/k")
    for name in (None, "deployer"):
        policy = read_policy(file, name=name)
        (ref,) = evaluate(request, PolicySet(identity=[policy])).matched
        assert ref.place == Place(str(file), 3, 5, "Statement[1]")
    in_no_file = Policy.parse(file.read_text(), name=str(file))
    (ref,) = evaluate(request, PolicySet(identity=[in_no_file])).matched
    assert ref.place is None
