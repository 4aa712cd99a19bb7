#!/bin/bash
# Installs Debian's packages of what is missing, and says so:
#
#	.ci/install.sh what-needs-it 'program package...'...
#
# What has a slash is a file. Programs may also be where only root's PATH has them. No server
# that comes with them is started.
set -euo pipefail
why=$1
shift
PATH=$PATH:/usr/sbin:/sbin
export DEBIAN_FRONTEND=noninteractive
missing=()
for need; do
	read -r program packages <<<"$need"
	case $program in
	*/*) [ -e "$program" ] || missing+=($packages) ;;
	*) command -v "$program" >/dev/null || missing+=($packages) ;;
	esac
done
[ ${#missing[@]} != 0 ] || exit 0
missing=($(printf '%s\n' "${missing[@]}" | sort -u))
echo "installing ${missing[*]}, which $why"
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
