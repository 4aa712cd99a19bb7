package metrics

import (
	"net/netip"
	"slices"
	"strings"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/netsctp/sctp"
)

// ends are the labels that all metrics have.
type ends struct{ local, peer string }

// other stands for what has no series of its own. It is no address.
const other = "other"

// A series is what is known of the associations between two ends.
type series struct {
	ends
	live  int    // associations that are tracked
	begun uint64 // and all there ever were
	total []uint64
	used  uint64

	// Of the last scrape:
	states           map[sctp.AssocState]int
	unacked, pending int
	established      *established // the least of each; nil if none is
	paths            map[string]*path
}

// established are figures that only an established association has.
type established struct{ window, in, out, fragPoint int }

// A path is what is known of one path of the associations between two ends.
type path struct {
	states  map[sctp.PathState]int
	primary int
	measure *measure // nil if the kernel hides the path
}

// A measure is of the worst path of several.
type measure struct {
	rto       float64
	cwnd, mtu int
}

// seriesOf returns the series of e, or the one of the others. The caller holds mu.
func (c *Collector) seriesOf(e ends) *series {
	if c.peers == nil {
		c.peers, c.others = map[ends]*series{}, map[string]*series{}
	}
	s := c.peers[e]
	if s == nil && c.room() {
		s = newSeries(e)
		c.peers[e] = s
	}
	if s == nil {
		s = c.others[e.local]
	}
	if s == nil {
		s = newSeries(ends{e.local, other})
		c.others[e.local] = s
	}
	c.use(s)
	return s
}

// room reports whether there is room for one more series, and makes some if it can.
func (c *Collector) room() bool {
	limit := c.MaxPeers
	if limit <= 0 {
		limit = defaultMaxPeers
	}
	if len(c.peers) < limit {
		return true
	}
	var oldest *series
	for _, s := range c.peers {
		if s.live == 0 && (oldest == nil || s.used < oldest.used) {
			oldest = s
		}
	}
	if oldest == nil {
		return false
	}
	delete(c.peers, oldest.ends)
	return true
}

func (c *Collector) use(s *series) {
	c.clock++
	s.used = c.clock
}

// all returns the series. The caller holds mu.
func (c *Collector) all() []*series {
	all := make([]*series, 0, len(c.peers)+len(c.others))
	for _, s := range c.peers {
		all = append(all, s)
	}
	for _, s := range c.others {
		all = append(all, s)
	}
	return all
}

func newSeries(e ends) *series {
	s := &series{ends: e, total: make([]uint64, len(counters))}
	s.clear()
	return s
}

// clear forgets the last scrape.
func (s *series) clear() {
	s.states, s.unacked, s.pending, s.established = map[sctp.AssocState]int{}, 0, 0, nil
	s.paths = map[string]*path{}
}

// count adds to the totals what an association has counted since it had counted last, and
// returns what to give as last the next time.
func (s *series) count(last []uint64, stats *sctp.AssocStats) []uint64 {
	if last == nil {
		last = make([]uint64, len(counters))
	}
	for i := range counters {
		if now := counters[i].of(stats); now > last[i] {
			s.total[i] += now - last[i]
			last[i] = now
		}
	}
	return last
}

// see adds what the kernel says of an association.
func (s *series) see(got *sample, maxPaths int) {
	st := &got.status
	s.states[st.State]++
	s.unacked += st.UnackedData
	s.pending += st.PendingData
	if st.State >= sctp.StateEstablished {
		now := established{st.PeerRwnd, int(st.InStreams), int(st.OutStreams), st.FragPoint}
		if e := s.established; e != nil {
			now = established{
				min(e.window, now.window), min(e.in, now.in), min(e.out, now.out), min(e.fragPoint, now.fragPoint),
			}
		}
		s.established = &now
	}
	for _, info := range got.paths {
		p := s.pathOf(info.Addr.Addr(), maxPaths)
		p.states[info.State]++
		if info.Addr == st.Primary.Addr {
			p.primary++
		}
		if info.MTU == 0 {
			continue // hidden
		}
		now := measure{info.RTO.Seconds(), info.Cwnd, info.MTU}
		if m := p.measure; m != nil {
			now = measure{max(m.rto, now.rto), min(m.cwnd, now.cwnd), min(m.mtu, now.mtu)}
		}
		p.measure = &now
	}
}

func (s *series) pathOf(ip netip.Addr, maxPaths int) *path {
	name := labelOf(ip.String())
	if s.peer == other || s.paths[name] == nil && len(s.paths) >= maxPaths {
		name = other // the others are one more
	}
	p := s.paths[name]
	if p == nil {
		p = &path{states: map[sctp.PathState]int{}}
		s.paths[name] = p
	}
	return p
}

// append appends the metrics of s.
func (s *series) append(ms []prometheus.Metric) []prometheus.Metric {
	put := func(d *prometheus.Desc, t prometheus.ValueType, v float64, labels ...string) {
		ms = append(ms, prometheus.MustNewConstMetric(d, t, v, append([]string{s.local, s.peer}, labels...)...))
	}
	const gauge, counter = prometheus.GaugeValue, prometheus.CounterValue
	for state := sctp.StateClosed; state <= sctp.StateShutdownAckSent; state++ {
		put(descAssocs, gauge, float64(s.states[state]), state.String())
	}
	put(descBegun, counter, float64(s.begun))
	put(descUnacked, gauge, float64(s.unacked))
	put(descPending, gauge, float64(s.pending))
	for i := range counters {
		put(counters[i].desc, counter, float64(s.total[i]))
	}
	if e := s.established; e != nil {
		put(descWindow, gauge, float64(e.window))
		put(descFragPoint, gauge, float64(e.fragPoint))
		put(descStreams, gauge, float64(e.in), "in")
		put(descStreams, gauge, float64(e.out), "out")
	}
	for name, p := range s.paths {
		for state := sctp.PathInactive; state <= sctp.PathUnconfirmed; state++ {
			put(descPaths, gauge, float64(p.states[state]), name, state.String())
		}
		put(descPrimary, gauge, float64(p.primary), name)
		if m := p.measure; m != nil {
			put(descRTO, gauge, m.rto, name)
			put(descCwnd, gauge, float64(m.cwnd), name)
			put(descMTU, gauge, float64(m.mtu), name)
		}
	}
	return ms
}

// label returns a as a label, in an order that does not depend on which address came first.
func (c *Collector) label(a *sctp.Addr, port bool) string {
	if a == nil {
		return ""
	}
	ips := slices.Clone(a.IPs)
	slices.SortFunc(ips, netip.Addr.Compare)
	ips = ips[:min(len(ips), c.maxPaths())]
	if port {
		return labelOf(sctp.AddrFrom(a.Port, ips...).String())
	}
	texts := make([]string, len(ips))
	for i, ip := range ips {
		texts[i] = ip.String()
	}
	return labelOf(strings.Join(texts, "/"))
}

// labelOf returns text as a label: the name of an interface, which an address may have as
// its zone, need not be UTF-8.
func labelOf(text string) string { return strings.ToValidUTF8(text, "?") }
