package multihome_test

import (
	"encoding/binary"
	"errors"
	"net"
	"net/netip"
	"runtime"
	"strconv"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/netsctp/sctp"
	"github.com/netsctp/sctp/internal/sctptest"
	"github.com/netsctp/sctp/internal/sys"
)

func TestConnBindAddAndRemove(t *testing.T) {
	forEachEnd(t, asconfPair, func(t *testing.T, c, peer *sctp.Conn) {
		before := c.LocalAddr().String()
		first, added := c.LocalAddr().(*sctp.Addr).IPs[0], sctptest.IPs("127.0.0.3", "127.0.0.4")
		require.NoError(t, c.BindAdd(added...))
		requireBound(t, c, append(added, first)...)
		seen := map[pathChange]bool{}
		for range 4 {
			seen[nextPathChange(t, peer)] = true
		}
		for _, ip := range added {
			require.True(t, seen[pathChange{ip, sctp.AddrAdded}], "%v", seen)
			require.True(t, seen[pathChange{ip, sctp.AddrConfirmed}], "%v", seen)
		}
		paths, err := peer.Options().PeerAddrs()
		require.NoError(t, err)
		require.ElementsMatch(t, append(added, first), paths.IPs)
		require.Equal(t, before, c.LocalAddr().String(), "as it was")

		// What is sent to the new address arrives.
		_, err = peer.WriteMsg([]byte("x"), &sctp.SndInfo{Addr: netip.AddrPortFrom(added[0], c.LocalAddr().(*sctp.Addr).Port)})
		require.NoError(t, err)
		m, err := c.ReadMsg(make([]byte, 8))
		require.NoError(t, err)
		require.Equal(t, "x", string(m.Data))

		// The first can go now, and what has gone can come back.
		require.NoError(t, c.BindRemove(first, added[0]))
		seen = map[pathChange]bool{}
		for range 4 { // the primary path changes twice
			seen[nextPathChange(t, peer)] = true
		}
		require.True(t, seen[pathChange{first, sctp.AddrRemoved}], "%v", seen)
		require.True(t, seen[pathChange{added[0], sctp.AddrRemoved}], "%v", seen)
		require.Equal(t, added[1], primaryOf(t, peer).Addr(), "another path has become the primary one")
		sctptest.Eventually(t, func() bool { assoc, _ := bound(t, c); return len(assoc) == 1 }, "the peer's confirmation")
		requireBound(t, c, added[1])
		require.NoError(t, c.BindAdd(added[0]))
		require.Equal(t, pathChange{added[0], sctp.AddrAdded}, nextPathChange(t, peer))
		require.Equal(t, pathChange{added[0], sctp.AddrConfirmed}, nextPathChange(t, peer))
		for _, end := range []*sctp.Conn{c, peer} {
			_, err = end.Write([]byte("y"))
			require.NoError(t, err)
		}
		_, err = c.Read(make([]byte, 8))
		require.NoError(t, err)
		_, err = peer.Read(make([]byte, 8))
		require.NoError(t, err)
	})
}

// An endpoint that was not told about ASCONF could do nothing of this.
func TestListenerHandsOnSetPeerPrimary(t *testing.T) {
	forEachEnd(t, asconfPair, func(t *testing.T, c, peer *sctp.Conn) {
		ip := sctptest.IPs("127.0.0.3")[0]
		require.NoError(t, c.BindAdd(ip))
		require.Equal(t, pathChange{ip, sctp.AddrAdded}, nextPathChange(t, peer))
		require.Equal(t, pathChange{ip, sctp.AddrConfirmed}, nextPathChange(t, peer))
		path := netip.AddrPortFrom(ip, c.LocalAddr().(*sctp.Addr).Port)
		raw, err := c.SyscallConn()
		require.NoError(t, err)
		require.NoError(t, setRaw(raw, sys.SCTP_SET_PEER_PRIMARY_ADDR, &sys.Prim{Addr: sys.StorageOf(path)}))
		require.Equal(t, pathChange{ip, sctp.AddrMadePrim}, nextPathChange(t, peer))
		require.Equal(t, path, primaryOf(t, peer))
	})
}

