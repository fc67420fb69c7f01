"""Renders what is granted from templates: policies, trust policies, and conditions that narrow them.

What is needed does not belong here: permissions/ says it, and neither is made from the other.
"""
