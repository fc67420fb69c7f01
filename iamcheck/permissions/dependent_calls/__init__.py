"""Describes what AWS asks for besides a call, with the caller's rights: tags, a role that is passed, a grant on a key.

One file an action. Which call brings which of them stands in the file of the call, in `permissions/operations/`.
"""
