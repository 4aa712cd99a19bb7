package setups_test

import (
	"fmt"
	"net/netip"
	"os"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/netsctp/sctp"
	"github.com/netsctp/sctp/internal/sctptest"
	"github.com/netsctp/sctp/internal/sys"
	"github.com/netsctp/sctp/internal/sys/systest"
)

// A failure is a system on which a C program fails, too.
type failure struct {
	name   string
	setUp  func(t *testing.T) (port uint16) // the one to dial
	call   func(t *testing.T, port uint16) error
	c      func(t *testing.T, port uint16) error // the same system calls as a C program
	errno  syscall.Errno
	cErrno syscall.Errno // if it is another one
	text   string        // of the error: what to do
}

var failures = []failure{
	// The kernel takes no ASCONF without AUTH, and so no INIT that offers it alone.
	{
		name: "DialAddIPAlone", call: dial, c: cDial,
		setUp: func(t *testing.T) uint16 {
			sctptest.Sysctl(t, "net/sctp/addip_enable", "1")
			return sctptest.Listen(t, sctp.ListenConfig{}, "sctp4", "127.0.0.1:0").Addr().(*sctp.Addr).Port
		},
		errno: syscall.ECONNREFUSED, text: "set net.sctp.auth_enable at both ends, or net.sctp.addip_noauth_enable",
	},
	{
		name: "DialWithoutPorts", call: dial, c: cDial,
		setUp: func(t *testing.T) uint16 {
			sctptest.Sysctl(t, "net/ipv4/ip_local_port_range", "40000 40000")
			sctptest.Listen(t, sctp.ListenConfig{}, "sctp4", "127.0.0.1:0")
			return 9
		},
		errno: syscall.EADDRNOTAVAIL, cErrno: syscall.EAGAIN, text: "no local port is free (net.ipv4.ip_local_port_range)",
	},
	{
		name: "ListenWithoutDescriptors", setUp: useUpFiles, call: listen, c: cListen,
		errno: syscall.EMFILE, text: "too many open files",
	},
	{
		name: "DialWithoutDescriptors", setUp: useUpFiles, call: dial, c: cDial,
		errno: syscall.EMFILE, text: "too many open files",
	},
	{
		name: "ListenWithoutAddress", setUp: removeAddress, call: listen, c: cListen,
		errno: syscall.EADDRNOTAVAIL, text: "listen sctp4 127.0.0.1:0: bind: cannot assign requested address",
	},
	{
		name: "DialWithoutAddress", setUp: removeAddress, call: dial, c: cDial,
		errno: syscall.ENETUNREACH, text: "dial sctp4 127.0.0.1:9: connect: network is unreachable",
	},
	// As unshare -n leaves it, or a container without a network.
	{
		name: "ListenLoopbackNeverUp", setUp: nothing, call: inNewNetns(listen), c: inNewNetns(cListen),
		errno: syscall.EADDRNOTAVAIL, text: "listen sctp4 127.0.0.1:0: bind: cannot assign requested address",
	},
	{
		name: "DialLoopbackNeverUp", setUp: nothing, call: inNewNetns(dial), c: inNewNetns(cDial),
		errno: syscall.ENETUNREACH, text: "dial sctp4 127.0.0.1:9: connect: network is unreachable",
	},
	{
		name: "ListenUnderSeccomp", setUp: nothing, call: underSeccomp(listen), c: underSeccomp(cListen),
		errno: syscall.EPERM, text: "a seccomp filter or a security module refuses SCTP sockets, as those of containers may: it must allow protocol 132",
	},
	{
		name: "DialUnderSeccomp", setUp: nothing, call: underSeccomp(dial), c: underSeccomp(cDial),
		errno: syscall.EPERM, text: "a seccomp filter or a security module refuses SCTP sockets, as those of containers may: it must allow protocol 132",
	},
}

// Where a C program fails, ours fails at once, and says how.
func TestSetupsFail(t *testing.T) {
	for _, tt := range failures {
		t.Run(tt.name, func(t *testing.T) {
			if !sctptest.Netns(t) {
				return
			}
			port := tt.setUp(t)
			if tt.cErrno == 0 {
				tt.cErrno = tt.errno
			}
			require.Equal(t, tt.cErrno, tt.c(t, port))
			err := tt.call(t, port)
			require.ErrorIs(t, err, tt.errno)
			require.ErrorContains(t, err, tt.text)
			sctptest.OpError(t, err)
		})
	}
}

func nothing(*testing.T) (port uint16) { return 9 }

func useUpFiles(t *testing.T) (port uint16) {
	t.Cleanup(sctptest.UseUpFiles(t))
	return 9
}

func removeAddress(t *testing.T) (port uint16) {
	sctptest.RemoveLoopbackAddr(t, netip.MustParsePrefix("127.0.0.1/8"))
	return 9
}

func dial(_ *testing.T, port uint16) error {
	c, err := sctp.Dial("sctp4", fmt.Sprintf("127.0.0.1:%d", port))
	if err == nil {
		c.Close()
	}
	return err
}

func listen(*testing.T, uint16) error {
	l, err := sctp.Listen("sctp4", "127.0.0.1:0")
	if err == nil {
		l.Close()
	}
	return err
}

var loopback = [4]byte{127, 0, 0, 1}

func cDial(_ *testing.T, port uint16) error {
	return withSocket(func(fd int) error {
		return syscall.Connect(fd, &syscall.SockaddrInet4{Addr: loopback, Port: int(port)})
	})
}

func cListen(*testing.T, uint16) error {
	return withSocket(func(fd int) error {
		if err := syscall.Bind(fd, &syscall.SockaddrInet4{Addr: loopback}); err != nil {
			return err
		}
		return syscall.Listen(fd, 1)
	})
}

// withSocket opens a blocking socket, as the C library does: on s390x package syscall goes by
// socketcall(2), whose arguments seccomp does not see.
func withSocket(f func(fd int) error) error {
	fd, errno := sys.Socket(sys.AF_INET, sys.SOCK_STREAM)
	if errno != 0 {
		return errno
	}
	defer sys.Close(fd)
	if errno := sys.SetNonblock(fd, false); errno != 0 {
		return errno
	}
	return f(fd)
}

// inNewNetns makes f run on a thread in a network namespace of its own, in which nothing
// was set up.
func inNewNetns(f func(*testing.T, uint16) error) func(*testing.T, uint16) error {
	return func(t *testing.T, port uint16) error {
		var ferr error
		require.NoError(t, systest.OnThread(func() error {
			if err := syscall.Unshare(syscall.CLONE_NEWNET); err != nil {
				return os.NewSyscallError("unshare", err)
			}
			ferr = f(t, port)
			return nil
		}))
		return ferr
	}
}

func underSeccomp(f func(*testing.T, uint16) error) func(*testing.T, uint16) error {
	return func(t *testing.T, port uint16) error {
		return sctptest.SocketFails(t, syscall.EPERM, func() error { return f(t, port) })
	}
}
