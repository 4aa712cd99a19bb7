#!/bin/bash
# Runs programs that nobody here wrote over compat/ishidawataru, with their own tests, on a
# kernel with SCTP; and a program that calls all that is exported over the incumbent and over
# compat, whose lines are compared:
#
#	.ci/realworld.sh
#
# The sources come from the module proxy and stay in its cache and in .cache/realworld, which
# also gets the output of each. All run on one machine. It prints a table.
set -euo pipefail
cd "$(dirname "$0")/.."
export GO=${GO:-go} KERNEL=${KERNEL:-$PWD/.cache/kernel}
if [ "${1:-}" != machine ]; then
	# The emulator and the kernel, before the first test's time begins to run.
	"$KERNEL" -fetch "$("$GO" env GOARCH)" >/dev/null
	exec "$KERNEL" -session "$PWD/.ci/realworld.sh" machine
fi
root=$PWD
dir=$PWD/.cache/realworld
mkdir -p "$dir"
version=v0.0.0-20251114114122-19ddcbc6aae2
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

# row adds a line to the table.
row() {
	printf '%-57s %-10s %4s passed %3s failed  %s\n' "$@" | tee -a "$dir/table.txt"
}

# run runs go test in a folder. A run that ended by a race of the program's own, whose line $race
# matches, shows nothing, and is repeated.
run() {
	local name=$1 folder=$2
	shift 2
	local log=$dir/${name//[\/ ]/_}.log status
	for _ in 1 2 3; do
		status=ok
		(cd "$folder" && "$GO" test -count=1 -v -p 1 -exec "\"$KERNEL\" -v" "$@") >"$log" 2>&1 || status=failed
		[ "${race:-}" ] && grep -q "$race" "$log" || break
	done
	if ! grep -q '^--- PASS' "$log" || grep -qE 'this kernel has no SCTP|run make realworld' "$log"; then
		status=failed
	fi
	[ $status = ok ] || [ "${reference:-}" ] || failed="$failed $name;"
	row "$name" "$status" "$(grep -c '^--- PASS' "$log")" "$(grep -c '^--- FAIL' "$log")" "${log#"$PWD"/}"
}

: >"$dir/table.txt"

# The incumbent's tests, as if they lay in compat. One of them makes an *os.File of a
# descriptor that it does not own, and drops it: the garbage collector then closes that
# number, whosever it is by then, in whatever test runs. So it runs alone.
incumbent=$(source "github.com/ishidawataru/sctp@$version")
{
	echo '{"Replace": {'
	for f in "$incumbent"/*_test.go; do
		echo "\"$PWD/compat/ishidawataru/incumbent_$(basename "$f")\": \"$f\","
	done | sed '$s/,$//'
	echo '}}'
} >"$dir/overlay.json"
export SCTP_INCUMBENT=$incumbent
drops=TestSCTPListenerNameFromFd
GOWORK=$dir/go.work run ishidawataru/sctp compat/ishidawataru -overlay "$dir/overlay.json" -skip "^$drops\$" .
GOWORK=$dir/go.work run "ishidawataru/sctp $drops" compat/ishidawataru -overlay "$dir/overlay.json" -run "^$drops\$" .

# The program, compiled over both.
export SCTP_DIFFERENTIAL=$dir/differential
rm -rf "$SCTP_DIFFERENTIAL"
mkdir -p "$SCTP_DIFFERENTIAL/src"
cp -r compat/ishidawataru/internal/differential/* "$SCTP_DIFFERENTIAL/src"
rm "$SCTP_DIFFERENTIAL"/src/*_test.go
(
	cd "$SCTP_DIFFERENTIAL/src"
	export GOWORK=off CGO_ENABLED=0
	"$GO" mod init example.org/differential
	"$GO" mod edit -require "github.com/ishidawataru/sctp@$version"
	"$GO" mod tidy
	"$GO" build -o ../was .
	GOARCH=386 "$GO" build -o ../was-386 ./i386
	cd "$root/compat/ishidawataru"
	export GOWORK=$dir/go.work
	"$GO" build -o "$SCTP_DIFFERENTIAL/is" ./internal/differential
	GOARCH=386 "$GO" build -o "$SCTP_DIFFERENTIAL/is-386" ./internal/differential/i386
) >"$dir/differential.build.log" 2>&1
GOWORK=$dir/go.work run differential compat/ishidawataru ./internal/differential

# copy makes a copy of a module, whose go.mod says no more than its author's.
copy() {
	rm -rf "$dir/$1"
	cp -r "$(source "$2")" "$dir/$1"
	chmod -R u+w "$dir/$1"
}

# move moves a copy to compat by one line, as a user would; the second replace stands for a
# release.
move() {
	(cd "$dir/$1" && GOWORK=off "$GO" mod edit -replace "github.com/ishidawataru/sctp=$root/compat/ishidawataru" -replace "github.com/netsctp/sctp=$root")
}

tidy() { (cd "$dir/$1" && GOWORK=off "$GO" mod tidy) >"$dir/$1.tidy.log" 2>&1; }

# agnhost makes a module of the packages of agnhost, of a copy of Kubernetes, that use SCTP, as
# they are: the module that they are of needs all of Kubernetes. Kubernetes has no tests of
# them that run without a cluster, so they get .ci/agnhost.
agnhost() {
	local d=$dir/agnhost kubernetes package
	kubernetes=$(source "k8s.io/kubernetes@v$1")
	rm -rf "$d"
	mkdir "$d"
	for package in connect netexec porter; do
		cp -r "$kubernetes/test/images/agnhost/$package" "$d"
	done
	chmod -R u+w "$d"
	cp .ci/agnhost/agnhost_test.go "$d"
	(
		cd "$d"
		export GOWORK=off
		"$GO" mod init k8s.io/kubernetes/test/images/agnhost
		"$GO" mod edit -require "k8s.io/apimachinery@v0.${1#1.}" -require "github.com/ishidawataru/sctp@$version" \
			$(sed -nE 's/^\t(github.com\/spf13\/cobra|k8s.io\/utils) (v[^ ]*).*/-require \1@\2/p' "$kubernetes/go.mod")
	) >"$dir/agnhost.init.log" 2>&1
}

