# make demo    show the package at work, against C programs
# make test    everything: lint, tests, builds, and the tests on kernels with SCTP
# make kernels the tests on four kernels, from the oldest to the newest that Debian has
# make soak    bad networks, hostile peers and exhausted limits for a time: TIME=1h
# make interop  programs of Debian's at the other end, on a kernel with SCTP
# make realworld   programs that use github.com/ishidawataru/sctp, over compat/ishidawataru
# make frameworks   gRPC over SCTP, and the metrics, on a kernel with SCTP
# make profile where the instructions of a load of the benchmarks go
# make release-check   what a release would serve, and its newcomer
# make abi     write down again how C compilers see the kernel's header
#
# They need only Go and, on a Debian system, root: what else is missing, they install;
# test needs amd64. All that they make lies in .cache and in the user's cache directory,
# but for what abi writes down.

GO ?= go
CACHE := $(CURDIR)/.cache
KERNEL := $(CACHE)/kernel
STATICCHECK_VERSION := v0.7.0

ifeq ($(shell command -v $(GO)),)
$(error there is no "$(GO)" in PATH: install Go 1.23 or later)
endif

# A staticcheck reads only the sources of the Go that built it, or older ones.
STATICCHECK := $(CACHE)/bin/staticcheck-$(STATICCHECK_VERSION)-$(shell $(GO) env GOVERSION)

.NOTPARALLEL:
.PHONY: all demo test fetch lint modules compat pure floor fuzz corpus builds cross kernel kernels soak realworld frameworks interop bench \
	bench-programs bench-root profile abi release-check test-kernels

all: lint pure

demo: kernel
	$(GO) build -o $(CACHE)/demo/ ./internal/demo ./examples/...
	$(CACHE)/demo/demo -kernel $(KERNEL)

# Everything runs on amd64 with the race detector, and on s390x but for what tests against
# other programs or by its mass; on the others, and on the kernels at both ends, what can
# differ there.
test: fetch lint compat pure floor fuzz builds test-kernels
	@cat $(foreach t,amd64-1 amd64-2 amd64-3 s390x 386 arm64 amd64@oldest amd64@newest,$(CACHE)/test-$(t).txt)

lint: $(STATICCHECK)
	STATICCHECK=$(STATICCHECK) GO=$(GO) .ci/lint.sh

# The same for the nested modules, and their tests; compat alone is the one that what is changed
# here can break for others.
modules compat: $(STATICCHECK)
	STATICCHECK=$(STATICCHECK) GO=$(GO) .ci/modules.sh $(COMPAT)

compat: COMPAT = compat/ishidawataru

# The tests of a kernel with SCTP skip here, unless the running one is.
pure:
	$(GO) test ./...

# The oldest Go and the oldest modules that go.mod names, and nothing newer: the go command
# fetches that Go as a module. TEST='-exec .cache/kernel .' runs there what needs a kernel.
TEST ?= ./...

floor:
	GOTOOLCHAIN=go$(shell sed -n 's/^go //p' go.mod) GOFLAGS=-mod=readonly GO=$(GO) .ci/floor.sh $(TEST)

# A moment for each fuzzer: FUZZ=10000000 is a long one.
FUZZ ?= 5000

fuzz:
	mkdir -p $(CACHE)
	GO=$(GO) .ci/fuzz.sh $(FUZZ)

# Keep what a long fuzz has found as seeds, in testdata/fuzz.
corpus:
	GO=$(GO) .ci/corpus.sh

# A representative set of systems beside those that the tests run on; cross has them all.
builds:
	GO=$(GO) .ci/builds.sh linux/arm linux/riscv64 linux/mips64le windows/amd64 darwin/arm64 freebsd/amd64 js/wasm

cross:
	GO=$(GO) .ci/builds.sh $$($(GO) tool dist list)

# The program that boots a kernel with SCTP, sctpvm: go test -exec .cache/kernel
kernel:
	$(GO) build -o $(KERNEL) ./cmd/sctpvm

# What the network takes its time for, while what needs no kernel goes on. If it fails,
# test-kernels says why.
fetch: kernel
	$(KERNEL) -fetch amd64,s390x,arm64,amd64@oldest,amd64@newest >$(CACHE)/fetch.log 2>&1 &

SUITES := ./internal/promises ./internal/endings
MORE_SUITES := ./internal/dialing ./internal/multi ./internal/multihome ./internal/nethttp ./internal/setups
QUICK := ./internal/sys $(SUITES) .

