# Everything that continuous integration does, a contributor can do with make.

tool := go tool -modfile=tools/go.mod
fuzztime ?= 1000x

# Packages that start no goroutine, and are made of none that do, as a test of
# internal/layering makes sure. The race detector can find nothing there, and takes
# ten times as long. In those that others may call from several goroutines, tests that
# do have "Concurrent" in their names, and are run with it.
sequential := generators limiters pipelines pipelines/conformance pipelines/control scenarios \
	results results/imported results/report results/compare results/paired results/paired/worlds results/trend internal/oracle internal/capacity internal/capacity/curves internal/catalog internal/cgroup internal/environ \
	internal/events internal/formats internal/headroom internal/junit internal/layering internal/loglinear internal/markup internal/nearest internal/ownfault internal/plot internal/procfs internal/punctual \
	internal/rediskeys internal/respwords internal/seed internal/strictyaml internal/units internal/whole
concurrent := generators limiters
# Tests of other packages in which the race detector finds nothing either: they are one
# loop in virtual time, or what they do beside themselves is done with it in another one.
unraced := TestAborted TestBenchmarksOfRefs TestBytesPerKey TestChangingLimitIsComparedWithNone TestCompareCapacities TestEveryCombinationIsJudged \
	TestEvictionsAreTheServersFault TestLeagueOfTheDocs TestLongWalksSaySo TestMostPerPeriod TestNoneStaysBroken TestNothingIsLostWithinOneInstant TestPages TestRefsThatCannotBeJudged \
	TestSequentialScripts TestSlackIsNearlyTheOracle TestUnkeyedIsJudgedAsOne TestVirtualScenarios TestVirtualScenariosShowTheirAnswer \
	TestProgress TestSeverity TestStatedLimitIsVerified TestSchemaIsTheReader TestCheck TestNothingToRecoverFrom TestRepliesAsGoRedisReadsThem \
	TestBuckets TestCheckCatchesEveryWound TestCheckPassesSoundLimiters TestDescriptionOfSeveral TestEveryFlawIsFound TestKnownAnswersTellRightFromWrong \
	TestMicroseconds TestOutageForGood TestOutageOfAMoment TestOutageOfNobodyKnown TestRightIsAboutModels TestRoundedWaits TestSameSeedSameFindings \
	TestShrink TestSoundProgramsAreNotAccused TestUntoldInstantIsNoBreach TestWhatCannotBeMade TestWindows TestWounds \
	TestCarryCoversEveryPair TestCompositeAgainstItsParts TestCompositeOfBuckets TestCompositeOfOne TestCurves TestInstancesStayWithinTheirLaw \
	TestNoWindowHoldsMore TestOneInstance TestSwitchableConforms \
	TestChangedWindowsEqualLocal TestChangesEqualModel TestCompositeEqualsModels TestConcurrencyEqualsModel TestEmbeddedRedisDecidesAlike TestEqualsLocal \
	TestEqualsModel TestRetryAfter \
	TestClassifications TestClumps TestClumpsAreThoseOfAQueue TestGatesOfEveryTarget TestTheory
unraced_in := ci ci/typecheck cmd/fcbench internal/capacity/simulated internal/experiment internal/gating internal/verify \
	limiters/combine limiters/conformance limiters/external limiters/redislua pipelines/sim targets/wire
# The same of those that look at the clock.
timely := TestAbortedByARequest TestAbortedEndsTheSeries TestProgramsInProcessesOfTheirOwn TestTimelyScripts
timely_in := cmd/fcbench internal/experiment internal/verify
# Tests of which the race detector sees a quarter, and make long all; so do those above.
longer := TestConformance TestCoresMakeNoDifference TestDefectsOfLibraries TestGates TestLeagueHasOneDigest TestLocalLimitersConform TestPipelineConformance \
	TestPipelineUnderScriptFlush TestSearches TestStarvedGeneratorConvictsItself
longer_in := cmd/fcbench internal/builtin internal/capacity/simulated internal/experiment internal/verify limiters/external limiters/failure limiters/redislua
# What takes longest begins first.
first := cmd/fcbench limiters/redislua internal/experiment limiters/external targets/wire internal/redisproc internal/gating internal/runner
space := $(subst ,, )
named = '^($(subst $(space),|,$(strip $(1))))$$'
packages = $(addprefix ./,$(1))
gently := nice

.DEFAULT_GOAL := help

.PHONY: help
help: ## list the targets
	@awk -F ':.*## ' '/^[a-z0-9-]+:.*## / { printf "  %-10s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

.PHONY: run
run: ## compare limiters under burst and skewed load, and print the table
	go run ./cmd/fcbench run --on-invalid=warn

.PHONY: test
test: deps ## install what is missing, then run every test, with the race detector where there can be races
	@$(MAKE) --no-print-directory -j2 raced patient

# Every program that is built with the race detector sleeps for a second before it
# exits, unless told otherwise, and the tests start hundreds. Vet is a check of its own.
.PHONY: raced
raced: export GORACE ?= atexit_sleep_ms=10
raced:
	go test -vet=off -race -skip $(call named,$(unraced) $(timely)) $(call packages,$(first)) $$(go list ./... | grep -vxE '[^/]+/[^/]+/[^/]+/($(subst $(space),|,$(sequential)))')
	go test -vet=off -run $(call named,$(timely)) $(call packages,$(timely_in))

# No clock measures these, and so they leave the processors to the others.
.PHONY: patient
patient: export GORACE ?= atexit_sleep_ms=10
patient:
	$(gently) go test -vet=off $(call packages,$(sequential))
	$(gently) go test -vet=off -run $(call named,$(unraced)) $(call packages,$(unraced_in))
	$(gently) go test -vet=off -race -run Concurrent $(call packages,$(concurrent))

.PHONY: long
long: deps full simulate ## run in full what test makes a quarter of: rounds of properties, and spans of virtual time

.PHONY: full
full:
	go test -vet=off -p 1 -run $(call named,$(longer)) $(call packages,$(longer_in))

.PHONY: simulate
simulate:
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

# What waits for nothing and nobody measures goes beside what does, in .ci/run.
computing := format vet lint tidy exact simulate adapters portable hdrlog fuzz
.PHONY: check
check: $(computing) full verify ## run every check that is not a test

.PHONY: computed timed
computed: patient $(computing)
timed: raced full verify

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
	cd adapters && go vet ./... && go test -vet=off ./...

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
