"""The texts that AWS takes as numbers, dates, addresses and base64, as its answers of September 2026 show them."""

from __future__ import annotations

from decimal import Decimal

import pytest

from iamcheck.iam.model import Family
from iamcheck.iam.model.values import arn_parts, binary, boolean, date, ip_address, ip_network, numeric, storable


@pytest.mark.parametrize("text", ["1", "01", "+1", "1.", "1.0", "1e0", "10e-1", ".1E1", "01.00"])
def test_a_number_has_many_spellings(text: str) -> None:
    assert numeric(text) == Decimal(1)


@pytest.mark.parametrize(
    "text", ["", " 1 ", "0x10", "NaN", "Infinity", "no-number", "1,0", "1e", ".", "\u0661", "1e99999999999", "1\n"]
)
def test_a_text_that_is_no_number(text: str) -> None:
    assert numeric(text) is None
    assert not storable(Family.NUMERIC, text)


def test_numbers_are_exact() -> None:
    assert numeric("9007199254740992") != numeric("9007199254740993")
    assert numeric("0.1") != numeric("0.1000000000000000055")


def test_a_huge_exponent_is_a_number_like_any_other() -> None:
    huge, small = numeric("1e999999999"), numeric("1e-999999999")
    assert huge is not None
    assert small is not None
    assert small < Decimal(1) < huge
    assert huge != small


@pytest.mark.parametrize(
    "text",
    [
        "2030-01-01T00:00:00Z",
        "2030-01-01",
        "2030-01",
        "2030-01-01T00:00",
        "2030-01-01T00:00:00",
        "2030-01-01T00:00:00.000Z",
        "2030-01-01T00:00:00.0009Z",
        "2030-01-01T01:30:00+01:30",
        "2029-12-31T19:00:00-05:00",
        "1893456000",
        "+1893456000",
    ],
)
def test_a_date_has_many_spellings(text: str) -> None:
    assert date(text) == 1893456000000


@pytest.mark.parametrize(
    "text",
    [
        "",
        "not-a-date",
        "2030-13-01",
        "2030-02-30",
        "2030-01-01T24:00:00Z",
        "2030-01-01T00:60:00Z",
        "2030-01-01T00:00:60Z",
        "2030-01-01 00:00:00Z",
        "2030-01-01T00:00:00+24:00",
        "2030-01-01Z",
        "99999999999999999999",
        "9999999999999999999",
        "1.5",
        "0000-01-01",
    ],
)
def test_a_text_that_is_no_date(text: str) -> None:
    assert date(text) is None
    assert not storable(Family.DATE, text)


def test_dates_are_cut_to_milliseconds() -> None:
    assert date("1970-01-01T00:00:00.1239Z") == 123
    assert date("1970-01-01T00:00:00.1Z") == 100
    assert date("0") == 0
    assert date("-1") == -1000


@pytest.mark.parametrize(("text", "value"), [("true", True), ("TRUE", True), ("True", True), ("false", False)])
def test_a_boolean(text: str, value: bool) -> None:
    assert boolean(text) is value


@pytest.mark.parametrize("text", ["yes", "1", "", " true "])
def test_anything_but_true_is_false(text: str) -> None:
    assert boolean(text) is False
    assert storable(Family.BOOL, text)
    assert storable(Family.NULL, text)
    assert storable(Family.STRING, text)


@pytest.mark.parametrize("text", ["YQ==", "YWI=", "YWJj", ""])
def test_canonical_base64(text: str) -> None:
    assert binary(text) == text


@pytest.mark.parametrize("text", ["YQ", "YR==", " YQ== ", "no-binary", "YWJ=", "YQ==\n", "YQ==YQ=="])
def test_base64_that_is_not_canonical(text: str) -> None:
    assert binary(text) is None
    assert not storable(Family.BINARY, text)


