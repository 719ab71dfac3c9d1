"""When everybody logs in at once, threads that wait for a password to be checked take no memory for it."""

import subprocess
import sys

ALLOWED = 100
"""MB; two checks at once take 38, and the threads themselves some."""

CROWD = """
import threading
from portal import create_app
from portal.domain.passwords import matches
app = create_app({"DATABASE_URL": "sqlite://", "SECRET_KEY": "a-crowd"})
def memory():
    return int(open("/proc/self/status").read().partition("VmRSS:")[2].split()[0]) / 1024
def log_in():
    with app.app_context():
        assert not matches(None, "what anybody types")
before = memory()
crowd = [threading.Thread(target=log_in) for _ in range(40)]
for each in crowd:
    each.start()
for each in crowd:
    each.join()
print(memory() - before)
"""


def test_forty_who_log_in_at_once_take_the_memory_of_two(tmp_path):
    done = subprocess.run(
        [sys.executable, "-c", CROWD],
        env={"PORTAL_INSTANCE": str(tmp_path), "PATH": ""},
        capture_output=True,
        text=True,
        check=True,
    )
    assert float(done.stdout) < ALLOWED
