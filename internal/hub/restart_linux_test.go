package hub_test

import (
	"context"
	"fmt"
	"strings"
	"syscall"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/netsctp/sctp"
	"github.com/netsctp/sctp/internal/sctptest"
)

// restart has those peers begin anew whose role it is. While the network is off they forget
// their associations without a word and dial from the same ports; their first packets are
// lost. When the network is on again, what the hub sends them meets end points that have
// begun: others would answer with an ABORT.
func (h *hub) restart() {
	h.ready.Wait()
	sctptest.Loopback(h.t, false)
	close(h.down)
	var anew []*spoke
	for _, s := range h.spokes {
		if s.role == restarted {
			require.NoError(h.t, s.conn.Abort())
			anew = append(anew, s)
			h.start("begin anew", s.begin)
		}
	}
	port := h.m.LocalAddr().(*sctp.Addr).Port
	sctptest.Eventually(h.t, func() bool {
		dialling := 0
		for _, line := range sctptest.AssocLines(h.t, port) {
			const cookieWait = "1"
			if strings.Fields(line)[4] == cookieWait {
				dialling++
			}
		}
		return dialling == len(anew)
	}, "%d peers that dial", len(anew))
	sctptest.Loopback(h.t, true)
}

// begin is the peer that begins anew.
func (s *spoke) begin() error {
	d := sctp.Dialer{WriteBuffer: 16 << 10, LocalAddr: s.addr, Control: func(_, _ string, c syscall.RawConn) error {
		return sctp.NewOptions(c).SetRTOInfo(sctp.RTOInfo{Initial: time.Second})
	}}
	s.late = newSequel(s.index, 0)
	c, err := d.DialSCTP(context.Background(), "sctp4", nil, s.h.m.LocalAddr().(*sctp.Addr))
	if err != nil {
		return fmt.Errorf("spoke %d begins anew: %w", s.index, err)
	}
	go s.listen(c, s.atPeer[1])
	return s.say(c, 1, s.h.messages)
}

// writeAcrossRestart writes to the peer that will go, to the one that has gone, and to the
// one that has come.
func (s *spoke) writeAcrossRestart() error {
	var b []byte
	var err error
	for i := range s.h.messages {
		if i == s.h.half {
			<-s.h.down
		}
		if b, err = s.h.write(s, 0, b); err != nil {
			return err
		}
	}
	<-s.anew
	for range s.h.messages {
		if b, err = s.h.write(s, 1, b); err != nil {
			return err
		}
	}
	return nil
}

// complete returns an error if, on a stream on which something was read at all, not all was
// read up to what was sent.
func (a *account) complete(sent count) error {
	for i, next := range a.read() {
		if a.begun[i] && next != sent[i] {
			return fmt.Errorf("spoke %d, stream %d: %d messages were accepted, the new peer has read %d to %d", a.spoke, i, sent[i], a.first[i], next)
		}
	}
	return nil
}