@pytest.mark.parametrize(
    ("text", "same"),
    [
        ("192.000.2.1", "192.0.2.1"),
        ("::ffff:192.0.2.1", "192.0.2.1"),
        ("::FFFF:c000:201", "192.0.2.1"),
        ("0:0:0:0:0:ffff:192.0.2.1", "192.0.2.1"),
        ("2001:db8:::1", "2001:db8::1"),
        ("2001:db8::1:", "2001:db8::1"),
        (":::", "::"),
        ("0:0:0:0:0:0:0:0", "::"),
        (":2001:db8::1", "0:2001:db8::1"),
        ("2001:DB8::1", "2001:db8::1"),
        ("1:2:3:4:5:6:7::", "1:2:3:4:5:6:7:0"),
    ],
)
def test_an_address_has_many_spellings(text: str, same: str) -> None:
    assert ip_address(text) == ip_address(same) is not None


@pytest.mark.parametrize(
    "text",
    [
        "",
        "not-an-ip",
        "192.0.2.1/32",
        "192.0.513",
        "3221225985",
        "192.0.2.256",
        "192.0.2.1.5",
        "192.0.2.1\n",
        " 192.0.2.1",
        "::192.0.2.1",
        "2001:db8::192.0.2.1",
        "::ffff:192.0.2",
        "2001::db8::1",
        "2001:db8::::1",
        "fe80::1%eth0",
        "[::1]",
        "1:2:3:4:5:6:7:8:9",
        "1:2:3",
        "1:2:3:4::5:6:7:8",
        "::g",
        "::12345",
        "::+1",
    ],
)
def test_a_text_that_is_no_address(text: str) -> None:
    assert ip_address(text) is None


def _holds(network: str, address: str) -> bool:
    parsed, value = ip_network(network), ip_address(address)
    assert parsed is not None
    assert value is not None
    return parsed.has(value)


@pytest.mark.parametrize(
    ("network", "inside", "outside"),
    [
        ("192.0.2.5/24", "192.0.2.255", "192.0.3.1"),
        ("192.0.2.0/024", "192.0.2.1", "192.0.3.1"),
        ("192.0.2.0/+24", "192.0.2.1", "192.0.3.1"),
        ("192.000.002.1", "192.0.2.1", "192.0.2.2"),
        ("192.0.2.0/31", "192.0.2.1", "192.0.2.2"),
        ("192.0.2.0/0", "203.0.113.1", "2001:db8::1"),
        ("192.0.2.0/24", "::ffff:192.0.2.1", "2001:db8::1"),
        ("::/0", "2001:db8::1", "192.0.2.1"),
        ("2001:db8::4/127", "2001:db8::5", "2001:db8::6"),
        ("2001:db8::1", "2001:db8::1", "2001:db8::2"),
        ("2001:db8:::1/128", "2001:db8::1", "2001:db8::2"),
        ("::ffff:c000:200/120", "::c000:201", "::ffff:c000:201"),
    ],
)
def test_a_network_holds_its_addresses(network: str, inside: str, outside: str) -> None:
    assert _holds(network, inside) is (network != "::ffff:c000:200/120")
    assert not _holds(network, outside)
    assert storable(Family.IP, network)


@pytest.mark.parametrize(
    "text",
    [
        "not-an-ip",
        "192.0.2.0/33",
        "192.0.2.0/",
        "192.0.2.0/-1",
        "192.0.2.0/x",
        "2001:db8::5/64",
        "2001:db8::5/127",
        "2001:db8::1/0",
        "2001:db8::/129",
        "::ffff:192.0.2.0/24",
        "::192.0.2.0/120",
    ],
)
def test_a_network_that_iam_does_not_store(text: str) -> None:
    assert ip_network(text) is None
    assert not storable(Family.IP, text)


def test_an_arn_has_six_parts() -> None:
    assert arn_parts("arn:aws:iam::123456789012:user/a:b") == ["arn", "aws", "iam", "", "123456789012", "user/a:b"]
    assert arn_parts("not-an-arn") is None
    assert arn_parts("arn:aws:s3:::") is None
    assert storable(Family.ARN, "arn:aws:iam::*:user/*")
    assert storable(Family.ARN, "${aws:PrincipalArn}")
    assert not storable(Family.ARN, "not-an-arn")
    assert not storable(Family.ARN, "*")
