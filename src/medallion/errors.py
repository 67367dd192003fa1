"""Every error a user can meet. Each says subject, value and remedy in one line; `exit_code` is what the CLI returns."""


class MedallionError(Exception):
    """Base of all expected failures; anything else that escapes is a defect of medallion itself (exit code 1)."""

    exit_code = 1


class UsageError(MedallionError):
    """The command line or a setting is wrong: an unknown product or table, a bad `--set`."""

    exit_code = 2


class InputError(MedallionError):
    """Delivered files or source tables cannot be read as their contract says; nothing was published."""

    exit_code = 3


class AuditError(MedallionError):
    """A check of severity `fail` did not hold; nothing of its layer was published."""

    exit_code = 4


class BusyError(MedallionError):
    """Another process holds the warehouse or the product's lease; nothing was changed."""

    exit_code = 5


class ConflictError(BusyError):
    """The warehouse took a transaction back for what others did meanwhile; the whole of it may be done again."""


class StorageError(MedallionError):
    """The lake or the warehouse cannot be written or read: no space, no permission, a damaged file."""

    exit_code = 6


class DeniedError(StorageError):
    """The warehouse's user has no right to what was asked for; all else can be read."""


class LostConnectionError(StorageError):
    """The connection ended before the commit, so nothing of the transaction is kept; it may be done again."""


class UnknownOutcomeError(StorageError):
    """The connection ended while a commit was under way: whether it holds, only the warehouse can say."""


class EngineError(MedallionError):
    """The chosen engine is not installed, cannot start, or failed while building a table."""

    exit_code = 7


class ModelError(MedallionError, ValueError):
    """A statistic was given numbers outside its domain: columns of different lengths, a negative count."""
