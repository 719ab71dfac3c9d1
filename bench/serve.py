"""`python -m bench.serve portal|limits|rush PORT`: one of them under the web server as we run it."""

import sys

from portal.config import ANSWERED_AT_ONCE
from portal.serving import LOAD_APP, MOST_INSIDE, serve_web

WORKERS = 2
FACTORIES = {"portal": LOAD_APP, "limits": "bench.limits:create_app", "rush": "bench.rush_limit:create_app"}

if __name__ == "__main__":
    # The limits let nobody wait inside: they have a connection to the database for each thread.
    threads = MOST_INSIDE if sys.argv[1] == "portal" else ANSWERED_AT_ONCE
    serve_web(FACTORIES[sys.argv[1]], "127.0.0.1", int(sys.argv[2]), WORKERS, threads)
