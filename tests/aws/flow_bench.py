"""A deployed restaurant: the synthesised state machine, on whose steps the real handlers and scripts are run.

Each step is a process of its own with the environment or the arguments that the template gives it, the code that is
uploaded (functions from their folder, jobs with the library as a zip) and the packages that are there on AWS. In place
of AWS's addresses stand those of servers on this machine: Drive, S3, Secrets Manager, KMS, PostgreSQL and Redshift.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from aws_emulator import REGION
from aws_services import AwsServices, refused
from drive_api import DriveApi
from infra.code import Code
from moto_state_machine import Emulated, carried_out
from redshift_emulator import ROLE
from redshift_place import Place
from shipped import OF_GLUE, OF_LAMBDA, OF_THE_EMBEDDED_ENGINE, shipped
from source_bench import SourceBench
from synthesised import Synthesised, text

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
_NAMES = {"IngestionDriveIngest": "drive_ingest", "IngestionSourceLoad": "source_load"}


@dataclass
class FlowBench:
    """`kill_at`: where the next run of a layer's job is killed. `ran` are functions and layers in their order."""

    aws: AwsServices
    drive: DriveApi
    source: SourceBench
    place: Place
    templates: Synthesised
    code: Code
    home: Path
    machine: Emulated = field(init=False)
    kill_at: dict[str, str] = field(default_factory=dict)
    ran: list[str] = field(default_factory=list)
    output: str = ""

    @contextmanager
    def deployed(self) -> Iterator[FlowBench]:
        """With the state machines there."""
        self._drive_secret = self.aws.new_secret(self.drive.key_document())
        self._source_secret = self.aws.new_secret(_login_of(self.source))
        login = {"username": self.place.emulator.user, "password": self.place.emulator.password}
        self._warehouse_secret = self.aws.new_secret(login)
        self._pii_secret = self.aws.new_secret({"pii_key": "key of the hashes"})
        with carried_out(self.templates, invoke=self._invoke, run_job=self._run_job) as self.machine:
            yield self

    def run(self, name: str, **given: Any) -> dict[str, Any]:
        """Start the state machine and wait for its end."""
        self.ran.clear()
        return self.machine.run("restaurant", given, name)

    def deliver(self, folder: Path) -> None:
        """Put files into the Drive folder, in place of those of the same names."""
        for path in sorted(folder.glob("*.csv*")):
            self.drive.add(f"id-of-{path.name}", path.name, path.read_bytes())

    @property
    def _addresses(self) -> dict[str, str]:
        """What the templates leave to AWS, by the name of an argument or of a function's variable."""
        source = f"postgresql://127.0.0.1:{self.source.port}/{self.source.database}?sslmode=disable"
        return {
            "LANDING_BUCKET": self.source.bucket, "KMS_KEY_ARN": self.aws.kms_key,
            "DRIVE_SECRET": self._drive_secret, "SOURCE_SECRET": self._source_secret,
            "SOURCE_URL": source, "PII_KEY_SECRET": self._pii_secret,
            "--lake": self.place.lake, "--warehouse": self.place.url.replace(f"{self.place.emulator.user}@", ""),
            "--warehouse_secret": self._warehouse_secret, "--copy_role": ROLE,
            "--source": source, "--source_secret": self._source_secret, "--pii_secret": self._pii_secret,
            "--input": f"s3://{self.source.bucket}/landing/restaurant/", "--aws_region": REGION,
        }  # fmt: skip

    def _placed(self, given: Mapping[str, Any]) -> dict[str, str]:
        """Values of a template with the addresses in place of what refers to resources."""
        addresses = self._addresses
        return {name: addresses.get(name, text(value)) for name, value in given.items()}

    def _invoke(self, function: str, event: Mapping[str, Any]) -> Any:
        start, name = next((start, name) for start, name in _NAMES.items() if start in function)
        self.ran.append(name)
        variables = self._placed(self.templates.of("AWS::Lambda::Function", start)["Environment"]["Variables"])
        task = self.code.staging / "functions" / name
        found = shipped(self.home / "lambda" / name, task, "lambda.lock", OF_LAMBDA)
        on_this_machine = {
            "DRIVE_ENDPOINT": self.drive.endpoint, "POWERTOOLS_TRACE_DISABLED": "true", "LAMBDA_TASK_ROOT": str(task),
            **found,
        }  # fmt: skip
        command = [sys.executable, str(HERE / "call_function.py"), name, json.dumps(event)]
        ended = self._process(command, variables | on_this_machine)
        assert ended.returncode == 0, ended.stderr
        return json.loads(ended.stdout.splitlines()[-1])

    def _run_job(self, job: str, given: Mapping[str, str]) -> str | None:
        layer = next(one for one in ("bronze", "silver", "gold") if f"Jobs{one.capitalize()}" in job)
        self.ran.append(layer)
        template = self.templates.of("AWS::Glue::Job", job[:24])["DefaultArguments"]
        of_glue = {"--JOB_NAME": job, "--JOB_RUN_ID": "jr_1"}
        arguments = self._placed(template) | dict(given) | of_glue | {"--engine": "embedded"}
        unplaced = [name for name, value in arguments.items() if "<" in value and "_" in name and name.islower()]
        assert unplaced == []
        words = [word for pair in arguments.items() for word in pair]
        engine = {"AWS_ENDPOINT": os.environ["AWS_ENDPOINT_URL"], "AWS_ALLOW_HTTP": "true"}
        library = self.code.staging / "medallion.zip"
        engine |= shipped(self.home / "glue", library, "glue.lock", OF_GLUE | OF_THE_EMBEDDED_ENGINE)
        kill = {"MEDALLION_KILL_AT": self.kill_at.pop(layer)} if layer in self.kill_at else {}
        # The roles of later layers have no right to what was delivered.
        rights: AbstractContextManager[Any] = (
            nullcontext() if layer == "bronze" else refused("/landing/", 403, "AccessDenied")
        )
        with rights:
            ended = self._process([sys.executable, f"glue_jobs/{layer}.py", *words], engine | kill)
        if ended.returncode == -signal.SIGKILL:
            return "Command failed with exit code 137"
        return None if ended.returncode == 0 else ended.stderr.strip().splitlines()[-1]

    def _process(self, command: list[str], variables: Mapping[str, str]) -> subprocess.CompletedProcess[str]:
        own = {name: value for name, value in os.environ.items() if not name.startswith("MEDALLION_")}
        environment = {**own, **variables}
        ended = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
        self.output += ended.stdout + ended.stderr
        return ended


def _login_of(source: SourceBench) -> dict[str, str]:
    """The secret that RDS keeps of its master user says no more than this."""
    return {"username": source.user, "password": source.password}
