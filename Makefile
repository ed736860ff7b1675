# Bare `make` lists the targets. All that is needed is git, npm and make: the rest, Node's right version too, comes with `npm ci`.
SHELL := /bin/bash
.DEFAULT_GOAL := help
.PHONY: help run test interop soak check model proto bench build clean

BIN := $(CURDIR)/node_modules/.bin
# Written last, so that an interrupted set-up is done again.
SET_UP := node_modules/.set-up
# What `make check` runs, side by side.
CHECKS := check:format check:lint check:types check:proto check:unused check:model check:coverage

help: ## list the targets
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):.*## /  make \1\t/' | expand -t 16

run: $(SET_UP) ## set up, build and start; flags go in ARGS="--port 0"
	@"$(BIN)/node" scripts/build.ts --if-stale
	@exec "$(BIN)/node" dist/standin.js $(ARGS)

test: $(SET_UP) ## set up and run all tests; what AVA takes goes in ARGS="test/http"
	@npm test --silent -- $(ARGS)

interop: $(SET_UP) ## build the programs of other SDKs that this machine can build, and run all real clients
	@npm run --silent interop -- $(ARGS)

# How many random sequences are held against a plain model: of object operations, and of operations on the state.
SEQUENCES ?= 2000
RUNS ?= 250
# How often a server is killed, and how many operations are put to a disk that fails now and then.
CRASH_POINTS ?= 200
FAULT_OPERATIONS ?= 10000
# How long a chain of forks becomes, each of the one before it.
CHAIN_FORKS ?= 1000
# How many changes a bucket goes through before its lifecycle rules are held against a plain model.
LIFECYCLE_VERSIONS ?= 10000

soak: $(SET_UP) ## the model, crash, fault and chain tests at length; how many sequences goes in SEQUENCES=5000
	@STANDIN_MODEL_SEQUENCES=$(SEQUENCES) STANDIN_TEST_RUNS=$(RUNS) STANDIN_CRASH_POINTS=$(CRASH_POINTS) \
	STANDIN_FAULT_OPERATIONS=$(FAULT_OPERATIONS) STANDIN_CHAIN_FORKS=$(CHAIN_FORKS) \
	STANDIN_LIFECYCLE_VERSIONS=$(LIFECYCLE_VERSIONS) npm run --silent soak -- $(ARGS)

check: $(SET_UP) ## format, lint, types, proto, unused code, generated code
	@$(MAKE) --no-print-directory --jobs=$(words $(CHECKS)) --keep-going --output-sync=target $(CHECKS:check:%=checking-%)

.PHONY: $(CHECKS:check:%=checking-%)
$(CHECKS:check:%=checking-%): checking-%:
	@npm run --silent check:$* >$(SET_UP).$*.log 2>&1 && echo "ok      $*" || { cat $(SET_UP).$*.log; echo "failed  $*"; exit 1; }

model: $(SET_UP) ## regenerate the wire's model from the AWS SDK's schemas
	@npm run --silent model

proto: $(SET_UP) ## regenerate the control plane's messages from proto/
	@npm run --silent proto

bench: $(SET_UP) ## measure against a bare server and against the rivals that are installed
	@npm run --silent bench -- $(ARGS)

build: $(SET_UP) ## bundle the program and the npm package's types into dist/
	@npm run --silent build

clean: ## remove what was built and installed
	rm -rf dist node_modules .venv .cache coverage

$(SET_UP): package-lock.json
	@echo "Setting up: npm ci" >&2
	@npm ci --no-audit --no-fund --loglevel=error >&2
	@touch $@
