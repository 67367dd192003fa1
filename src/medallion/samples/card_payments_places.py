"""Stores and their devices, as the files of seed 004 show them: invented names all over the world."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np

from medallion.samples.streams import stream

LAST_MOMENT = datetime(2023, 3, 1)  # noqa: DTZ001  the files name no time zone
WORDS = (
    "amet", "ante", "arcu", "at", "augue", "blandit", "cursus", "dapibus", "diam", "dolor", "donec", "dui",
    "eget", "elit", "enim", "erat", "eros", "est", "et", "fusce", "lacus", "libero", "ligula", "lorem", "magna",
    "massa", "mauris", "metus", "mi", "mollis", "morbi", "nec", "neque", "nibh", "nisi", "nulla", "nunc",
    "odio", "orci", "pede", "porta", "purus", "quam", "quis", "risus", "sapien", "sed", "sem", "sit", "sodales",
    "tellus", "tempus", "turpis", "urna", "ut", "varius", "vel", "velit", "vitae",
)  # fmt: skip
_COMPANIES = ("Ltd", "LLC", "PC", "Corp.", "Inc.", "Associates", "Foundation", "Institute")
_CITIES = ("Santa Inês", "Patarrá", "Gaspé", "Móstoles", "Białystok", "João Pessoa", "Dutse", "Oaxaca", "Sapele")
COUNTRIES = (
    "Austria", "Belgium", "Brazil", "Chile", "Costa Rica", "France", "Germany", "India", "Indonesia", "Ireland",
    "Mexico", "Netherlands", "Nigeria", "Poland", "South Africa", "Spain", "United Kingdom", "Vietnam",
)  # fmt: skip
TYPOLOGIES = ("Beauty", "Florist", "FoodTruck", "Hotel", "Other", "Press", "Restaurant", "Service")
DEVICE_TYPES, DEVICES_A_STORE, STORES_A_CUSTOMER = 5, 2, 2

STORES_HEADER = ("id", "name", "address", "city", "country", "created_at", "typology", "customer_id")
DEVICES_HEADER = ("id", "type", "store_id")
Record = tuple[str, ...]


@dataclass(frozen=True)
class Places:
    """The records of both files; the devices are numbered from 1 on."""

    stores: Sequence[Record]
    devices: Sequence[Record]


def build_places(seed: int, store_count: int) -> Places:
    """Stores, and two devices a store on average: some stores have none."""
    draw = stream(seed, "places")
    stores = [
        (
            str(number),
            f"{_word(draw).title()} {_word(draw).title()} {_one_of(draw, _COMPANIES)}",
            f"Ap #{draw.integers(100, 1000)}-{draw.integers(1000, 10_000)} {_word(draw).title()}, Street",
            _one_of(draw, _CITIES),
            _one_of(draw, COUNTRIES),
            written(LAST_MOMENT - timedelta(seconds=int(draw.integers(1, 600 * 86_400)))),
            _one_of(draw, TYPOLOGIES),
            str(draw.integers(1, store_count // STORES_A_CUSTOMER + 2)),
        )
        for number in range(1, store_count + 1)
    ]
    devices = [
        (str(number), str(draw.integers(1, DEVICE_TYPES + 1)), str(draw.integers(1, store_count + 1)))
        for number in range(1, store_count * DEVICES_A_STORE + 1)
    ]
    return Places(stores, devices)


def written(moment: datetime) -> str:
    """`MM/dd/yyyy h:mm:ss`: hours 1 to 12, and no word whether before or after noon."""
    return f"{moment:%m/%d/%Y} {(moment.hour - 1) % 12 + 1}:{moment:%M:%S}"


def _word(draw: np.random.Generator) -> str:
    return _one_of(draw, WORDS)


def _one_of(draw: np.random.Generator, choices: tuple[str, ...]) -> str:
    return choices[int(draw.integers(len(choices)))]
