"""The apps of a test process share what the templates compile to: each compiles in its language only once."""

from flask import Flask
from jinja2 import BytecodeCache
from jinja2.bccache import Bucket
from jinja2.environment import Environment


class Compiled(BytecodeCache):
    """Keeps what was compiled, by language, file and content; nothing stays after the run."""

    def __init__(self) -> None:
        self.kept: dict[tuple[str, str], Bucket] = {}

    def get_bucket(self, environment: Environment, name: str, filename: str | None, source: str) -> Bucket:
        spoken = f"{getattr(environment, 'spoken', '')} {environment.auto_reload}"
        bucket = Bucket(environment, f"{spoken} {name} {filename}", self.get_source_checksum(source))
        self.load_bytecode(bucket)
        return bucket

    def load_bytecode(self, bucket: Bucket) -> None:
        kept = self.kept.get((bucket.key, bucket.checksum))
        bucket.code = kept.code if kept else None

    def dump_bytecode(self, bucket: Bucket) -> None:
        self.kept[bucket.key, bucket.checksum] = bucket


def share() -> None:
    """Let every app that this process makes from now on keep what it compiles here."""
    Flask.jinja_options = {"bytecode_cache": Compiled()}
