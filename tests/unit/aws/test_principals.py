"""Who deploys: every kind of principal, over real HTTP where AWS is asked."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from iamcheck.aws.principals import IdentityKind, caller, parse_principal, require_account, resolve
from iamcheck.errors import AwsUnavailableError, InvalidInputError
from tests.server import Answer

if TYPE_CHECKING:
    from tests.server import LoopbackAws

A = "123456789012"
SSO_PATH = "/aws-reserved/sso.amazonaws.com/eu-west-1/"


@pytest.mark.parametrize(
    ("arn", "kind", "name", "session", "source"),
    [
        (f"arn:aws:iam::{A}:user/ann", IdentityKind.USER, "ann", None, True),
        (f"arn:aws:iam::{A}:user/team/ml/ann", IdentityKind.USER, "ann", None, True),
        (f"arn:aws-cn:iam::{A}:role/ci", IdentityKind.ROLE, "ci", None, True),
        (f"arn:aws:iam::{A}:role/service/ci", IdentityKind.ROLE, "ci", None, True),
        (f"arn:aws:iam::{A}:group/ml", IdentityKind.GROUP, "ml", None, True),
        (f"arn:aws:iam::{A}:root", IdentityKind.ROOT, "root", None, False),
        (f"arn:aws:sts::{A}:federated-user/ann", IdentityKind.FEDERATED_USER, "ann", None, False),
        (f"arn:aws:sts::{A}:assumed-role/ci/run-1", IdentityKind.ASSUMED_ROLE, "ci", "run-1", False),
        (f"arn:aws:sts::{A}:assumed-role/ci/a@b.c=d,e-f", IdentityKind.ASSUMED_ROLE, "ci", "a@b.c=d,e-f", False),
    ],
)
def test_a_principal_is_read_from_its_arn(
    arn: str, kind: IdentityKind, name: str, session: str | None, source: bool
) -> None:
    principal = parse_principal(arn)
    assert (principal.kind, principal.name, principal.session, principal.account_id) == (kind, name, session, A)
    assert principal.policy_source_arn == (arn if source else None)
    assert bool(principal.why_not) is (kind in (IdentityKind.ROOT, IdentityKind.FEDERATED_USER))


def test_of_a_session_all_is_known_but_the_path_of_its_role() -> None:
    # IAM User Guide, "Policy variables", table of principals: aws:username is not there for an assumed role
    facts = parse_principal(f"arn:aws-cn:sts::{A}:assumed-role/ci/run-1").facts()
    assert facts.known == {"aws:PrincipalAccount": A, "aws:PrincipalType": "AssumedRole"}
    assert facts.absent == ("aws:username",)


def test_of_a_federated_user_what_the_arn_says_is_known() -> None:
    arn = f"arn:aws:sts::{A}:federated-user/ann"
    facts = parse_principal(arn).facts()
    assert (facts.known["aws:PrincipalArn"], facts.known["aws:PrincipalType"]) == (arn, "FederatedUser")
    assert facts.absent == ("aws:username",)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "ci",
        f"arn:aws:iam::{A}:role",
        f"arn:aws:iam::{A}:role/",
        f"arn:aws:iam::{A}:root/x",
        f"arn:aws:iam::{A}:policy/x",
        f"arn:aws:sts::{A}:role/ci",
        f"arn:aws:iam::{A}:assumed-role/ci/run",
        f"arn:aws:sts::{A}:assumed-role/ci",
        f"arn:aws:sts::{A}:assumed-role/ci/",
        f"arn:aws:sts::{A}:federated-user/ann/x",
        f"arn:aws:iam:eu-west-1:{A}:role/ci",
        "arn:aws:iam::12345:role/ci",
        "arn:aws:iam::١٢٣٤٥٦٧٨٩٠١٢:role/ci",
        "sagemaker.amazonaws.com",
    ],
)
def test_what_is_no_principal_is_bad_input(text: str) -> None:
    with pytest.raises(InvalidInputError, match="--principal"):
        parse_principal(text)


def test_a_user_calls_with_long_term_keys(aws: LoopbackAws) -> None:
    ann = aws.create_user("ann", path="/team/")
    who = caller(aws.client("sts", credentials=ann), access_key_id="AKIAEXAMPLE")
    assert (who.kind, who.arn, who.policy_source_arn) == (IdentityKind.USER, ann.arn, ann.arn)
    assert who.user_id == ann.caller.user_id
    assert who.key_prefix == "AKIA"
    assert who.facts().known["aws:username"] == "ann"
    assert resolve(who, aws.client("iam")) == who


def test_a_session_resolves_to_its_role_with_its_path(aws: LoopbackAws) -> None:
    name = "AWSReservedSSO_Deployer_0123456789abcdef"
    credentials = aws.create_role(name, path=SSO_PATH, session="ann@example.com")
    who = caller(aws.client("sts", credentials=credentials), access_key_id=credentials.access_key_id)
    assert (who.kind, who.name, who.session) == (IdentityKind.ASSUMED_ROLE, name, "ann@example.com")
    assert who.key_prefix == credentials.access_key_id[:4] != "AKIA"
    resolved = resolve(who, aws.client("iam", credentials=credentials))
    assert resolved.policy_source_arn == f"arn:aws:iam::{A}:role{SSO_PATH}{name}"
    assert (resolved.path_known, resolved.assumptions) == (True, ())


def test_a_role_that_may_not_be_read_is_taken_without_a_path(aws: LoopbackAws) -> None:
    aws.deny("iam:GetRole")
    credentials = aws.create_role("ci", path="/team/")
    who = resolve(caller(aws.client("sts", credentials=credentials)), aws.client("iam", credentials=credentials))
    assert (who.policy_source_arn, who.path_known) == (f"arn:aws:iam::{A}:role/ci", False)
    assert "iam:GetRole" in who.assumptions[0].text
    assert who.key_prefix is None


def test_the_partition_is_kept(aws: LoopbackAws) -> None:
    aws.deny("iam:GetRole")
    principal = parse_principal(f"arn:aws-us-gov:sts::{A}:assumed-role/ci/run")
    assert resolve(principal, aws.client("iam")).policy_source_arn == f"arn:aws-us-gov:iam::{A}:role/ci"


def test_a_role_that_does_not_exist_is_could_not_ask(aws: LoopbackAws) -> None:
    with pytest.raises(AwsUnavailableError, match="iam:GetRole") as caught:
        resolve(parse_principal(f"arn:aws:sts::{A}:assumed-role/gone/run"), aws.client("iam"))
    assert caught.value.code == "NoSuchEntity"


class _Iam:
    def __init__(self, answer: object) -> None:
        self._answer = answer

    def get_role(self, **_: str) -> object:
        return self._answer


@pytest.mark.parametrize(
    "answer",
    [
        {},
        {"Role": {}},
        {"Role": {"Arn": f"arn:aws:iam::{A}:role/other"}},
        {"Role": {"Arn": "arn:aws:iam::210987654321:role/ci"}},
        {"Role": {"Arn": "ci"}},
    ],
)
def test_an_answer_about_another_role_is_could_not_ask(answer: object) -> None:
    with pytest.raises(AwsUnavailableError, match="cannot be understood"):
        resolve(parse_principal(f"arn:aws:sts::{A}:assumed-role/ci/run"), _Iam(answer))


@pytest.mark.parametrize(
    ("arn", "account"),
    [("nonsense", A), (f"arn:aws:iam::{A}:user/ann", "210987654321"), (f"arn:aws:iam::{A}:user/ann", "")],
)
def test_an_identity_that_is_none_is_could_not_ask(aws: LoopbackAws, arn: str, account: str) -> None:
    body = (
        '<GetCallerIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><GetCallerIdentityResult>'
        f"<Arn>{arn}</Arn><UserId>AIDAEXAMPLE</UserId><Account>{account}</Account>"
        "</GetCallerIdentityResult></GetCallerIdentityResponse>"
    )
    aws.hook("sts:GetCallerIdentity", lambda _: Answer(200, body.encode(), {"Content-Type": "text/xml"}))
    with pytest.raises(AwsUnavailableError, match="cannot be understood"):
        caller(aws.client("sts"))


def test_credentials_of_another_account_are_bad_input(aws: LoopbackAws) -> None:
    who = caller(aws.client("sts"))
    require_account(who, A)
    with pytest.raises(InvalidInputError, match="210987654321"):
        require_account(who, "210987654321")


def test_root_says_why_it_cannot_be_simulated(aws: LoopbackAws) -> None:
    who = caller(aws.client("sts", credentials=aws.root()))
    assert who.kind is IdentityKind.ROOT
    assert "root user cannot be simulated" in who.why_not
