package sctp_test

import (
	"context"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/netsctp/sctp"
	"github.com/netsctp/sctp/internal/sctptest"
)

// Input that any association has left unread turns the end of all into an ABORT.
func TestMultiConnCloseWithUnreadInput(t *testing.T) {
	for _, unread := range []bool{false, true} {
		m := sctptest.ListenMulti(t, sctp.ListenConfig{}, "sctp4", "127.0.0.1:0")
		var conns []*sctp.Conn
		for range 2 {
			c, err := sctp.Dial("sctp4", m.LocalAddr().String())
			require.NoError(t, err)
			defer c.Close()
			conns = append(conns, c.(*sctp.Conn))
		}
		if unread {
			_, err := conns[0].Write([]byte("unread"))
			require.NoError(t, err)
			sctptest.Eventually(t, func() bool {
				st, err := conns[0].Options().Status()
				return err == nil && st.UnackedData == 0
			}, "acknowledgement")
		}
		require.NoError(t, m.Close())
		for _, c := range conns {
			_, err := c.Read(make([]byte, 1))
			if unread {
				require.ErrorIs(t, err, syscall.ECONNRESET)
			} else {
				require.ErrorContains(t, err, "EOF")
			}
		}
	}
}

// Subscribe and Unsubscribe concern the associations that are there and those that come.
func TestMultiConnSubscribe(t *testing.T) {
	client, server, id, _ := multiPair(t)
	require.NoError(t, server.Unsubscribe(sctp.EventAssocChange))
	second, err := client.Connect(context.Background(), sctptest.ListenMulti(t, sctp.ListenConfig{}, "sctp4", "127.0.0.1:0").LocalAddr().(*sctp.Addr))
	require.NoError(t, err)
	for _, on := range []bool{true, false} {
		change := server.Unsubscribe
		if on {
			change = server.Subscribe
		}
		require.NoError(t, change(sctp.EventAssocChange, sctp.EventShutdown))
		require.NoError(t, client.StartShutdown(id))
		if on {
			msg, err := server.ReadMsg(make([]byte, 100))
			require.NoError(t, err)
			require.IsType(t, (*sctp.Shutdown)(nil), msg.Event)
			nextAssocChange(t, server, sctp.AssocShutdownComp)
		}
		id, err = client.Connect(context.Background(), server.LocalAddr().(*sctp.Addr))
		require.NoError(t, err)
		if on {
			nextAssocChange(t, server, sctp.AssocCommUp)
		} else {
			requireSilence(t, server)
		}
	}
	require.NotEqual(t, id, second)
	require.ErrorIs(t, server.Subscribe(sctp.EventType(1)), syscall.EINVAL)
}