# program runs the tests of packages of a copy, over compat and, for comparison, over the
# incumbent, where what fails is its own matter.
program() {
	local name=$1 module=$2 package
	shift 2
	for over in "" " over the incumbent"; do
		if [ "$name" = agnhost ]; then agnhost "${module#*@v}"; else copy "$name" "$module"; fi
		[ "$over" ] || move "$name"
		# moby's go mod tidy would fetch what all of its programs need.
		[ "$name" = moby ] || tidy "$name"
		for package; do
			reference=$over GOFLAGS=-mod=mod GOWORK=off run "$name${package#.}$over" "$dir/$name" -skip "$skip" "$package"
		done
	done
}

# What is skipped is over TCP, and gives the machine 4 ms for 4 answers.
skip='^TestClient_Handshake_RetransmitTimeout$'
program go-diameter github.com/fiorix/go-diameter/v4@v4.1.0 ./diam ./diam/diamtest ./diam/sm
# Its Close closes a channel that a goroutine of its may still send to: over either library, that
# ends one run in forty.
race='^panic: send on closed channel' program go-m3ua github.com/wmnsk/go-m3ua@v0.1.10 .
program moby github.com/moby/moby/v2@v2.0.0-beta.24 ./cmd/docker-proxy ./daemon/libnetwork/portallocator
program agnhost k8s.io/kubernetes@v1.34.4 .

# What the module proxy does not serve.
for module in github.com/free5gc/amf github.com/omec-project/amf github.com/HewlettPackard/PacketRusher \
	github.com/my5G-RANTester/my5G-RANTester github.com/ellanetworks/core; do
	if (cd "$dir" && GOWORK=off GOFLAGS= "$GO" mod download "$module@latest") >/dev/null 2>&1; then
		row "${module#github.com/}" served 0 0 "add it to .ci/realworld.sh"
	else
		row "${module#github.com/}" "not served" 0 0 -
	fi
done

if [ -n "$failed" ]; then
	echo "realworld: failed:$failed" >&2
	exit 1
fi
