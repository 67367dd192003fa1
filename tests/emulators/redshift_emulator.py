"""Redshift as far as PostgreSQL can stand in for it, for redshift-connector as it is.

Real: the driver and its protocol, transactions, snapshots (REPEATABLE READ), locks, the planner of plain SQL, users and
grants, S3 (moto's server). Emulated here: COPY and UNLOAD of Parquet (through the same session, so in the same
transaction), the layout clauses of CREATE TABLE (left out), text lengths in bytes (checked), late-binding
views (with error 1018 for tables that a snapshot does not see, and whoever reads them needs USAGE on the schema below),
SVV_COLUMNS, SVV_ROLES, pg_last_copy_count, MEDIAN, error 1023, the refusal of SQL that PostgreSQL takes and Redshift
does not.
Not emulated: Redshift's planner and its own SQL functions, table-wide write locks, IAM beyond a list of roles, TLS.
"""

from __future__ import annotations

import atexit
import re
import threading
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.parse import urlsplit

import psycopg
import redshift_files
from aws_emulator import REGION, emulated_aws
from redshift_refusals import redshift_refused
from redshift_wire import Backend, CutError, RedshiftWire, RefusedError
from small_postgres import SHORT_LOG

from medallion.embedded.postgres import EmbeddedPostgres
from medallion.warehouse.control_tables import create_control_tables
from medallion.warehouse.redshift import RedshiftWarehouse
from medallion.warehouse.redshift_address import Login, RedshiftAddress

ROLE = "arn:aws:iam::123456789012:role/warehouse-copy"
_SETTINGS = {"default_transaction_isolation": "repeatable read", "deadlock_timeout": "200ms", **SHORT_LOG}
_LAYOUT = re.compile(
    r"\s+(DISTSTYLE\s+\w+|DISTKEY\s*\([^)]*\)|(COMPOUND\s+)?SORTKEY\s*(\([^)]*\)|AUTO)|ENCODE\s+\w+)", re.IGNORECASE
)
_TEXT_COLUMN = re.compile(r'("(?:[^"]|"")+"|\b\w+)\s+VARCHAR\((\d+)\)( NOT NULL)?', re.IGNORECASE)
_CREATE_TABLE = re.compile(r"\s*CREATE\s+(TEMP\w*\s+)?TABLE\b", re.IGNORECASE)
_LATE_VIEW = re.compile(
    r"\s*(?P<head>CREATE\s+OR\s+REPLACE\s+VIEW\s+.*?\s+AS\s+SELECT\s.*?\sFROM\s+(?P<below>\"[^\"]+\"\.\"[^\"]+\"))"
    r"\s+WITH\s+NO\s+SCHEMA\s+BINDING\s*",
    re.IGNORECASE | re.DOTALL,
)
_ROLE_WORD = re.compile(r'\b(TO|FROM)\s+ROLE\s+(?=")', re.IGNORECASE)
EMPTY, RECORDED = "redshift_empty", "redshift_recorded"  # databases to copy: without and with control tables
_DONE = "SELECT 1 WHERE false"
_FURNITURE = """
CREATE SCHEMA redshift_emulator;
GRANT USAGE ON SCHEMA redshift_emulator TO PUBLIC;
CREATE FUNCTION redshift_emulator.visible(name text) RETURNS boolean LANGUAGE plpgsql STABLE AS $$
BEGIN
  IF NOT EXISTS (SELECT FROM pg_class WHERE oid = name::regclass) THEN
    RAISE EXCEPTION '1018' USING ERRCODE = 'XX000', DETAIL = 'Relation does not exist';
  END IF;
  RETURN true;
END $$;
CREATE FUNCTION pg_catalog.pg_last_copy_count() RETURNS bigint LANGUAGE sql AS
  $$ SELECT coalesce(nullif(current_setting('redshift_emulator.copied', true), ''), '0')::bigint $$;
CREATE FUNCTION redshift_emulator.middle(found double precision[]) RETURNS double precision LANGUAGE sql AS
  $$ SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY one) FROM unnest(found) AS one $$;
CREATE AGGREGATE pg_catalog.median(double precision)
  (SFUNC = array_append, STYPE = double precision[], FINALFUNC = redshift_emulator.middle);
CREATE VIEW pg_catalog.svv_columns AS SELECT * FROM information_schema.columns;
CREATE VIEW pg_catalog.svv_roles AS SELECT rolname AS role_name FROM pg_roles WHERE NOT rolcanlogin;
GRANT SELECT ON pg_catalog.svv_columns, pg_catalog.svv_roles TO PUBLIC;
"""


@dataclass
class Fault:
    """What is to happen to the next statement that `pattern` finds: an error, or the end of the connection.

    `after`: the statement is carried out first, and only its answer is lost. `since`: not before a statement that this
    pattern finds.
    """

    pattern: str
    error: RefusedError | None = None
    after: bool = False
    times: int = 1
    since: str = ""


