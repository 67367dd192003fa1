"""A file of Google Drive as a folder lists it, and what becomes of it here."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

_NATIVE = "application/vnd.google-apps."
FOLDER, SHEET, SHORTCUT = f"{_NATIVE}folder", f"{_NATIVE}spreadsheet", f"{_NATIVE}shortcut"
FILE_FIELDS = "id,name,mimeType,md5Checksum,version,size"
_CSV = ".csv"


@dataclass(frozen=True)
class DriveFile:
    """`md5` and `size` (bytes) are Drive's own, of files with content; `version` rises with any change."""

    id: str
    name: str
    mime_type: str
    version: str
    md5: str | None
    size: int | None

    @classmethod
    def of(cls, document: dict[str, Any]) -> DriveFile:
        size = document.get("size")
        return cls(
            id=document["id"],
            name=document.get("name", ""),
            mime_type=document.get("mimeType", ""),
            version=str(document.get("version", "")),
            md5=document.get("md5Checksum"),
            size=None if size is None else int(size),
        )

    @property
    def is_sheet(self) -> bool:
        return self.mime_type == SHEET

    @property
    def is_folder(self) -> bool:
        return self.mime_type == FOLDER

    @property
    def delivered_name(self) -> str:
        """The name that it is delivered under: that of a Google Sheet with `.csv`, which it is exported as."""
        return self.name + _CSV if self.is_sheet and not self.name.lower().endswith(_CSV) else self.name

    @property
    def skipped_because(self) -> str | None:
        """Why nothing can be delivered of it; None where something can."""
        if self.is_folder:
            return "is a folder; the files in it are not looked at"
        if self.mime_type == SHORTCUT:
            return "is a shortcut; put the file itself into the folder"
        if self.mime_type.startswith(_NATIVE) and not self.is_sheet:
            kind = self.mime_type.removeprefix(_NATIVE)
            return f"is a Google {kind}, which is no table; export it as CSV into the folder"
        if not self.is_sheet and (self.md5 is None or self.size is None):
            return "has no checksum in Drive, so it cannot be verified; upload it again"
        return None

    def __str__(self) -> str:
        shown = self.name if self.name.isprintable() else repr(self.name)[1:-1]
        return f"{shown[:200]} (Drive file {self.id})"
