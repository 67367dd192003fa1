"""Sales ERP orders (seed 001): what was ordered, by whom."""
