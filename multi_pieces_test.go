package sctp_test

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"os"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/netsctp/sctp"
	"github.com/netsctp/sctp/internal/sctptest"
	"github.com/netsctp/sctp/internal/sys/systest"
)

// halfDelivered returns a one-to-many socket with two peers, of which the first has sent a
// message that fills the window, and gives it up before end if ttl is not zero. On a
// machine that is too slow for ttl it takes a longer one.
func halfDelivered(t *testing.T, ttl time.Duration) (server *sctp.MultiConn, fails, other *sctp.Conn, end time.Time) {
	t.Helper()
	server = sctptest.ListenMulti(t, sctp.ListenConfig{ReadBuffer: 40 << 10, Control: sackAtOnce}, "sctp4", "127.0.0.1:0")
	dial := func(d sctp.Dialer) *sctp.Conn {
		c, err := d.Dial("sctp4", server.LocalAddr().String())
		require.NoError(t, err)
		t.Cleanup(func() { c.(*sctp.Conn).Abort() })
		return c.(*sctp.Conn)
	}
	fails, other = dial(sctp.Dialer{WriteBuffer: 1 << 20, Control: sctptest.ShortTimers}), dial(sctp.Dialer{})
	require.NoError(t, fails.Options().SetAssocInfo(sctp.AssocInfo{MaxRetrans: 1000}))
	if ttl > 0 {
		if !sctptest.WriteExpiring(t, fails, pattern(180000, 1), ttl) {
			return halfDelivered(t, 2*ttl)
		}
		return server, fails, other, time.Now().Add(ttl)
	}
	_, err := fails.WriteMsg(pattern(180000, 1), nil)
	require.NoError(t, err)
	awaitFullWindow(t, fails)
	return server, fails, other, time.Time{}
}

// The peer, or partial reliability, gives a message up amid its delivery. What follows
// is not glued to it, and other associations are not concerned.
func TestMultiConnMessageGivenUp(t *testing.T) {
	if !sctptest.Netns(t) {
		return
	}
	for _, how := range []string{"Abort", "TTL"} {
		for _, tt := range []struct {
			reader    string
			subscribe bool
		}{{"ReadMsg", false}, {"ReadMsg", true}, {"Messages", false}, {"Messages", true}, {"ReadFrom", false}} {
			t.Run(fmt.Sprint(how, tt.reader, tt.subscribe), func(t *testing.T) {
				var ttl time.Duration
				if how == "TTL" {
					ttl = 250 * time.Millisecond
				}
				server, fails, other, end := halfDelivered(t, ttl)
				if tt.subscribe {
					require.NoError(t, server.Subscribe(sctp.EventPartialDelivery))
				}
				var err error
				var part sctp.Message
				if tt.reader == "ReadMsg" {
					part, err = server.ReadMsg(make([]byte, 1000))
					require.NoError(t, err)
					require.False(t, part.EOR)
				}
				if how == "Abort" {
					require.NoError(t, fails.Abort())
				} else {
					sctptest.Eventually(t, func() bool { return time.Now().After(end) }, "end of the lifetime")
					_, err = fails.WriteMsg([]byte("next"), nil)
					require.NoError(t, err)
				}
				_, err = other.WriteMsg([]byte("other"), nil)
				require.NoError(t, err)
				want := map[string]bool{"other": true}
				if how == "TTL" {
					want["next"] = true
				}
				told := tt.reader != "ReadMsg" && !tt.subscribe
				require.NoError(t, server.SetReadDeadline(time.Now().Add(sctptest.Wait)))
				for len(want) > 0 || !told {
					var m sctp.Message
					var err error
					b := make([]byte, 400000)
					switch tt.reader {
					case "ReadMsg":
						m, err = server.ReadMsg(b)
					case "Messages":
						for m, err = range server.Messages(len(b)) {
							break
						}
					case "ReadFrom":
						var n int
						n, _, err = server.ReadFrom(b)
						m.Data, m.EOR = b[:n], true
					}
					_, given := m.Event.(*sctp.PartialDelivery)
					switch {
					case given || errors.Is(err, syscall.EBADMSG):
						require.False(t, told)
						require.Equal(t, tt.subscribe, given)
						if tt.reader == "ReadMsg" {
							require.Equal(t, part.Info.Assoc, concerned(m, err))
						}
						told = true
					case m.EOR:
						require.NoError(t, err)
						require.True(t, want[string(m.Data)], "%d bytes", len(m.Data))
						delete(want, string(m.Data))
					default:
						require.NoError(t, err)
						require.Equal(t, part.Info.Assoc, m.Info.Assoc)
						require.False(t, told)
					}
				}
			})
		}
	}
}

