"""What a summary of stores is about: all of them, or those of one typology."""

ALL_STORES = "all"
