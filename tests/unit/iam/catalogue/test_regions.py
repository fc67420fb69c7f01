"""Regions, partitions and names' patterns, and that the packaged files are those of the installed botocore."""

from __future__ import annotations

import importlib.util
import json
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import iamcheck
from iamcheck.errors import InvalidInputError
from iamcheck.iam import catalogue
from iamcheck.iam.catalogue import NameKind

if TYPE_CHECKING:
    from types import ModuleType

DATA = Path(iamcheck.__file__).parent / "data"


@pytest.fixture(scope="module")
def script() -> ModuleType:
    """The script that makes the data from botocore."""
    path = Path(__file__).parents[4] / "scripts" / "make_botocore_data.py"
    spec = importlib.util.spec_from_file_location("make_botocore_data", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_names_are_those_of_the_installed_botocore(script: ModuleType) -> None:
    assert json.loads((DATA / "names.json").read_text())["names"] == script.names()["names"]


def test_members_of_requests_are_those_of_the_installed_botocore(script: ModuleType) -> None:
    """A newer botocore may know more members; one that changed or lost any needs a new file."""
    installed = script.requests()["members"]
    packaged = catalogue.request_members()
    assert {"CreateEndpoint", "CreateEndpointConfig", "CreateModel"} <= set(packaged)
    for structure, members in packaged.items():
        assert members.items() <= installed[structure].items()


def test_kinds_of_members_are_those_of_the_installed_botocore(script: ModuleType) -> None:
    installed = script.requests()["kinds"]
    packaged = catalogue.request_kinds()
    assert packaged["ProductionVariantServerlessConfig"]["MemorySizeInMB"] == "integer"
    for structure, kinds in packaged.items():
        assert kinds.items() <= installed[structure].items()


def test_partitions_are_those_of_the_installed_botocore(script: ModuleType) -> None:
    """A newer botocore may know more Regions and partitions; one that changed or lost any needs a new file."""
    packaged = json.loads((DATA / "partitions.json").read_text())
    installed = script.partitions()
    assert packaged["enabledByDefault"] == installed["enabledByDefault"]
    for name, about in packaged["partitions"].items():
        now = installed["partitions"][name]
        assert about["dnsSuffix"] == now["dnsSuffix"]
        for region, facts in about["regions"].items():
            assert now["regions"][region]["description"] == facts["description"]


@pytest.mark.parametrize(
    ("name", "partition", "default"),
    [
        ("eu-west-1", "aws", True),
        ("us-east-1", "aws", True),
        ("eu-south-1", "aws", False),
        ("mx-central-1", "aws", False),
        ("cn-north-1", "aws-cn", None),
        ("us-gov-west-1", "aws-us-gov", None),
        ("us-iso-east-1", "aws-iso", None),
        ("us-isob-east-1", "aws-iso-b", None),
        ("eusc-de-east-1", "aws-eusc", None),
    ],
)
def test_a_region_knows_its_partition(name: str, partition: str, default: bool | None) -> None:
    found = catalogue.region(name)
    assert (found.name, found.partition, found.enabled_by_default) == (name, partition, default)
    assert found in catalogue.regions(partition)
    assert name in catalogue.partition(partition).regions


def test_seventeen_regions_are_enabled_by_default() -> None:
    """ "Enable or disable AWS Regions in your account", AWS Account Management reference."""
    assert sum(1 for one in catalogue.regions() if one.enabled_by_default) == 17
    assert all(one.enabled_by_default is not None for one in catalogue.regions("aws"))
    assert catalogue.region("eu-west-1").description == "Europe (Ireland)"


def test_regions_are_sorted_and_of_all_partitions() -> None:
    names = [one.name for one in catalogue.regions()]
    assert names == sorted(names)
    assert {one.partition for one in catalogue.regions()} >= {"aws", "aws-cn", "aws-us-gov"}
    assert catalogue.partition("aws-cn").dns_suffix == "amazonaws.com.cn"


@pytest.mark.parametrize(
    ("name", "cure"),
    [
        ("eu-wset-1", "eu-west-1"),
        ("EU-WEST-1", "did you mean eu-west-1"),
        ("eu-west-99", "a newer iamcheck is needed"),
        ("us-iso-nowhere-7", "a newer iamcheck is needed"),
        ("aws-global", "a Region is written like eu-west-1"),
        ("eu-west-1\n", "did you mean eu-west-1"),
        ("eu-west-1a", "did you mean eu-west-1"),
        ("", "a Region is written like eu-west-1"),
        ("x" * 5000, "a Region is written like eu-west-1"),
    ],
)
def test_a_region_that_is_none_is_refused_with_a_cure(name: str, cure: str) -> None:
    with pytest.raises(InvalidInputError, match="is not an AWS Region") as caught:
        catalogue.region(name, where="--region")
    assert caught.value.where == "--region"
    assert cure in caught.value.cure
    assert "\n" not in str(caught.value)
    assert len(str(caught.value)) < 400


def test_an_unknown_partition_is_refused() -> None:
    with pytest.raises(InvalidInputError, match="'aws-moon' is not an AWS partition"):
        catalogue.partition("aws-moon")
    with pytest.raises(InvalidInputError, match="aws-us-gov"):
        catalogue.regions("aws-moon")


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        (NameKind.ENDPOINT, "churn"),
        (NameKind.ENDPOINT, "a"),
        (NameKind.ENDPOINT, "A-b--c1"),
        (NameKind.ENDPOINT, "a" * 63),
        (NameKind.ENDPOINT_CONFIG, "churn-v7"),
        (NameKind.MODEL, "m-1"),
        (NameKind.ACCOUNT_ID, "123456789012"),
        (NameKind.ACCOUNT_ID, "000000000000"),
        (NameKind.ROLE_ARN, "arn:aws:iam::123456789012:role/path/name"),
        (NameKind.ROLE, "name+=,.@-_"),
        (NameKind.TAG_KEY, "Kostenstelle für Team 7/a:b=c+d-e@f"),
        (NameKind.TAG_KEY, "\u540d\u524d\u00a0\u0661"),
        (NameKind.TAG_VALUE, ""),
    ],
)
def test_names_that_aws_takes(kind: NameKind, value: str) -> None:
    assert catalogue.validate_name(kind, value, "--name") == value


