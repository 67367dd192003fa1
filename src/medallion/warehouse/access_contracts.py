"""Contracts of the tables that record who may read which output port, and how that came about."""

from __future__ import annotations

from medallion.contracts import TEXT, Column, Layer, Table

_PRODUCT = Column("product", "varchar(255)", "Data product.", nullable=False)
_PORT = Column("port", "varchar(255)", "Output port of the product.", nullable=False)
_CONSUMER = Column(
    "consumer", "varchar(255)", "Who reads: a role of the warehouse, or `user:` and a user of it.", nullable=False
)
_PURPOSE = Column("purpose", TEXT, "What for, in the consumer's words.")
_UNTIL = Column("until", "date", "Last day of the access, UTC; NULL: no end.")
_HASH = Column("agreement_hash", "varchar(64)", "Hash of the agreement.")

ACCESS_REQUEST = Table(
    name="access_request",
    layer=Layer.CONTROL,
    grain=("number",),
    description="One row a request of a consumer for an output port, as it stands now.",
    columns=(
        Column("number", "integer", "Counts the requests.", nullable=False),
        _PRODUCT,
        _PORT,
        _CONSUMER,
        Column(
            "state",
            "varchar(20)",
            "requested, approved, rejected, withdrawn, revoked, or replaced by a later request.",
            nullable=False,
        ),
        _PURPOSE,
        _UNTIL,
        Column("agreement", TEXT, "Terms of use, tables and personal data that were asked for, JSON."),
        _HASH,
        Column("requested_by", "varchar(255)", "Who asked.", nullable=False),
        Column("requested_at", "timestamp", "When, UTC.", nullable=False),
        Column("decided_by", "varchar(255)", "Who brought it to its state; NULL while nobody decided."),
        Column("decided_at", "timestamp", "When, UTC."),
        Column("reason", TEXT, "Why, in the words of whoever decided."),
    ),
    distribution="all",
)

ACCESS_EVENT = Table(
    name="access_event",
    layer=Layer.CONTROL,
    grain=("number",),
    description="One row a step of a request: who did what, when and why. Rows are added and never changed.",
    columns=(
        Column("number", "integer", "Counts all steps; clocks can go back, this does not.", nullable=False),
        Column("request_number", "integer", "Request.", nullable=False),
        _PRODUCT,
        _PORT,
        _CONSUMER,
        Column("action", "varchar(20)", "The state that the request came to.", nullable=False),
        Column("actor", "varchar(255)", "Who, as given with the command, or else the account.", nullable=False),
        Column("account", "varchar(255)", "Account and machine that the command was typed at.", nullable=False),
        Column("owner", "varchar(255)", "Team that owned the product then."),
        Column("note", TEXT, "Purpose of a request, reason of a decision."),
        _UNTIL,
        _HASH,
        Column("happened_at", "timestamp", "When, UTC.", nullable=False),
    ),
    distribution="all",
)
