package dialing_test

import (
	"context"
	"errors"
	"net"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/netsctp/sctp"
	"github.com/netsctp/sctp/internal/sctptest"
)

// What the fields say is applied in their order: buffers and InitMsg, then Control,
// which sees a socket that is not bound yet, then Events.
func TestDialControl(t *testing.T) {
	l4 := sctptest.Listen(t, sctp.ListenConfig{}, "sctp4", "127.0.0.1:0")
	l6 := sctptest.Listen(t, sctp.ListenConfig{}, "sctp6", "[::1]:0")
	type key struct{}
	for _, tt := range []struct {
		l           *sctp.Listener
		network     string
		wantNetwork string
	}{
		{l4, "sctp", "sctp4"}, {l4, "sctp4", "sctp4"}, {l6, "sctp", "sctp6"}, {l6, "sctp6", "sctp6"},
	} {
		calls := 0
		var initMsg sctp.InitMsg
		var noDelay bool
		var local *sctp.Addr
		control := func(network, address string, c syscall.RawConn) (err error) {
			calls++
			require.Equal(t, tt.wantNetwork, network)
			require.Equal(t, tt.l.Addr().String(), address)
			o := sctp.NewOptions(c)
			if initMsg, err = o.InitMsg(); err != nil {
				return err
			}
			if noDelay, err = o.NoDelay(); err != nil {
				return err
			}
			if local, err = o.LocalAddrs(); err != nil {
				return err
			}
			return o.SetNoDelay(false)
		}
		d := sctp.Dialer{InitMsg: sctp.InitMsg{OutStreams: 77}, Control: control}
		c, err := d.Dial(tt.network, tt.l.Addr().String())
		require.NoError(t, err)
		require.Equal(t, 1, calls)
		require.Equal(t, uint16(77), initMsg.OutStreams, "InitMsg was applied before")
		require.True(t, noDelay, "the defaults were applied before")
		require.Zero(t, local.Port, "it was not bound before")
		noDelay, err = c.(*sctp.Conn).Options().NoDelay()
		require.NoError(t, err)
		require.False(t, noDelay, "what Control sets holds")
		require.NoError(t, c.Close())

		d.ControlContext = func(ctx context.Context, network, address string, c syscall.RawConn) error {
			require.Equal(t, "value", ctx.Value(key{}))
			return control(network, address, c)
		}
		d.Control = func(string, string, syscall.RawConn) error { return errors.New("both were called") }
		c, err = d.DialContext(context.WithValue(context.Background(), key{}, "value"), tt.network, tt.l.Addr().String())
		require.NoError(t, err)
		require.Equal(t, 2, calls)
		require.NoError(t, c.Close())
	}
}

func TestDialControlError(t *testing.T) {
	check := sctptest.Leaks(t)
	bad := errors.New("no")
	d := sctp.Dialer{Control: func(string, string, syscall.RawConn) error { return bad }}
	c, err := d.Dial("sctp", "127.0.0.1:9")
	require.Equal(t, nil, c)
	require.ErrorIs(t, err, bad)
	var oe *net.OpError
	require.ErrorAs(t, err, &oe)
	require.Equal(t, "dial", oe.Op)
	lc := sctp.ListenConfig{Control: d.Control}
	l, err := lc.Listen(context.Background(), "sctp", "127.0.0.1:0")
	require.Equal(t, nil, l)
	require.ErrorIs(t, err, bad)
	check()
}

func TestDialInitMsg(t *testing.T) {
	d := sctp.Dialer{InitMsg: sctp.InitMsg{OutStreams: 7, MaxInStreams: 5}}
	lc := sctp.ListenConfig{InitMsg: sctp.InitMsg{OutStreams: 20, MaxInStreams: 3}}
	client, server := sctptest.PairOf(t, d, lc, "sctp4", "127.0.0.1:0")
	st, err := client.Options().Status()
	require.NoError(t, err)
	require.Equal(t, [2]uint16{3, 5}, [2]uint16{st.OutStreams, st.InStreams})
	require.Equal(t, sctp.StateEstablished, st.State)
	st, err = server.Options().Status()
	require.NoError(t, err)
	require.Equal(t, [2]uint16{5, 3}, [2]uint16{st.OutStreams, st.InStreams})

	// Promise 11: without InitMsg it is the kernel's counts.
	client, _ = sctptest.Pair(t)
	st, err = client.Options().Status()
	require.NoError(t, err)
	require.Equal(t, [2]uint16{10, 10}, [2]uint16{st.OutStreams, st.InStreams})
}

