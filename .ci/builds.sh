#!/bin/bash
# Vets all packages and their tests for systems, given as os/arch, which compiles what they
# import, and builds the package and a program.
set -euo pipefail
cd "$(dirname "$0")/.."
GO=${GO:-go}
export CGO_ENABLED=0
for target in "$@"; do
	start=$SECONDS
	export GOOS=${target%/*} GOARCH=${target#*/}
	case $target in
	android/386 | android/amd64 | android/arm | ios/*)
		# Only the system's own tools link a program or a test there.
		"$GO" build $("$GO" list -find -f '{{if and .GoFiles (ne .Name "main")}}{{.ImportPath}}{{end}}' ./...)
		echo "builds: $target ok, without programs, in $((SECONDS - start))s"
		;;
	plan9/*)
		# It has no errnos, which the tests compare with.
		"$GO" build ./...
		echo "builds: $target ok, without tests, in $((SECONDS - start))s"
		;;
	*)
		"$GO" build . ./cmd/sctpcat
		"$GO" vet ./...
		echo "builds: $target ok, in $((SECONDS - start))s"
		;;
	esac
done
