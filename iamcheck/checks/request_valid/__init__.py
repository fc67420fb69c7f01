"""Finds what AWS would refuse of a deployment's requests, before AWS does.

The shape of each request is AWS's own service model; the rules between its members are one table with their sources.
"""

from iamcheck.checks.request_valid.findings import Problem, Unjudged, Validity
from iamcheck.checks.request_valid.judging import validity_of
from iamcheck.checks.request_valid.requests import RequestPlace

__all__ = ["Problem", "RequestPlace", "Unjudged", "Validity", "validity_of"]
