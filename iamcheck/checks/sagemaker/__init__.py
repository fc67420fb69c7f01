"""Checks that read SageMaker, Service Quotas and CloudWatch."""
