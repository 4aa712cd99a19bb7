#!/bin/bash
# Does the faults of internal/soak on a kernel with SCTP, for a time, and prints a line of
# counts for each:
#
#	.ci/soak.sh time [flags of the test...]
#
# The time is shared among the faults; "0" does each once. All output is left in
# .cache/soak.log. SCTPVM_KERNEL names another kernel. What a seed has found, its line does
# again: .ci/soak.sh 0 -run '^TestModel$' -seed 7
set -euo pipefail
cd "$(dirname "$0")/.."
GO=${GO:-go}
time=$1
shift
log=.cache/soak.log
status=0
CGO_ENABLED=1 "$GO" test -race -v -count=1 -timeout 100h -exec "'$PWD/.cache/kernel' -v" ./internal/soak \
	-soak.time "$time" "$@" >"$log" 2>&1 || status=$?
sed -n 's/^ *soak: //p' "$log"
if [ "$status" != 0 ]; then
	grep -E '^ *--- FAIL|^panic: |again: |^FAIL	' "$log" || true
	echo "soak: failed; all output is in $log" >&2
	exit 1
fi
grep '^ok' "$log"
