"""Sales CRM customers (seed 001): who has an account."""
