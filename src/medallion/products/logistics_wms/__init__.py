"""Logistics WMS shipments (seed 001): what was shipped, and where that stands."""
