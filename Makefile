# `make run` serves the demo school; `make test` runs every test. Both set up a fresh machine themselves
# and need python3, make and (for the tests) node; what else is missing they install or name.
.POSIX:
.SUFFIXES:
.DELETE_ON_ERROR:
.PHONY: run test lint format messages lock bench bench-photos bench-rush bench-letters bench-planner mutate-access prove prove-races bench-timing clean

PORT ?= 8000
JOBS = 2
PYTEST_ARGS =
BIN = .venv/bin
# Hundreds of tests start a process of the portal: compiled once, it starts twice as fast. Set back to what
# Python does by itself, also where the environment asks to keep nothing compiled.
PYTHONDONTWRITEBYTECODE =
CATALOGS = portal/translations/nl/LC_MESSAGES/messages.mo portal/translations/en/LC_MESSAGES/messages.mo

run: .venv/run.stamp $(CATALOGS)
	@$(BIN)/portal db upgrade
	@$(BIN)/portal demo --if-empty
	@echo "Ouderportaal: http://127.0.0.1:$(PORT)"
	@$(if $(filter 8000,$(PORT)),,PORTAL_BASE_URL=http://127.0.0.1:$(PORT)) $(BIN)/portal serve --bind 127.0.0.1:$(PORT)

test: lint node_modules/.stamp $(CATALOGS)
	$(BIN)/pytest -n $(JOBS) --dist worksteal $(PYTEST_ARGS)

lint: .venv/dev.stamp
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy

format: .venv/dev.stamp
	$(BIN)/ruff check --fix
	$(BIN)/ruff format

# Brings the catalogs up to date with the source and names what is still to be translated.
messages: .venv/dev.stamp
	$(BIN)/python tools/messages.py

bench: .venv/dev.stamp $(CATALOGS)
	$(BIN)/python -m bench

# 300 photos from a phone: the time it takes, and the memory of server and worker.
bench-photos: .venv/programs.stamp $(CATALOGS)
	$(BIN)/python -m bench.photos

# The minute in which a round opens, beside a minimal app: 500 families log in, look and book.
bench-rush: .venv/dev.stamp $(CATALOGS)
	$(BIN)/python -m bench.rush

# A letter to 1,500 guardians: sending it, the pages of others while its mail goes, and a search over five years.
bench-letters: .venv/dev.stamp $(CATALOGS)
	$(BIN)/python -m bench.letters

# The planner beside CP-SAT, which only this installs: 25 minutes.
bench-planner: .venv/bench.stamp
	$(BIN)/python -m bench.planner

# The races at full size: 200 clients for 100 times of talks, five times, fifty kills of the server; 200 clients
# for the twelve places of a reply slip; fifty for whatever else two people can do at the same moment.
prove-races: .venv/dev.stamp $(CATALOGS)
	PROVE_ALL=1 $(BIN)/pytest tests/race

# Takes each rule of the access policy away, one at a time, and names those that no test misses.
mutate-access: .venv/dev.stamp $(CATALOGS)
	$(BIN)/python tools/mutate_access.py

# The proofs at length: everybody, every number, many families, large files, both databases.
prove: .venv/dev.stamp $(CATALOGS)
	PROVE_ALL=1 PROVE_EXAMPLES=200 $(BIN)/pytest -n $(JOBS) --dist worksteal tests/privacy \
		tests/letters/test_delivery_proof.py tests/letters/test_header_injection.py tests/test_odd_numbers.py \
		tests/operations/test_large_backup.py tests/arrangements/test_generated.py \
		tests/domain/importers/test_fuzz.py

# Whether the clock tells what somebody hides, over 2,000 pairs.
bench-timing: .venv/dev.stamp $(CATALOGS)
	TIMING_PAIRS=2000 $(BIN)/pytest -s tests/privacy/test_timing.py tests/accounts/test_telling_apart.py

clean:
	rm -rf .venv node_modules .mypy_cache .pytest_cache .ruff_cache tests/output
	find portal -name '*.mo' -delete

# The locks hold every file's hash for every platform; users need only pip.
lock:
	uv pip compile -q --generate-hashes --universal --no-emit-index-url --no-header --extra build \
		pyproject.toml -o requirements/run.txt
	uv pip compile -q --generate-hashes --universal --no-emit-index-url --no-header --extra build --extra dev \
		pyproject.toml -o requirements/dev.txt
	uv pip compile -q --generate-hashes --universal --no-emit-index-url --no-header --extra build --extra dev \
		--extra bench -c requirements/dev.txt pyproject.toml -o requirements/bench.txt

.venv/bin/python:
	tools/need venv
	python3 -m venv .venv

# The install names wheels only, each with its hash: nothing is built and nothing unexpected comes in.
.venv/run.stamp: requirements/run.txt pyproject.toml .venv/bin/python
	$(BIN)/python -m pip install -q --disable-pip-version-check --require-hashes --only-binary :all: -r requirements/run.txt
	$(BIN)/python -m pip install -q --disable-pip-version-check --no-deps --no-build-isolation -e .
	touch $@

.venv/dev.stamp: requirements/dev.txt .venv/run.stamp
	$(BIN)/python -m pip install -q --disable-pip-version-check --require-hashes --only-binary :all: -r requirements/dev.txt
	touch $@

.venv/bench.stamp: requirements/bench.txt .venv/dev.stamp
	$(BIN)/python -m pip install -q --disable-pip-version-check --require-hashes --only-binary :all: -r requirements/bench.txt
	touch $@

# The programs of the operating system that the tests need beside the wheels.
.venv/programs.stamp: .venv/dev.stamp tools/need
	tools/need chromium java npm
	touch $@

# The Nu HTML checker is the one thing from npm; it stays outside git because it is 30 MB.
node_modules/.stamp: package-lock.json .venv/programs.stamp
	npm ci --ignore-scripts --no-audit --no-fund
	touch $@

portal/translations/nl/LC_MESSAGES/messages.mo: portal/translations/nl/LC_MESSAGES/messages.po .venv/run.stamp
	$(BIN)/pybabel -q compile -l nl -i portal/translations/nl/LC_MESSAGES/messages.po -o $@

portal/translations/en/LC_MESSAGES/messages.mo: portal/translations/en/LC_MESSAGES/messages.po .venv/run.stamp
	$(BIN)/pybabel -q compile -l en -i portal/translations/en/LC_MESSAGES/messages.po -o $@
