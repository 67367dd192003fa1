"""What is uploaded: the library, the functions' and jobs' code, and the packages that `make package` fetched."""

from __future__ import annotations

import shutil
import zipfile
from dataclasses import dataclass
from pathlib import Path

from medallion.errors import UsageError

_LEFT_OUT = shutil.ignore_patterns("__pycache__", "*.pyc", "*.egg-info", "samples")
_EPOCH = (1980, 1, 1, 0, 0, 0)  # the oldest time that a zip can say: the same content gives the same bytes


@dataclass(frozen=True, kw_only=True)
class Code:
    """Folders: `root` with lambdas/, glue_jobs/ and src/; `packages` of other authors; `staging` is written here."""

    root: Path
    packages: Path
    staging: Path

    def function(self, name: str, *files: Path) -> Path:
        """A folder with `lambdas/<name>`, the library and `files`. Raises UsageError where there is no handler."""
        source = self.root / "lambdas" / name
        if not (source / "handler.py").is_file():
            raise UsageError(f"lambdas/{name}/handler.py: is missing in {self.root}; the function has no code")
        target = self.staging / "functions" / name
        shutil.rmtree(target, ignore_errors=True)
        shutil.copytree(source, target, ignore=_LEFT_OUT)
        shutil.copytree(self._library, target / "medallion", ignore=_LEFT_OUT)
        for file in files:
            shutil.copyfile(file, target / file.name)
        return target

    def job(self, layer: str) -> Path:
        """The script of a layer's job. Raises UsageError where there is none."""
        script = self.root / "glue_jobs" / f"{layer}.py"
        if not script.is_file():
            raise UsageError(f"glue_jobs/{layer}.py: is missing in {self.root}; the job has no script")
        return script

    def certificates(self, name: str) -> Path | None:
        """The file with RDS's certificates, by its path in `root`; None for no name. Raises UsageError."""
        if not name:
            return None
        file = self.root / name
        if not file.is_file() or "BEGIN CERTIFICATE" not in file.read_text(encoding="ascii", errors="replace"):
            raise UsageError(
                f"context database_ca: {name} is missing or holds no certificates; download RDS's global-bundle.pem as"
                " docs/deployment.md says"
            )
        return file

    def library(self) -> Path:
        """The library as a zip for Glue's --extra-py-files: a wheel would lose its name, and pip then refuses it."""
        target = self.staging / "medallion.zip"
        target.parent.mkdir(parents=True, exist_ok=True)
        with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
            for file in sorted(self._library.rglob("*")):
                if file.is_file() and "__pycache__" not in file.parts:
                    name = zipfile.ZipInfo(f"medallion/{file.relative_to(self._library).as_posix()}", _EPOCH)
                    name.compress_type, name.external_attr = zipfile.ZIP_DEFLATED, 0o644 << 16
                    archive.writestr(name, file.read_bytes())
        return target

    def layer(self) -> Path:
        """The folder of packages that the functions share. Raises UsageError where it was not made."""
        return self._fetched("lambda-layer")

    def wheels(self) -> Path:
        """The folder with the zip of wheels for Glue's jobs. Raises UsageError where it was not made."""
        return self._fetched("glue-wheels")

    def dashboard_image(self) -> Path:
        """The folder that the dashboards' image is built from: Dockerfile, packages by their hashes, library."""
        target = self.staging / "dashboard"
        shutil.rmtree(target, ignore_errors=True)
        shutil.copytree(self._library, target / "medallion", ignore=_LEFT_OUT)
        for file in (self.root / "infra" / "Dockerfile", self.root / "requirements" / "dashboard.lock"):
            if not file.is_file():
                raise UsageError(f"{file.relative_to(self.root)}: is missing; the dashboards have no image without it")
            shutil.copyfile(file, target / file.name)
        return target

    @property
    def _library(self) -> Path:
        return self.root / "src" / "medallion"

    def _fetched(self, name: str) -> Path:
        folder = self.packages / name
        if not folder.is_dir() or not any(folder.iterdir()):
            raise UsageError(f"{folder}: packages for AWS are missing; fetch them with: make package")
        return folder
