"""The policies of a principal as authorization details have them."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from iamcheck.account import read_details, read_live
from iamcheck.principals import parse_principal
from tests.unit.account import world
from tests.unit.account.world import IAM, document, managed

if TYPE_CHECKING:
    from pathlib import Path

    from tests.server import LoopbackAws


@pytest.fixture
def account(aws: LoopbackAws) -> list[str]:
    """The ARNs of principals of every kind."""
    ann = world.ann(aws)
    role = aws.create_role("ci", path="/team/", policy=document("OfRole"), boundary=document("Limit"))
    iam = aws.client("iam")
    iam.attach_role_policy(RoleName="ci", PolicyArn=managed("more"))
    iam.tag_role(RoleName="ci", Tags=[{"Key": "team", "Value": "ml"}])
    aws.create_user("bare")
    return [ann, role.arn, f"{IAM}:role/team/ci", f"{IAM}:group/ml", f"{IAM}:user/bare", f"{IAM}:root"]


def details_of(aws: LoopbackAws) -> dict[str, Any]:
    answer: dict[str, Any] = dict(aws.client("iam").get_account_authorization_details())
    for key in ("ResponseMetadata", "Marker"):
        answer.pop(key, None)
    for entry in (*answer["UserDetailList"], *answer["RoleDetailList"]):
        entry.setdefault("Tags", [])  # AWS names empty lists, which moto leaves out here
    return answer


def test_the_file_says_the_same_as_iam(aws: LoopbackAws, account: list[str], tmp_path: Path) -> None:
    path = tmp_path / "details.json"
    path.write_text(json.dumps(details_of(aws), default=str, indent=4))
    for arn in account:
        live = read_live(parse_principal(arn), aws.client("iam"))
        found = read_details(path, arn)
        # live, a group is not asked for its own id, which matters to nobody
        assert replace(found, unique_id=live.unique_id) == live
        assert found.unread == ()
