"""What docs/install.md tells to type does what it says."""

import os
import re
import subprocess
from pathlib import Path

import pytest

TEXT = (Path(__file__).parents[2] / "docs" / "install.md").read_text()
PROGRAM = "/srv/portal/app/.venv/bin/portal"


def block_after(words: str) -> str:
    """Return the first block of code after these words."""
    return re.search(r"```\w*\n(.*?)```", TEXT[TEXT.index(words) :], re.DOTALL)[1]


@pytest.mark.parametrize(("given", "used"), [(None, "/srv/portal/instance"), ("/tmp/drill", "/tmp/drill")])  # noqa: S108
def test_the_command_works_on_the_instance_that_was_named(tmp_path, given, used):
    program = tmp_path / "program"
    program.write_text('#!/bin/sh\necho "$PORTAL_INSTANCE" "$@"\n')
    program.chmod(0o700)
    script = tmp_path / "portal"
    own_user = "runuser -u portal -- "
    text = block_after("`/usr/local/bin/portal`, made executable")
    assert own_user in text
    script.write_text(text.replace(own_user, "").replace(PROGRAM, str(program)))
    script.chmod(0o700)
    environment = os.environ | {"PORTAL_INSTANCE": given or ""}
    done = subprocess.run(
        [script, "restore", "two words"], env=environment, capture_output=True, text=True, check=True
    )
    assert done.stdout == f"{used} restore two words\n"


def test_nothing_counts_on_an_alias_of_the_shell():
    assert "alias " not in TEXT


def test_what_the_commands_need_is_installed_first():
    needed = block_after("## 1. The program")
    assert needed.index("apt install") < needed.index("git clone")
    for package in ("git", "python3-venv", "caddy"):
        assert package in needed.splitlines()[0]
    assert "/srv/backup" in needed


def test_the_backup_has_a_name_for_each_day_of_the_week():
    """A single percent sign would be systemd's own."""
    assert "$(date +%%u)" in block_after("/etc/systemd/system/portal-backup.service")


def test_nothing_is_changed_below_a_running_portal():
    lines = block_after("## Upgrading").splitlines()
    assert lines[0] == "systemctl stop portal"
    assert [line for line in lines if "systemctl start portal" in line] == lines[-1:]
