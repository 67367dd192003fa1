"""The menu of the invented chain: categories, items, option families, and each item's prices over time."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from medallion.samples.streams import F64, I64, stream

# category -> (option family, daypart that favours it, ((item name, base price in cents), ...))
MENU: dict[str, tuple[str, str, tuple[tuple[str, int], ...]]] = {
    "Breakfast": ("Breakfast Options", "morning", (
        ("Breakfast Burrito*", 799), ("Bacon, Egg And Cheese", 599), ("Southwest Sausage Breakfast Sandwich*", 749),
        ("Avocado Toast", 899), ("Steel Cut Oatmeal", 499), ("Toasted Bagel With Cream Cheese", 399),
        ("Huevos Rancheros", 949), ("Short Stack", 699), ("Breakfast Bowl", 929),
    )),
    "Hot Coffee": ("Milk Options", "morning", (
        ("Drip Coffee", 249), ("Latte", 449), ("Cappuccino", 439), ("Café au Lait", 379), ("Espresso", 299),
        ("Chai Latte", 479), ("Mocha", 489),
    )),
    "Bakery": ("Bakery Options", "morning", (
        ("Blueberry Muffin", 329), ("Chocolate Chip Cookie", 249), ("Butter Croissant", 349), ("Banana Bread", 379),
        ("Cinnamon Roll", 429), ("Lemon Bar", 299),
    )),
    "Smoothies": ("Smoothie Add-ons", "afternoon", (
        ("Green Machine", 749), ("Berry Blast", 729), ("Mango Tango", 739), ("Peanut Butter Power", 799),
        ("Tropical Sunrise", 749),
    )),
    "Sandwiches": ("Sandwich Options", "lunch", (
        ("Club Sandwich", 899), ("Chipotle Turkey", 949), ("B.L.A.T", 999), ("Tuna Melt", 879),
        ("Italian Sub, Hot Or Cold", 1029), ('12" Steak & Cheese', 1279), ("Caprese On Focaccia", 929),
        ("Grilled Cheese", 679), ("Buffalo Chicken Wrap", 999), ("Falafel Wrap", 899),
    )),
    "Bowls": ("Bowl Options", "lunch", (
        ("Burrito Bowl", 1049), ("Teriyaki Bowl", 1099), ("Mediterranean Bowl", 1079), ("Harvest Bowl", 1149),
        ("Poke Bowl", 1399), ("Thai Peanut Bowl", 1089),
    )),
    "Salads": ("Salad Options", "lunch", (
        ("Caesar Salad", 899), ("Cobb Salad", 1049), ("Greek Salad", 929), ("Kale & Quinoa", 979),
        ("Southwest Salad", 999), ("House Salad", 699),
    )),
    "Soups": ("Soup Options", "lunch", (
        ("Tomato Bisque", 549), ("Chicken Noodle", 579), ("New England Clam Chowder", 649), ("Three Bean Chili", 599),
    )),
    "BBQ Plates": ("Plate Options", "dinner", (
        ("Smoked Brisket Plate", 1499), ("Pulled Pork Plate", 1199), ("1/2 Smoked Chicken Plate", 1399),
        ("1/4 Smoked Chicken Plate, White Meat", 1099), ('"Burnt Ends" Plate', 1599),
    )),
    "Pizza": ("Pizza Options", "dinner", (
        ("Margherita", 1049), ("Pepperoni", 1149), ('10" Veggie', 1099), ("Four Cheese", 1129),
        ("Prosciutto, Arugula", 1299),
    )),
    "Sides": ("Plate Options", "dinner", (
        ("Mac & Cheese", 449), ("Coleslaw", 299), ("Sweet Potato Fries", 429), ("Cornbread", 229), ("Side Salad", 399),
        ("Chips, Sea Salt", 199), ("Pickle Spear", 79),
    )),
    "Bottled Beverages": ("Drink Options", "afternoon", (
        ("DIET COKE 20OZ", 219), ("Spring Water 1L", 189), ("Kombucha", 449), ("Orange Juice", 359),
        ("Sparkling Water, Lime", 239), ("Iced Tea", 279), ("Water Cup", 0),
    )),
    "Kids": ("Plate Options", "dinner", (
        ("Kids Quesadilla", 549), ("Kids Chicken Tenders", 649), ("Kids Pasta", 529),
    )),
    "Catering": ("Plate Options", "lunch", (
        ("Sandwich Platter, Serves 10", 11999), ("Coffee Traveler", 2499), ("Wedding Buffet", 499900),
    )),
}  # fmt: skip

# option family -> the groups whose options it offers
FAMILIES: dict[str, tuple[str, ...]] = {
    "Breakfast Options": ("Breakfast Burrito Options", "Egg Style"),
    "Milk Options": ("Milk Options", "Syrup", "Espresso Options"),
    "Bakery Options": ("Warm It Up", "Spreads"),
    "Smoothie Add-ons": ("Smoothie Add-ons", "Smoothie Base"),
    "Sandwich Options": ("Bread Choice", "Sandwich Options"),
    "Bowl Options": ("Bowl Protein Option", "Bowl Toppings"),
    "Salad Options": ("Dressing", "Salad Protein"),
    "Soup Options": ("Soup Options",),
    "Plate Options": ("Choose A Sauce", "Plate Sides"),
    "Pizza Options": ("Crust", "Pizza Toppings"),
    "Drink Options": ("Ice", "Drink Options"),
}
INGREDIENTS = (
    "Egg", "Cheddar", "Smokehouse Bacon", "Avocado", "Peppers", "Onions", "Chipotle Aioli", "Pico De Gallo", "Protein",
    "Greek Yogurt", "Oat Milk", "Coconut Milk", "Caramel", "Vanilla", "Gluten Free Bread", "Spinach", "Feta", "Chicken",
    "Tofu", "Hummus",
)  # fmt: skip
VERBS = ("Add {}", "No {}", "{} On The Side")
OPTIONS_PER_FAMILY = 50
MAX_OPTION_QUANTITY = 3
# 66 % free, 20 % 1.00, 10 % 2.00, the rest odd prices: facts of the published files.
OPTION_PRICES_CENTS = (0,) * 33 + (100,) * 10 + (200,) * 5 + (50, 75)
PRICE_FACTORS_PERCENT = (82, 91, 100, 110, 122)
PRICE_PERIOD_DAYS = 56
# Main dishes are ordered more often than sides and drinks; a platter seldom: half of the lines cost 8.00 or more.
CATERING_WEIGHT, CHEAP_BELOW_CENTS, CHEAP_WEIGHT = 0.008, 500, 0.55
DAYPARTS = ("morning", "lunch", "afternoon", "dinner")
DAYPART_FAVOUR, DAYPART_DISFAVOUR = 1.6, 0.8


@dataclass(frozen=True)
class Menu:
    """One row an item or an option; prices in cents, `price[period, item]`; `share_cdf[period, daypart, item]`."""

    category: tuple[str, ...]
    item: tuple[str, ...]
    family: I64
    elasticity: F64
    price: I64
    share_cdf: F64
    option_group: tuple[str, ...]
    option_name: tuple[str, ...]
    option_price: I64

    @property
    def periods(self) -> int:
        return int(self.price.shape[0])


def option_catalogue() -> tuple[list[str], list[str], list[int]]:
    """Group, name and price (cents) of every option, `OPTIONS_PER_FAMILY` a family, one family after the other."""
    groups: list[str] = []
    names: list[str] = []
    prices: list[int] = []
    for offered in FAMILIES.values():
        for number in range(OPTIONS_PER_FAMILY):
            ingredient = INGREDIENTS[number % len(INGREDIENTS)]
            groups.append(offered[number % len(offered)])
            names.append(VERBS[number // len(INGREDIENTS)].format(ingredient))
            # 13 and 50 share no factor, so every price is met once a round and no verb owns the prices.
            prices.append(OPTION_PRICES_CENTS[number * 13 % OPTIONS_PER_FAMILY])
    return groups, names, prices


def build_menu(seed: int, days: int) -> Menu:
    """The menu with prices that change every eight weeks; demand follows `(price / base) ** elasticity`."""
    rng = stream(seed, "menu")
    rows = [(c, family, part, *item) for c, (family, part, items) in MENU.items() for item in items]
    base = np.array([row[4] for row in rows], dtype=np.int64)
    periods = -(-days // PRICE_PERIOD_DAYS)
    # Each item walks through all five levels before any repeats: levels are balanced, hence unconfounded with growth.
    rounds = -(-periods // len(PRICE_FACTORS_PERCENT))
    level = np.concatenate(
        [rng.permuted(np.tile(np.arange(len(PRICE_FACTORS_PERCENT)), (len(rows), 1)), axis=1).T for _ in range(rounds)]
    )[:periods]
    factors = np.array(PRICE_FACTORS_PERCENT, dtype=np.int64)[level]
    price = np.minimum(np.where(base > 0, base * factors // 100 // 10 * 10 + 9, 0), 500_000).astype(np.int64)
    elasticity = np.round(rng.uniform(-2.0, -0.5, len(rows)), 2)
    popularity = 1.0 / (1.0 + rng.permutation(len(rows))) ** 0.5
    popularity[np.array([row[0] == "Catering" for row in rows])] *= CATERING_WEIGHT
    popularity[base < CHEAP_BELOW_CENTS] *= CHEAP_WEIGHT
    relative = price / np.where(base > 0, base, 1)
    demand = popularity * np.where(base > 0, np.where(relative > 0, relative, 1.0) ** elasticity, 1.0)
    favour = np.array([[DAYPART_FAVOUR if row[2] == part else DAYPART_DISFAVOUR for row in rows] for part in DAYPARTS])
    share = demand[:, None, :] * favour[None, :, :]
    families = list(FAMILIES)
    groups, names, prices = option_catalogue()
    return Menu(
        category=tuple(row[0] for row in rows),
        item=tuple(row[3] for row in rows),
        family=np.array([families.index(row[1]) for row in rows], dtype=np.int64),
        elasticity=elasticity,
        price=price,
        share_cdf=np.cumsum(share, axis=2) / share.sum(axis=2, keepdims=True),
        option_group=tuple(groups),
        option_name=tuple(names),
        option_price=np.array(prices, dtype=np.int64),
    )
