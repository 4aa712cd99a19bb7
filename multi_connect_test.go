package sctp_test

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/netsctp/sctp"
	"github.com/netsctp/sctp/internal/sctptest"
)

// requireSilence checks that nothing more is there to read: a reader takes in what the
// package needs itself, and waits.
func requireSilence(t *testing.T, m *sctp.MultiConn) {
	t.Helper()
	done := make(chan error, 1)
	go func() { _, err := m.ReadMsg(make([]byte, 4096)); done <- err }()
	sctptest.AwaitParked(t, 1)
	require.NoError(t, m.SetReadDeadline(time.Now()))
	require.ErrorIs(t, sctptest.Receive(t, done), os.ErrDeadlineExceeded)
	require.NoError(t, m.SetReadDeadline(time.Time{}))
}

// onlyAssoc returns the association of m.
func onlyAssoc(t *testing.T, m *sctp.MultiConn) sctp.AssocID {
	t.Helper()
	var ids []sctp.AssocID
	sctptest.Eventually(t, func() bool {
		var err error
		ids, err = m.Assocs()
		return err == nil && len(ids) == 1
	}, "one association")
	return ids[0]
}

// Each way to end a Connect that waits for a peer that does not answer.
func TestMultiConnConnectInterrupted(t *testing.T) {
	if !sctptest.Netns(t) {
		return
	}
	sctptest.Hole(t)
	peer := &sctp.Addr{IPs: sctptest.IPs("192.0.2.2", "192.0.2.3"), Port: 9}
	for _, tt := range []struct {
		name string
		end  func(m *sctp.MultiConn, id sctp.AssocID, cancel func()) error
		want error
	}{
		{"Cancel", func(_ *sctp.MultiConn, _ sctp.AssocID, cancel func()) error { cancel(); return nil }, context.Canceled},
		{"Close", func(m *sctp.MultiConn, _ sctp.AssocID, _ func()) error { return m.Close() }, net.ErrClosed},
		{"Shutdown", func(m *sctp.MultiConn, id sctp.AssocID, _ func()) error { return m.StartShutdown(id) }, syscall.ECONNABORTED},
		{"Abort", func(m *sctp.MultiConn, id sctp.AssocID, _ func()) error { return m.AbortAssoc(id, nil) }, syscall.ECONNABORTED},
	} {
		for _, reader := range []bool{false, true} {
			t.Run(tt.name, func(t *testing.T) {
				check := sctptest.Leaks(t)
				m := sctptest.ListenMulti(t, sctp.ListenConfig{}, "sctp4", "192.0.2.1:0")
				parked := 1
				if reader {
					go m.ReadMsg(make([]byte, 10))
					parked = 2
				}
				ctx, cancel := context.WithCancel(context.Background())
				defer cancel()
				done := make(chan error, 1)
				go func() { _, err := m.Connect(ctx, peer); done <- err }()
				sctptest.AwaitParked(t, parked)
				_, err := m.Connect(ctx, peer)
				require.ErrorIs(t, err, syscall.EALREADY)
				id := onlyAssoc(t, m)
				_, err = m.PeelOff(id)
				require.ErrorIs(t, err, syscall.EBUSY)
				require.NoError(t, tt.end(m, id, cancel))
				err = sctptest.Receive(t, done)
				require.ErrorIs(t, err, tt.want)
				oe := sctptest.OpError(t, err)
				require.Equal(t, "dial", oe.Op)
				require.Equal(t, peer, oe.Addr)
				if tt.want != net.ErrClosed {
					ids, err := m.Assocs()
					require.NoError(t, err)
					require.Empty(t, ids)
					if reader {
						sctptest.Eventually(t, func() bool { return sctp.SetUps(m) == 0 }, "no set-up")
						sctptest.AwaitParked(t, 1) // the reader was not told
					} else {
						requireSilence(t, m)
						require.Zero(t, sctp.SetUps(m))
					}
					require.NoError(t, m.Close())
				}
				check()
				again := sctptest.ListenMulti(t, sctp.ListenConfig{}, "sctp4", m.LocalAddr().String())
				require.NoError(t, again.Close())
			})
		}
	}
}

// What the program itself ends is no failure that a reader reports.
func TestMultiConnAbortsASetUp(t *testing.T) {
	if !sctptest.Netns(t) {
		return
	}
	sctptest.Hole(t)
	peer := &sctp.Addr{IPs: sctptest.IPs("192.0.2.2"), Port: 9}
	m := sctptest.ListenMulti(t, sctp.ListenConfig{}, "sctp4", "192.0.2.1:0")
	for _, end := range []func(id sctp.AssocID) error{
		m.StartShutdown, func(id sctp.AssocID) error { return m.AbortAssoc(id, []byte("reason")) },
	} {
		id, err := m.StartConnect(peer)
		require.NoError(t, err)
		require.NoError(t, end(id))
		_, err = m.WriteTo([]byte("x"), peer)
		require.NoError(t, err)
		require.NoError(t, end(onlyAssoc(t, m)))
		requireSilence(t, m)
		require.Zero(t, sctp.SetUps(m))
	}
}

