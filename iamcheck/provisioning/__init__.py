"""Helps provisioning scripts: makes the calls around CreateEndpoint as AWS's consistency asks, and guards it.

The clients are the script's own boto3 clients; clock, sleep and randomness are passed in.
"""

from iamcheck.provisioning.configs import wait_for_endpoint_config
from iamcheck.provisioning.endpoints import create_endpoint
from iamcheck.provisioning.guards import Guard, guard
from iamcheck.provisioning.waiting import wait_in_service

__all__ = ["Guard", "create_endpoint", "guard", "wait_for_endpoint_config", "wait_in_service"]
