package sctp_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/netsctp/sctp"
	"github.com/netsctp/sctp/internal/sctptest"
)

// restart has the client forget its association, whose network is off, and begin anew
// from the same port; its next message has arrived.
//
// If the server has read a part of a message then, Linux drops what else it has of that,
// but still waits for its end (sctp_assoc_update in associola.c leaves ulpq->pd_mode as it
// is). What comes meanwhile it holds back: events and short messages in the socket's
// pd_lobby (sctp_ulpq_tail_event in ulpqueue.c), the AssocChange that tells of the restart
// first of all, and long messages in the association's queue (sctp_ulpq_retrieve_partial
// sees a first fragment and gives up). Only sctp_ulpq_abort_pd ends that: when the
// association is lost, and when the peer gives up a message with partial reliability or
// either end resets the association. After a SHUTDOWN nobody gets what was held back.
//
// The server must have read what there is: Linux offers the window of the old association
// to the new one (sctp_tietags_populate in sm_statefuns.c), and refuses one of less than
// 1500 bytes (sctp_verify_init in sm_make_chunk.c).
func (c stalledConn) restart(t *testing.T) (again *sctp.Conn) {
	t.Helper()
	require.NoError(t, c.Abort())
	c.resume(t)
	require.NoError(t, c.ns.Do(func() (err error) {
		again, err = sctp.DialSCTP("sctp4", c.LocalAddr().(*sctp.Addr), c.RemoteAddr().(*sctp.Addr))
		return err
	}))
	t.Cleanup(func() { again.Abort() })
	_, err := again.WriteMsg([]byte("next"), nil)
	require.NoError(t, err)
	sctptest.Eventually(t, func() bool {
		st, err := again.Options().Status()
		return err == nil && st.UnackedData == 0
	}, "acknowledgement of the message")
	return again
}

// restartedAmid returns an association whose client has restarted amid a message, of
// which the server has read with read what there was, and the new one of the client.
func restartedAmid(t *testing.T, peeled bool, read func(server *sctp.Conn) error, events ...sctp.EventType) (server, again *sctp.Conn) {
	t.Helper()
	var client stalledConn
	if peeled {
		var m *sctp.MultiConn
		client, m = stalledMultiPair(t)
		var err error
		server, err = m.PeelOff(onlyAssoc(t, m))
		require.NoError(t, err)
		t.Cleanup(func() { server.Abort() })
	} else {
		client, server = stalledPair(t)
		writeStalled(t, client, pattern(100000, 3))
	}
	require.NoError(t, server.Subscribe(events...))
	readRest(t, server, func() error { return read(server) })
	again = client.restart(t)
	readRest(t, server, func() error { return read(server) })
	return server, again
}

// readRest reads what has come of a message that does not end, until it waits for more.
func readRest(t *testing.T, s interface{ SetReadDeadline(time.Time) error }, read func() error) {
	t.Helper()
	done := make(chan error, 1)
	go func() {
		for {
			if err := read(); err != nil {
				done <- err
				return
			}
		}
	}()
	sctptest.AwaitParked(t, 1)
	require.NoError(t, s.SetReadDeadline(time.Now()))
	require.ErrorIs(t, sctptest.Receive(t, done), os.ErrDeadlineExceeded)
	require.NoError(t, s.SetReadDeadline(time.Time{}))
}

var partReaders = []struct {
	name string
	read func(c *sctp.Conn) error
}{
	{"Read", func(c *sctp.Conn) error { _, err := c.Read(make([]byte, 10000)); return err }},
	{"ReadMsg", func(c *sctp.Conn) error {
		m, err := c.ReadMsg(make([]byte, 10000))
		if m.EOR {
			return errors.New("the end of a message")
		}
		return err
	}},
	{"Messages", func(c *sctp.Conn) error {
		for _, err := range c.Messages(200000) {
			if err != nil {
				return err
			}
			return errors.New("a whole message")
		}
		return errors.New("the end in good order")
	}},
}

// A read waits for the rest of the message, up to its deadline, and learns of the restart
// when the new association ends, however that does.
func TestPromise1RestartAmidAMessageIsToldAtTheEnd(t *testing.T) {
	for name, end := range map[string]func(t *testing.T, again *sctp.Conn) error{
		"PeerAborts":    func(t *testing.T, again *sctp.Conn) error { return again.Abort() },
		"PeerShutsDown": func(t *testing.T, again *sctp.Conn) error { return again.Shutdown(context.Background()) },
	} {
		for _, tt := range partReaders {
			for _, peeled := range []bool{false, true} {
				t.Run(fmt.Sprintf("%s/%s/peeled=%v", name, tt.name, peeled), func(t *testing.T) {
					server, again := restartedAmid(t, peeled, tt.read)
					done := make(chan error, 1)
					go func() { done <- tt.read(server) }()
					sctptest.AwaitParked(t, 1)
					require.NoError(t, end(t, again))
					if peeled && name == "PeerShutsDown" { // Linux wakes no reader then
						sctptest.AwaitEnd(t, server)
						require.NoError(t, server.SetReadDeadline(time.Now()))
						require.ErrorIs(t, sctptest.Receive(t, done), os.ErrDeadlineExceeded)
						require.NoError(t, server.SetReadDeadline(time.Time{}))
						done <- tt.read(server)
					}
					err := sctptest.Receive(t, done)
					for range 2 {
						var ae *sctp.AssocError
						require.ErrorAs(t, err, &ae)
						require.Equal(t, sctp.AssocRestart, ae.State)
						require.ErrorIs(t, err, syscall.ECONNRESET)
						err = tt.read(server)
					}
					_, err = server.Write([]byte("x"))
					require.ErrorIs(t, err, syscall.ECONNRESET)
				})
			}
		}
	}
}

