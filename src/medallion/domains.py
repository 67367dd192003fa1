"""The domains that own products and the concepts they share (seed 001): defined once, for all products."""

from medallion.governance import Concept, Domain

SALES = Domain(
    "Sales", "Responsible for all activities related to sales, customer relationships, and order management."
)
MARKETING = Domain(
    "Marketing", "Focused on customer outreach, promotions, and analyzing customer behavior to drive sales."
)
LOGISTICS = Domain(
    "Logistics", "Manages inventory, warehousing, and the entire order fulfillment and shipping process."
)
DOMAINS = (SALES, MARKETING, LOGISTICS)

CUSTOMERS = Concept("Customers", "Individuals or entities who buy products.")
PRODUCTS = Concept("Products", "The items available for sale.")
ORDERS = Concept("Orders", "A customer's request to purchase one or more products.")
SHIPMENTS = Concept("Shipments", "The process of delivering an order to a customer.")
CONCEPTS = (CUSTOMERS, PRODUCTS, ORDERS, SHIPMENTS)
