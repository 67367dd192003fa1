"""Synthetic data generators: realistic input files with known, planted parameters."""