// Nor does Shutdown take the end of the new association for the delivery of what was written
// to the old one.
func TestConnShutdownAfterARestartAmidAMessage(t *testing.T) {
	for _, tt := range partReaders {
		for _, peeled := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s/peeled=%v", tt.name, peeled), func(t *testing.T) {
				server, again := restartedAmid(t, peeled, tt.read)
				done := make(chan error, 1)
				ctx, cancel := context.WithTimeout(context.Background(), sctptest.Wait)
				defer cancel()
				go func() { done <- again.Shutdown(ctx) }() // the two may cross
				require.ErrorIs(t, server.Shutdown(ctx), syscall.ECONNRESET)
				sctptest.Receive(t, done)
			})
		}
	}
}

// Those who asked to be told get everything, in order, if the new association is lost.
func TestConnRestartAmidAMessageShownAtTheEnd(t *testing.T) {
	server, again := restartedAmid(t, false, partReaders[1].read, sctp.EventAssocChange, sctp.EventPartialDelivery)
	require.NoError(t, again.Abort())
	nextEvent[*sctp.PartialDelivery](t, server)
	require.Equal(t, sctp.AssocRestart, nextEvent[*sctp.AssocChange](t, server).State)
	m, err := server.ReadMsg(make([]byte, 100))
	require.NoError(t, err)
	require.Equal(t, "next", string(m.Data))
	require.Equal(t, sctp.AssocCommLost, nextEvent[*sctp.AssocChange](t, server).State)
	_, err = server.ReadMsg(make([]byte, 100))
	require.ErrorIs(t, err, syscall.ECONNRESET)
}

// An end in good order after CloseRead amid a message is one.
func TestConnCloseReadAmidAMessage(t *testing.T) {
	client, server := stalledPair(t)
	writeStalled(t, client, pattern(100000, 3))
	readRest(t, server, func() error { return partReaders[1].read(server) })
	require.NoError(t, server.CloseRead())
	client.resume(t)
	require.NoError(t, client.Shutdown(context.Background()))
	_, err := io.ReadAll(server)
	require.NoError(t, err)
}

// Of a one-to-many socket, other associations go on. What was held back comes when the
// association is lost: the program can see to that with Abort.
func TestMultiConnRestartAmidAMessageIsToldWhenTheAssociationIsLost(t *testing.T) {
	for _, tt := range []struct {
		name string
		end  func(t *testing.T, server *sctp.MultiConn, id sctp.AssocID, again *sctp.Conn) error
		told bool
	}{
		{"Abort", func(_ *testing.T, server *sctp.MultiConn, id sctp.AssocID, _ *sctp.Conn) error {
			return server.AbortAssoc(id, nil)
		}, true},
		{"PeerAborts", func(_ *testing.T, _ *sctp.MultiConn, _ sctp.AssocID, again *sctp.Conn) error { return again.Abort() }, true},
		{"PeerShutsDown", func(t *testing.T, _ *sctp.MultiConn, _ sctp.AssocID, again *sctp.Conn) error {
			return again.Shutdown(context.Background())
		}, false},
	} {
		for _, subscribe := range []bool{false, true} {
			name := tt.name
			if subscribe {
				name += "Subscribed"
			}
			t.Run(name, func(t *testing.T) {
				client, server := stalledMultiPair(t)
				id := onlyAssoc(t, server)
				readRest(t, server, func() error {
					m, err := server.ReadMsg(make([]byte, 10000))
					require.False(t, m.EOR)
					return err
				})
				require.NoError(t, server.SetReadDeadline(time.Now().Add(sctptest.Wait)))
				if subscribe {
					require.NoError(t, server.Subscribe(sctp.EventAssocChange, sctp.EventPartialDelivery))
				}
				again := client.restart(t)
				var other *sctp.Conn
				require.NoError(t, client.ns.Do(func() (err error) {
					other, err = sctp.DialSCTP("sctp4", nil, client.RemoteAddr().(*sctp.Addr))
					return err
				}))
				t.Cleanup(func() { other.Abort() })
				// next returns what comes other than the rest of the part and of the other
				// association's set-up.
				next := func() (sctp.Message, error) {
					for {
						m, err := server.ReadMsg(make([]byte, 1000))
						ev, ok := m.Event.(*sctp.AssocChange)
						if err != nil || m.EOR && !(ok && ev.State == sctp.AssocCommUp) {
							return m, err
						}
						require.True(t, ok || m.Info.Assoc == id)
					}
				}
				requireOther := func(text string) {
					t.Helper()
					_, err := other.WriteMsg([]byte(text), nil)
					require.NoError(t, err)
					m, err := next()
					require.NoError(t, err)
					require.Equal(t, text, string(m.Data), "%+v", m)
					require.NotEqual(t, id, m.Info.Assoc)
				}
				requireOther("not held back")

				require.NoError(t, tt.end(t, server, id, again))
				if tt.told {
					m, err := next()
					require.Equal(t, id, concerned(m, err))
					if subscribe {
						require.NoError(t, err)
						require.IsType(t, (*sctp.PartialDelivery)(nil), m.Event)
						require.Equal(t, sctp.AssocRestart, nextAssocChange(t, server, sctp.AssocRestart).State)
					} else {
						require.ErrorIs(t, err, syscall.EBADMSG)
					}
					m, err = next()
					require.NoError(t, err)
					require.Equal(t, "next", string(m.Data))
					require.Equal(t, id, m.Info.Assoc)
					if subscribe {
						nextAssocChange(t, server, sctp.AssocCommLost)
					}
				}
				requireOther("after the end")
				ids, err := server.Assocs()
				require.NoError(t, err)
				require.False(t, slices.Contains(ids, id))
			})
		}
	}
}
