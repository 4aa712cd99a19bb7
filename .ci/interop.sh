#!/bin/bash
# Runs the package against programs of Debian's, on a kernel with SCTP: those of the tests of
# internal/interop that have a program at the other end.
#
#	.ci/interop.sh
#
# It installs what is missing, and prints a table; all output is in .cache/interop.log. A test
# that was skipped is a failure. It needs an amd64 machine, whose programs the emulated one
# sees.
set -euo pipefail
cd "$(dirname "$0")/.."
GO=${GO:-go}
KERNEL=${KERNEL:-$PWD/.cache/kernel}
log=.cache/interop.log
export GOARCH=amd64 CGO_ENABLED=0 SCTP_INTEROP=1
if [ "$(uname -m)" != x86_64 ]; then
	echo "interop: this machine is no amd64 one" >&2
	exit 1
fi

# The tests, the program of each, and its packages.
peers=(
	"TestSocat socat socat"
	"TestNcat ncat ncat"
	"TestSIPp sipp sip-tester"
	"TestFreeDiameter freeDiameterd freediameterd freediameter-extensions"
	"TestOsmoSTP osmo-stp osmo-stp"
	"TestJava javac default-jdk-headless"
	"TestKamailio kamailio kamailio kamailio-sctp-modules"
	"TestTsctp /usr/lib/usrsctp/tsctp libusrsctp-examples"
)
.ci/install.sh 'the tests need' "tshark tshark" "ip iproute2" "${peers[@]#* }"

# The emulator and the kernel, before the first test's time begins to run.
"$KERNEL" -fetch "$GOARCH"
echo "testing against programs of Debian's"
tests=$(printf '%s\n' "${peers[@]%% *}" | paste -sd '|')
status=0
"$GO" test -v -count=1 -timeout 8m -run "^($tests)\$" -exec "'$KERNEL' -v" ./internal/interop >"$log" 2>&1 || status=$?

# version prints the version of the package that a program is from.
version() {
	local file
	file=$(readlink -f "$(command -v "$1")")
	dpkg-query -W -f '${Version}' "$(dpkg-query -S "$file" | cut -d: -f1)"
}

for peer in "${peers[@]}"; do
	read -r test program _ <<<"$peer"
	# What was done is the name of the subtest. The line of the test itself says nothing new,
	# unless it ended before its subtests.
	rows=$(sed -nE "s/^ *--- (PASS|FAIL|SKIP): $test(\/(.*))? \(.*/\1 \3/p" "$log" | tr _ ' ')
	if grep -qE '^(FAIL|SKIP) .' <<<"$rows"; then
		rows=$(grep ' .' <<<"$rows")
	fi
	while read -r result what; do
		case $result in
		PASS)
			[ -n "$what" ] || continue
			result=ok
			;;
		FAIL) result=failed status=1 ;;
		SKIP) result=skipped status=1 ;;
		*) result='not run' status=1 ;;
		esac
		printf '%-13s %-21s %-51s %s\n' "${test#Test}" "$(version "$program")" "${what:-all of it}" "$result"
	done <<<"${rows:-NONE}"
done
# The runner tells the kernel, or it was the running one.
kernel=$(sed -n 's/^sctpvm: Linux \([^ ]*\) .*/\1/p' "$log" | sort -u | paste -sd ' ')
if [ "$status" != 0 ]; then
	echo "interop: something has failed or was skipped on linux ${kernel:-$(uname -r)}; all output is in $log" >&2
	exit 1
fi
echo "interop: ok on linux ${kernel:-$(uname -r)}"
