"""Defines what things are: frozen values, parsed at the edge, which refuse what is not understood."""

from iamcheck.iam.model.arn import Arn
from iamcheck.iam.model.context import ContextInput, ContextValue, KeyType, Scalar
from iamcheck.iam.model.evaluation import Decision, Evaluation, PolicyType, StatementRef
from iamcheck.iam.model.operators import Family, Operator, Quantifier
from iamcheck.iam.model.place import Place
from iamcheck.iam.model.policy import Policy
from iamcheck.iam.model.policy_set import UNREAD, PolicySet, Unread
from iamcheck.iam.model.position import Position
from iamcheck.iam.model.principal import Principal, PrincipalKind
from iamcheck.iam.model.request import Request
from iamcheck.iam.model.statement import Condition, Effect, Principals, Statement

__all__ = [
    "UNREAD",
    "Arn",
    "Condition",
    "ContextInput",
    "ContextValue",
    "Decision",
    "Effect",
    "Evaluation",
    "Family",
    "KeyType",
    "Operator",
    "Place",
    "Policy",
    "PolicySet",
    "PolicyType",
    "Position",
    "Principal",
    "PrincipalKind",
    "Principals",
    "Quantifier",
    "Request",
    "Scalar",
    "Statement",
    "StatementRef",
    "Unread",
]
