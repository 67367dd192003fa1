"""One file of Google Drive to landing: whole, verified and once, or not at all.

A small file is verified in memory and written in one request. A large one goes, part by part, to a key that nobody
reads; what S3 holds of it is where the next invocation goes on. Its MD5 runs along; where an earlier invocation brought
a part of it, it is taken from the object put together. Only then S3 copies it to where it is read.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from medallion.errors import InputError, StorageError
from medallion.ingest.aws_errors import OvertakenError
from medallion.ingest.drive import ChangedWhileReadError, Drive
from medallion.ingest.drive_file import DriveFile
from medallion.ingest.invocation import Deadline, OutOfTimeError
from medallion.ingest.landing import MD5, Landing
from medallion.ingest.s3_bucket import READ_AT_ONCE, StoredObject
from medallion.ingest.s3_multipart import PART_SIZE, MultipartUpload, copied, part_size_for, uploads_under

_MOST_ATTEMPTS = 3


@dataclass
class DriveTransfer:
    """Brings files of a folder into landing. Errors are MedallionErrors; OutOfTimeError: go on in a new invocation."""

    drive: Drive
    landing: Landing
    deadline: Deadline
    _has_worked: bool = False

    def bring(self, file: DriveFile) -> StoredObject | None:
        """The object that was written; None where landing holds this content already.

        A file that changes while it is read is read again as it is then, some times.
        """
        for _ in range(_MOST_ATTEMPTS):
            self.deadline.check()
            try:
                return self._bring(file)
            except ChangedWhileReadError:
                known, file = file, self.drive.file(file)
        self._forget(file)
        if (known.md5, known.size) == (file.md5, file.size) and not file.is_sheet:
            raise StorageError(
                f"{file}: what arrives is not what Drive says it is (MD5 {file.md5}, {file.size:,} bytes); run again,"
                " and if it stays upload the file to Drive again"
            )
        raise InputError(f"{file}: changes whenever it is read; wait until it is written to its end, then run again")

    def _bring(self, file: DriveFile) -> StoredObject | None:
        key = self.landing.key(file)
        found = self.landing.bucket.head(key)
        if self.landing.holds(found, file):
            return None
        try:
            if file.is_sheet:
                is_new = self._export(file, found)
            elif (file.size or 0) <= PART_SIZE:
                is_new = self._bring_small(file, found)
            else:
                is_new = self._bring_large(file, found)
        except OvertakenError:
            # Another invocation did the same: once is enough. Anything else there is its business and this one's end.
            found = self.landing.bucket.head(key)
            if not self.landing.holds(found, file):
                raise
            is_new = False
        self._has_worked = True
        return self.landing.bucket.head(key) if is_new else None

    def _export(self, file: DriveFile, found: StoredObject | None) -> bool:
        content = self.drive.exported(file)
        if self.drive.file(file).version != file.version:
            raise ChangedWhileReadError
        md5 = hashlib.md5(content, usedforsecurity=False).hexdigest()
        if found and found.metadata.get(MD5) == md5:
            return False  # its version rises when it is shared or looked at differently, too
        self.landing.bucket.put(self.landing.key(file), content, self.landing.metadata(file, md5), found)
        return True

    def _bring_small(self, file: DriveFile, found: StoredObject | None) -> bool:
        content = b"".join(self.drive.content(file, 0, PART_SIZE))
        md5 = hashlib.md5(content, usedforsecurity=False).hexdigest()
        if (md5, len(content)) != (file.md5, file.size):
            raise ChangedWhileReadError
        self.landing.bucket.put(self.landing.key(file), content, self.landing.metadata(file, md5), found)
        return True

    def _bring_large(self, file: DriveFile, found: StoredObject | None) -> bool:
        bucket, key = self.landing.bucket, self.landing.incoming_key(file)
        whole, md5 = bucket.head(key), None
        is_fresh = whole is not None and not self._has_worked
        if whole is None:
            self._forget(file, but=key)
            md5 = self._put_together(file, key)
            whole = bucket.head(key)
        if whole is None:
            raise StorageError(f"{bucket.uri(key)}: is gone before it was copied; run again, it is brought anew")
        md5 = md5 or self._md5_of(whole, file, is_fresh=is_fresh)
        if (md5, whole.size) != (file.md5, file.size):
            bucket.delete(key)
            raise ChangedWhileReadError
        self.deadline.check()
        copied(bucket, whole, self.landing.key(file), self.landing.metadata(file, md5), found)
        bucket.delete(key)
        return True

    def _put_together(self, file: DriveFile, key: str) -> str | None:
        """Upload what S3 does not have yet; the MD5, where all of the file came by here."""
        bucket = self.landing.bucket
        upload = MultipartUpload.unfinished(bucket, key) or MultipartUpload.begin(bucket, key, {})
        digest = None if upload.size else hashlib.md5(usedforsecurity=False)
        try:
            for block in self.drive.content(file, upload.size, part_size_for(file.size or 0)):
                upload.append(block)
                if digest:
                    digest.update(block)
        except (ChangedWhileReadError, InputError):
            upload.abort()  # nobody can go on with it; after any other failure somebody will
            raise
        upload.complete(None)
        return digest.hexdigest() if digest else None

    def _md5_of(self, whole: StoredObject, file: DriveFile, *, is_fresh: bool) -> str:
        """The MD5 of an object; cannot be gone on with, so it has to fit into one invocation."""
        digest, position = hashlib.md5(usedforsecurity=False), 0
        try:
            while position < whole.size:
                self.deadline.check()
                content = self.landing.bucket.read(whole, position, READ_AT_ONCE)
                digest.update(content)
                position += len(content)
        except OutOfTimeError:
            if not is_fresh:
                raise
            raise StorageError(
                f"{file}: {whole.size:,} bytes cannot be verified within one invocation ({position:,} were); give the"
                " function more memory (it then reads faster), or deliver the file in parts"
            ) from None
        return digest.hexdigest()

    def _forget(self, file: DriveFile, but: str = "") -> None:
        """Remove what is left of contents of the file that it no longer has."""
        bucket, prefix = self.landing.bucket, self.landing.incoming_prefix(file)
        for key, upload_id in uploads_under(bucket, prefix):
            if key != but:
                MultipartUpload(bucket, key, upload_id).abort()
        for found in list(bucket.objects(prefix)):
            if found.key != but:
                bucket.delete(found.key)
