"""Takes the pictures of the README: pages of the dashboards on generated data, always of one size, in the light theme.

`python tests/browser/pictures.py FOLDER`; the same data and browser give the same pictures.
"""

from __future__ import annotations

import argparse
import io
import tempfile
from pathlib import Path

from PIL import Image
from viewer import Viewer, chromium, dashboard, medallion

from medallion.dashboard.pages import PAGES

ORDERS = 60_000
SIZE = (1280, 1000)
SHARPNESS = 1.5  # pixels of the picture for one of the page
MOST_BYTES = 200_000
SHOWN = ("overview", "customer-lifetime-value", "sales-trends", "churn")


def main(folder: Path) -> None:
    """Build the marts in a temporary home, open each page, and write its picture."""
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as temporary:
        home, sample = Path(temporary) / "home", Path(temporary) / "sample"
        medallion("generate", "restaurant", "--orders", ORDERS, "--seed", 1, "--output", sample)
        medallion("run", "restaurant", "--input", sample, "--home", home)
        with dashboard(home, Path(temporary) / "log") as address, chromium() as browser:
            width, height = SIZE
            context = browser.new_context(
                viewport={"width": width, "height": height}, device_scale_factor=SHARPNESS, color_scheme="light"
            )
            viewer = Viewer(context.new_page(), address)
            for page in (one for one in PAGES if one.name in SHOWN):
                viewer.go(page)
                taken = viewer.tab.screenshot(animations="disabled")
                print(written(taken, folder / f"dashboard_{page.name.replace('-', '_')}.webp"))  # noqa: T201


def written(taken: bytes, file: Path) -> str:
    """Write a picture with as much quality as its size allows, and say what became of it."""
    with Image.open(io.BytesIO(taken)) as picture:
        for quality in (90, 80, 70, 60, 50):
            out = io.BytesIO()
            picture.convert("RGB").save(out, "WEBP", quality=quality, method=6)
            if out.tell() <= MOST_BYTES:
                file.write_bytes(out.getvalue())
                return f"{file}: {out.tell() / 1000:,.0f} kB"
    raise SystemExit(f"{file}: larger than {MOST_BYTES:,} bytes at any quality; show less of the page")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    main(parser.parse_args().folder)
