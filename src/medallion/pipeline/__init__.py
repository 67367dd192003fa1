"""A run: plan, and for each layer stage, audit, publish."""
