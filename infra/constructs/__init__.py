"""Logical units of which the stacks are made."""
