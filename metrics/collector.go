// Package metrics shows the state of SCTP associations to Prometheus: how many a server
// has, with whom, over which paths, and what they have sent and lost.
//
//	c := &metrics.Collector{}
//	prometheus.MustRegister(c)
//	http.Serve(c.Listener(l), handler)
//
// docs/metrics.md of github.com/netsctp/sctp says what each metric means, and which alerts
// are worth having.
package metrics

import (
	"errors"
	"net"
	"slices"
	"sync"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/netsctp/sctp"
)

// Collector is a [prometheus.Collector] of associations. The zero value is ready for use;
// it must not be copied.
//
// It asks the kernel when it is scraped, with three system calls for an association and one
// for each of its paths, and makes no goroutine. An association that has ended is forgotten;
// what it has counted until the last scrape stays in the sums of its peer.
//
// The number of series is bounded, whatever peers do: MaxPeers and MaxPaths are the
// bounds. Associations between the same ends are summed up.
type Collector struct {
	// MaxPeers is how many pairs of ends have series of their own. When there are more,
	// those whose associations have all ended make room, the longest ended first; where
	// none has, the label peer is "other", and path with it. If zero it is 1000.
	MaxPeers int

	// MaxPaths is how many paths of a pair of ends have series of their own; the label path
	// of the others is "other". It also bounds the addresses in the labels local and peer.
	// If zero it is 8.
	MaxPaths int

	scraping sync.Mutex // one at a time, before mu

	mu      sync.Mutex
	conns   []*assoc
	multis  []*multi
	peers   map[ends]*series
	others  map[string]*series // by local
	clock   uint64             // of the use of series
	sweepAt int                // so many conns are looked through for ended ones
}

var _ prometheus.Collector = (*Collector)(nil)

// Defaults of Collector's fields, and how many Conns are tracked before the first look for
// ended ones, where no scrape comes.
const (
	defaultMaxPeers = 1000
	defaultMaxPaths = 8
	firstSweep      = 256
)

// An assoc is an association that is tracked.
type assoc struct {
	options sctp.Options
	series  *series
	counted []uint64 // as it was added to the series
	ended   bool
}

// A multi is a one-to-many socket that is tracked.
type multi struct {
	m      *sctp.MultiConn
	assocs map[sctp.AssocID]*assoc
	closed bool
}

// Add tracks a Conn that was accepted, or peeled off. The label local has its port, peer has
// none, because clients have a new one each time.
//
// A Conn that was peeled off brings with it what the association has counted on its MultiConn.
func (c *Collector) Add(conn *sctp.Conn) { c.add(conn, true) }

// AddDialed tracks a Conn that was dialled. The label peer has its port, local has none.
func (c *Collector) AddDialed(conn *sctp.Conn) { c.add(conn, false) }

func (c *Collector) add(conn *sctp.Conn, accepted bool) {
	o := conn.Options()
	raddr, err := o.PeerAddrs() // all, also with SingleRemoteAddr
	if err != nil {
		raddr, _ = conn.RemoteAddr().(*sctp.Addr)
	}
	laddr, _ := conn.LocalAddr().(*sctp.Addr)
	e := ends{c.label(laddr, accepted), c.label(raddr, !accepted)}
	c.mu.Lock()
	c.conns = append(c.conns, c.begin(o, e))
	sweep := len(c.conns) >= max(c.sweepAt, firstSweep)
	c.mu.Unlock()
	if sweep && c.scraping.TryLock() { // a scrape does the same
		c.read()
		c.scraping.Unlock()
	}
}

// AddMulti tracks the associations of a one-to-many socket until it is closed. The label
// local has its port, peer has none. An association is seen when a scrape meets it: one
// that has begun and ended between two is not counted.
func (c *Collector) AddMulti(m *sctp.MultiConn) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.multis = append(c.multis, &multi{m: m, assocs: map[sctp.AssocID]*assoc{}})
}

// Listener returns l, with an Accept that adds each *sctp.Conn that l returns, and returns
// it as it is. Wrap it before others are: tls.NewListener(c.Listener(l), config).
func (c *Collector) Listener(l net.Listener) net.Listener { return &listener{l, c} }

type listener struct {
	net.Listener
	c *Collector
}

func (l *listener) Accept() (net.Conn, error) {
	nc, err := l.Listener.Accept()
	if conn, ok := nc.(*sctp.Conn); ok && err == nil {
		l.c.Add(conn)
	}
	return nc, err
}

// Describe implements [prometheus.Collector].
func (c *Collector) Describe(ch chan<- *prometheus.Desc) {
	for _, d := range allDescs() {
		ch <- d
	}
}

// Collect implements [prometheus.Collector].
func (c *Collector) Collect(ch chan<- prometheus.Metric) {
	c.scraping.Lock()
	defer c.scraping.Unlock()
	for _, m := range c.read() {
		ch <- m
	}
}

// begin returns an association between e that is tracked from now on. The caller holds mu.
func (c *Collector) begin(o sctp.Options, e ends) *assoc {
	s := c.seriesOf(e)
	s.begun++
	s.live++
	return &assoc{options: o, series: s}
}

// read asks the kernel about all associations, forgets those that have ended, and returns
// the metrics. The caller holds scraping, but not mu, for which Accept may wait.
func (c *Collector) read() []prometheus.Metric {
	c.mu.Lock()
	conns, multis := slices.Clone(c.conns), slices.Clone(c.multis)
	c.mu.Unlock()

	samples := make(map[*assoc]sample, len(conns))
	for _, a := range conns {
		samples[a] = ask(a.options)
	}
	for _, m := range multis {
		c.readMulti(m, samples)
	}

	c.mu.Lock()
	defer c.mu.Unlock()
	for _, s := range c.all() {
		s.clear()
	}
	for a, got := range samples {
		c.take(a, got)
	}
	c.conns = slices.DeleteFunc(c.conns, func(a *assoc) bool { return a.ended })
	c.multis = slices.DeleteFunc(c.multis, func(m *multi) bool { return m.closed })
	c.sweepAt = 2 * len(c.conns)
	var metrics []prometheus.Metric
	for _, s := range c.all() {
		metrics = s.append(metrics)
	}
	return metrics
}

// readMulti asks about the associations of m.
func (c *Collector) readMulti(m *multi, samples map[*assoc]sample) {
	ids, err := m.m.Assocs()
	switch {
	case errors.Is(err, net.ErrClosed):
		m.closed = true
	case err != nil:
		return
	}
	for id, a := range m.assocs {
		if !slices.Contains(ids, id) {
			samples[a] = sample{ended: true}
			delete(m.assocs, id)
		}
	}
	laddr, _ := m.m.LocalAddr().(*sctp.Addr)
	for _, id := range ids {
		a, o := m.assocs[id], m.m.Options().Assoc(id)
		if a == nil {
			raddr, err := o.PeerAddrs()
			if err != nil {
				continue // it has ended
			}
			c.mu.Lock()
			a = c.begin(o, ends{c.label(laddr, true), c.label(raddr, false)})
			c.mu.Unlock()
			m.assocs[id] = a
		}
		samples[a] = ask(o)
	}
}

// take adds what the kernel says of a to its series. The caller holds mu.
func (c *Collector) take(a *assoc, got sample) {
	switch {
	case got.ended && !a.ended:
		a.ended = true
		a.series.live--
	case got.known:
		a.counted = a.series.count(a.counted, &got.stats)
		a.series.see(&got, c.maxPaths())
		c.use(a.series)
	}
}

func (c *Collector) maxPaths() int {
	if c.MaxPaths > 0 {
		return c.MaxPaths
	}
	return defaultMaxPaths
}