// An association can have a socket of its own before it is up.
func TestMultiConnPeelsOffASetUp(t *testing.T) {
	if !sctptest.Netns(t) {
		return
	}
	sctptest.Hole(t)
	lc := sctp.ListenConfig{Control: sctptest.ShortTimers, InitMsg: sctp.InitMsg{MaxAttempts: 2}}
	for address, want := range map[string]error{"192.0.2.2:9": syscall.ETIMEDOUT, "127.0.0.1:9": syscall.ECONNREFUSED} {
		m := sctptest.ListenMulti(t, lc, "sctp", ":0")
		peer, err := sctp.ParseAddr(address)
		require.NoError(t, err)
		id, err := m.StartConnect(peer)
		require.NoError(t, err)
		c, err := m.PeelOff(id)
		if want == syscall.ECONNREFUSED && errors.Is(err, syscall.ENOTCONN) {
			continue // the peer was faster
		}
		require.NoError(t, err)
		_, err = c.Read(make([]byte, 10))
		require.Error(t, err)
		require.ErrorIs(t, err, want)
		require.Zero(t, sctp.SetUps(m))
		require.NoError(t, c.Close())
	}
}

func TestMultiConnConnectSpecialPeers(t *testing.T) {
	t.Run("Nil", func(t *testing.T) {
		m := sctptest.ListenMulti(t, sctp.ListenConfig{}, "sctp4", "127.0.0.1:0")
		_, err := m.Connect(context.Background(), nil)
		require.ErrorContains(t, err, "missing address")
		require.Nil(t, sctptest.OpError(t, err).Addr)
		_, err = m.StartConnect(nil)
		require.ErrorContains(t, err, "missing address")
	})
	t.Run("CancelledBefore", func(t *testing.T) {
		m := sctptest.ListenMulti(t, sctp.ListenConfig{}, "sctp4", "127.0.0.1:0")
		ctx, cancel := context.WithCancel(context.Background())
		cancel()
		_, err := m.Connect(ctx, sctptest.FreeAddr(t, "sctp4", "127.0.0.1:0"))
		require.ErrorIs(t, err, context.Canceled)
		requireSilence(t, m)
	})
	t.Run("PortZero", func(t *testing.T) {
		m := sctptest.ListenMulti(t, sctp.ListenConfig{}, "sctp4", "127.0.0.1:0")
		_, err := m.Connect(context.Background(), &sctp.Addr{IPs: sctptest.IPs("127.0.0.1")})
		require.ErrorIs(t, err, syscall.EINVAL)
		_, err = m.StartConnect(&sctp.Addr{IPs: sctptest.IPs("127.0.0.1")})
		require.ErrorIs(t, err, syscall.EINVAL)
		_, err = m.WriteTo([]byte("x"), &sctp.Addr{IPs: sctptest.IPs("127.0.0.1")})
		require.ErrorIs(t, err, syscall.EINVAL)
	})
	t.Run("OtherSocket", func(t *testing.T) {
		dials := sctp.ListenConfig{DialOnly: true}
		first := sctptest.ListenMulti(t, dials, "sctp4", "127.0.0.1:0")
		second := sctptest.ListenMulti(t, dials, "sctp4", first.LocalAddr().String())
		server := sctptest.ListenMulti(t, sctp.ListenConfig{}, "sctp4", "127.0.0.1:0").LocalAddr().(*sctp.Addr)
		_, err := first.Connect(context.Background(), server)
		require.NoError(t, err)
		_, err = second.Connect(context.Background(), server)
		require.ErrorIs(t, err, syscall.EADDRNOTAVAIL)
		require.ErrorContains(t, err, "another socket's")
	})
	t.Run("Wildcard", func(t *testing.T) {
		for _, network := range []string{"sctp", "sctp4", "sctp6"} {
			server := sctptest.ListenMulti(t, sctp.ListenConfig{}, network, ":0")
			client := sctptest.ListenMulti(t, sctp.ListenConfig{}, network, ":0")
			_, err := client.Connect(context.Background(), &sctp.Addr{Port: server.LocalAddr().(*sctp.Addr).Port})
			require.NoError(t, err)
		}
	})
	t.Run("WildcardOfAFamily", func(t *testing.T) {
		for _, tt := range []struct{ server, at, client, from, to string }{
			{"sctp", ":0", "sctp", ":0", "0.0.0.0"},
			{"sctp", ":0", "sctp", ":0", "::"},
			{"sctp4", ":0", "sctp", ":0", "0.0.0.0"},
			{"sctp4", "127.0.0.1:0", "sctp", "[::]:0", "0.0.0.0"},
			{"sctp6", "[::1]:0", "sctp", ":0", "::"},
			{"sctp", ":0", "sctp", "0.0.0.0:0", "::"},
			{"sctp", ":0", "sctp6", ":0", "0.0.0.0"},
		} {
			t.Run(fmt.Sprint(tt), func(t *testing.T) {
				server := sctptest.ListenMulti(t, sctp.ListenConfig{}, tt.server, tt.at)
				raddr := sctp.AddrFrom(server.LocalAddr().(*sctp.Addr).Port, sctptest.IPs(tt.to)...)
				receive := func() {
					b := make([]byte, 10)
					n, _, err := server.ReadFrom(b)
					require.NoError(t, err)
					require.Equal(t, "x", string(b[:n]))
				}
				for range 2 {
					m := sctptest.ListenMulti(t, sctp.ListenConfig{}, tt.client, tt.from)
					for range 2 { // without an association, and with it
						_, err := m.WriteTo([]byte("x"), raddr)
						require.NoError(t, err)
						receive()
						_, err = m.WriteMsg([]byte("x"), &sctp.SndInfo{Addr: raddr.AddrPort()})
						require.NoError(t, err)
						receive()
					}
					_, err := m.WriteMsg([]byte("x"), &sctp.SndInfo{Assoc: onlyAssoc(t, m), Addr: raddr.AddrPort()})
					require.NoError(t, err)
					receive()
				}
				m := sctptest.ListenMulti(t, sctp.ListenConfig{}, tt.client, tt.from)
				_, err := m.Connect(context.Background(), raddr)
				require.NoError(t, err)
			})
		}
	})
	t.Run("Itself", func(t *testing.T) {
		// The kernel lets the socket talk to itself, as UDP does.
		m := sctptest.ListenMulti(t, sctp.ListenConfig{}, "sctp4", "127.0.0.1:0")
		id, err := m.Connect(context.Background(), m.LocalAddr().(*sctp.Addr))
		require.NoError(t, err)
		_, err = m.WriteMsg([]byte("hello"), &sctp.SndInfo{Assoc: id})
		require.NoError(t, err)
		msg, err := m.ReadMsg(make([]byte, 10))
		require.NoError(t, err)
		require.Equal(t, "hello", string(msg.Data))
	})
	t.Run("PeeledOff", func(t *testing.T) {
		client, server, id, _ := multiPair(t)
		c, err := client.PeelOff(id)
		require.NoError(t, err)
		peer := server.LocalAddr().(*sctp.Addr)
		_, err = client.Connect(context.Background(), peer)
		require.ErrorIs(t, err, syscall.EADDRNOTAVAIL)
		require.ErrorContains(t, err, "peeled off")
		_, err = client.WriteTo([]byte("x"), peer)
		require.ErrorIs(t, err, syscall.EADDRNOTAVAIL)
		require.NoError(t, c.Close())
		nextAssocChange(t, server, sctp.AssocShutdownComp)
		_, err = client.Connect(context.Background(), peer)
		require.NoError(t, err)
	})
}

