"""Checks what is there: endpoints, endpoint configs, models, quotas of instances, alarms. One file a check.

Each takes what it reads as an argument (`aws.reads.RegionReads`), so that checks which read the same share one answer.
"""
