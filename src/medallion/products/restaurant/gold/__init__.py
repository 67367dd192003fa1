"""The seven marts of the restaurant product and their companions."""