func TestMultiConnConnectToAZone(t *testing.T) {
	if !sctptest.Netns(t) {
		return
	}
	sctptest.Hole(t)
	server := sctptest.ListenMulti(t, sctp.ListenConfig{}, "sctp6", "[fe80::1%hole]:0")
	client := sctptest.ListenMulti(t, sctp.ListenConfig{}, "sctp6", "[fe80::1%hole]:0")
	id, err := client.Connect(context.Background(), server.LocalAddr().(*sctp.Addr))
	require.NoError(t, err)
	_, err = client.WriteMsg([]byte("hello"), &sctp.SndInfo{Assoc: id})
	require.NoError(t, err)
	n, addr, err := server.ReadFrom(make([]byte, 10))
	require.NoError(t, err)
	require.Equal(t, 5, n)
	require.Equal(t, client.LocalAddr(), addr)
	_, err = server.WriteTo([]byte("back"), addr)
	require.NoError(t, err)
	n, addr, err = client.ReadFrom(make([]byte, 10))
	require.NoError(t, err)
	require.Equal(t, 4, n)
	require.Equal(t, server.LocalAddr(), addr)
	_, err = client.Connect(context.Background(), &sctp.Addr{IPs: sctptest.IPs("fe80::1%nowhere"), Port: 9})
	require.Error(t, err)
}

