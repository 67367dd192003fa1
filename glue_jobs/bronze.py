"""The bronze job: what was delivered and what tables of the source database changed, into the lake.

    spark-submit glue_jobs/bronze.py --product restaurant --lake s3://BUCKET/lake --warehouse redshift://HOST:5439/DB …

All arguments: `medallion.jobs.arguments`.
"""

from __future__ import annotations

from medallion.contracts import Layer
from medallion.jobs.layer_job import main

if __name__ == "__main__":
    main(Layer.BRONZE)
