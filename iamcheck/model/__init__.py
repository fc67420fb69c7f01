"""What things are: frozen values, parsed at the edge, which refuse what is not understood."""

from iamcheck.model.arn import Arn
from iamcheck.model.context import ContextInput, ContextValue, KeyType, Scalar
from iamcheck.model.evaluation import Decision, Evaluation, PolicyType, StatementRef
from iamcheck.model.operators import Family, Operator, Quantifier
from iamcheck.model.policy import Condition, Effect, Policy, Position, Principals, Statement
from iamcheck.model.policy_set import UNREAD, PolicySet, Unread
from iamcheck.model.principal import Principal, PrincipalKind
from iamcheck.model.request import Request

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
