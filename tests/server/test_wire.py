"""The wire formats against botocore's own: what it writes is read, what is written it reads, to the same values."""

from __future__ import annotations

from datetime import datetime, timezone
from typing import TYPE_CHECKING, cast

import pytest
from botocore.model import ListShape, MapShape, OperationModel, Shape, StructureShape
from botocore.parsers import create_parser
from botocore.serialize import create_serializer
from hypothesis import given
from hypothesis import strategies as st

from tests.server import Answer, Protocol, error
from tests.server.wire import decode_query, encode_query, service_model

if TYPE_CHECKING:
    from collections.abc import Mapping

    from hypothesis.strategies import SearchStrategy

pytestmark = pytest.mark.slow

SIMULATOR = (
    "SimulateCustomPolicy",
    "SimulatePrincipalPolicy",
    "GetContextKeysForCustomPolicy",
    "GetContextKeysForPrincipalPolicy",
)
OPERATIONS = [
    *(service_model("iam").operation_model(name) for name in SIMULATOR),
    *(service_model("sts").operation_model(name) for name in ("GetCallerIdentity", "AssumeRole", "GetFederationToken")),
    # not served here, but they have what those have not: maps, blobs, floats, lists with a name of their own
    *(service_model("sns").operation_model(name) for name in ("Publish", "GetTopicAttributes")),
    *(service_model("ses").operation_model(name) for name in ("SendRawEmail", "GetSendStatistics", "GetSendQuota")),
    service_model("rds").operation_model("DescribeDBParameters"),
    service_model("elasticache").operation_model("DescribeEvents"),
]
# what XML 1.0 can hold
TEXT = st.text(
    st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"], exclude_characters="\ufffe\uffff")
    | st.sampled_from("\t\n\r"),
    max_size=12,
)
SCALARS: Mapping[str, SearchStrategy[object]] = {
    "string": TEXT,
    "boolean": st.booleans(),
    "double": st.floats(allow_nan=False, allow_infinity=False),
    "blob": st.binary(max_size=12),
    "integer": st.integers(-(2**31), 2**31 - 1),
    "long": st.integers(-(2**63), 2**63 - 1),
    "timestamp": st.datetimes(datetime(2026, 1, 1), datetime(2027, 1, 1)).map(
        lambda moment: moment.replace(microsecond=0, tzinfo=timezone.utc)
    ),
}


def values(shape: Shape, least: int = 0) -> SearchStrategy[object]:
    """Values of a shape; ``least`` members in each structure and map, for a request carries no empty ones."""
    if isinstance(shape, StructureShape):
        members = {name: values(member, least) for name, member in shape.members.items()}
        return st.fixed_dictionaries({}, optional=members).filter(lambda value: len(value) >= least)
    if isinstance(shape, ListShape):
        return st.lists(values(shape.member, least), max_size=3)
    if isinstance(shape, MapShape):
        return st.dictionaries(TEXT, values(shape.value, least), min_size=least, max_size=3)
    return SCALARS[shape.type_name]


def read_back(answer: Answer, operation: OperationModel) -> dict[str, object]:
    """Read an answer as a botocore client does."""
    response = {"body": answer.body, "headers": answer.headers, "status_code": answer.status}
    parsed: dict[str, object] = create_parser("query").parse(response, cast("Shape", operation.output_shape))
    return {name: value for name, value in parsed.items() if name != "ResponseMetadata"}


@given(st.data())
@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda operation: operation.name)
def test_an_answer_is_read_back_as_it_was(operation: OperationModel, data: st.DataObject) -> None:
    result = cast("dict[str, object]", data.draw(values(cast("Shape", operation.output_shape))))
    assert read_back(encode_query(result, operation), operation) == result


@given(st.data())
@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda operation: operation.name)
def test_a_request_is_read_as_it_was_meant(operation: OperationModel, data: st.DataObject) -> None:
    shape = operation.input_shape
    members = {name: values(member, 1) for name, member in shape.members.items()} if shape else {}
    arguments = data.draw(st.fixed_dictionaries({}, optional=members))
    written = create_serializer("query", include_validation=False).serialize_to_request(arguments, operation)
    body = "&".join(f"{escaped(name)}={escaped(str(value))}" for name, value in written["body"].items())
    assert decode_query(body, operation) == arguments


def escaped(text: str) -> str:
    """Write text as a form does, octet by octet."""
    return "".join(f"%{octet:02X}" for octet in text.encode())


def test_absent_and_empty_are_two_things() -> None:
    operation = service_model("iam").operation_model("SimulateCustomPolicy")
    one = {"EvalActionName": "s3:GetObject", "EvalDecision": "allowed"}
    result = {"EvaluationResults": [{**one, "MatchedStatements": [], "EvalDecisionDetails": {}}, one]}
    assert read_back(encode_query(result, operation), operation) == result
    assert read_back(encode_query({"EvaluationResults": None}, operation), operation) == {}


@pytest.mark.parametrize(
    "value", [{"EvaluationResult": []}, {"EvaluationResults": [{"Decision": "allowed"}]}], ids=["top", "nested"]
)
def test_what_the_service_does_not_know_is_neither_written_nor_read(value: dict[str, object]) -> None:
    operation = service_model("iam").operation_model("SimulateCustomPolicy")
    with pytest.raises(ValueError, match="has no member"):
        encode_query(value, operation)
    with pytest.raises(ValueError, match="has no member"):
        decode_query("Action=SimulateCustomPolicy&ActionName.member.1=x", operation)


@pytest.mark.parametrize(
    ("protocol", "parser"),
    [
        (Protocol.QUERY, "query"),
        (Protocol.EC2, "ec2"),
        (Protocol.JSON, "json"),
        (Protocol.REST_JSON, "rest-json"),
        (Protocol.CBOR, "smithy-rpc-v2-cbor"),
    ],
)
def test_errors_are_read_by_the_clients_of_each_protocol(protocol: Protocol, parser: str) -> None:
    answer = error(protocol, 400, "InvalidInput", "'<a> & \"b\"' is not valid")
    response = {"body": answer.body, "headers": answer.headers, "status_code": answer.status}
    shape = service_model("iam").operation_model("SimulateCustomPolicy").output_shape
    fault = create_parser(parser).parse(response, cast("Shape", shape))["Error"]
    assert (fault["Code"], fault["Message"]) == ("InvalidInput", "'<a> & \"b\"' is not valid")
