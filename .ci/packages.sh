#!/bin/bash
# Installs Debian's packages of programs that are missing, and says so:
#
#	.ci/packages.sh "program package..."...
#
# No server that comes with them is started.
set -euo pipefail
missing=()
for need in "$@"; do
	read -r program pkgs <<<"$need"
	command -v "$program" >/dev/null || missing+=($pkgs)
done
[ ${#missing[@]} != 0 ] || exit 0
echo "installing ${missing[*]}, which the tests need"
export DEBIAN_FRONTEND=noninteractive
policy=/usr/sbin/policy-rc.d
if [ "$(id -u)" = 0 ] && [ ! -e $policy ]; then
	printf '#!/bin/sh\nexit 101\n' >$policy
	chmod +x $policy
	trap 'rm -f $policy' EXIT
fi
install=(apt-get install --no-install-recommends "${missing[@]}")
if ! { apt-get update -q && "${install[@]}" -y -q -o DPkg::Lock::Timeout=300; } >/dev/null; then
	echo "check the network, then run as root: apt-get update && ${install[*]}" >&2
	exit 1
fi
