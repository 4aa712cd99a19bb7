#!/bin/bash
# Runs programs that nobody here wrote over compat/ishidawataru, with their own tests, on a
# kernel with SCTP:
#
#	.ci/realworld.sh
#
# Their sources come from the module proxy and stay in its cache and in .cache/realworld,
# which also gets the output of each. It prints a table.
set -euo pipefail
cd "$(dirname "$0")/.."
GO=${GO:-go}
KERNEL=${KERNEL:-$PWD/.cache/kernel}
root=$PWD
dir=$PWD/.cache/realworld
mkdir -p "$dir"
failed=

# The modules under test, in place of what a release would serve.
cat >"$dir/go.work" <<END
go $(sed -n 's/^go //p' go.mod)

use $PWD
use $PWD/compat/ishidawataru

replace github.com/netsctp/sctp v0.1.0 => $PWD
END

# source prints where the module proxy's copy of a module lies.
source() {
	(cd "$dir" && GOWORK=off GOFLAGS= "$GO" mod download -json "$1") | sed -n 's/^\t"Dir": "\(.*\)",\?$/\1/p'
}

# run runs go test in a folder and adds a line to the table.
run() {
	local name=$1 folder=$2
	shift 2
	local log=$dir/${name//\//_}.log status=ok
	(cd "$folder" && "$GO" test -count=1 -v -p 1 -exec "$KERNEL" "$@") >"$log" 2>&1 || status=failed
	! grep -q 'this kernel has no SCTP' "$log" || status=failed
	[ $status = ok ] || failed="$failed $name"
	printf '%-40s %-7s %4d passed %3d failed  %s\n' "$name" "$status" \
		"$(grep -c '^--- PASS' "$log")" "$(grep -c '^--- FAIL' "$log")" "${log#"$PWD"/}" | tee -a "$dir/table.txt"
}

: >"$dir/table.txt"

# The incumbent's tests, as if they lay in compat.
incumbent=$(source github.com/ishidawataru/sctp@v0.0.0-20251114114122-19ddcbc6aae2)
{
	echo '{"Replace": {'
	for f in "$incumbent"/*_test.go; do
		echo "\"$PWD/compat/ishidawataru/incumbent_$(basename "$f")\": \"$f\","
	done | sed '$s/,$//'
	echo '}}'
} >"$dir/overlay.json"
INCUMBENT=$incumbent GOWORK=$dir/go.work run ishidawataru/sctp compat/ishidawataru -overlay "$dir/overlay.json" .

# copy makes a copy of a module in which one line and go mod tidy have moved it to compat,
# as a user's; the second replace stands for a release.
copy() {
	rm -rf "$dir/$1"
	cp -r "$(source "$2")" "$dir/$1"
	chmod -R u+w "$dir/$1"
	(
		cd "$dir/$1"
		export GOWORK=off
		"$GO" mod edit -replace "github.com/ishidawataru/sctp=$root/compat/ishidawataru" -replace "github.com/netsctp/sctp=$root"
		"$GO" mod tidy
	) >"$dir/$1.tidy.log" 2>&1
}

copy go-diameter github.com/fiorix/go-diameter/v4@v4.1.0
# What is skipped is over TCP, and gives the machine 4 ms for 4 answers.
for package in diam diam/diamtest diam/sm; do
	GOWORK=off run go-diameter/$package "$dir/go-diameter" -skip '^TestClient_Handshake_RetransmitTimeout$' "./$package"
done
copy go-m3ua github.com/wmnsk/go-m3ua@v0.1.10
GOWORK=off run go-m3ua "$dir/go-m3ua" .

if [ -n "$failed" ]; then
	echo "realworld: failed:$failed" >&2
	exit 1
fi
