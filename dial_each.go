package sctp

import (
	"context"
	"net"
	"net/netip"
	"time"
)

// fallbackDelay is the default of Dialer.FallbackDelay, which is that of package net.
const fallbackDelay = 300 * time.Millisecond

// A peer that is not the last to be tried gets minShare of the time at least, and maxShare
// if there is no deadline.
const (
	minShare = 2 * time.Second
	maxShare = 15 * time.Second
)

// dialEach dials the peers at raddrs in order, those of the other family than the first
// besides, and returns the association that comes up first.
func (d *Dialer) dialEach(ctx context.Context, network string, laddr *Addr, raddrs []*Addr) (*Conn, error) {
	delay := d.FallbackDelay
	if delay == 0 {
		delay = fallbackDelay
	}
	if !laddr.isWildcard() {
		// From there the kernel has no way to a peer of the other family, and would try.
		if fit := ofFamily(raddrs, laddr); len(fit) > 0 {
			raddrs = fit
		}
	}
	if len(raddrs) == 1 || delay < 0 || laddr.port() != 0 {
		return d.dialInOrder(ctx, network, laddr, raddrs)
	}
	primaries, fallbacks := byFamily(raddrs)
	if len(fallbacks) == 0 {
		return d.dialInOrder(ctx, network, laddr, raddrs)
	}
	return d.dialBoth(ctx, network, laddr, primaries, fallbacks, delay)
}

// byFamily returns those of as that are of the family of the first, and the others.
func byFamily(as []*Addr) (primaries, fallbacks []*Addr) {
	for _, a := range as {
		if anyIs6(a) == anyIs6(as[0]) {
			primaries = append(primaries, a)
		} else {
			fallbacks = append(fallbacks, a)
		}
	}
	return primaries, fallbacks
}

// ofFamily returns those of as that have an IP of a family of laddr's.
func ofFamily(as []*Addr, laddr *Addr) (fit []*Addr) {
	for _, a := range as {
		if sameFamily(laddr, a) {
			fit = append(fit, a)
		}
	}
	return fit
}

// dialBoth dials the primaries, and after a while, or when they have failed, the fallbacks
// besides. The error is that of the primaries.
func (d *Dialer) dialBoth(ctx context.Context, network string, laddr *Addr, primaries, fallbacks []*Addr, delay time.Duration) (*Conn, error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	type result struct {
		c       *Conn
		err     error
		primary bool
	}
	results := make(chan result, 2)
	dial := func(raddrs []*Addr, primary bool) {
		c, err := d.dialInOrder(ctx, network, laddr, raddrs)
		results <- result{c, err, primary}
	}
	go dial(primaries, true)
	timer := time.NewTimer(delay)
	defer timer.Stop()
	fallback := timer.C
	var primaryErr error
	for pending := 1; ; {
		var r result
		select {
		case <-fallback:
		case r = <-results:
			pending--
		}
		switch {
		case r.c != nil:
			if pending > 0 {
				go func() { // Control, which is not ours, may hold it
					if loser := <-results; loser.c != nil {
						loser.c.Abort()
					}
				}()
			}
			return r.c, nil
		case r.primary:
			primaryErr = r.err
		}
		if fallback != nil {
			fallback = nil
			pending++
			go dial(fallbacks, false)
		}
		if pending == 0 {
			return nil, primaryErr
		}
	}
}

// dialInOrder dials one peer after the other, and returns the first error if none answers.
func (d *Dialer) dialInOrder(ctx context.Context, network string, laddr *Addr, raddrs []*Addr) (*Conn, error) {
	var first error
	for i, raddr := range raddrs {
		c, err := d.dialShare(ctx, network, laddr, raddr, len(raddrs)-i)
		if err == nil {
			return c, nil
		}
		if first == nil {
			first = &net.OpError{Op: "dial", Net: network, Source: optionalAddr(laddr), Addr: raddr, Err: err}
		}
		if ctx.Err() != nil {
			break
		}
	}
	return nil, first
}

// dialShare dials one of n peers that are left.
func (d *Dialer) dialShare(ctx context.Context, network string, laddr, raddr *Addr, n int) (*Conn, error) {
	if n > 1 {
		share := maxShare
		if deadline, ok := ctx.Deadline(); ok {
			share = max(time.Until(deadline)/time.Duration(n), minShare)
		}
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, share)
		defer cancel()
	}
	return d.dial(ctx, network, laddr, raddr)
}

var loopback4, loopback6 = netip.AddrFrom4([4]byte{127, 0, 0, 1}), netip.IPv6Loopback()

// reachable returns the peers to dial for raddr: the loopback addresses that it stands for
// if it is unspecified, and itself otherwise. A socket at laddr reaches those of its own
// family, where that is known.
func reachable(network string, laddr, raddr *Addr) []*Addr {
	if !raddr.isWildcard() {
		return []*Addr{raddr}
	}
	four, six := AddrFrom(raddr.port(), loopback4), AddrFrom(raddr.port(), loopback6)
	switch {
	case network == "sctp4":
		return []*Addr{four}
	case network == "sctp6":
		return []*Addr{six}
	}
	as := []*Addr{four, six}
	if anyIs6(raddr) {
		as = []*Addr{six, four}
	}
	if !laddr.isWildcard() {
		as = ofFamily(as, laddr)
	} else if raddr == nil || !anyIs6(raddr) {
		as = as[:1] // as package net, where nobody asked for IPv6
	}
	return as
}
