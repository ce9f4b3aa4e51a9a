# Everything that continuous integration does, a contributor can do with make.

tool := go tool -modfile=tools/go.mod
fuzztime ?= 1000x

# Packages that start no goroutine, and are made of none that do, as a test of
# internal/layering makes sure. The race detector can find nothing there, and takes
# ten times as long. In those that others may call from several goroutines, tests that
# do have "Concurrent" in their names, and are run with it.
sequential := generators limiters pipelines pipelines/conformance pipelines/control scenarios \
	results results/imported results/report results/compare results/paired results/paired/worlds results/trend internal/oracle internal/capacity internal/capacity/curves internal/catalog internal/environ \
	internal/events internal/headroom internal/junit internal/loglinear internal/markup internal/nearest internal/ownfault internal/plot internal/procfs \
	internal/rediskeys internal/seed internal/strictyaml internal/units internal/whole
concurrent := generators limiters
# Tests of other packages in which the race detector finds nothing either: they are one
# loop in virtual time, or of programs that it does not see.
unraced := TestAborted TestAbortedByARequest TestAbortedEndsTheSeries TestBytesPerKey TestCompareCapacities TestLeagueOfTheDocs TestNoneStaysBroken \
	TestProgramsInProcessesOfTheirOwn TestSequentialScripts TestSlackIsNearlyTheOracle TestVirtualScenarios TestVirtualScenariosShowTheirAnswer
space := $(subst ,, )

.DEFAULT_GOAL := help

.PHONY: help
help: ## list the targets
	@awk -F ':.*## ' '/^[a-z0-9-]+:.*## / { printf "  %-10s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

.PHONY: run
run: ## compare limiters under burst and skewed load, and print the table
	go run ./cmd/fcbench run --on-invalid=warn

# Every program that is built with the race detector sleeps for a second before it
# exits, unless told otherwise, and the tests start hundreds. Vet is a check of its own.
.PHONY: test
test: export GORACE ?= atexit_sleep_ms=10
test: deps ## install what is missing, then run every test, with the race detector where there can be races
	go test -vet=off -race -skip '^($(subst $(space),|,$(unraced)))$$' $$(go list ./... | grep -vxE '[^/]+/[^/]+/[^/]+/($(subst $(space),|,$(sequential)))')
	go test -vet=off $(addprefix ./,$(sequential))
	go test -vet=off -race -run Concurrent $(addprefix ./,$(concurrent))
	go test -vet=off -run '^($(subst $(space),|,$(unraced)))$$' ./cmd/fcbench ./internal/experiment ./internal/gating ./internal/verify

.PHONY: long
long: deps ## run in full what test makes a quarter of: rounds of properties, and spans of virtual time
	go test -vet=off ./limiters/... ./internal/builtin
	go test -vet=off -run 'Starved|CoresMakeNoDifference' ./internal/experiment
	go test -vet=off -run 'TestScripts/(interrupt|outputs)$$' ./cmd/fcbench
	go test -vet=off -run 'OneDigest' ./cmd/fcbench
	go test -vet=off -run Undisturbed ./pipelines/sim
	go test -vet=off -run 'DefectsOfLibraries' ./internal/verify
	go test -vet=off -run 'Flat|Steps' ./results/trend -args -long
	go run ./cmd/fcbench selftest --simulate

.PHONY: deps
deps: ## install redis-server, a C compiler (for -race) and pgrep where they are missing
	@.ci/install redis-server:redis-server:redis cc:gcc,libc6-dev:gcc pgrep:procps:proctools

.PHONY: deps-ci
deps-ci: ## install what only the checks need: qemu-user and Node.js
	@.ci/install qemu-aarch64:qemu-user:qemu npm:nodejs,npm:node

.PHONY: fresh
fresh: ## prove run and test on a machine without home, caches and checksum database
	.ci/fresh

.PHONY: check
check: format vet lint tidy exact long adapters verify portable hdrlog fuzz ## run every check that is not a test

peers := github.com/tsenart/vegeta/v12@v12.13.0 fortio.org/fortio@v1.66.0 github.com/codesenberg/bombardier@v1.2.6 \
         github.com/rakyll/hey@v0.1.5 go.k6.io/k6@v1.8.1

.PHONY: peers
peers: ## install other load generators, and measure them beside fcbench: an hour
	@.ci/install wrk:wrk:wrk h2load:nghttp2-client:nghttp2 nginx:nginx:nginx redis-server:redis-server:redis redis-benchmark:redis-tools:redis
	@for peer in $(peers); do GOBIN=$(CURDIR)/bin go install $$peer || echo "peers: $$peer cannot be had here, and takes no part"; done
	go build -o bin/ ./cmd/fcbench
	go run ./ci/peers

.PHONY: format
format: ## fail where gofmt or gofumpt would change a file
	@a=$$(gofmt -l .) && b=$$($(tool) gofumpt -l .) && all=$$(printf '%s\n' $$a $$b | sort -u) && \
	if [ -n "$$all" ]; then echo "not formatted (run: make fmt):"; echo "$$all"; exit 1; fi

.PHONY: fmt
fmt: ## format every file
	$(tool) gofumpt -w .

.PHONY: vet
vet: ## run go vet
	go vet ./...

.PHONY: lint
lint: ## run staticcheck
	$(tool) staticcheck ./...

.PHONY: tidy
tidy: ## fail where go.mod is not tidy
	go mod tidy -diff

.PHONY: exact
exact: ## hold what limiters admit and pipelines keep, in virtual time, to the values of their lockfiles
	@for gate in limiters league; do go run ./cmd/fcbench gate ci/$$gate.yaml --quiet --verdict ci/$$gate.verdict.json || exit 1; done

.PHONY: gate
gate: ## judge whether deciding became slower since the merge base: minutes, on a machine that does nothing else
	go run ./cmd/fcbench gate ci/latency.yaml

.PHONY: adapters
adapters: ## vet and test the programs that put heavier libraries behind exec:
	cd adapters && go vet ./... && go test ./...

.PHONY: verify
verify: deps ## hold every limiter of fcbench's own to its rules, on a real Redis too
	go run ./cmd/fcbench verify reference

.PHONY: portable
portable: ## check that schedules are the same on amd64 v1, v3 and arm64
	.ci/portable

.PHONY: hdrlog
hdrlog: ## have another implementation read an HdrHistogram log
	ci/hdrlog/check.sh

.PHONY: fuzz
fuzz: ## fuzz every parser and arithmetic core for a moment (fuzztime=2m for longer)
	.ci/fuzz $(fuzztime)

.PHONY: bench
bench: ## run the Go benchmarks
	go test -run '^$$' -bench . -benchmem ./...

.PHONY: up
up: ## start the services of docker-compose.yml and wait until they are healthy
	docker compose up --detach --wait

.PHONY: down
down: ## stop them and forget their data
	docker compose down --volumes