# One alone: .ci/kernel-tests.sh arm64 .
test-kernels: kernel
	GO=$(GO) .ci/side-by-side.sh 's390x $(QUICK) $(MORE_SUITES)' \
		$(foreach i,1 2 3,'-race -part $i/3 amd64') 'arm64 $(QUICK)' \
		'-cpus 2 386 $(QUICK)' '-cpus 2 amd64@oldest $(QUICK)' 'amd64@newest $(QUICK)'

# The tests of programs that nobody here wrote, over compat/ishidawataru.
realworld: kernel
	GO=$(GO) .ci/realworld.sh

# The tests of the nested modules that need SCTP.
frameworks: kernel
	GO=$(GO) .ci/frameworks.sh

# Programs that users have at the other end: OpenJDK, usrsctp, sipp, ncat, and others.
interop: kernel
	GO=$(GO) .ci/interop.sh

# What the tags of a release would serve.
VERSION ?= v0.1.0

release-check:
	GO=$(GO) .ci/release-check.sh $(VERSION)

# One line each: KERNELS=7.1 is another one.
KERNELS ?= oldest 6.1 6.12 newest

kernels: kernel
	GO=$(GO) .ci/side-by-side.sh $(foreach kernel,$(KERNELS),'amd64@$(kernel) $(SUITES) $(MORE_SUITES) .')
	@tail -qn 1 $(foreach kernel,$(KERNELS),$(CACHE)/test-amd64@$(kernel).txt)

# The faults of docs/reliability.md, a line of counts for each. TIME is shared among them; 0
# does each once.
TIME ?= 10m

soak: kernel
	GO=$(GO) .ci/soak.sh $(TIME)

# The same loads over this package, C, TCP and others, in a guest whose clock counts
# instructions: the figures repeat, but they are not those of a real machine. They go into
# bench/results.json, docs/performance.md and README.md; WORK=stream measures that one alone.
WORK ?= roundtrip stream batch hub profile setup idle tls http tuning failover real
BENCH := $(CACHE)/bench
PROFILE := $(BENCH)/profile -vm $(KERNEL) -bench $(BENCH)

# The C program is apart from where Go has its programs, for the profile.
bench-programs: kernel
	.ci/install.sh 'the benchmarks need' 'gcc gcc libc6-dev' '/usr/include/linux/sctp.h libc6-dev' 'tc iproute2'
	cd bench && CGO_ENABLED=0 $(GO) build -o $(BENCH)/ . ./report ./profile
	gcc -O2 -static -pthread -Wl,-Ttext-segment=0x10000000 -o $(BENCH)/peer bench/c/peer.c
	gcc -O2 -shared -fPIC -o $(BENCH)/plugin.so bench/c/plugin.c

bench: bench-programs
	@failed=; for work in $(WORK); do \
		clock=-icount; [ $$work != real ] || clock='-vm -cpus 2'; \
		run="$(KERNEL) -timeout 1h $$clock $(BENCH)/bench -work $$work"; [ $$work != profile ] || run='$(PROFILE) -rows'; \
		$$run >$(BENCH)/$$work.out || failed="$$failed $$work"; \
		(cd bench && $(BENCH)/report -command "make bench WORK=$$work" $(BENCH)/$$work.out) || exit 1; \
	done; [ -z "$$failed" ] || { echo "bench: not all was measured of$$failed" >&2; exit 1; }

# By layer of the system and by function, of each operation of one case: the implementations
# behind the first are compared with it.
profile: WORK = hub
profile: CASE = 100 associations, sndbuf_policy=1, 1 at
profile: IMPL = C,bare,ReadMsg/WriteMsg

profile: bench-programs
	$(PROFILE) -work '$(WORK)' -case '$(CASE)' -impl '$(IMPL)'

# The benchmarks of the package itself, which count allocations, too.
bench-root: kernel
	$(GO) test -run '^$$' -bench . -benchtime 5000x -exec "'$(KERNEL)' -icount" .

# The layouts and constants that internal/sys is tested with, in its testdata.
abi:
	$(GO) run ./internal/abi

$(STATICCHECK):
	GOFLAGS= GOBIN=$(CACHE)/bin $(GO) install honnef.co/go/tools/cmd/staticcheck@$(STATICCHECK_VERSION)
	mv $(CACHE)/bin/staticcheck $@
