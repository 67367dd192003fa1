"""Card payments in stores: which stores, products and devices take how much, and how soon a store gets going."""