// With I-DATA several messages of an association may be given up at once: each is told.
func TestMultiConnEachMessageGivenUpIsTold(t *testing.T) {
	m := sctptest.ListenMulti(t, sctp.ListenConfig{}, "sctp4", "127.0.0.1:0")
	open := []sctp.RcvInfo{{Assoc: 1, Stream: 1, SSN: 7}, {Assoc: 1, Stream: 2}, {Assoc: 2, Stream: 1}, {Assoc: 1, Stream: 2, Unordered: true, SSN: 9}}
	told := sctp.MeetAmid(m, open, &sctp.AssocChange{Assoc: 1, State: sctp.AssocRestart})
	require.ElementsMatch(t, []sctp.RcvInfo{open[0], open[1], open[3]}, told)
	require.Empty(t, sctp.MeetAmid(m, nil, &sctp.AssocChange{Assoc: 3, State: sctp.AssocCommLost}))
	require.Equal(t, open[2:3], sctp.MeetAmid(m, nil, &sctp.AssocChange{Assoc: 2, State: sctp.AssocCommLost}))
}

// ReadFrom returns as soon as its buffer is full, and what comes of the message later is
// no reader's, here or at what was peeled off.
func TestMultiConnReadFromDropsTheRest(t *testing.T) {
	for _, peeled := range []bool{false, true} {
		t.Run(fmt.Sprint(peeled), func(t *testing.T) {
			client, server := stalledMultiPair(t)
			b := make([]byte, 10)
			n, _, err := server.ReadFrom(b)
			require.NoError(t, err)
			require.Equal(t, len(b), n)
			messages := server.Messages
			if peeled {
				c, err := server.PeelOff(onlyAssoc(t, server))
				require.NoError(t, err)
				t.Cleanup(func() { c.Abort() })
				messages = c.Messages
			}
			client.resume(t)
			_, err = client.WriteMsg([]byte("next"), nil)
			require.NoError(t, err)
			for m, err := range messages(200000) {
				require.NoError(t, err)
				require.Equal(t, "next", string(m.Data))
				break
			}
		})
	}
}

// What is too long for an iterator is told by the Conn that its association becomes.
func TestMultiConnPeelOffAmidALongMessage(t *testing.T) {
	client, server := stalledMultiPair(t)
	require.NoError(t, server.SetReadDeadline(time.Now().Add(100*time.Millisecond)))
	for _, err := range server.Messages(1000) {
		require.ErrorIs(t, err, os.ErrDeadlineExceeded)
	}
	c, err := server.PeelOff(onlyAssoc(t, server))
	require.NoError(t, err)
	defer c.Abort()
	client.resume(t)
	for m, err := range c.Messages(200000) {
		require.ErrorIs(t, err, syscall.EMSGSIZE)
		require.ErrorContains(t, err, "message of 100000 bytes skipped, limit 1000")
		require.Empty(t, m.Data)
		break
	}
}

