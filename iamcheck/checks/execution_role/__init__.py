"""Checks execution-role.trusted and execution-role.allowed."""
