package main

import (
	"fmt"
	"os"
	"os/exec"
	"strings"
	"time"
)

// The programs that the demo runs, and Debian's packages of them.
var tools = []struct{ program, pkg string }{
	{"withsctp", "lksctp-tools"},
	{"sctp_test", "lksctp-tools"},
	{"sctp_darn", "lksctp-tools"},
	{"curl", "curl"},
	{"tshark", "tshark"},
	{"dumpcap", "wireshark-common"},
	{"ip", "iproute2"},
	{"sysctl", "procps"},
}

// installTools installs the packages of the programs that are missing.
func installTools() error {
	os.Setenv("PATH", os.Getenv("PATH")+":/usr/sbin:/sbin") // ip is there
	var missing []string
	for _, t := range tools {
		if _, err := exec.LookPath(t.program); err != nil && !strings.Contains(strings.Join(missing, " "), t.pkg) {
			missing = append(missing, t.pkg)
		}
	}
	if len(missing) == 0 {
		return nil
	}
	install := append([]string{"apt-get", "install", "-y", "-q", "--no-install-recommends", "-o", "DPkg::Lock::Timeout=300"}, missing...)
	for _, args := range [][]string{{"apt-get", "update", "-q"}, install} {
		start := time.Now()
		fmt.Printf("demo: %s ... ", strings.Join(args, " "))
		cmd := exec.Command(args[0], args[1:]...)
		cmd.Env = append(os.Environ(), "DEBIAN_FRONTEND=noninteractive")
		if out, err := cmd.CombinedOutput(); err != nil {
			fmt.Println()
			return fmt.Errorf("%s: %w\n%s\ncheck the network, then run as root: apt-get update && apt-get install --no-install-recommends %s",
				strings.Join(args, " "), err, out, strings.Join(missing, " "))
		}
		fmt.Printf("%.0fs\n", time.Since(start).Seconds())
	}
	return nil
}
