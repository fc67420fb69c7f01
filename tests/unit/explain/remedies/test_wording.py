"""Who can change the policies of a principal: a name alone makes no role of a user."""

from __future__ import annotations

import pytest

from iamcheck.explain.remedies.wording import administrator

IAM = "arn:aws:iam::123456789012"


# the pages are those of `administrator`
@pytest.mark.parametrize("name", ["AWSServiceRoleForX", "AWSReservedSSO_Deploy_0123456789abcdef"])
def test_a_user_with_the_name_of_a_role_of_aws_has_policies_of_its_own(name: str) -> None:
    assert administrator(f"{IAM}:role/{name}").instead
    user = administrator(f"{IAM}:user/{name}")
    assert (user.place, user.instead) == (f"a policy of user {name}", "")


def test_a_federated_user_has_the_policies_of_the_user_who_federated_it() -> None:
    federated = administrator("arn:aws:sts::123456789012:federated-user/ann")
    assert (federated.place, federated.instead) == ("a policy of the user who federated ann", "")
