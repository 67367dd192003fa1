"""The figures of the pages: each a named function with a small result, computed in the warehouse.

SQL that DuckDB and Redshift both understand; marts are named by their contracts, values are parameters.
"""
