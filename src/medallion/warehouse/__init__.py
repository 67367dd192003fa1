"""Warehouses: where published tables, rejected rows and the record of runs live. SQL is written here only."""
