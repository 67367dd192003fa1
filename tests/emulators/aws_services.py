"""S3, KMS and Secrets Manager as moto serves them over HTTP, and clients for them like those of a Lambda function.

moto keeps objects, versions, parts and metadata, and refuses a conditional put. What it lacks is added here: the
condition If-Match of a completed multipart upload. It checks no rights and encrypts nothing: it only notes the key.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count
from typing import Any

import boto3
from botocore.awsrequest import AWSResponse
from botocore.config import Config
from moto.moto_server.werkzeug_app import DomainDispatcherApplication
from moto.s3.exceptions import PreconditionFailed
from moto.s3.responses import S3Response
from moto.server import ThreadedMotoServer

REGION = "eu-central-1"
_numbers = count(1)
_complete = S3Response._key_response_post


def _complete_on_condition(
    self: S3Response, request: Any, body: bytes, bucket_name: str, query: dict[str, Any], key_name: str
) -> Any:
    wanted = request.headers.get("If-Match")
    if query.get("uploadId") and wanted:
        found = self.backend.get_object(bucket_name, key_name)
        if found is None or found.etag.strip('"') != wanted.strip('"'):
            raise PreconditionFailed("If-Match")
    return _complete(self, request, body, bucket_name, query, key_name)


@dataclass
class AwsServices:
    """A running server, and a KMS key in it."""

    endpoint: str
    kms_key: str = ""
    clients: dict[str, Any] = field(default_factory=dict)

    def shared(self, service: str) -> Any:
        """A client for all tests: making one takes longer than a test."""
        if service not in self.clients:
            self.clients[service] = self.client(service)
        return self.clients[service]

    def client(self, service: str, **config: Any) -> Any:
        """A client of its own, in which faults can be planted."""
        retries: Any = {"mode": "standard", "max_attempts": 2}
        return boto3.client(
            service,  # type: ignore[call-overload]
            endpoint_url=self.endpoint,
            region_name=REGION,
            aws_access_key_id="testing",
            aws_secret_access_key="testing",
            config=Config(**{"retries": retries, **config}),
        )

    def new_bucket(self) -> str:
        """A bucket with versions, for one test."""
        name = f"lake-{next(_numbers)}"
        s3 = self.shared("s3")
        s3.create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": REGION})
        s3.put_bucket_versioning(Bucket=name, VersioningConfiguration={"Status": "Enabled"})
        return name

    def new_secret(self, document: Any) -> str:
        """A secret that holds the document as JSON (text as it is); its name."""
        name = f"medallion/secret-{next(_numbers)}"
        text = document if isinstance(document, str) else json.dumps(document)
        self.shared("secretsmanager").create_secret(Name=name, SecretString=text)
        return name


@contextmanager
def running() -> Iterator[AwsServices]:
    S3Response._key_response_post = _complete_on_condition  # type: ignore[method-assign]
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    services = AwsServices(f"http://{host}:{port}")
    try:
        services.kms_key = services.shared("kms").create_key()["KeyMetadata"]["Arn"]
        yield services
    finally:
        server.stop()
        S3Response._key_response_post = _complete  # type: ignore[method-assign]


@contextmanager
def overloaded(method: str, part: str, *, times: int) -> Iterator[list[str]]:
    """The next requests whose path has a part in it are answered with 503, by the server; which they were."""
    serve, refused = DomainDispatcherApplication.__call__, []

    def busy(self: Any, environ: Any, start_response: Any) -> Any:
        path = f"{environ['PATH_INFO']}?{environ.get('QUERY_STRING', '')}"
        if len(refused) < times and environ["REQUEST_METHOD"] == method and part in path:
            refused.append(path)
            start_response("503 Slow Down", [("Content-Type", "application/xml")])
            return [b"<Error><Code>SlowDown</Code><Message>Please reduce your request rate.</Message></Error>"]
        return serve(self, environ, start_response)

    DomainDispatcherApplication.__call__ = busy  # type: ignore[method-assign]
    try:
        yield refused
    finally:
        DomainDispatcherApplication.__call__ = serve  # type: ignore[method-assign]


def answer(client: Any, operation: str, status: int, code: str, *, times: int = 1) -> None:
    """Have the next requests of an operation answered with an error, as if S3 had; boto3's own retries see it."""
    left = [times]

    def before_send(request: Any, **_: Any) -> AWSResponse | None:
        if not left[0]:
            return None
        left[0] -= 1
        body = f"<Error><Code>{code}</Code><Message>as told</Message></Error>".encode()
        return AWSResponse(request.url, status, {"content-type": "application/xml"}, _Raw(body))

    client.meta.events.register(f"before-send.s3.{operation}", before_send)


def before(client: Any, operation: str, action: Callable[[], None], *, nth: int = 1) -> None:
    """Have something happen once, just before the nth of an operation's next requests is sent."""
    passed = count(1)

    def before_send(**_: Any) -> None:
        if next(passed) == nth:
            action()

    client.meta.events.register(f"before-send.s3.{operation}", before_send)


class _Raw:
    def __init__(self, body: bytes) -> None:
        self._body = body

    def stream(self, **_: Any) -> Iterator[bytes]:
        yield self._body
