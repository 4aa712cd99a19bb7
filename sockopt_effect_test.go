package sctp_test

import (
	"bytes"
	"errors"
	"net/netip"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/netsctp/sctp"
	"github.com/netsctp/sctp/internal/sctptest"
)

// control returns a Control function that calls f.
func control(f func(o sctp.Options) error) func(string, string, syscall.RawConn) error {
	return func(_, _ string, c syscall.RawConn) error { return f(sctp.NewOptions(c)) }
}

// port returns the local port of c.
func port(c *sctp.Conn) uint16 { return c.LocalAddr().(*sctp.Addr).Port }

func TestOptionsContextComesWithMessages(t *testing.T) {
	client, server := sctptest.Pair(t)
	require.NoError(t, server.Options().SetContext(0x0a0b0c0d))
	_, err := client.WriteMsg([]byte("m"), &sctp.SndInfo{Context: 1})
	require.NoError(t, err)
	m, err := server.ReadMsg(make([]byte, 10))
	require.NoError(t, err)
	require.Equal(t, uint32(0x0a0b0c0d), m.Info.Context)
}

func TestOptionsAdaptationLayerReachesThePeer(t *testing.T) {
	w := sctptest.NewWire(t)
	sends := control(func(o sctp.Options) error { return o.SetAdaptationLayer(0x0a0b0c0d) })
	events := []sctp.EventType{sctp.EventAdaptationIndication}
	client, server := sctptest.PairOf(t, sctp.Dialer{Control: sends}, sctp.ListenConfig{Events: events}, "sctp4", "127.0.0.1:0")
	m, err := server.ReadMsg(make([]byte, 10))
	require.NoError(t, err)
	require.Equal(t, sctp.EventAdaptationIndication, m.Event.Type())
	init := w.Packet(port(client), port(server), func(p []byte) bool { return p[12] == 1 })
	require.True(t, bytes.Contains(init, []byte{0xc0, 6, 0, 8, 0x0a, 0x0b, 0x0c, 0x0d}), "% x", init)

	// 0 is not sent: the first that the server reads is the message.
	client, server = sctptest.PairOf(t, sctp.Dialer{}, sctp.ListenConfig{Events: events}, "sctp4", "127.0.0.1:0")
	_, err = client.Write([]byte("m"))
	require.NoError(t, err)
	m, err = server.ReadMsg(make([]byte, 10))
	require.NoError(t, err)
	require.Nil(t, m.Event)
}

func TestOptionsMaxSeg(t *testing.T) {
	l := sctptest.Listen(t, sctp.ListenConfig{}, "sctp4", "127.0.0.1:0")
	roundTrip(sctp.Options.SetMaxSeg, sctp.Options.MaxSeg, 600, 0)(t, l.Options())

	var set int
	client, server := sctptest.Connect(t, sctp.Dialer{Control: control(func(o sctp.Options) error {
		err := o.SetMaxSeg(1000)
		if err == nil {
			set, err = o.MaxSeg()
		}
		return err
	})}, l)
	require.Equal(t, 1000, set)
	st, err := client.Options().Status()
	require.NoError(t, err)
	require.Equal(t, 1000, st.FragPoint)
	for _, c := range []*sctp.Conn{client, server} {
		require.NoError(t, c.Options().SetMaxSeg(600))
		got, err := c.Options().MaxSeg()
		require.NoError(t, err)
		require.Equal(t, 600, got)
		require.NoError(t, c.Options().SetMaxSeg(0))
		got, err = c.Options().MaxSeg() // what fits a packet, not what was set
		require.NoError(t, err)
		require.Greater(t, got, 1000)
		st, err := c.Options().Status()
		require.NoError(t, err)
		require.Equal(t, got, st.FragPoint)
	}
}

