#!/bin/bash
# Runs the tests that need SCTP on a kernel that has it:
#
#	.ci/kernel-tests.sh arch [-race]
#
# It prints what go test says of the packages, and a line on the kernel, the number of
# tests and the time; it leaves both in .cache/test-arch.txt, and all output in
# .cache/test-arch.log. A test that was skipped because there is no SCTP is a failure.
set -euo pipefail
cd "$(dirname "$0")/.."
GO=${GO:-go}
export GOARCH=$1 CGO_ENABLED=0
race=${2:-}
export DEBIAN_FRONTEND=noninteractive
log=.cache/test-$GOARCH.log
summary=.cache/test-$GOARCH.txt
rm -f "$summary"

# What the tests run, and Debian's packages of it: program package... Only these machines
# see the host's programs.
needs=()
if [ "$race" ]; then
	export CGO_ENABLED=1
	needs+=("$("$GO" env CC) gcc libc6-dev")
fi
case $GOARCH in
amd64 | 386)
	needs+=("sctp_darn lksctp-tools" "sctp_test lksctp-tools" "escript erlang-base libsctp1")
	;;
esac
missing=()
for need in "${needs[@]}"; do
	read -r program pkgs <<<"$need"
	command -v "$program" >/dev/null || missing+=($pkgs)
done
if [ ${#missing[@]} != 0 ]; then
	echo "installing ${missing[*]}, which the tests need"
	install=(apt-get install --no-install-recommends "${missing[@]}")
	if ! { apt-get update -q && "${install[@]}" -y -q -o DPkg::Lock::Timeout=300; } >/dev/null; then
		echo "check the network, then run as root: apt-get update && ${install[*]}" >&2
		exit 1
	fi
fi

# The machine: its emulator and kernel, before the first test's time begins to run.
machine=$GOARCH
[ "$machine" != 386 ] || machine=amd64
.cache/kernel -fetch "$machine"

CGO_ENABLED=0 "$GO" build -o ".cache/examples/$GOARCH/" ./examples/...

# The packages with tests that need the kernel.
packages=$("$GO" list -f '{{$p := .ImportPath}}{{range .TestImports}}{{.}} {{$p}}
{{end}}{{range .XTestImports}}{{.}} {{$p}}
{{end}}' ./... | awk '$1 ~ /\/internal\/sctptest$/ && !seen[$2]++ {print $2}')

echo "testing on linux $GOARCH $race"
start=$SECONDS
if ! "$GO" test -v -count=1 -p 1 -timeout 8m ${race:+"$race"} -exec "'$PWD/.cache/kernel' -v" $packages >"$log" 2>&1; then
	grep -vE '^ *(=== |--- (PASS|SKIP)|PASS$)' "$log" || true
	echo "what failed:"
	grep -E '^ *--- FAIL|^panic: |^	+(running tests:|Test[^ ]* \()|^FAIL	' "$log" || true
	echo "kernel tests on linux $GOARCH $race failed; all output is in $log" >&2
	exit 1
fi
passed=$(grep -c '^--- PASS' "$log" || true)
skipped=$(grep -cE '^ *--- SKIP' "$log" || true)
if [ "$passed" = 0 ] || grep -q 'this kernel has no SCTP' "$log"; then
	echo "no test has run on linux $GOARCH with SCTP; all output is in $log" >&2
	exit 1
fi
# The runner tells the kernel, or it was the running one.
kernel=$(sed -n 's/^kernel: Linux \([^ ]*\) .*/\1/p' "$log" | sort -u | paste -sd ' ')
{
	grep '^ok' "$log"
	echo "linux ${kernel:-$(uname -r)} $GOARCH${race:+ $race}: $passed tests passed, $skipped skipped, in $((SECONDS - start))s"
} | tee "$summary"
