"""Local stand-ins for what a cloud account provides: a PostgreSQL server and a Java runtime, both out of wheels."""
