"""Declares the shapes that LocalIAM returns: AWS's names, and a key is there only where AWS sends it.

Source: https://docs.aws.amazon.com/IAM/latest/APIReference/API_EvaluationResult.html
"""

from __future__ import annotations

from typing import TypedDict

__all__ = [
    "BoundaryDetail",
    "ContextKeys",
    "EvaluationResult",
    "MatchedStatement",
    "OrganizationsDetail",
    "ResourceSpecificResult",
    "ResponseMetadata",
    "SimulatePolicyResponse",
    "StatementPlace",
    "response_metadata",
]


class StatementPlace(TypedDict):
    """A position in a policy text, both numbers from 1."""

    Line: int
    Column: int


class MatchedStatement(TypedDict):
    """A statement that decided; `SourcePolicyType` is `IAM Policy`, `Resource Policy` or `Permissions Boundary Policy`.

    Those are the texts that AWS sends, whatever its service model lists.
    """

    SourcePolicyId: str
    SourcePolicyType: str
    StartPosition: StatementPlace
    EndPosition: StatementPlace


class BoundaryDetail(TypedDict):
    """What the permissions boundary did."""

    AllowedByPermissionsBoundary: bool


class OrganizationsDetail(TypedDict):
    """What the service control policies did."""

    AllowedByOrganizations: bool


class _ResourceResult(TypedDict):
    EvalResourceName: str
    EvalResourceDecision: str


class ResourceSpecificResult(_ResourceResult, total=False):
    """The answer for one resource; empty lists and maps are left out."""

    MatchedStatements: list[MatchedStatement]
    MissingContextValues: list[str]
    EvalDecisionDetails: dict[str, str]
    PermissionsBoundaryDecisionDetail: BoundaryDetail


class _Result(TypedDict):
    EvalActionName: str
    EvalResourceName: str
    EvalDecision: str
    MatchedStatements: list[MatchedStatement]
    MissingContextValues: list[str]


class EvaluationResult(_Result, total=False):
    """The answer for one action over all its resources."""

    OrganizationsDecisionDetail: OrganizationsDetail
    PermissionsBoundaryDecisionDetail: BoundaryDetail
    EvalDecisionDetails: dict[str, str]
    ResourceSpecificResults: list[ResourceSpecificResult]


class ResponseMetadata(TypedDict):
    """What a boto3 client adds to every response."""

    RequestId: str
    HTTPStatusCode: int
    HTTPHeaders: dict[str, str]
    RetryAttempts: int


class _SimulateResponse(TypedDict):
    EvaluationResults: list[EvaluationResult]
    IsTruncated: bool
    ResponseMetadata: ResponseMetadata


class SimulatePolicyResponse(_SimulateResponse, total=False):
    """The response of the two simulate operations."""

    Marker: str


class ContextKeys(TypedDict):
    """The response of the two operations that list context keys."""

    ContextKeyNames: list[str]
    ResponseMetadata: ResponseMetadata


def response_metadata(status: int = 200) -> ResponseMetadata:
    """Returns the metadata of an answer that no network brought; the request id is all zeros."""
    return {
        "RequestId": "00000000-0000-0000-0000-000000000000",
        "HTTPStatusCode": status,
        "HTTPHeaders": {},
        "RetryAttempts": 0,
    }
