"""Typed, deduplicated, conformed tables of the restaurant product."""
