"""CSV files and operational databases in, trusted customer-analytics marts out."""
