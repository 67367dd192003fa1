"""Which columns each column of a table is computed from, read from the plans of the builds; no row is touched."""
