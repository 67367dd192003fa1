"""Restaurant orders: customer analytics from order lines, their options and a calendar."""
