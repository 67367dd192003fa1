"""What is delivered, as it comes in: files found, CSV gated record by record, bronze written."""