// The kernel would report success, and change the endpoint alone.
func TestConnBindWithoutASCONF(t *testing.T) {
	for _, tt := range []struct {
		name             string
		client, listener func(_, _ string, c syscall.RawConn) error
	}{{"Neither", nil, nil}, {"Client", withASCONF, nil}, {"Listener", nil, withASCONF}} {
		t.Run(tt.name, func(t *testing.T) {
			forEachEnd(t, func(t *testing.T) (client, server *sctp.Conn) {
				d := sctp.Dialer{LocalAddr: sctp.AddrFrom(0, sctptest.IPs("127.0.0.2", "127.0.0.1")...), Control: tt.client}
				return sctptest.PairOf(t, d, sctp.ListenConfig{Control: tt.listener}, "sctp4", "127.0.0.1/127.0.0.2:0")
			}, func(t *testing.T, c, peer *sctp.Conn) {
				for _, err := range []error{c.BindAdd(sctptest.IPs("127.0.0.3")...), c.BindRemove(sctptest.IPs("127.0.0.2")...)} {
					requireOpError(t, err, "bind", syscall.EOPNOTSUPP)
					require.ErrorIs(t, err, errors.ErrUnsupported)
					require.ErrorContains(t, err, "SCTP_ASCONF_SUPPORTED")
				}
				requireBound(t, c, sctptest.IPs("127.0.0.1", "127.0.0.2")...)
			})
		})
	}
}

// A kernel that does not tell about ASCONF still tells the addresses.
func TestConnBindAddOnOldKernel(t *testing.T) {
	with, _ := asconfPair(t)
	without, _ := sctptest.PairOf(t, sctp.Dialer{LocalAddr: sctp.AddrFrom(0, sctptest.IPs("127.0.0.2")...)}, sctp.ListenConfig{}, "sctp4", "127.0.0.1:0")
	require.NoError(t, sctptest.WithoutOption(t, sys.SCTP_ASCONF_SUPPORTED, func() error {
		return with.BindAdd(sctptest.IPs("127.0.0.3")...)
	}))
	requireBound(t, with, sctptest.IPs("127.0.0.2", "127.0.0.3")...)
	err := sctptest.WithoutOption(t, sys.SCTP_ASCONF_SUPPORTED, func() error {
		return without.BindAdd(sctptest.IPs("127.0.0.3")...)
	})
	require.ErrorIs(t, err, syscall.EOPNOTSUPP)
	requireBound(t, without, sctptest.IPs("127.0.0.2")...)
}

var badBinds = []struct {
	ips  []netip.Addr
	text string
}{
	{nil, "no address"},
	{[]netip.Addr{{}}, "address invalid IP"},
	{sctptest.IPs("0.0.0.0"), "address 0.0.0.0"},
	{sctptest.IPs("127.0.0.3", "::"), "address ::"},
	{sctptest.IPs("::ffff:0.0.0.0"), "address 0.0.0.0"},
	{sctptest.IPs("127.0.0.3", "127.0.0.3"), "address 127.0.0.3 twice"},
	{sctptest.IPs("127.0.0.3", "127.0.0.4", "::ffff:127.0.0.3"), "address 127.0.0.3 twice"},
	{sctptest.IPs("fe80::1"), "without a zone"},
}

func TestConnBindBadAddresses(t *testing.T) {
	l := sctptest.Listen(t, sctp.ListenConfig{}, "sctp4", "127.0.0.1:0")
	for _, tt := range badBinds {
		requireBindError(t, l.BindAdd(tt.ips...), syscall.EINVAL, tt.text)
		requireBindError(t, l.BindRemove(tt.ips...), syscall.EINVAL, tt.text)
	}
	forEachEnd(t, asconfPair, func(t *testing.T, c, peer *sctp.Conn) {
		own := c.LocalAddr().(*sctp.Addr).IPs[0]
		for _, tt := range badBinds {
			requireBindError(t, c.BindAdd(tt.ips...), syscall.EINVAL, tt.text)
			requireBindError(t, c.BindRemove(tt.ips...), syscall.EINVAL, tt.text)
		}
		requireBindError(t, c.BindAdd(sctptest.IPs("::1")...), syscall.EINVAL, "not of the socket's family")
		requireBindError(t, c.BindAdd(sctptest.IPs("127.0.0.3", "::1")...), syscall.EINVAL, "not of the socket's family")
		requireBindError(t, c.BindAdd(sctptest.IPs("192.0.2.77")...), syscall.EADDRNOTAVAIL, "SCTP_SOCKOPT_BINDX_ADD")
		requireBindError(t, c.BindAdd(sctptest.IPs("127.0.0.3", "192.0.2.77")...), syscall.EADDRNOTAVAIL, "SCTP_SOCKOPT_BINDX_ADD")
		requireBindError(t, c.BindAdd(own), syscall.EADDRINUSE, own.String())
		requireBindError(t, c.BindRemove(sctptest.IPs("127.0.0.3")...), syscall.EADDRNOTAVAIL, "127.0.0.3")
		requireBindError(t, c.BindRemove(own), syscall.EBUSY, "the last address")
		requireBound(t, c, own)
		require.NoError(t, c.BindAdd(sctptest.IPs("127.0.0.3")...))
		requireBindError(t, c.BindRemove(append(sctptest.IPs("127.0.0.3"), own)...), syscall.EBUSY, "the last address")
		requireBindError(t, c.BindRemove(sctptest.IPs("127.0.0.3", "127.0.0.9")...), syscall.EADDRNOTAVAIL, "127.0.0.9")
		requireBound(t, c, append(sctptest.IPs("127.0.0.3"), own)...)
	})
}

