"""`medallion` for `spark-submit` and for job runners that start a script: the command line, with Spark as the engine.

    spark-submit glue_jobs/run.py run restaurant --input DIR --home DIR

Arguments and exit codes are those of `medallion`; `--engine` and MEDALLION_ENGINE still win. The session is the one
that the launcher configured: its master, memory and Java.
"""

from __future__ import annotations

import os
import sys

from medallion.cli import main

if __name__ == "__main__":
    os.environ.setdefault("MEDALLION_ENGINE", "spark")
    sys.exit(main(sys.argv[1:]))
