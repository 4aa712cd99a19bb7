package endings_test

import (
	"io"
	"net"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/netsctp/sctp"
	"github.com/netsctp/sctp/internal/sctptest"
)

// The association may have ended before anybody accepts it.
func TestPromise1PeerGoneBeforeAccept(t *testing.T) {
	for _, tt := range []struct {
		name  string
		leave func(c *sctp.Conn) error
		read  error
	}{
		{"Close", (*sctp.Conn).Close, io.EOF},
		{"Abort", (*sctp.Conn).Abort, syscall.ECONNRESET},
	} {
		for _, o := range append(readOps, writeOps...) {
			t.Run(tt.name+"/"+o.name, func(t *testing.T) {
				l := sctptest.Listen(t, sctp.ListenConfig{}, "sctp4", "127.0.0.1:0")
				nc, err := sctp.Dial("sctp4", l.Addr().String())
				require.NoError(t, err)
				client := nc.(*sctp.Conn)
				laddr := client.LocalAddr().(*sctp.Addr)
				require.NoError(t, tt.leave(client))
				sctptest.NoLiveAssocs(t, laddr.Port)
				c, err := l.AcceptSCTP()
				require.NoError(t, err)
				defer c.Close()
				require.Equal(t, laddr.String(), c.RemoteAddr().String())
				require.Equal(t, l.Addr().String(), c.LocalAddr().String())
				sctptest.AwaitEnd(t, c) // /proc may have missed one: its walk does while tables grow
				err = o.call(c)
				if o.want(&ending{write: net.ErrClosed}) != nil {
					// The kernel gave the reset to the listener: a writer cannot know
					// before a reader has passed the event.
					require.ErrorIs(t, err, syscall.EPIPE)
				}
				err = readOps[0].call(c)
				require.ErrorIs(t, err, tt.read)
				err = writeOps[0].call(c)
				if tt.read == io.EOF {
					require.ErrorIs(t, err, syscall.EPIPE)
				} else {
					require.ErrorIs(t, err, syscall.ECONNRESET)
				}
			})
		}
	}
}

// A listener that closes ends what was not accepted: in good order, or with an ABORT
// if data came in.
func TestPromise1ListenerClosedBeforeAccept(t *testing.T) {
	for _, tt := range []struct {
		name string
		data string
		read error
	}{
		{"Idle", "", io.EOF},
		{"WithData", "unread", syscall.ECONNRESET},
	} {
		for _, o := range readOps {
			t.Run(tt.name+"/"+o.name, func(t *testing.T) {
				l := sctptest.Listen(t, sctp.ListenConfig{}, "sctp4", "127.0.0.1:0")
				nc, err := sctp.Dial("sctp4", l.Addr().String())
				require.NoError(t, err)
				c := nc.(*sctp.Conn)
				defer c.Close()
				if tt.data != "" {
					_, err := c.Write([]byte(tt.data))
					require.NoError(t, err)
				}
				done := make(chan error, 1)
				go func() { done <- o.call(c) }()
				sctptest.AwaitParked(t, 1)
				require.NoError(t, l.Close())
				require.ErrorIs(t, sctptest.Receive(t, done), tt.read)
			})
		}
	}
}
