package soak_test

import (
	"errors"
	"net/netip"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/netsctp/sctp"
	"github.com/netsctp/sctp/internal/sctptest"
)

// bindable is what changes its addresses: a *sctp.Conn, or a *sctp.MultiConn.
type bindable interface {
	BindAdd(ips ...netip.Addr) error
	BindRemove(ips ...netip.Addr) error
}

// Several associations add and remove addresses amid traffic. Their peers are told, and each
// message arrives once, in order. Nothing is lost on the way: with loss, Linux 6.1 was seen to
// send a message that it had not got acknowledged not again, for as long as one looked.
func TestAddresses(t *testing.T) {
	const changes = 12 // of each association
	check := leaks(t)
	messages, assocs, added, removed := 0, 0, 0, 0
	var longest time.Duration
	rounds(t, 4, func(seed uint64) {
		n := newNetwork(t, seed)
		// Without AUTH, over links that take several packets as one, the kernel would panic:
		// see Conn.BindAdd.
		n.sysctls(t, "addip_enable=1 auth_enable=1")
		m := n.beside(t, seed+1)
		var all []*traffic
		for i, kind := range kinds {
			one, two := n.associateAt(t, kind, "10.9.0.1:0", "10.9.0.2:0")
			all = append(all, newTraffic(seed+uint64(i), 500, 5*time.Millisecond, one, two).start(t))
		}
		has := make([][2][]netip.Addr, len(all))
		for i := range has {
			has[i] = [2][]netip.Addr{pathAddrs[0][:1], pathAddrs[1][:1]}
		}
		r := random(seed, 50)
		for i := range changes * len(all) {
			tr, at := all[i%len(all)], r.IntN(2)
			if len(has[i%len(all)][1-at]) == 2 {
				at = 1 - at // before it has two paths to go by
			}
			own := &has[i%len(all)][at]
			if *own = tr.change(t, at, *own); len(*own) == 1 {
				removed++
			} else {
				added++
			}
		}
		for _, tr := range all {
			tr.awaitMessages(t, 20)
			sent, gap := tr.end(t)
			messages, assocs, longest = messages+sent, assocs+1, max(longest, gap)
		}
		noAssocs(t, n.one)
		noAssocs(t, n.two)
		m.unplug()
		n.close()
	})
	check()
	require.NotZero(t, added)
	require.NotZero(t, removed)
	report(t, "%d messages on %d associations, each once, while %d addresses were added and %d removed, each told to the peer; the longest time without a message was %v",
		messages, assocs, added, removed, longest.Round(time.Millisecond))
}

// change has an end add the address that it has not, or remove the one that it has added,
// and waits until the peer has been told. It returns the addresses that the end then has.
// While the peer has an address in the other network, too, the request may go there: then it
// comes from the address that it removes, since no other is that network's, and the peer
// refuses that (SCTP_ERROR_DEL_SRC_IP). Both ends keep it, and nobody is told.
func (tr *traffic) change(t *testing.T, at int, has []netip.Addr) []netip.Addr {
	t.Helper()
	p, peer := tr.ends[at], tr.ends[1-at]
	var b bindable
	if m, ok := p.e.(*sctptest.Member); ok {
		b = m.MultiConn
	} else {
		b = p.e.(*sctp.Conn)
	}
	do, ip, state := b.BindRemove, has[len(has)-1], sctp.AddrRemoved
	if len(has) == 1 {
		do, state = b.BindAdd, sctp.AddrAdded
		for _, ip = range pathAddrs[at] {
			if ip != has[0] {
				break
			}
		}
	}
	p.eventually(t, func() bool {
		err := do(ip)
		if state == sctp.AddrAdded && errors.Is(err, syscall.EADDRINUSE) {
			return false // the peer has not confirmed yet that it was removed
		}
		require.NoError(t, err)
		return true
	}, "%v %v", ip, state)
	peer.awaitPath(t, ip, state)
	if state == sctp.AddrAdded {
		return []netip.Addr{has[0], ip}
	}
	return has[:1]
}
