"""PostgreSQL's extension `aws_s3`, as far as an import goes, in SQL on a real server; its S3 is moto's.

Real: the functions' names, arguments and types; that it is PostgreSQL's own COPY with the options given, run by the
server, inside the caller's transaction, one object a call; the text that is returned. Emulated: how the server comes
by the object (a `COPY … FROM PROGRAM` that asks moto over HTTP in place of the extension's own client), so roles,
encryption and the network are not tried; and the error of an object that cannot be read, whose SQLSTATE (XX000) and
wording (`HTTP 404. …`) are as remembered, to be compared with RDS.
"""

from __future__ import annotations

import shutil
from urllib.parse import urlsplit

import psycopg
from psycopg import sql

# Written in bash because the server may run as a user that can read no Python environment; bash is everywhere.
FETCH = (
    'exec 3<>"/dev/tcp/{host}/{port}"'
    ' && printf "GET %s HTTP/1.0\\r\\nHost: {host}\\r\\nAuthorization: {signed}\\r\\n\\r\\n" "$0" >&3'
    ' && read -r _ status _ <&3; [ "$status" = 200 ] || {{ echo "HTTP $status" >&2; exit 22; }};'
    " while IFS= read -r line <&3 && [ \"$line\" != $'\\r' ]; do :; done; cat <&3"
)
SIGNED = "AWS4-HMAC-SHA256 Credential=testing/20240101/eu-central-1/s3/aws4_request, SignedHeaders=host, Signature=0"
INSTALL = """
CREATE SCHEMA aws_commons;
CREATE TYPE aws_commons._s3_uri_1 AS (bucket text, file_path text, region text);
CREATE FUNCTION aws_commons.create_s3_uri(s3_bucket text, s3_key text, aws_region text)
RETURNS aws_commons._s3_uri_1 LANGUAGE sql IMMUTABLE AS $$ SELECT ROW($1, $2, $3)::aws_commons._s3_uri_1 $$;
CREATE SCHEMA aws_s3;
CREATE FUNCTION aws_s3.table_import_from_s3(
    table_name text, column_list text, options text, s3_info aws_commons._s3_uri_1
) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    columns text := CASE WHEN column_list = '' THEN '' ELSE '(' || column_list || ')' END;
    program text := {program} || ' ''/' || s3_info.bucket || '/' || s3_info.file_path || '''';
    row_count bigint;
BEGIN
    BEGIN
        EXECUTE format('COPY %s %s FROM PROGRAM %L %s', table_name, columns, program, options);
        GET DIAGNOSTICS row_count = ROW_COUNT;
    EXCEPTION WHEN external_routine_exception THEN
        RAISE EXCEPTION 'HTTP 404. Check your arguments or credentials and try again.' USING ERRCODE = 'XX000';
    END;
    RETURN format('%s rows imported into relation "%s" from file %s', row_count, table_name, s3_info.file_path);
END $$;
"""


def install(dsn: str, endpoint: str) -> None:
    """Make the functions in a database, reading from the S3 at `endpoint`. Keys must hold no quotes."""
    place = urlsplit(endpoint)
    script = FETCH.format(host=place.hostname, port=place.port, signed=SIGNED)
    quoted = "'" + script.replace("'", "'\\''") + "'"
    program = f"{shutil.which('bash')} -c {quoted}"
    with psycopg.connect(dsn) as connection:
        connection.execute(sql.SQL(INSTALL).format(program=sql.Literal(program)))