@dataclass
class RedshiftEmulator:
    """A server in `folder`, while a `with` block runs; several databases, one a test."""

    folder: Path
    roles: set[str] = field(default_factory=lambda: {ROLE})
    faults: list[Fault] = field(default_factory=list)
    statements: list[str] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def __enter__(self) -> RedshiftEmulator:
        self._postgres = EmbeddedPostgres(self.folder / "postgres", settings=_SETTINGS)
        self._postgres.start()
        parts = urlsplit(self._postgres.dsn)
        self.user, self.password = str(parts.username), str(parts.password)
        self._databases = 0
        with psycopg.connect(self._postgres.dsn, autocommit=True) as connection:
            # redshift-connector knows no SCRAM.
            connection.execute("SET password_encryption = 'md5'")
            connection.execute(f"ALTER USER {self.user} PASSWORD '{self.password}'")
            access = self.folder / "postgres" / "data" / "pg_hba.conf"
            access.write_text(access.read_text().replace("scram-sha-256", "md5"))
            connection.execute("SELECT pg_reload_conf()")
            connection.execute(f"CREATE DATABASE {EMPTY}")
        with psycopg.connect(self.dsn(EMPTY), autocommit=True) as connection:
            connection.execute("SET allow_system_table_mods = on")
            connection.execute(_FURNITURE)
        self._wire = RedshiftWire(("127.0.0.1", self._postgres.port), self._handle, _translated)
        return self

    def __exit__(self, *_: object) -> None:
        self._wire.close()
        self._postgres.stop()

    @property
    def port(self) -> int:
        return self._wire.port

    def dsn(self, database: str) -> str:
        """For psycopg: PostgreSQL itself, to look and to prepare."""
        return f"postgresql://{self.user}:{self.password}@127.0.0.1:{self._postgres.port}/{database}?sslmode=disable"

    @contextmanager
    def database(self, template: str = EMPTY) -> Iterator[str]:
        """The name of a new database, as its template is."""
        with self._lock:
            self._databases += 1
            name = f"test_{self._databases}"
        self.create(name, template)
        try:
            yield name
        finally:
            self.faults.clear()
            self.statements.clear()
            with psycopg.connect(self._postgres.dsn, autocommit=True) as connection:
                connection.execute(f"DROP DATABASE {name} WITH (FORCE)")

    def create(self, name: str, template: str = EMPTY) -> None:
        with psycopg.connect(self._postgres.dsn, autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {name} TEMPLATE {template}")

    def url(self, database: str) -> str:
        return f"redshift://{self.user}@127.0.0.1:{self.port}/{database}"

    def _handle(self, sql: str, backend: Backend) -> str:
        self.statements.append(sql)
        if lacking := redshift_refused(sql):
            raise RefusedError(lacking, code="0A000")
        fault = self._fault(sql)
        if fault and not fault.after:
            raise fault.error or CutError
        rewritten = self._rewritten(sql, backend)
        if fault:
            backend.rows(rewritten)
            raise fault.error or CutError
        return rewritten

    def _fault(self, sql: str) -> Fault | None:
        with self._lock:
            for fault in self.faults:
                if fault.since:
                    fault.since = "" if re.search(fault.since, sql, re.IGNORECASE) else fault.since
                elif fault.times and re.search(fault.pattern, sql, re.IGNORECASE):
                    fault.times -= 1
                    return fault
        return None

    def _rewritten(self, sql: str, backend: Backend) -> str:
        if copy := redshift_files.copy_statement(sql):
            self._assume(copy["role"])
            count = redshift_files.copy(copy, backend)
            backend.rows(f"SELECT set_config('redshift_emulator.copied', '{count}', false)")
            return _DONE
        if unload := redshift_files.unload_statement(sql):
            self._assume(unload["role"])
            redshift_files.unload(unload, backend)
            return _DONE
        if view := _LATE_VIEW.fullmatch(sql):
            return f"{view['head']} WHERE redshift_emulator.visible('{view['below']}')"
        if _CREATE_TABLE.match(sql):
            return _TEXT_COLUMN.sub(r"\1 VARCHAR(\2)\3 CHECK (octet_length(\1) <= \2)", _LAYOUT.sub("", sql))
        if sql.lstrip().upper().startswith(("COPY", "UNLOAD")):
            raise RefusedError("syntax error: not a COPY or UNLOAD that is emulated", code="42601")
        return _ROLE_WORD.sub(r"\1 ", sql)

    def _assume(self, role: str) -> None:
        if role.strip("'") not in self.roles:
            name = role.strip("'")
            user = f"arn:aws:redshift:eu-central-1:123456789012:dbuser:warehouse/{self.user}"
            raise RefusedError(
                f"User {user} is not authorized to assume IAM Role {name}",
                f"error: Not authorized to get credentials of role {name} code: 30000",
            )


def _translated(fields: Mapping[str, str]) -> dict[str, str]:
    """PostgreSQL's error in Redshift's words."""
    told = dict(fields)
    if told["C"] == "40001":
        told |= {"C": "XX000", "M": "1023", "D": f"Serializable isolation violation on table - 1 ({told['M']})"}
    elif told["C"] == "28P01":
        told["C"] = "28000"
    return {name: text for name, text in told.items() if name in "SCMD"}


@cache
def emulated_redshift() -> RedshiftEmulator:
    """The one server of this process, with moto's S3 beside it; started when it is first asked for."""
    running = ExitStack()
    running.enter_context(emulated_aws())
    folder = running.enter_context(TemporaryDirectory(prefix="redshift-"))
    emulator = running.enter_context(RedshiftEmulator(Path(folder)))
    emulator.create(RECORDED)
    with emulated_warehouse(emulator, RECORDED, "").write() as session:
        create_control_tables(session)
    atexit.register(running.close)  # last: what is registered last comes first
    return emulator


def emulated_warehouse(
    emulator: RedshiftEmulator, database: str, lake: str, *, role: str = ROLE, wait_seconds: float = 5.0
) -> RedshiftWarehouse:
    """The implementation that is tested, on an emulated database and a folder in S3."""
    return RedshiftWarehouse(
        RedshiftAddress.parse(emulator.url(database)),
        lambda: Login(emulator.user, emulator.password),
        manifests=f"{lake}/manifests",
        role=role,
        region=REGION,
        wait_seconds=wait_seconds,
    )
