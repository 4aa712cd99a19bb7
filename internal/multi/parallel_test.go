// Package multi_test is about one-to-many sockets that many goroutines use for long. It
// is a package of its own because that takes long.
package multi_test

import (
	"context"
	"errors"
	"net"
	"os"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/netsctp/sctp"
	"github.com/netsctp/sctp/internal/sctptest"
)

// allowed are the errors of calls for associations that others end at the same time.
var allowed = []error{
	syscall.ENOTCONN, syscall.EISCONN, syscall.EALREADY, syscall.EBUSY, syscall.EADDRNOTAVAIL, syscall.ECONNREFUSED,
	syscall.ECONNABORTED, syscall.ECONNRESET, syscall.EBADMSG, syscall.EMSGSIZE, syscall.EPIPE, syscall.EAGAIN,
	context.DeadlineExceeded, os.ErrDeadlineExceeded,
}

// All that a MultiConn can do, eight times at once: nothing hangs, nothing is left.
func TestParallelUse(t *testing.T) {
	const each, rounds = 8, 40
	check := sctptest.Leaks(t)
	m := sctptest.ListenMulti(t, sctp.ListenConfig{}, "sctp4", "127.0.0.1:0")
	port := m.LocalAddr().(*sctp.Addr).Port
	var peers []*sctp.MultiConn
	var readers sync.WaitGroup
	for range each {
		peer := sctptest.ListenMulti(t, sctp.ListenConfig{}, "sctp4", "127.0.0.1:0")
		peers = append(peers, peer)
		readers.Add(1)
		go func() {
			defer readers.Done()
			for msg, err := range peer.Messages(100000) {
				if errors.Is(err, net.ErrClosed) {
					return
				}
				if err == nil && msg.Event == nil {
					peer.SetWriteDeadline(time.Now().Add(time.Second))
					peer.WriteMsg(msg.Data, &sctp.SndInfo{Assoc: msg.Info.Assoc})
				}
			}
		}()
	}
	tolerate := func(err error) {
		for _, a := range allowed {
			if errors.Is(err, a) {
				return
			}
		}
		if err != nil && !errors.Is(err, net.ErrClosed) {
			t.Error(err)
		}
	}
	for i := range each {
		readers.Add(1)
		go func() {
			defer readers.Done()
			b := make([]byte, 5000)
			for {
				var err error
				switch i % 3 {
				case 0:
					_, err = m.ReadMsg(b)
				case 1:
					_, _, err = m.ReadFrom(b)
				case 2:
					for _, err = range m.Messages(100000) {
						break
					}
				}
				if errors.Is(err, net.ErrClosed) {
					return
				}
				tolerate(err)
			}
		}()
	}
	var users sync.WaitGroup
	// forEach calls f for each association.
	forEach := func(f func(id sctp.AssocID) error) error {
		ids, err := m.Assocs()
		for _, id := range ids {
			err = errors.Join(err, f(id))
		}
		return err
	}
	for i := range each {
		peer := peers[i].LocalAddr().(*sctp.Addr)
		for _, f := range []func(round int) error{
			func(round int) error {
				ctx, cancel := context.WithTimeout(context.Background(), time.Duration(round)*time.Millisecond)
				defer cancel()
				_, err := m.Connect(ctx, peer)
				return err
			},
			func(round int) error { _, err := m.WriteTo(make([]byte, 1+100*round), peer); return err },
			func(round int) error {
				return forEach(func(id sctp.AssocID) error {
					_, err := m.WriteMsg(make([]byte, 1+100*round), &sctp.SndInfo{Assoc: id})
					return err
				})
			},
			func(round int) error {
				return forEach(func(id sctp.AssocID) error {
					if int(id)%7 != i%7 {
						return nil
					}
					c, err := m.PeelOff(id)
					if err != nil {
						return err
					}
					c.SetDeadline(time.Now().Add(10 * time.Millisecond))
					c.ReadMsg(make([]byte, 100))
					c.Write([]byte("peeled"))
					return c.Close()
				})
			},
			func(int) error {
				return forEach(func(id sctp.AssocID) error {
					if int(id)%5 == i%5 {
						return m.AbortAssoc(id, []byte("reason"))
					}
					return nil
				})
			},
			func(round int) error {
				if round%2 == 0 {
					return m.Subscribe(sctp.EventAssocChange, sctp.EventPartialDelivery)
				}
				return m.Unsubscribe(sctp.EventAssocChange)
			},
			func(int) error { return m.SetWriteDeadline(time.Now().Add(time.Second)) },
		} {
			users.Add(1)
			go func() {
				defer users.Done()
				for round := range rounds {
					tolerate(f(round))
				}
			}()
		}
	}
	done := make(chan struct{})
	go func() { users.Wait(); close(done) }()
	select {
	case <-done:
	case <-time.After(4 * sctptest.Wait):
		t.Fatal("a call hangs")
	}
	require.NoError(t, m.Close())
	for _, peer := range peers {
		require.NoError(t, peer.Close())
	}
	readers.Wait()
	check()
	sctptest.NoAssocs(t, port)
}