// requireBindError requires an error of BindAdd or BindRemove.
func requireBindError(t *testing.T, err error, errno syscall.Errno, text string) {
	t.Helper()
	requireOpError(t, err, "bind", errno)
	require.ErrorContains(t, err, text)
}

// Bound to all addresses there is none to add.
func TestConnBindOfUnspecifiedAddress(t *testing.T) {
	client, _ := sctptest.PairOf(t, sctp.Dialer{Control: withASCONF}, sctp.ListenConfig{Control: withASCONF}, "sctp4", "127.0.0.1:0")
	requireBindError(t, client.BindAdd(sctptest.IPs("127.0.0.3")...), syscall.EINVAL, "bound to the unspecified address")
	requireBindError(t, client.BindRemove(client.LocalAddr().(*sctp.Addr).IPs...), syscall.EBUSY, "the unspecified one")
	l := sctptest.Listen(t, sctp.ListenConfig{}, "sctp", ":0")
	requireBindError(t, l.BindAdd(sctptest.IPs("127.0.0.3")...), syscall.EINVAL, "bound to the unspecified address")
	requireBindError(t, l.BindRemove(sctptest.IPs("127.0.0.1")...), syscall.EBUSY, "the unspecified one")
}

func TestConnBindMixesFamilies(t *testing.T) {
	client, server := sctptest.PairOf(t,
		sctp.Dialer{LocalAddr: sctp.AddrFrom(0, sctptest.IPs("127.0.0.2", "::1")...), Control: withASCONF, Timeout: sctptest.Wait},
		sctp.ListenConfig{Control: withASCONF}, "sctp", "[127.0.0.1/::1]:0")
	paths := func(n int) {
		sctptest.Eventually(t, func() bool {
			a, err := server.Options().PeerAddrs()
			return err == nil && len(a.IPs) == n
		}, "%d paths", n)
	}
	paths(2)
	require.NoError(t, client.BindRemove(sctptest.IPs("::1")...))
	paths(1)
	sctptest.Eventually(t, func() bool { assoc, _ := bound(t, client); return len(assoc) == 1 }, "the peer's confirmation")
	require.NoError(t, client.BindAdd(sctptest.IPs("::1", "::ffff:127.0.0.3")...))
	requireBound(t, client, sctptest.IPs("127.0.0.2", "127.0.0.3", "::1")...)
	paths(3)
}

// Asked over IPv6, the kernel looks at the packet's route as if it were one of IPv4
// (6.1: sctp_v4_addr_valid), and on 64-bit little-endian machines refuses.
func TestConnBindAddRefusedByThePeer(t *testing.T) {
	client, server := sctptest.PairOf(t,
		sctp.Dialer{LocalAddr: sctp.AddrFrom(0, netip.IPv6Loopback()), Control: withASCONF},
		sctp.ListenConfig{Control: withASCONF}, "sctp", "[::1]:0")
	require.NoError(t, client.BindAdd(sctptest.IPs("127.0.0.3")...))
	exchange(t, client, server, nil) // what was asked before has come before
	paths, err := server.Options().PeerAddrs()
	require.NoError(t, err)
	if runtime.GOARCH == "amd64" {
		require.Len(t, paths.IPs, 1)
	}
	require.Equal(t, netip.IPv6Loopback(), paths.IPs[0])
	requireBound(t, client, sctptest.IPs("::1", "127.0.0.3")...)
	exchange(t, server, client, nil)
}

