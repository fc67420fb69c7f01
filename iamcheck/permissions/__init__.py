"""Says what must be allowed for a deployment: never made from the templates, so that simulation proves something.

`operations/` has the calls that a deployment makes, `dependent_calls/` what AWS asks for besides, `execution_role/`
what SageMaker calls as the execution role, `checker.py` what iamcheck's own checks call.
"""

from iamcheck.permissions.needed import PossibleCall, RequiredPermission, possible_calls, required
from iamcheck.permissions.operations import all_operations, operations_of
from iamcheck.permissions.scopes import SCOPES, check_scope

__all__ = [
    "SCOPES",
    "PossibleCall",
    "RequiredPermission",
    "all_operations",
    "check_scope",
    "operations_of",
    "possible_calls",
    "required",
]
