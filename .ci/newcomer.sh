#!/bin/bash
# Does what a newcomer does with a release, with an empty module cache:
#
#	.ci/newcomer.sh v0.1.0
#
# go get of the package and of the metrics, go run of the commands, and the replace of
# github.com/ishidawataru/sctp; and it checks what a program gets with the package. After a
# release it runs as it is; .ci/release-check.sh gives it a module proxy of its own.
set -euo pipefail
cd "$(dirname "$0")/.."
version=$1
go=$(command -v "${GO:-go}")
# That of compat's README.
incumbent=$(sed -n 's/.*version.*\(v0\.0\.0-[0-9]*-[0-9a-f]*\).*/\1/p; T; q' <(tr '\n' ' ' <compat/ishidawataru/README.md))
[ -n "$incumbent" ] || { echo "newcomer: compat's README names no version" >&2; exit 1; }
sctp=github.com/netsctp/sctp
dir=$(mktemp -d)
trap 'chmod -R u+w "$dir"; rm -rf "$dir"' EXIT
export GOMODCACHE=$dir/cache GOFLAGS=-mod=mod GOWORK=off GOTOOLCHAIN=local

fail() {
	echo "newcomer: $1" >&2
	exit 1
}

# run runs the command after its name in the folder of a module of its own, and shows only
# what fails.
run() {
	echo "newcomer: ${*/#$go/go}"
	"$@" >"$dir/log" 2>&1 || {
		cat "$dir/log" >&2
		fail "that failed"
	}
}

# main makes a folder with a main module whose program is the input.
main() {
	mkdir "$dir/$1"
	cd "$dir/$1"
	cat >main.go
	run "$go" mod init "example.org/$1"
}

# modules prints the modules in a program, without the main one.
modules() { "$go" version -m "$1" | awk '$1 == "dep" || $1 == "=>" {print $2, $3}'; }

main get <<END
package main

import (
	"fmt"

	"$sctp"
)

func main() {
	l, err := sctp.Listen("sctp", "127.0.0.1:0")
	if err == nil {
		err = l.Close()
	}
	fmt.Println(err)
}
END
run "$go" get "$sctp@$version"
run "$go" mod tidy
run "$go" build
run ./get
costs=$(modules get | awk -v own="$sctp" '$1 != own {print $1}')
[ "$costs" = golang.org/x/sys ] || fail "a program gets more than golang.org/x/sys: $costs"
requires=$("$go" mod edit -json | sed -n 's/^\t\t\t"Path": "\(.*\)",/\1/p' | paste -sd ' ')
[ "$requires" = "$sctp golang.org/x/sys" ] || fail "its go.mod requires $requires"
echo "newcomer: a program has the modules: $(modules get | paste -sd ',' | sed 's/,/, /g')"

for command in sctpcat sctpvm; do
	cd "$dir"
	run "$go" run "$sctp/cmd/$command@$version" -h
	grep -qi '^usage' "$dir/log" || fail "$command -h says: $(cat "$dir/log")"
done

main replace <<END
package main

import (
	"fmt"

	"github.com/ishidawataru/sctp"
)

func main() {
	addr, err := sctp.ResolveSCTPAddr("sctp", "127.0.0.1/127.0.0.2:3868")
	fmt.Println(addr, err)
}
END
run "$go" mod edit -require "github.com/ishidawataru/sctp@$incumbent" \
	-replace "github.com/ishidawataru/sctp=$sctp/compat/ishidawataru@$version"
run "$go" mod tidy
run "$go" build
run ./replace
[ "$(cat "$dir/log")" = "127.0.0.1/127.0.0.2:3868 <nil>" ] || fail "the program says: $(cat "$dir/log")"
modules replace | grep -qx "$sctp/compat/ishidawataru $version" || fail "the replaced program has $(modules replace)"
echo "newcomer: the replaced program has the modules: $(modules replace | paste -sd ',' | sed 's/,/, /g')"

main measure <<END
package main

import (
	"log"
	"net"
	"net/http"

	"github.com/prometheus/client_golang/prometheus"
	"$sctp"
	"$sctp/metrics"
)

func main() {
	c := &metrics.Collector{}
	prometheus.MustRegister(c)
	var l net.Listener = new(sctp.Listener)
	log.Print(http.Serve(c.Listener(l), nil))
}
END
run "$go" get "$sctp/metrics@$version"
run "$go" mod tidy
run "$go" build
run ./measure
grep -qx "	$sctp $version" <("$go" mod edit -print | sed 's/^require //; s/ \/\/ indirect//; s/^[^	]/	&/') ||
	fail "metrics came with another version: $("$go" mod edit -print)"
echo "newcomer: ok"