// The first of a peer's addresses does not answer: the others are tried. All are
// the association's before the peer has said so.
func TestMultiConnSeveralAddresses(t *testing.T) {
	if !sctptest.Netns(t) {
		return
	}
	sctptest.Hole(t)
	server := sctptest.ListenMulti(t, sctp.ListenConfig{}, "sctp4", "192.0.2.1:0")
	peer := &sctp.Addr{IPs: sctptest.IPs("192.0.2.2", "192.0.2.1"), Port: server.LocalAddr().(*sctp.Addr).Port}
	for name, begin := range map[string]func(m *sctp.MultiConn) error{
		"WriteTo":      func(m *sctp.MultiConn) error { _, err := m.WriteTo([]byte("hello"), peer); return err },
		"StartConnect": func(m *sctp.MultiConn) error { _, err := m.StartConnect(peer); return err },
		"Connect": func(m *sctp.MultiConn) error {
			_, err := m.Connect(context.Background(), peer)
			return err
		},
	} {
		t.Run(name, func(t *testing.T) {
			client := sctptest.ListenMulti(t, sctp.ListenConfig{Control: sctptest.ShortTimers}, "sctp4", ":0")
			require.NoError(t, client.Subscribe(sctp.EventAssocChange))
			require.NoError(t, begin(client))
			id := onlyAssoc(t, client)
			addrs, err := client.Options().Assoc(id).PeerAddrs()
			require.NoError(t, err)
			if name != "Connect" {
				require.Equal(t, peer, addrs)
			}
			nextAssocChange(t, client, sctp.AssocCommUp)
			if name == "WriteTo" {
				n, _, err := server.ReadFrom(make([]byte, 10))
				require.NoError(t, err)
				require.Equal(t, 5, n)
			}
			require.NoError(t, client.AbortAssoc(id, nil))
		})
	}
}

// A peer that comes up and aborts at once: Connect has a result.
func TestMultiConnConnectToOneWhoAborts(t *testing.T) {
	l := sctptest.Listen(t, sctp.ListenConfig{}, "sctp4", "127.0.0.1:0")
	go func() {
		for {
			c, err := l.AcceptSCTP()
			if err != nil {
				return
			}
			c.Abort()
		}
	}()
	m := sctptest.ListenMulti(t, sctp.ListenConfig{}, "sctp4", "127.0.0.1:0")
	done := make(chan struct{})
	go func() {
		defer close(done)
		for _, err := range m.Messages(1000) {
			if err != nil {
				require.ErrorIs(t, err, net.ErrClosed)
			}
		}
	}()
	for range 20 {
		_, err := m.Connect(context.Background(), l.Addr().(*sctp.Addr))
		if err != nil && !errors.Is(err, syscall.EISCONN) {
			require.ErrorIs(t, err, syscall.ECONNREFUSED)
		}
	}
	sctptest.Eventually(t, func() bool {
		ids, err := m.Assocs()
		return err == nil && len(ids) == 0 && sctp.SetUps(m) == 0
	}, "no association, no set-up")
	require.NoError(t, m.Close())
	sctptest.Receive(t, done)
}

// A reader that takes the outcome of a set-up from the queue tells the Connect that waits:
// the poller may look at the queue when it is empty again.
func TestMultiConnConnectIsToldByReaders(t *testing.T) {
	for _, state := range []sctp.AssocChangeState{sctp.AssocCommUp, sctp.AssocCantStart, sctp.AssocCommLost} {
		woken, err := sctp.MeetWhileConnecting(&sctp.AssocChange{Assoc: 7, State: state})
		require.NoError(t, err, "it is Connect that reports it")
		require.True(t, woken, state.String())
	}
}

// While nobody reads, a Connect that has failed leaves nothing behind, and of set-ups that
// nobody waits for only so many.
func TestMultiConnFailedSetUpsAreBounded(t *testing.T) {
	sctptest.NeedKernel(t)
	raddr := sctptest.FreeAddr(t, "sctp4", "127.0.0.1:0")
	m := sctptest.ListenMulti(t, sctp.ListenConfig{}, "sctp4", "127.0.0.1:0")
	for range 10 {
		_, err := m.Connect(context.Background(), raddr)
		require.ErrorIs(t, err, syscall.ECONNREFUSED)
	}
	require.Zero(t, sctp.SetUps(m))
	for range 3 * sctp.MaxUnread {
		if _, err := m.StartConnect(raddr); !errors.Is(err, syscall.EALREADY) {
			require.NoError(t, err)
		}
	}
	require.LessOrEqual(t, sctp.SetUps(m), 2*sctp.MaxUnread)
}

// A peer that gives a cause has refused, however late that is read.
func TestMultiConnRefusalThatIsReadLate(t *testing.T) {
	require.ErrorIs(t, sctp.MeetLate(&sctp.AssocChange{Assoc: 7, State: sctp.AssocCantStart, Cause: sctp.CauseOutOfResource}), syscall.ECONNREFUSED)
	require.ErrorIs(t, sctp.MeetLate(&sctp.AssocChange{Assoc: 7, State: sctp.AssocCantStart}), syscall.ETIMEDOUT)
}