// Addresses come and go while messages do, and none is lost.
func TestConnBindUnderTraffic(t *testing.T) {
	const messages = 500
	forEachEnd(t, asconfPair, func(t *testing.T, c, peer *sctp.Conn) {
		results := make(chan error, 2)
		for _, from := range []*sctp.Conn{c, peer} {
			go func() {
				for n := range messages {
					if _, err := from.WriteMsg(binary.BigEndian.AppendUint64(nil, uint64(n)), nil); err != nil {
						results <- err
						return
					}
				}
				results <- nil
			}()
		}
		changes := make(chan error, 1)
		go func() {
			own := c.LocalAddr().(*sctp.Addr).IPs[0]
			changes <- errors.Join(c.BindAdd(sctptest.IPs("127.0.0.3", "127.0.0.4")...), c.BindRemove(own), c.BindRemove(sctptest.IPs("127.0.0.3")...))
		}()
		for _, to := range []*sctp.Conn{c, peer} {
			require.NoError(t, to.SetReadDeadline(time.Now().Add(sctptest.Wait)))
			for n := uint64(0); n < messages; {
				m, err := to.ReadMsg(make([]byte, 200))
				require.NoError(t, err)
				if m.Event == nil {
					require.Equal(t, n, binary.BigEndian.Uint64(m.Data))
					n++
				}
			}
		}
		require.NoError(t, sctptest.Receive(t, changes))
		for range 2 {
			require.NoError(t, sctptest.Receive(t, results))
		}
		assoc, _ := bound(t, c)
		require.Contains(t, assoc, sctptest.IPs("127.0.0.4")[0])
	})
}

func TestConnBindAfterTheEnd(t *testing.T) {
	client, server := asconfPair(t)
	require.NoError(t, client.Abort())
	for _, err := range []error{client.BindAdd(sctptest.IPs("127.0.0.3")...), client.BindRemove(sctptest.IPs("127.0.0.3")...)} {
		requireOpError(t, err, "bind", net.ErrClosed)
	}
	sctptest.AwaitEnd(t, server)
	for _, err := range []error{server.BindAdd(sctptest.IPs("127.0.0.3")...), server.BindRemove(sctptest.IPs("127.0.0.3")...)} {
		requireOpError(t, err, "bind", syscall.EINVAL)
	}
}

func TestListenerBindAddAndRemove(t *testing.T) {
	l := sctptest.Listen(t, sctp.ListenConfig{}, "sctp4", "127.0.0.1:0")
	port := l.Addr().(*sctp.Addr).Port
	dial := func(ip string) error {
		c, err := sctp.Dial("sctp4", net.JoinHostPort(ip, strconv.Itoa(int(port))))
		if err != nil {
			return err
		}
		s := sctptest.Accept(t, l)
		require.ElementsMatch(t, s.LocalAddr().(*sctp.Addr).IPs, c.RemoteAddr().(*sctp.Addr).IPs)
		require.NoError(t, s.Close())
		return c.Close()
	}
	require.ErrorIs(t, dial("127.0.0.3"), syscall.ECONNREFUSED)
	require.NoError(t, l.BindAdd(sctptest.IPs("127.0.0.3", "127.0.0.4")...))
	a, err := l.Options().LocalAddrs()
	require.NoError(t, err)
	require.ElementsMatch(t, sctptest.IPs("127.0.0.1", "127.0.0.3", "127.0.0.4"), a.IPs)
	require.Equal(t, port, a.Port)
	for _, ip := range []string{"127.0.0.1", "127.0.0.3", "127.0.0.4"} {
		require.NoError(t, dial(ip))
	}
	requireBindError(t, l.BindAdd(sctptest.IPs("127.0.0.3")...), syscall.EINVAL, "bound already")
	requireBindError(t, l.BindAdd(sctptest.IPs("127.0.0.5", "192.0.2.77")...), syscall.EADDRNOTAVAIL, "BINDX_ADD")
	requireBindError(t, l.BindRemove(sctptest.IPs("127.0.0.5")...), syscall.EINVAL, "not bound")
	require.ErrorIs(t, dial("127.0.0.5"), syscall.ECONNREFUSED)
	require.NoError(t, l.BindRemove(sctptest.IPs("127.0.0.1", "127.0.0.3")...))
	require.ErrorIs(t, dial("127.0.0.1"), syscall.ECONNREFUSED)
	require.NoError(t, dial("127.0.0.4"))
	requireBindError(t, l.BindRemove(sctptest.IPs("127.0.0.4")...), syscall.EBUSY, "the last address")
	require.NoError(t, l.Close())
	requireOpError(t, l.BindAdd(sctptest.IPs("127.0.0.3")...), "bind", net.ErrClosed)
}
