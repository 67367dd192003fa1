"""Draws diagrams from a text source: `python -m docs.diagrams docs/architecture.yaml`."""
