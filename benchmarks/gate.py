"""One file through the gate into bronze, as a process of its own, so that its memory can be accounted for."""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from pathlib import Path

from medallion.catalog import product
from medallion.ingest import bronze
from medallion.ingest.csv_gate import Delivery
from medallion.lake import Lake

path, folder = Path(sys.argv[1]), sys.argv[2]
restaurant = product("restaurant")
delivery = Delivery(path.name, "00000001", datetime.now(UTC))
print(bronze.load_file(Lake(folder), restaurant, restaurant.source("order_items"), path, delivery))
