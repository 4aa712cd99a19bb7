package setups_test

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/netsctp/sctp"
	"github.com/netsctp/sctp/internal/sctptest"
)

// needBoot skips the test but on a machine of its own, on which sctp is not loaded yet: the
// test bed's, booted with -unloaded and this -boot. There it may change what is the whole
// system's. .ci/kernel-tests.sh boots one for each.
func needBoot(t *testing.T, option string) {
	t.Helper()
	line, err := os.ReadFile("/proc/cmdline")
	require.NoError(t, err)
	_, err = os.Stat("/sys/module/sctp")
	if os.Getenv("SCTP_TESTBED") == "" || err == nil || !strings.Contains(string(line), option) {
		t.Skipf("needs a machine of its own: make kernel && go test -run %s -exec \"$PWD/.cache/kernel -unloaded -boot '%s'\"", t.Name(), option)
	}
	require.ErrorIs(t, err, os.ErrNotExist)
}

// A moduleCall needs the module; without it, the kernel says errno.
type moduleCall struct {
	call  func() error
	errno syscall.Errno
}

var (
	dialOnly    = sctp.ListenConfig{DialOnly: true}
	moduleCalls = []moduleCall{
		{func() error { return listen(nil, 0) }, syscall.EPROTONOSUPPORT},
		{func() error { return dial(nil, 9) }, syscall.EPROTONOSUPPORT},
		{func() error { _, err := sctp.Dial("sctp6", "[::1]:9"); return err }, syscall.EPROTONOSUPPORT},
		{func() error { _, err := sctp.Listen("sctp", ":0"); return err }, syscall.EPROTONOSUPPORT},
		{func() error { _, err := sctp.ListenPacket("sctp", ":0"); return err }, syscall.ESOCKTNOSUPPORT},
		{func() error { _, err := dialOnly.ListenPacket(context.Background(), "sctp4", ":0"); return err }, syscall.ESOCKTNOSUPPORT},
	}
)

// requireNoModule checks that there is no SCTP, neither for a C program nor for ours, which
// says how to get it. Each call has the kernel run modprobe, which takes a second.
func requireNoModule(t *testing.T, calls []moduleCall) {
	t.Helper()
	require.Equal(t, syscall.EPROTONOSUPPORT, cListen(t, 0))
	for _, tt := range calls {
		err := tt.call()
		require.ErrorIs(t, err, tt.errno)
		require.ErrorIs(t, err, errors.ErrUnsupported)
		require.ErrorContains(t, err, "try modprobe sctp; the module may be in a package of its own, such as linux-modules-extra or kernel-modules-extra, or blocked in /etc/modprobe.d")
		sctptest.OpError(t, err)
	}
	require.NoDirExists(t, "/sys/module/sctp")
}

// Where the module is missing, or a file of modprobe.d blocks it, each call says so. The
// cure that the error names is one.
func TestBootModule(t *testing.T) {
	needBoot(t, "")
	release, err := os.ReadFile("/proc/sys/kernel/osrelease")
	require.NoError(t, err)
	modules := filepath.Join("/lib/modules", strings.TrimSpace(string(release)))

	// Missing: the package is not installed.
	require.NoError(t, syscall.Mount(t.TempDir(), modules, "", syscall.MS_BIND, ""))
	requireNoModule(t, moduleCalls)
	require.Error(t, exec.Command("modprobe", "sctp").Run())
	require.NoError(t, syscall.Unmount(modules, 0))

	// Blocked, even for modprobe sctp.
	const conf = "/etc/modprobe.d/sctp-blacklist.conf"
	require.NoError(t, os.MkdirAll(filepath.Dir(conf), 0o755))
	require.NoError(t, os.WriteFile(conf, []byte("install sctp /bin/false\n"), 0o644))
	requireNoModule(t, moduleCalls[:2])
	require.Error(t, exec.Command("modprobe", "sctp").Run())

	// Blocked as by kernel-modules-extra of RHEL: modprobe sctp does load it.
	require.NoError(t, os.WriteFile(conf, []byte("blacklist sctp\n"), 0o644))
	requireNoModule(t, moduleCalls[:2])
	out, err := exec.Command("modprobe", "sctp").CombinedOutput()
	require.NoError(t, err, "%s", out)
	(&setup{}).testPrograms(t)
}

// Without any IPv6 (ipv6.disable=1 on the kernel's command line) programs work, and what is
// of IPv6 alone fails at once. The first socket loads the module.
func TestBootIPv6Off(t *testing.T) {
	needBoot(t, "ipv6.disable=1")
	_, err := os.Stat("/proc/net/if_inet6")
	require.ErrorIs(t, err, os.ErrNotExist)
	(&setup{}).testPrograms(t)

	t.Run("AnyAddress", func(t *testing.T) {
		client, server := sctptest.PairOf(t, sctp.Dialer{}, sctp.ListenConfig{}, "sctp", ":0")
		echo(t, client, server)
		sctptest.ListenMulti(t, sctp.ListenConfig{}, "sctp", ":0")
	})
	t.Run("Localhost", func(t *testing.T) { // which is ::1, too
		l := sctptest.Listen(t, sctp.ListenConfig{}, "sctp", "localhost:0")
		client, server := sctptest.Connect(t, sctp.Dialer{}, l)
		echo(t, client, server)
	})
	for name, call := range map[string]func() error{
		"Dial":         func() error { _, err := sctp.Dial("sctp", "[::1]:9"); return err },
		"Listen":       func() error { _, err := sctp.Listen("sctp", "[::1]:0"); return err },
		"Listen6":      func() error { _, err := sctp.Listen("sctp6", ":0"); return err },
		"ListenPacket": func() error { _, err := sctp.ListenPacket("sctp6", ":0"); return err },
	} {
		t.Run(name, func(t *testing.T) {
			err := call()
			require.ErrorIs(t, err, syscall.EAFNOSUPPORT)
			require.ErrorContains(t, err, "address family not supported by protocol")
			sctptest.OpError(t, err)
		})
	}
}
