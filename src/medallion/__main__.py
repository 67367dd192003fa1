"""`python -m medallion`: the command line where only the package's folder is there, as in a container."""

from medallion.cli import process

process()
