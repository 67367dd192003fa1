"""Delivered rows as typed tables, and the sums that marts are made from."""
