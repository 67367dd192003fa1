"""Rows of a small world of card payments: few transactions, devices, stores and days, so that deliveries correct,
repeat and contradict each other often; and ordinary transactions, so many that what follows is little.
"""

from __future__ import annotations

from hypothesis import strategies as st

HEADERS = {
    "stores": "id,name,address,city,country,created_at,typology,customer_id",
    "devices": "id,type,store_id",
    "transactions": "id,device_id,product_name,product_sku,product_name,amount,status,card_number,cvv,created_at,"
    "happened_at",
}
_DAYS = ("01/01/2023", "01/02/2023", "01/03/2023", "12/30/2022", "02/27/2023")
_MADE = "02/28/2023 1:00:00"
_CARD = "4556 5968 1547 3496,714"


def _row(*fields: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return st.tuples(*fields).map(",".join)


def _one_of(*values: str) -> st.SearchStrategy[str]:
    return st.sampled_from(values)


_RAGGED = st.just("too,few")  # the gate keeps it out
_SLIPPED = st.just(f"t1,Name,3770009015048,Other,5,accepted,{_CARD},{_MADE},{_MADE},")  # and this as well
ROWS = {
    "stores": _row(
        _one_of("s1", "s2", "s3", "s4", " s1 ", ""),
        _one_of("One", "Two"),
        st.just("Street,City"),
        _one_of("Spain", "Peru", ""),
        _one_of(_MADE, "someday"),
        _one_of("Hotel", "Press", ""),
        _one_of("c1", "c2"),
    ),
    "devices": _row(_one_of("d1", "d2", "d3", "d4", ""), _one_of("1", "2", ""), _one_of("s1", "s2", "s3", "s4", "")),
    "transactions": _row(
        _one_of("t1", "t2", "t3", "b7", " t1 ", ""),
        _one_of("d1", "d2", "d3", "d4"),
        _one_of("Name", "Other", ""),
        _one_of("3770009015048", "v3770009015048", "377", ""),
        st.just("More"),
        _one_of("100", "2.50", "-4", "1e3"),
        _one_of("accepted", "accepted", "refused", "cancelled", "pending"),
        st.just(_CARD),
        _one_of(_MADE, ""),
        _one_of(*(f"{day} {hour}:00:00" for day in _DAYS for hour in (1, 9)), "02/30/2023 1:00:00"),
    )
    | _RAGGED
    | _SLIPPED,
}


def ordinary(count: int) -> dict[str, tuple[str, ...]]:
    """Ordinary transactions, and some of those that other files speak of, with their devices and stores."""
    ids = [*(f"b{number}" for number in range(count)), "t1", "t2"]
    sold = [
        f"{one},d{n % 3 + 1},Name,3770009015048,More,10,accepted,{_CARD},{_MADE},{_DAYS[n % 3]} {n % 12 + 1}:00:00"
        for n, one in enumerate(ids)
    ]
    stores = [f"s{n},Store {n},Street,City,Spain,{_MADE},Hotel,c{n}" for n in (1, 2)]
    return {
        "stores": tuple(stores),
        "devices": ("d1,1,s1", "d2,2,s1", "d3,1,s2"),
        "transactions": tuple(sold),
    }
