package soak_test

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"net"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/netsctp/sctp"
	"github.com/netsctp/sctp/internal/sctptest"
)

// A restartServer answers each message, and counts what it is told.
type restartServer struct {
	end                sctptest.End
	reply              func(b []byte, info *sctp.SndInfo) (int, error)
	restarts, messages int
}

// serve answers until it is closed. A message names its epoch and its number: neither goes
// back, none comes twice.
func (s *restartServer) serve() error {
	epoch, number := uint32(0), uint32(0)
	for m, err := range s.end.Messages(1000) {
		if err != nil {
			return err
		}
		if ev, ok := m.Event.(*sctp.AssocChange); ok {
			switch ev.State {
			case sctp.AssocRestart:
				s.restarts++
			case sctp.AssocCommUp:
			default:
				return fmt.Errorf("%v after %d restarts", ev.State, s.restarts)
			}
			continue
		}
		e, n := binary.BigEndian.Uint32(m.Data), binary.BigEndian.Uint32(m.Data[4:])
		if e != uint32(s.restarts) || e == epoch && n != number || e != epoch && n != 0 || len(m.Data) != 8 {
			return fmt.Errorf("message %d of epoch %d after %d restarts, when %d of %d was the last", n, e, s.restarts, number, epoch)
		}
		epoch, number = e, n+1
		s.messages++
		if _, err := s.reply(m.Data, m.Info.Reply()); err != nil {
			return fmt.Errorf("answer after %d restarts: %w", s.restarts, err)
		}
	}
	return nil
}

// A peer forgets its association without a word, amid traffic, and begins anew from the
// same port, again and again. Each restart is told once, and no message of one epoch
// appears in another.
func TestRestarts(t *testing.T) {
	const times, sent, awaited = 60, 6, 3
	check := leaks(t)
	restarts, messages, stale := 0, 0, 0
	rounds(t, 8, func(seed uint64) {
		for _, many := range []bool{false, true} {
			n := newNetwork(t, seed)
			n.silent.Store(true)
			s := &restartServer{}
			lc := sctp.ListenConfig{Netns: n.two.Path(), Events: []sctp.EventType{sctp.EventAssocChange}}
			var l *sctp.Listener
			var addr *sctp.Addr
			done := make(chan error, 1)
			if many {
				m := sctptest.ListenMulti(t, lc, "sctp4", "10.9.0.2:0")
				s.end, s.reply, addr = &sctptest.Member{MultiConn: m}, m.WriteMsg, m.LocalAddr().(*sctp.Addr)
			} else {
				l = sctptest.Listen(t, lc, "sctp4", "10.9.0.2:0")
				addr = l.Addr().(*sctp.Addr)
			}
			d := sctp.Dialer{Netns: n.one.Path(), Timeout: sctptest.Wait, LocalAddr: sctp.AddrFrom(5000, sctptest.IPs("10.9.0.1")...)}
			b := make([]byte, 100)
			for epoch := range uint32(times + 1) {
				nc, err := d.DialContext(context.Background(), "sctp4", addr.String())
				require.NoError(t, err, "epoch %d", epoch)
				c := nc.(*sctp.Conn)
				if epoch == 0 {
					if !many {
						s.end = sctptest.Accept(t, l)
						s.reply = s.end.WriteMsg
					}
					go func() { done <- s.serve() }()
				}
				require.NoError(t, c.SetDeadline(time.Now().Add(sctptest.Wait)))
				for i := range uint32(sent) {
					m := binary.BigEndian.AppendUint32(binary.BigEndian.AppendUint32(nil, epoch), i)
					_, err := c.WriteMsg(m, nil)
					require.NoError(t, err)
				}
				for got := 0; got < awaited; {
					m, err := c.ReadMsg(b)
					require.NoError(t, err, "epoch %d", epoch)
					if binary.BigEndian.Uint32(m.Data) == epoch {
						got++
					} else {
						stale++ // written before the server has read that the peer began anew
					}
				}
				require.NoError(t, c.Abort())
			}
			n.silent.Store(false)
			require.NoError(t, abortAll(s.end))
			if err := sctptest.Receive(t, done); !errors.Is(err, net.ErrClosed) {
				require.NoError(t, err)
			}
			if l != nil {
				require.NoError(t, l.Close())
			}
			noAssocs(t, n.one)
			noAssocs(t, n.two)
			n.close()
			require.Equal(t, times, s.restarts)
			require.GreaterOrEqual(t, s.messages, awaited*(times+1))
			restarts, messages = restarts+s.restarts, messages+s.messages
		}
	})
	check()
	report(t, "%d restarts, each told once; %d messages in their epochs, %d answers to the epoch before", restarts, messages, stale)
}

// abortAll closes a socket with an ABORT to each of its peers.
func abortAll(e sctptest.End) error {
	if m, ok := e.(*sctptest.Member); ok {
		return errors.Join(m.SetLinger(0), m.Close())
	}
	return e.Abort()
}
