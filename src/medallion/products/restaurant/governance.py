"""Who answers for the restaurant marts, and on which terms they may be used."""

from datetime import timedelta

from medallion import domains
from medallion.governance import Governance, Lifecycle, OutputPort, ProductType

GOVERNANCE = Governance(
    domain=domains.SALES,
    owner="Customer analytics team",
    type=ProductType.CONSUMER_ALIGNED,
    lifecycle=Lifecycle.READY,
    concepts=(domains.CUSTOMERS, domains.ORDERS, domains.PRODUCTS),
    output_ports=(
        OutputPort(
            name="customers",
            description="Customers by value, behaviour, cohort and risk of leaving, and what loyalty is worth.",
            tables=(
                "customer_lifetime_value",
                "clv_model",
                "customer_segments",
                "customer_segment_changes",
                "customer_cohorts",
                "customer_survival",
                "churn_indicators",
                "loyalty_program_impact",
                "loyalty_effect",
            ),
        ),
        OutputPort(
            name="sales",
            description="Sales over time, by place, category and hour.",
            tables=(
                "sales_trends",
                "holiday_uplift",
                "sales_forecast",
                "comparable_sales",
                "sales_by_location",
                "sales_by_app",
                "sales_by_category",
                "sales_by_hour",
                "location_performance",
            ),
        ),
        OutputPort(
            name="pricing",
            description="What discounts do, by depth and item.",
            tables=(
                "pricing_discount_effectiveness",
                "pricing_by_discount_depth",
                "discount_repeat_effect",
                "pricing_by_item",
            ),
        ),
    ),
    tags=("restaurant", "customer", "sales", "pricing"),
    terms_of_use="For analysis within the company. Customers are known by an id alone; it may be joined with personal "
    "data only where the customer agreed to that.",
    freshness=timedelta(hours=24),
)
