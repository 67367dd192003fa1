"""Product codes: prefixes that stand for no product of their own, and codes that stand for another's."""

from __future__ import annotations

from medallion import parsing
from medallion.products.card_payments.rules import CardPaymentsRules
from medallion.spark import F, SparkColumn


def product_sku(delivered: SparkColumn, rules: CardPaymentsRules) -> SparkColumn:
    """The code without a stripped prefix (in any letter case, before a digit), and what it is an alias of."""
    plain = delivered
    if rules.stripped_sku_prefixes:
        prefixes = "|".join(rules.stripped_sku_prefixes)
        plain = F.regexp_replace(delivered, f"^(?i:{prefixes})([0-9])", "$1")
    return parsing.replaced(plain, rules.sku_aliases)
