#!/bin/bash
# Runs .ci/kernel-tests.sh for several targets at the same time, one machine each: much of
# their time is spent in waiting for timers.
#
#	.ci/side-by-side.sh target... -- package...
#
# What they print comes one after the other, when they have ended.
set -uo pipefail
cd "$(dirname "$0")/.."
targets=()
while [ "$1" != -- ]; do
	targets+=("$1")
	shift
done
shift
.cache/kernel -fetch "$(IFS=, && echo "${targets[*]}")" || exit 1
pids=()
for target in "${targets[@]}"; do
	.ci/kernel-tests.sh "$target" "$@" >".cache/side-$target.out" 2>&1 &
	pids+=($!)
done
failed=0
for i in "${!targets[@]}"; do
	wait "${pids[$i]}" || failed=1
	cat ".cache/side-${targets[$i]}.out"
done
exit $failed
