"""The marts of the card payments product."""
