"""What is deployed together: the stateful stack, and the pipeline that works on it."""
