"""Documents derived from contracts; none of them is written by hand."""
