"""The gold job: the marts, checked and published all at once.

    spark-submit glue_jobs/gold.py --product restaurant --lake s3://BUCKET/lake --warehouse redshift://HOST:5439/DB …

All arguments: `medallion.jobs.arguments`.
"""

from __future__ import annotations

from medallion.contracts import Layer
from medallion.jobs.layer_job import main

if __name__ == "__main__":
    main(Layer.GOLD)
