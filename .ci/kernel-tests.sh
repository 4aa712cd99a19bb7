#!/bin/bash
# Runs tests that need SCTP on a kernel that has it:
#
#	.ci/kernel-tests.sh [-race] [-cpus n] [-part i/n] arch[@kernel] [package...]
#
# The machine has one processor, unless -cpus gives it more: with two, an emulator does little
# more in the same time, since they wait for one another, and takes both of the host's.
#
# The kernel is a name for sctpvm's -kernel; without one, the running kernel does if it
# has SCTP. Without packages, all run that have such tests, those that change what the
# whole system shares last; internal/soak does each fault once. All run on one machine, each test
# binary in namespaces of its own; after one that ends the machine, the next gets a new one.
# Those of internal/setups that want a machine of their own get it. -part 1/3 runs every
# third package, from the first on.
#
# It prints what go test says of the packages, and a line on the kernel, the number of
# tests and the time; it leaves both in .cache/test-arch[@kernel][-i].txt, and all output in
# the .log beside it. A test that was skipped because there is no SCTP is a
# failure.
set -euo pipefail
cd "$(dirname "$0")/.."
GO=${GO:-go}
race=
cpus=1
part=1/1
while [[ $1 = -* ]]; do
	case $1 in
	-race) race=-race ;;
	-cpus) cpus=$2 && shift ;;
	-part) part=$2 && shift ;;
	esac
	shift
done
target=$1
shift
export GOARCH=${target%@*} CGO_ENABLED=0
unset SCTPVM_KERNEL
[ "$target" = "$GOARCH" ] || export SCTPVM_KERNEL=${target#*@}
name=.cache/test-$target
[ "$part" = 1/1 ] || name=$name-${part%/*}
log=$name.log
summary=$name.txt
rm -f "$summary"

# The packages with tests that need the kernel.
packages=("$@")
if [ ${#packages[@]} = 0 ]; then
	packages=($("$GO" list -f '{{$p := .ImportPath}}{{range .TestImports}}{{.}} {{$p}}
{{end}}{{range .XTestImports}}{{.}} {{$p}}
{{end}}' ./... | awk '
		$1 ~ /\/internal\/sctptest$/ && !seen[$2]++ {
			if ($2 ~ /\/internal\//) print $2
			else last = last "\n" $2 # the root takes the memory of the system
		}
		END {print last}' | awk -v "i=${part%/*}" -v "n=${part#*/}" 'NF && ++k % n == i % n'))
fi

# What the tests run, and Debian's packages of it: program package... Only these machines
# see the host's programs.
needs=()
if [ "$race" ]; then
	export CGO_ENABLED=1
	needs+=("$("$GO" env CC) gcc libc6-dev")
fi
case $GOARCH in
amd64 | 386)
	case ${packages[*]} in
	*/lksctp*) needs+=("sctp_darn lksctp-tools" "sctp_test lksctp-tools") ;;
	esac
	case ${packages[*]} in
	*/interop*) needs+=("escript erlang-base libsctp1" "socat socat" "ncat ncat" "sipp sip-tester") ;;
	esac
	;;
esac
.ci/install.sh 'the tests need' ${needs[@]+"${needs[@]}"}

# The machine: its emulator and kernel, before the first test's time begins to run.
.cache/kernel -fetch "$GOARCH"

CGO_ENABLED=0 "$GO" build -o ".cache/examples/$GOARCH/" ./examples/...

echo "testing on linux $target $race"
start=$SECONDS
go_test=("$GO" test -v -count=1 -p 1 -timeout 8m ${race:+"$race"})
failed=
# What reads the sources finds the same everywhere: make pure runs it. TestBoot… follow.
skip='^Test(APIIsAsListed|ExamplesCallAllThatIsExported|KernelConstants|DocsName|GenSCTPNames|ConstantsAreTheKernels|MigratingDoc|KernelsTable.*|Module.*|Boot.*)$'
.cache/kernel -session "${go_test[@]}" -skip "$skip" -exec "'$PWD/.cache/kernel' -v -cpus $cpus" "${packages[@]}" >"$log" 2>&1 || failed=1

# boot runs a test on a machine of its own, on which sctp is not loaded yet.
boot() {
	"${go_test[@]}" -run "^$1\$" -exec "'$PWD/.cache/kernel' -v -cpus $cpus -unloaded ${2:+-boot $2}" ./internal/setups >>"$log" 2>&1 &&
		grep -q "^--- PASS: $1 " "$log" || failed=1
}
case "$GOARCH ${packages[*]}" in
amd64*/internal/setups*)
	boot TestBootModule
	boot TestBootIPv6Off ipv6.disable=1
	;;
esac
if [ "$failed" ]; then
	grep -vE '^ *(=== |--- (PASS|SKIP)|PASS$)' "$log" || true
	echo "what failed:"
	grep -E '^ *--- FAIL|^panic: |^	+(running tests:|Test[^ ]* \()|^FAIL	' "$log" || true
	echo "kernel tests on linux $target $race failed; all output is in $log" >&2
	exit 1
fi
passed=$(grep -c '^--- PASS' "$log" || true)
skipped=$(grep -cE '^ *--- SKIP' "$log" || true)
if [ "$passed" = 0 ] || grep -q 'this kernel has no SCTP' "$log"; then
	echo "no test has run on linux $target with SCTP; all output is in $log" >&2
	exit 1
fi
# The runner tells the kernel, or it was the running one.
kernel=$(sed -n 's/^sctpvm: Linux \([^ ]*\) .*/\1/p' "$log" | sort -u | paste -sd ' ')
{
	grep '^ok' "$log"
	echo "linux ${kernel:-$(uname -r)} $GOARCH${race:+ $race}: $passed tests passed, $skipped skipped, in $((SECONDS - start))s"
} | tee "$summary"
