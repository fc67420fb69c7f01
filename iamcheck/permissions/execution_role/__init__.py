"""Lists what SageMaker must be allowed to do once it has become the execution role of a deployment's models."""

from iamcheck.permissions.execution_role.places import is_role
from iamcheck.permissions.execution_role.table import RoleNeeds, needed_by_role
from iamcheck.permissions.execution_role.uses import RoleInputs, execution_roles

__all__ = ["RoleInputs", "RoleNeeds", "execution_roles", "is_role", "needed_by_role"]