func TestOptionsDelayedSACKAcknowledgesAtOnce(t *testing.T) {
	client, server := sctptest.Pair(t)
	require.NoError(t, server.Options().SetDelayedSACK(sctp.SACKInfo{Freq: 1}))
	before, err := server.Options().AssocStats()
	require.NoError(t, err)
	const n = 10
	for range n {
		_, err := client.Write([]byte("m"))
		require.NoError(t, err)
		_, err = server.Read(make([]byte, 10))
		require.NoError(t, err)
	}
	sctptest.Eventually(t, func() bool {
		after, err := server.Options().AssocStats()
		return err == nil && after.OutSACKs-before.OutSACKs >= n
	}, "a SACK for each packet")
}

func TestOptionsDefaultPRInfoGivesMessagesUp(t *testing.T) {
	client, server := stalledPair(t)
	require.NoError(t, client.Options().SetAssocInfo(sctp.AssocInfo{MaxRetrans: 1000}))
	require.NoError(t, client.Options().SetDefaultPRInfo(sctp.PRInfo{Policy: sctp.PRRTX})) // never sent again
	require.NoError(t, client.ns.Loopback(false))
	_, err := client.WriteMsg([]byte("lost"), nil)
	require.NoError(t, err)
	sctptest.Eventually(t, func() bool {
		st, err := client.Options().Status()
		return err == nil && st.Primary.State != sctp.PathActive
	}, "a timeout")
	client.resume(t)
	_, err = client.WriteMsg([]byte("next"), nil)
	require.NoError(t, err)
	require.NoError(t, server.SetReadDeadline(time.Now().Add(sctptest.Wait)))
	m, err := server.ReadMsg(make([]byte, 10))
	require.NoError(t, err)
	require.Equal(t, "next", string(m.Data))
}

func TestOptionsAutoASCONF(t *testing.T) {
	const text = "setsockopt SCTP_AUTO_ASCONF: invalid argument (needs a socket that is bound to the unspecified address)"
	client, server := sctptest.Pair(t)
	roundTrip(sctp.Options.SetAutoASCONF, sctp.Options.AutoASCONF, true, false)(t, client.Options())
	requireOptionError(t, server.Options().SetAutoASCONF(true), syscall.EINVAL, text)
	l := sctptest.Listen(t, sctp.ListenConfig{}, "sctp4", ":0")
	roundTrip(sctp.Options.SetAutoASCONF, sctp.Options.AutoASCONF, true, false)(t, l.Options())
	_, err := (&sctp.Dialer{Control: control(func(o sctp.Options) error { return o.SetAutoASCONF(true) })}).Dial("sctp4", "127.0.0.1:9")
	requireOptionError(t, err, syscall.EINVAL, text)
}

func TestOptionsReusePort(t *testing.T) {
	l := sctptest.Listen(t, sctp.ListenConfig{}, "sctp4", "127.0.0.1:0")
	other := sctptest.Listen(t, sctp.ListenConfig{}, "sctp4", "127.0.0.1:0")
	reuse := sctp.Dialer{Control: control(func(o sctp.Options) error {
		err := o.SetReusePort(true)
		on, gerr := o.ReusePort()
		if !on {
			err = errors.Join(err, gerr, errors.New("SCTP_REUSE_PORT is off"))
		}
		return err
	})}
	first, _ := sctptest.Connect(t, reuse, l)
	reuse.LocalAddr = first.LocalAddr().(*sctp.Addr)
	second, _ := sctptest.Connect(t, reuse, other)
	require.Equal(t, first.LocalAddr().String(), second.LocalAddr().String())
	_, err := (&sctp.Dialer{LocalAddr: reuse.LocalAddr}).Dial("sctp4", other.Addr().String())
	require.ErrorIs(t, err, syscall.EADDRINUSE)

	const text = "setsockopt SCTP_REUSE_PORT: bad address (only before the socket is bound: in a Control function)"
	requireOptionError(t, first.Options().SetReusePort(true), syscall.EFAULT, text)
	requireOptionError(t, l.Options().SetReusePort(true), syscall.EFAULT, text)
}

