package multi_test

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/netsctp/sctp"
	"github.com/netsctp/sctp/internal/sctptest"
)

// message returns the n-th message of a sender, which checkMessage knows again.
func message(sender, n, size int) []byte {
	b := make([]byte, size)
	rand.NewChaCha8([32]byte{byte(sender), byte(n), byte(n >> 8)}).Read(b)
	b[0] = byte(sender)
	binary.BigEndian.PutUint16(b[1:], uint16(n))
	return b
}

// checkMessage returns whose message b is, and its number.
func checkMessage(b []byte) (sender, n int, err error) {
	if len(b) < 3 {
		return 0, 0, fmt.Errorf("a message of %d bytes", len(b))
	}
	sender, n = int(b[0]), int(binary.BigEndian.Uint16(b[1:]))
	if string(b) != string(message(sender, n, len(b))) {
		return 0, 0, fmt.Errorf("message %d of sender %d, %d bytes, is torn", n, sender, len(b))
	}
	return sender, n, nil
}

// An association is peeled off amid its traffic: of its messages, none is lost, torn,
// read twice or out of order.
func TestPeelOffAmidTraffic(t *testing.T) {
	const senders, messages = 4, 60
	for _, style := range []string{"ReadMsg", "Messages", "ReadFrom"} {
		for _, readers := range []int{1, 3} {
			if style == "ReadMsg" && readers > 1 {
				continue // the parts of a message would come to different readers
			}
			t.Run(fmt.Sprint(style, readers), func(t *testing.T) {
				m := sctptest.ListenMulti(t, sctp.ListenConfig{Control: sackAtOnce}, "sctp4", "127.0.0.1:0")
				var mu sync.Mutex
				got := make([][2][]int, senders) // by the MultiConn, and by the Conn
				progress := make(chan struct{}, senders*messages)
				failed := make(chan error, 100)
				take := func(by int, b []byte) {
					sender, n, err := checkMessage(b)
					if err != nil {
						failed <- err
						return
					}
					mu.Lock()
					got[sender][by] = append(got[sender][by], n)
					mu.Unlock()
					progress <- struct{}{}
				}
				for range readers {
					go read(m, style, func(b []byte) { take(0, b) })
				}
				for i := range senders {
					c, err := (&sctp.Dialer{Control: shortRTO, WriteBuffer: 400000}).Dial("sctp4", m.LocalAddr().String())
					require.NoError(t, err)
					defer c.(*sctp.Conn).Abort()
					go func() {
						for n := range messages {
							size := 3 + rand.IntN(3000)
							if n%5 == 0 {
								size *= 20
							}
							if _, err := c.(*sctp.Conn).WriteMsg(message(i, n, size), nil); err != nil {
								failed <- err
								return
							}
						}
					}()
				}
				seen := 0
				await := func(n int) {
					for ; seen < n; seen++ {
						select {
						case <-progress:
						case err := <-failed:
							t.Fatal(err)
						case <-time.After(sctptest.Wait):
							t.Fatalf("nothing more after %d messages", seen)
						}
					}
				}
				await(senders * messages / 4)
				ids, err := m.Assocs()
				require.NoError(t, err)
				require.Len(t, ids, senders)
				for _, id := range ids[:senders-1] { // one stays
					var c *sctp.Conn
					sctptest.Eventually(t, func() bool {
						c, err = m.PeelOff(id)
						return err == nil || !errors.Is(err, syscall.EBUSY)
					}, "end of a message")
					require.NoError(t, err)
					defer c.Abort()
					go readConn(c, func(b []byte) { take(1, b) })
				}
				await(senders * messages)
				mu.Lock()
				defer mu.Unlock()
				for i, by := range got {
					if readers > 1 {
						slices.Sort(by[0]) // in which order they came, nobody can tell
					}
					numbers := slices.Concat(by[0], by[1])
					require.Len(t, numbers, messages, "sender %d", i)
					for k, n := range numbers {
						require.Equal(t, k, n, "sender %d", i)
					}
				}
			})
		}
	}
}

// read reads messages until m is closed.
func read(m *sctp.MultiConn, style string, take func(b []byte)) {
	type key struct {
		assoc  sctp.AssocID
		stream uint16
	}
	b := make([]byte, 200000)
	parts := map[key][]byte{}
	for {
		switch style {
		case "ReadMsg":
			msg, err := m.ReadMsg(b)
			if err != nil {
				return
			}
			k := key{msg.Info.Assoc, msg.Info.Stream}
			if parts[k] = append(parts[k], msg.Data...); msg.EOR {
				take(parts[k])
				delete(parts, k)
			}
		case "Messages":
			for msg, err := range m.Messages(len(b)) {
				if err != nil {
					return
				}
				take(msg.Data)
			}
		case "ReadFrom":
			n, _, err := m.ReadFrom(b)
			if err != nil {
				return
			}
			take(b[:n])
		}
	}
}

// readConn reads messages until c is closed, with one call and the other in turn.
func readConn(c *sctp.Conn, take func(b []byte)) {
	var part []byte
	for b := make([]byte, 1000); ; {
		msg, err := c.ReadMsg(b)
		if err != nil {
			return
		}
		if part = append(part, msg.Data...); !msg.EOR {
			continue
		}
		take(part)
		part = nil
		for msg, err := range c.Messages(200000) {
			if err != nil {
				return
			}
			take(msg.Data)
			break
		}
	}
}

// os.ErrDeadlineExceeded interrupts a reader that waits; PeelOff may follow.
func TestPeelOffAfterADeadline(t *testing.T) {
	m := sctptest.ListenMulti(t, sctp.ListenConfig{}, "sctp4", "127.0.0.1:0")
	c, err := sctp.Dial("sctp4", m.LocalAddr().String())
	require.NoError(t, err)
	defer c.Close()
	require.NoError(t, m.SetReadDeadline(time.Now().Add(10*time.Millisecond)))
	_, err = m.ReadMsg(make([]byte, 10))
	require.ErrorIs(t, err, os.ErrDeadlineExceeded)
	ids, err := m.Assocs()
	require.NoError(t, err)
	p, err := m.PeelOff(ids[0])
	require.NoError(t, err)
	defer p.Close()
	_, err = c.Write([]byte("x"))
	require.NoError(t, err)
	_, err = p.Read(make([]byte, 1))
	require.NoError(t, err, "the deadline is the MultiConn's")
}
