"""The shop that all tests of warehouses use lies with the behaviours that every warehouse is proven by."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.append(str(Path(__file__).parents[2] / "warehouse"))