@pytest.mark.parametrize(
    ("kind", "value", "text"),
    [
        (NameKind.ENDPOINT, "", "'' is not an EndpointName"),
        (NameKind.ENDPOINT, "a_b", "letters, digits and inner hyphens, at most 63 characters"),
        (NameKind.ENDPOINT, "-a", "'-a' is not"),
        (NameKind.ENDPOINT, "a-", "'a-' is not"),
        (NameKind.ENDPOINT, "a\n", r"'a\\n' is not"),
        (NameKind.ENDPOINT, "\u00e4", "is not"),
        (NameKind.ENDPOINT, 'a"}', "is not"),
        (NameKind.ENDPOINT, "a" * 64, r"\(64 characters\) is not"),
        (NameKind.ENDPOINT, "-" * 100_000, r"\.\.\.' \(100000 characters\)"),
        (NameKind.ENDPOINT_CONFIG, "a b", "an EndpointConfigName"),
        (NameKind.ACCOUNT_ID, "12345678901", r"'12345678901' is not an AccountId \(12 digits\)"),
        (NameKind.ACCOUNT_ID, "1234567890123", "is not an AccountId"),
        (NameKind.ACCOUNT_ID, "\u0661" * 12, "is not an AccountId"),
        (NameKind.ROLE_ARN, "arn:aws:iam::123456789012:user/name", "is not a RoleArn"),
        (NameKind.ROLE, "r\u00f6le", "is not a RoleName"),
        (NameKind.TAG_KEY, "", "is not a TagKey"),
        (NameKind.TAG_KEY, "a*", "is not a TagKey"),
        (NameKind.TAG_KEY, "a" * 129, "is not a TagKey"),
        (NameKind.TAG_VALUE, "tab\t", "is not a TagValue"),
    ],
)
def test_names_that_aws_refuses(kind: NameKind, value: str, text: str) -> None:
    with pytest.raises(InvalidInputError, match=text) as caught:
        catalogue.validate_name(kind, value, "--name")
    assert str(caught.value).startswith("--name: ")
    assert "\n" not in str(caught.value)


def test_bounds_come_from_the_model() -> None:
    rule = catalogue.name_pattern(NameKind.ENDPOINT)
    assert (rule.pattern, rule.max_length) == ("[a-zA-Z0-9](-*[a-zA-Z0-9]){0,62}", 63)
    assert catalogue.name_pattern(NameKind.ACCOUNT_ID).max_length is None


@pytest.mark.parametrize("kind", [NameKind.TAG_KEY, NameKind.TAG_VALUE])
def test_tags_take_the_unicode_categories_that_the_pattern_names(kind: NameKind) -> None:
    r"""The pattern's classes are `\p{L}`, `\p{Z}`, `\p{N}` and some signs; Python has no such classes."""
    import unicodedata

    def taken(character: str) -> bool:
        try:
            return bool(catalogue.validate_name(kind, character))
        except InvalidInputError:
            return False

    for place in range(0x3100):
        character = chr(place)
        assert taken(character) == (unicodedata.category(character)[0] in "LZN" or character in "_.:/=+-@"), place
