"""Simulates any policies, actions and resources, by the local engine or by AWS: `iamcheck simulate`.

The inputs are those of `aws iam simulate-custom-policy`, by their names and in the AWS CLI's own forms.
"""

from iamcheck.simulators.simulate.inputs import FIELDS, Field, Inputs, absent_keys, read_inputs
from iamcheck.simulators.simulate.run import Simulated, SimulatedDecision, simulate

__all__ = ["FIELDS", "Field", "Inputs", "Simulated", "SimulatedDecision", "absent_keys", "read_inputs", "simulate"]
