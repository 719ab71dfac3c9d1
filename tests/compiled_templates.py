"""The apps of a test run share what the templates compile to: each is compiled in its language only once."""

from hashlib import sha256
from pathlib import Path
from tempfile import NamedTemporaryFile

from flask import Flask
from jinja2 import BytecodeCache
from jinja2.bccache import Bucket
from jinja2.environment import Environment


class Compiled(BytecodeCache):
    """Keeps what was compiled, by language, file and content, for all processes of the run."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.kept: dict[tuple[str, str], Bucket] = {}

    def get_bucket(self, environment: Environment, name: str, filename: str | None, source: str) -> Bucket:
        spoken = f"{getattr(environment, 'spoken', '')} {environment.auto_reload}"
        bucket = Bucket(environment, f"{spoken} {name} {filename}", self.get_source_checksum(source))
        self.load_bytecode(bucket)
        return bucket

    def load_bytecode(self, bucket: Bucket) -> None:
        kept = self.kept.get((bucket.key, bucket.checksum))
        if kept:
            bucket.code = kept.code
        elif (path := self.path_of(bucket)).exists():
            with path.open("rb") as file:
                bucket.load_bytecode(file)
            self.kept[bucket.key, bucket.checksum] = bucket

    def dump_bytecode(self, bucket: Bucket) -> None:
        self.kept[bucket.key, bucket.checksum] = bucket
        with NamedTemporaryFile(dir=self.folder, delete=False) as file:
            bucket.write_bytecode(file)
        # Another process finds all of it there, or nothing.
        Path(file.name).replace(self.path_of(bucket))

    def path_of(self, bucket: Bucket) -> Path:
        return self.folder / sha256(f"{bucket.key} {bucket.checksum}".encode()).hexdigest()


def share(folder: Path) -> None:
    """Let every app that this process makes from now on keep what it compiles in this folder."""
    folder.mkdir(exist_ok=True)
    Flask.jinja_options = {"bytecode_cache": Compiled(folder)}
