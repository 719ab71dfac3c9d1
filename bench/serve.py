"""`python -m bench.serve portal|limits|rush PORT`: one of them under the web server as we run it."""

import sys

from portal.serving import LOAD_APP, serve_web

WORKERS = 2
FACTORIES = {"portal": LOAD_APP, "limits": "bench.limits:create_app", "rush": "bench.rush_limit:create_app"}

if __name__ == "__main__":
    serve_web(FACTORIES[sys.argv[1]], "127.0.0.1", int(sys.argv[2]), WORKERS)