// Of a message that ReadMsg has begun, ReadFrom and Messages drop the rest: it is no message.
// Then the association can be peeled off.
func TestMultiConnPeelOffAfterAnotherCallHasReadTheEnd(t *testing.T) {
	client, server, id, peer := multiPair(t)
	_, err := client.WriteMsg([]byte("message"), &sctp.SndInfo{Assoc: id})
	require.NoError(t, err)
	m, err := server.ReadMsg(make([]byte, 3))
	require.NoError(t, err)
	require.False(t, m.EOR)
	_, err = client.WriteMsg([]byte("next"), &sctp.SndInfo{Assoc: id})
	require.NoError(t, err)
	b := make([]byte, 10)
	n, _, err := server.ReadFrom(b)
	require.NoError(t, err)
	require.Equal(t, "next", string(b[:n]))
	c, err := server.PeelOff(peer)
	require.NoError(t, err)
	require.NoError(t, c.Close())
}

// What Messages had read of a message comes from the Conn, and its rest.
func TestMultiConnPeelOffAmidAMessage(t *testing.T) {
	client, server := stalledMultiPair(t)
	require.NoError(t, server.SetReadDeadline(time.Now().Add(100*time.Millisecond)))
	for _, err := range server.Messages(200000) {
		require.ErrorIs(t, err, os.ErrDeadlineExceeded)
	}
	id := onlyAssoc(t, server)
	c, err := server.PeelOff(id) // from another network namespace than the socket's
	require.NoError(t, err)
	defer c.Abort()
	client.resume(t)
	for m, err := range c.Messages(200000) {
		require.NoError(t, err)
		require.Equal(t, sha256.Sum256(pattern(100000, 3)), sha256.Sum256(m.Data))
		break
	}
}

// PeelOff may come between a ReadMsg and what an iterator has begun to put together.
func TestMultiConnPeelOffBesideReadMsg(t *testing.T) {
	_, server := stalledMultiPair(t)
	id := onlyAssoc(t, server)
	require.NoError(t, server.SetReadDeadline(time.Now().Add(100*time.Millisecond)))
	for _, err := range server.Messages(200000) {
		require.ErrorIs(t, err, os.ErrDeadlineExceeded)
	}
	require.NoError(t, server.SetReadDeadline(time.Now().Add(100*time.Millisecond)))
	type result struct {
		m   sctp.Message
		err error
	}
	read := make(chan result, 1)
	go func() {
		m, err := server.ReadMsg(make([]byte, 200000))
		read <- result{m, err}
	}()
	c, err := server.PeelOff(id)
	r := sctptest.Receive(t, read)
	if err == nil {
		defer c.Abort()
		require.ErrorIs(t, r.err, os.ErrDeadlineExceeded)
		m, err := c.ReadMsg(make([]byte, 200000))
		require.NoError(t, err)
		require.NotEmpty(t, m.Data)
		require.False(t, m.EOR)
		return
	}
	require.ErrorIs(t, err, syscall.EBUSY)
	require.NoError(t, r.err)
	require.NotEmpty(t, r.m.Data)
}

// stalledMultiPair returns an association whose network is off amid a message of 100000
// bytes to a one-to-many socket.
func stalledMultiPair(t *testing.T) (client stalledConn, server *sctp.MultiConn) {
	t.Helper()
	sctptest.NeedKernel(t)
	ns, err := systest.NewNetns()
	require.NoError(t, err)
	t.Cleanup(ns.Close)
	require.NoError(t, ns.Do(func() error {
		server = sctptest.ListenMulti(t, sctp.ListenConfig{ReadBuffer: 32 << 10}, "sctp4", "127.0.0.1:0")
		c, err := (&sctp.Dialer{Control: sctptest.ShortTimers, WriteBuffer: 200000}).Dial("sctp4", server.LocalAddr().String())
		if err == nil {
			client.Conn = c.(*sctp.Conn)
			t.Cleanup(func() { client.Abort() })
		}
		return err
	}))
	client.ns = ns
	writeStalled(t, client, pattern(100000, 3))
	return client, server
}

// concerned returns the association that a message, an event or an error is of.
func concerned(m sctp.Message, err error) sctp.AssocID {
	var one *sctp.MessageError
	if errors.As(err, &one) {
		return one.Info.Assoc
	}
	return m.Info.Assoc
}
