"""The process `medallion`, and `python -m medallion` where only the package's folder is there, as in a container."""

from __future__ import annotations

import gc
import logging
import os
import sys
from contextlib import suppress
from typing import NoReturn

from medallion import interruption

_OBJECTS_BEFORE_COLLECTING = 100_000


def process() -> NoReturn:
    """One command, then the end; Ctrl-C is heard before the libraries are loaded.

    The libraries of a run make hundreds of thousands of objects that stay. The interpreter would look through them
    again and again for garbage, and take them down one by one at its end: half a second waited for nothing. Loading
    pandas would be another. The threads that numpy's linear algebra starts as it is loaded, and that nothing here
    needs, wait for work busily: a tenth of a second.
    """
    interruption.listen()
    try:
        code = _command()
        logging.shutdown()
        with suppress(OSError, AttributeError):  # whoever read the output may be gone, or there never was one
            sys.stdout.flush()
            sys.stderr.flush()
    except KeyboardInterrupt:
        interruption.end()
    os._exit(code)


def _command() -> int:
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    from medallion.embedded.pandas_later import load_pandas_later

    load_pandas_later()
    gc.set_threshold(_OBJECTS_BEFORE_COLLECTING, *gc.get_threshold()[1:])
    from medallion.cli import main

    return main()


if __name__ == "__main__":
    process()
