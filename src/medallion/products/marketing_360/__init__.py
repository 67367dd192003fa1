"""Marketing Customer 360 (seed 001): what each customer ordered, and where that stands."""
