"""Every form means the policy that it is made of, whatever the policy says, at home and elsewhere."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from iamcheck.errors import InvalidInputError
from iamcheck.formats import POLICY_FORMATS
from iamcheck.formats.policies import render_policy_as
from iamcheck.formats.policies.parts import PolicyForm, PolicyPlace
from tests.profiles import examples
from tests.unit.formats.policies.reading import READERS, normal

if TYPE_CHECKING:
    from collections.abc import Mapping

HERE = PolicyPlace("123456789012", "eu-west-1", "aws")
THERE = PolicyPlace("210987654321", "cn-north-1", "aws-cn")
FORM = PolicyForm("execution-role", "execution-role-churn")
FORMS = [one for one in POLICY_FORMATS if one != "json"]

TEXTS = st.one_of(
    st.sampled_from(
        (
            "arn:aws:s3:::home/${aws:username}/*",
            "arn:aws:sagemaker:eu-west-1:123456789012:endpoint/${aws:PrincipalTag/team, 'none'}-*",
            "${*}${?}${$}",
            "a$${b}%{c}%%{d}",
            '\'; rm -rf / #`id`$(id)$HOME "quoted" \\ back',
            "line\nline\r\n\ttab",
            "!Sub ${AWS::AccountId} ${!AWS::Region}",
            "kms.eu-west-1.amazonaws.com",
            "eu-west-1",
            "123456789012",
            "# - : {} [] & * ! | > % @ ~ null true 1e3",
            "<<EOT",
            "\U0001f600\u2028\x7f\x85",
        )
    ),
    st.text(max_size=12),
).filter(lambda text: "&{" not in text and not any("\ud800" <= char <= "\udfff" for char in text))
VALUES = st.one_of(TEXTS, st.lists(TEXTS, min_size=1, max_size=3))
CONDITIONS = st.dictionaries(
    st.sampled_from(("StringLike", "ForAnyValue:StringNotEquals", "Null")),
    st.dictionaries(
        st.sampled_from(("aws:RequestedRegion", "aws:RequestTag/t${e}a'm", "kms:ViaService")), VALUES, min_size=1
    ),
    min_size=1,
)


@st.composite
def statements(draw: st.DrawFn) -> dict[str, object]:
    return {
        "Effect": draw(st.sampled_from(("Allow", "Deny"))),
        draw(st.sampled_from(("Action", "NotAction"))): draw(VALUES),
        draw(st.sampled_from(("Resource", "NotResource"))): draw(VALUES),
        **draw(
            st.fixed_dictionaries({}, optional={"Sid": st.from_regex(r"\A[A-Za-z0-9]+\Z"), "Condition": CONDITIONS})
        ),
    }


POLICIES = st.fixed_dictionaries(
    {"Statement": st.lists(statements(), min_size=1, max_size=2)},
    optional={"Version": st.just("2012-10-17"), "Id": TEXTS},
)


def read_back(text: str, output: str, place: PolicyPlace) -> Any:  # noqa: ANN401  a policy
    with tempfile.TemporaryDirectory() as folder:
        return normal(READERS[output](text, place, Path(folder)))


def expected(document: Mapping[str, object], output: str) -> Any:  # noqa: ANN401  a policy
    # Terraform's default is the new version, in which `${...}` is substituted: it has to say the old one
    version = {"Version": "2008-10-17"} if output.startswith("terraform") else {}
    return normal({**version, **document})


@pytest.mark.parametrize("output", FORMS)
@examples(60)
@given(document=POLICIES, portable=st.booleans())
def test_a_policy_means_the_same_in_every_form(output: str, document: dict[str, object], portable: bool) -> None:
    form = FORM._replace(place=HERE if portable else None)
    text = render_policy_as(json.loads(json.dumps(document)), output, form)
    assert text.isascii()
    assert read_back(text, output, HERE) == expected(document, output)


@pytest.mark.parametrize("output", FORMS)
def test_a_portable_policy_speaks_of_where_it_is_deployed(output: str) -> None:
    def document(place: PolicyPlace) -> dict[str, Any]:
        arn = f"arn:{place.partition}:sagemaker:{place.region}:{place.account_id}:endpoint/churn-eu-west-1-123456789012"
        other = "arn:aws-us-gov:kms:us-gov-west-1:111122223333:key/k"
        return {
            "Version": "2012-10-17",
            "Statement": {
                "Effect": "Allow",
                "Action": "sagemaker:*",
                "Resource": [arn, other, f"arn:{place.partition}:iam::{place.account_id}:role/${{aws:username}}"],
                "Condition": {
                    "StringEquals": {
                        "aws:RequestedRegion": place.region,
                        "aws:SourceAccount": [place.account_id, "111122223333"],
                        # tags are the same everywhere
                        "aws:TagKeys": ["123456789012"],
                        "aws:RequestTag/123456789012": "arn:aws:iam::123456789012:role/ci",
                        "aws:PrincipalTag/region": "eu-west-1",
                        "kms:ViaService": f"sagemaker.{place.region}.amazonaws.com",
                    }
                },
            },
        }

    form = FORM._replace(place=HERE)
    text = render_policy_as(document(HERE), output, form)
    assert read_back(text, output, THERE) == normal(document(THERE))
    assert read_back(text, output, HERE) == normal(document(HERE))


@pytest.mark.parametrize("output", FORMS)
def test_a_trust_policy_is_that_of_a_role(output: str) -> None:
    document: dict[str, Any] = {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Principal": {"Service": "sagemaker.amazonaws.com", "AWS": ["arn:aws:iam::123456789012:root"]},
                "Action": "sts:AssumeRole",
                "Condition": {"StringEquals": {"aws:SourceAccount": "123456789012"}},
            },
            {"Effect": "Deny", "Principal": "*", "Action": "sts:TagSession"},
            {"Effect": "Deny", "NotPrincipal": {"AWS": "*"}, "Action": "sts:SetSourceIdentity"},
        ],
    }
    text = render_policy_as(document, output, PolicyForm("execution-role-trust", "execution-role", is_trust=True))
    assert read_back(text, output, HERE) == normal(document)
    assert {"terraform": "aws_iam_role", "terraform-json": "aws_iam_role"}.get(output, "ole") in text


@pytest.mark.parametrize("output", ["terraform", "terraform-json"])
def test_what_terraform_would_take_for_a_variable_is_refused(output: str) -> None:
    document: dict[str, Any] = {"Statement": {"Effect": "Allow", "Action": "*", "Resource": "arn:aws:s3:::a&{b}"}}
    with pytest.raises(InvalidInputError, match=r"^--format: Terraform takes '&\{' .* \(give --format json\)$"):
        render_policy_as(document, output, FORM)


def test_each_form_has_a_reader_here() -> None:
    assert set(READERS) == set(FORMS)
