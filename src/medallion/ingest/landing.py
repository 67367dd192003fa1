"""Landing: delivered files as they came, one object a file, and what each object says about its origin.

An object's own metadata says which content of which Drive file it is. There is no other record of what was pulled, so
none can disagree with the object, be lost, or be written without it.
"""

from __future__ import annotations

import hashlib
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from urllib.parse import quote, unquote

from medallion.ingest.drive_file import DriveFile
from medallion.ingest.s3_bucket import Bucket, StoredObject

ID, MD5, VERSION, NAME = "drive-id", "drive-md5", "drive-version", "drive-name"
_LONGEST_NAME, _LONGEST_METADATA = 200, 1200  # bytes; S3 takes keys of 1,024 and metadata of 2,048
_SAFE_SIGNS = "-_.()+=@"
_HASH_LENGTH = 12


@dataclass(frozen=True)
class Landing:
    """The objects of one product: delivered files below `prefix`, what is not yet whole below `incoming`.

    Both prefixes end in `/`. A file's key is `<prefix><Drive id>/<name>`: files of one name do not meet, a file that
    was renamed is a new delivery, one whose content changed is a new version of the same object.
    """

    bucket: Bucket
    prefix: str
    incoming: str

    @classmethod
    def of(cls, bucket: Bucket, product: str) -> Landing:
        """A product's landing in a bucket."""
        return cls(bucket, landing_prefix(product), f"incoming/{product}/")

    def key(self, file: DriveFile) -> str:
        return f"{self.prefix}{file.id}/{safe_name(file.delivered_name)}"

    def incoming_key(self, file: DriveFile) -> str:
        """Where one content of a large file is put together; another content of it has another key."""
        return f"{self.incoming_prefix(file)}{file.md5}-{file.size}"

    def incoming_prefix(self, file: DriveFile) -> str:
        return f"{self.incoming}{file.id}/"

    def objects(self) -> Iterator[StoredObject]:
        """All delivered files, by key."""
        return self.bucket.objects(self.prefix)

    @staticmethod
    def metadata(file: DriveFile, md5: str) -> dict[str, str]:
        """What an object with that content of the file says about itself, in ASCII."""
        name = quote(file.delivered_name, safe=" !#$&'()*+,;=@[]{}^~")
        named = {NAME: name} if len(name) <= _LONGEST_METADATA else {}
        return {ID: file.id, MD5: md5, VERSION: file.version, **named}

    @staticmethod
    def holds(found: StoredObject | None, file: DriveFile) -> bool:
        """Whether an object has the file's content as it is now; of a Google Sheet, its version."""
        if found is None:
            return False
        if file.is_sheet:
            return found.metadata.get(VERSION) == file.version
        return (found.metadata.get(MD5), found.size) == (file.md5, file.size)


def landing_prefix(product: str) -> str:
    """Below which a product's delivered files are."""
    return f"landing/{product}/"


def rejects_prefix(product: str) -> str:
    """Where records of a product's files are kept that the gate kept out."""
    return f"rejects/{product}/"


def delivered_name(key: str, metadata: Mapping[str, str]) -> str:
    """The name a file was delivered under: as it is in Drive, without folders; without metadata the key's own."""
    name = unquote(metadata.get(NAME, "")) or key
    return name.replace("\\", "/").rpartition("/")[2] or key.rpartition("/")[2]


def safe_name(name: str) -> str:
    """A name as a part of a key: letters and digits of any script and a few signs, the rest `_`; at most 200 bytes.

    A longer one is cut in the middle, keeps its ending and has a part of its hash, so that two long names do not meet.
    """
    plain = unicodedata.normalize("NFC", name)
    safe = "".join(sign if sign.isalnum() or sign in _SAFE_SIGNS else "_" for sign in plain).lstrip(".") or "_"
    encoded = safe.encode()
    if len(encoded) <= _LONGEST_NAME:
        return safe
    digest = hashlib.sha256(name.encode()).hexdigest()[:_HASH_LENGTH]
    ending = encoded[-24:].decode(errors="ignore")
    kept = encoded[: _LONGEST_NAME - 24 - _HASH_LENGTH - 2].decode(errors="ignore")
    return f"{kept}_{digest}_{ending}"