// What an association has is what both ends had before it.
func TestOptionsSupportedAtBothEnds(t *testing.T) {
	for _, tt := range []struct {
		name string
		set  func(sctp.Options, bool) error
		get  func(sctp.Options) (bool, error)
	}{
		{"ECN", sctp.Options.SetECNSupported, sctp.Options.ECNSupported},
		{"ASCONF", sctp.Options.SetASCONFSupported, sctp.Options.ASCONFSupported},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if !sctptest.Netns(t) {
				return
			}
			sctptest.Sysctl(t, "net/sctp/addip_noauth_enable", "1")
			set := func(on bool) func(string, string, syscall.RawConn) error {
				return control(func(o sctp.Options) error {
					err := tt.set(o, on)
					if got, gerr := tt.get(o); got != on {
						err = errors.Join(err, gerr, errors.New("it is not as set"))
					}
					return err
				})
			}
			for _, on := range []bool{true, false} {
				for _, peer := range []bool{true, false} {
					l := sctptest.Listen(t, sctp.ListenConfig{Control: set(peer)}, "sctp4", "127.0.0.1:0")
					got, err := tt.get(l.Options())
					require.NoError(t, err)
					require.Equal(t, peer, got)
					client, _ := sctptest.Connect(t, sctp.Dialer{Control: set(on)}, l)
					got, err = tt.get(client.Options())
					require.NoError(t, err)
					require.Equal(t, on && peer, got, "client %v, server %v", on, peer)
					require.NoError(t, tt.set(client.Options(), !on)) // for later associations
					got, err = tt.get(client.Options())
					require.NoError(t, err)
					require.Equal(t, on && peer, got)
				}
			}
		})
	}
}

// From the point on, the kernel delivers what there is of a message; without one, a
// message that fits the window is delivered whole.
func TestOptionsPartialDeliveryPointCutsMessages(t *testing.T) {
	const size, point = 60000, 8000
	for _, cut := range []bool{false, true} {
		client, server := sctptest.Pair(t)
		if cut {
			require.NoError(t, server.Options().SetPartialDeliveryPoint(point))
		}
		_, err := client.WriteMsg(make([]byte, size), nil)
		require.NoError(t, err)
		sctptest.Eventually(t, func() bool {
			st, err := client.Options().Status()
			return err == nil && st.UnackedData == 0
		}, "acknowledgement of the message")
		n, err := server.Read(make([]byte, 2*size)) // of one piece at most
		require.NoError(t, err)
		if cut {
			require.GreaterOrEqual(t, n, point)
			require.Less(t, n, size)
		} else {
			require.Equal(t, size, n)
		}
	}
}

// An address that the host gets becomes a path of the association.
func TestOptionsAutoASCONFAddsTheHostsAddresses(t *testing.T) {
	if !sctptest.Netns(t) {
		return
	}
	sctptest.Hole(t)
	sctptest.Sysctl(t, "net/sctp/addip_noauth_enable", "1")
	asconf := control(func(o sctp.Options) error { return o.SetASCONFSupported(true) })
	client, server := sctptest.PairOf(t, sctp.Dialer{Control: asconf}, sctp.ListenConfig{Control: asconf}, "sctp4", "192.0.2.1:0")
	require.NoError(t, client.Options().SetAutoASCONF(true))
	require.NoError(t, server.Subscribe(sctp.EventPeerAddrChange))
	added := netip.MustParsePrefix("198.51.100.1/24")
	sctptest.Device(t, "more", added)
	require.NoError(t, server.SetReadDeadline(time.Now().Add(sctptest.Wait)))
	for { // others may be added before
		ev := nextEvent[*sctp.PeerAddrChange](t, server)
		if ev.State == sctp.AddrAdded && ev.Addr.Addr() == added.Addr() {
			break
		}
	}
}