func TestDialBadInitMsg(t *testing.T) {
	sctptest.NeedKernel(t)
	for _, d := range []time.Duration{-time.Second, 66 * time.Second} {
		_, err := (&sctp.Dialer{InitMsg: sctp.InitMsg{MaxTimeout: d}}).Dial("sctp", "127.0.0.1:9")
		require.ErrorIs(t, err, syscall.EINVAL)
		_, err = (&sctp.ListenConfig{InitMsg: sctp.InitMsg{MaxTimeout: d}}).Listen(context.Background(), "sctp", "127.0.0.1:0")
		require.ErrorIs(t, err, syscall.EINVAL)
	}
	_, err := (&sctp.Dialer{Events: []sctp.EventType{1}}).Dial("sctp", "127.0.0.1:9")
	require.ErrorIs(t, err, syscall.EINVAL)
}

// The AssocCommUp of the set-up is shown to those who asked for it before.
func TestDialEventsFromTheStart(t *testing.T) {
	events := []sctp.EventType{sctp.EventAssocChange}
	client, server := sctptest.PairOf(t, sctp.Dialer{Events: events}, sctp.ListenConfig{Events: events}, "sctp4", "127.0.0.1:0")
	for _, c := range []*sctp.Conn{client, server} {
		m, err := c.ReadMsg(make([]byte, 8))
		require.NoError(t, err)
		ev, ok := m.Event.(*sctp.AssocChange)
		require.True(t, ok, "%v", m)
		require.Equal(t, sctp.AssocCommUp, ev.State)
		require.Equal(t, uint16(10), ev.OutStreams)
		require.Empty(t, m.Data)
	}

	client, server = sctptest.Pair(t)
	for _, c := range []*sctp.Conn{client, server} {
		require.NoError(t, c.Subscribe(events...))
		_, err := c.Write([]byte("x"))
		require.NoError(t, err)
	}
	for _, c := range []*sctp.Conn{client, server} {
		m, err := c.ReadMsg(make([]byte, 8))
		require.NoError(t, err)
		require.Nil(t, m.Event)
		require.Equal(t, "x", string(m.Data))
	}
}

func TestDialBuffers(t *testing.T) {
	client, server := sctptest.PairOf(t, sctp.Dialer{ReadBuffer: 20_000, WriteBuffer: 10_000},
		sctp.ListenConfig{ReadBuffer: 30_000, WriteBuffer: 15_000}, "sctp4", "127.0.0.1:0")
	info, err := client.Options().AssocInfo()
	require.NoError(t, err)
	require.Equal(t, [2]int{20_000, 30_000}, [2]int{info.LocalRwnd, info.PeerRwnd}, "half of what the kernel made of it")
	for c, size := range map[*sctp.Conn]int{client: 20_000, server: 30_000} {
		_, err = c.WriteMsg(make([]byte, size+1), nil)
		require.ErrorIs(t, err, syscall.EMSGSIZE)
		_, err = c.WriteMsg(make([]byte, size), nil)
		require.NoError(t, err)
	}
	_, err = (&sctp.Dialer{ReadBuffer: -1}).Dial("sctp", "127.0.0.1:9")
	require.ErrorIs(t, err, syscall.EINVAL)
	_, err = (&sctp.Dialer{WriteBuffer: -1}).Dial("sctp", "127.0.0.1:9")
	require.ErrorIs(t, err, syscall.EINVAL)
}

func TestDialNoDelayByDefault(t *testing.T) {
	client, server := sctptest.Pair(t)
	for _, c := range []*sctp.Conn{client, server} {
		on, err := c.Options().NoDelay()
		require.NoError(t, err)
		require.True(t, on)
	}
}
