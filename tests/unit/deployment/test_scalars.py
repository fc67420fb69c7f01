"""Numbers and truth values of YAML, and what the members that take them make of them."""

from __future__ import annotations

import io

import pytest

from iamcheck.deployment.located import UNKNOWN, Member
from iamcheck.deployment.sources import read_sources

TEMPLATE = """\
Resources:
  Config:
    Type: AWS::SageMaker::EndpointConfig
    Properties:
      EnableNetworkIsolation: {truth}
      ProductionVariants:
        - InitialInstanceCount: {whole}
          InitialVariantWeight: {decimal}
      Tags: [{{Key: k, Value: {text}}}]
  Endpoint:
    Type: AWS::SageMaker::Endpoint
    Properties: {{EndpointConfigName: !GetAtt Config.EndpointConfigName}}
"""


def read(member: str, written: str) -> Member:
    values = {"truth": "true", "whole": "1", "decimal": "1", "text": "t"} | {member: written}
    found = read_sources("-", stdin=io.BytesIO(TEMPLATE.format(**values).encode()))[0].config
    assert found is not None
    path = {
        "truth": ["EnableNetworkIsolation"],
        "whole": ["ProductionVariants", "InitialInstanceCount"],
        "decimal": ["ProductionVariants", "InitialVariantWeight"],
        "text": ["Tags", "Value"],
    }
    here: Member | None = found.root
    for step in path[member]:
        assert here is not None
        here = here.get(step)
        if here is not None and here.items():
            here = here.items()[0]
    assert here is not None
    return here


@pytest.mark.parametrize(
    ("member", "written", "value"),
    [
        ("truth", "true", True),
        ("truth", "'True'", True),
        ("truth", "no", False),
        ("truth", "'no'", "no"),
        ("truth", "1", "1"),
        ("whole", "2", 2),
        ("whole", "'2'", 2),
        ("whole", "'2 '", "2 "),
        ("whole", "2.5", "2.5"),
        ("whole", "010", UNKNOWN),
        ("decimal", "0.5", 0.5),
        ("decimal", "'1'", 1),
        ("decimal", "1e3", 1000.0),
        ("decimal", "1e999", "1e999"),
        ("decimal", ".nan", ".nan"),
        ("text", "012345678901", "012345678901"),
        ("text", "7", "7"),
        ("text", "1.5", "1.5"),
        ("text", "1.10", UNKNOWN),
        ("text", "'1.10'", "1.10"),
        ("text", "1_000", UNKNOWN),
        ("text", "0x10", UNKNOWN),
        ("text", "true", "true"),
        ("text", "TRUE", "true"),
        ("text", "yes", UNKNOWN),
        ("text", "'yes'", "yes"),
        ("text", "! 7", "7"),
        ("text", "!!str 7", "7"),
        ("text", "!!int '7'", "7"),
        ("text", "2026-11-24", "2026-11-24"),
        ("text", "12:30:45", "12:30:45"),
        ("text", "~", None),
        ("text", "''", ""),
    ],
)
def test_a_scalar_is_what_its_member_takes(member: str, written: str, value: object) -> None:
    found = read(member, written).value

    assert (found, type(found)) == (value, type(value))
