#!/bin/bash
# Runs .ci/kernel-tests.sh with each of the arguments, which are its command lines, three at a
# time, one machine each: much of their time is spent in waiting for timers.
#
#	.ci/side-by-side.sh '-race amd64' '-cpus 2 386 ./internal/sys .'...
#
# The longest come first. What each prints comes when it has ended.
set -euo pipefail
cd "$(dirname "$0")/.."
targets=$(printf '%s\n' "$@" | sed -E 's/^(-race |-(cpus|part) [0-9/]+ )*//; s/ .*//' | paste -sd ,)
.cache/kernel -fetch "$targets"

# run runs one, the words of $1, and prints what it printed without that of another amid it.
run() {
	local out=.cache/side-$$.out rc=0
	.ci/kernel-tests.sh $1 >"$out" 2>&1 || rc=1
	flock .cache cat "$out"
	rm "$out"
	return $rc
}
export -f run
printf '%s\0' "$@" | xargs -0 -n 1 -P 3 bash -c 'run "$1"' run
