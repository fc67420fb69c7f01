"""Deployments: names, Region and account are checked as AWS checks them, and ARNs carry every spelling."""

from __future__ import annotations

from typing import Any

import pytest

from iamcheck.deployment import Deployment
from iamcheck.errors import InvalidInputError

ACCOUNT = "123456789012"


def deployment(
    endpoint: str = "churn", config: str = "churn-v7", region: str = "eu-west-1", account: str = ACCOUNT
) -> Deployment:
    return Deployment(endpoint, config, region=region, account_id=account)


@pytest.mark.parametrize("name", ["a", "7", "A", "a-b", "a--b", "0-0", "a" * 63, "a" + "-" * 10 + "b"])
def test_names_that_aws_takes(name: str) -> None:
    made = deployment(name, name)

    assert made.endpoint_arn == f"arn:aws:sagemaker:eu-west-1:{ACCOUNT}:endpoint/{name}"
    assert made.endpoint_config_arn == f"arn:aws:sagemaker:eu-west-1:{ACCOUNT}:endpoint-config/{name}"


@pytest.mark.parametrize(
    "name",
    ["", "-a", "a-", "a_b", "a.b", "a b", "a*", "a?", "${a}", "a/b", 'a"b', "a\n", "\u00e9", "\u0661", "a" * 64, " a"],
)
@pytest.mark.parametrize("field", ["endpoint_name", "endpoint_config_name"])
def test_names_that_aws_refuses(field: str, name: str) -> None:
    names: dict[str, Any] = {"endpoint_name": "churn", "endpoint_config_name": "churn-v7"} | {field: name}

    with pytest.raises(InvalidInputError) as caught:
        Deployment(**names, region="eu-west-1", account_id=ACCOUNT)

    assert caught.value.where == field


@pytest.mark.parametrize("account", ["", "12345678901", "1234567890123", "12345678901x", "\u0661" * 12, f"{ACCOUNT}\n"])
def test_account_ids_have_12_digits(account: str) -> None:
    with pytest.raises(InvalidInputError, match="12 digits") as caught:
        deployment(account=account)

    assert caught.value.where == "account_id"


@pytest.mark.parametrize("region", ["", "mars-1", "eu-west-99", "EU-WEST-1", "eu-west-1a", "aws-global"])
def test_unknown_regions_are_refused(region: str) -> None:
    with pytest.raises(InvalidInputError) as caught:
        deployment(region=region)

    assert caught.value.where == "region"


def test_a_number_is_no_account_id() -> None:
    fields: dict[str, Any] = {"region": "eu-west-1", "account_id": 123456789012}

    with pytest.raises(InvalidInputError, match="is not text") as caught:
        Deployment("churn", "churn-v7", **fields)

    assert caught.value.where == "account_id"


@pytest.mark.parametrize(
    ("region", "partition"),
    [("us-east-1", "aws"), ("cn-north-1", "aws-cn"), ("us-gov-west-1", "aws-us-gov"), ("us-iso-east-1", "aws-iso")],
)
def test_the_partition_follows_from_the_region(region: str, partition: str) -> None:
    made = deployment(region=region)

    assert made.partition == partition
    assert made.endpoint_arn.startswith(f"arn:{partition}:sagemaker:{region}:")


def test_names_with_capitals_have_two_spellings() -> None:
    made = deployment("Churn-EU", "churn-v7")

    assert [arn.rpartition("/")[2] for arn in made.endpoint_arns] == ["Churn-EU", "churn-eu"]
    assert made.endpoint_config_arns == (made.endpoint_config_arn,)
