"""Jobs of one layer each, as Glue or `spark-submit` start them: the pipeline with typed arguments, told to the log."""
