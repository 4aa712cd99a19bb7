package soak_test

import (
	"bytes"
	"encoding/binary"
	"errors"
	"hash/crc32"
	"math/rand/v2"
	"net/netip"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/netsctp/sctp/internal/sctptest"
	"github.com/netsctp/sctp/internal/sys/systest"
)

// Faults are what a network does to packets, each in parts of a thousand.
type faults struct {
	lose, double, delay, corrupt int
}

// A network is two namespaces, 10.9.0.1 and 10.9.0.2, and between them a third, where this
// process is the wire: what becomes of the n-th packet is the seed's choice.
type network struct {
	one, two   *systest.Netns
	middle     *systest.Netns
	links      [2]string   // one's, and two's
	ends       [2]*os.File // packet sockets in the middle
	running    sync.WaitGroup
	closing    sync.Once
	forgetting sync.Once
	faults     atomic.Pointer[faults]
	silent     atomic.Bool // ABORTs of the first end are lost: who forgets an association there vanishes

	packets, lost, doubled, delayed, corrupted atomic.Int64
}

// newNetwork returns a network that does nothing wrong yet. RTOs are 50 to 200 ms, and no
// number of retransmissions ends an association.
func newNetwork(t *testing.T, seed uint64) *network {
	t.Helper()
	sctptest.NeedKernel(t)
	n := &network{one: newNetns(t), two: newNetns(t), middle: newNetns(t), links: [2]string{"w1", "w2"}}
	t.Cleanup(n.close)
	n.sysctls(t, "rto_min=50 rto_initial=100 rto_max=200 sack_timeout=20 hb_interval=1000 "+
		"association_max_retrans=1000 path_max_retrans=1000 max_init_retransmits=1000")
	n.connect(t, seed, "10.9.0.1/24", "10.9.0.2/24")
	return n
}

// sysctls sets variables of SCTP's at both ends, as "rto_min=50 rto_max=200", for sockets
// that are made later.
func (n *network) sysctls(t *testing.T, settings string) {
	t.Helper()
	for _, setting := range strings.Fields(settings) {
		name, value, _ := strings.Cut(setting, "=")
		require.NoError(t, n.one.Sysctl("net/sctp/"+name, value))
		require.NoError(t, n.two.Sysctl("net/sctp/"+name, value))
	}
}

// beside returns a second network, 10.9.1.1 and 10.9.1.2, between the same namespaces. Close
// it before the first.
func (n *network) beside(t *testing.T, seed uint64) *network {
	t.Helper()
	m := &network{one: n.one, two: n.two, middle: n.middle, links: [2]string{"x1", "x2"}}
	t.Cleanup(m.unplug)
	m.connect(t, seed, "10.9.1.1/24", "10.9.1.2/24")
	return m
}

// connect makes the links and the wire between them.
func (n *network) connect(t *testing.T, seed uint64, addresses ...string) {
	t.Helper()
	n.faults.Store(&faults{})
	for i, side := range []*systest.Netns{n.one, n.two} {
		// The address of the middle's end keeps nobody's packets.
		require.NoError(t, side.AddVeth(n.middle, n.links[i], netip.MustParsePrefix(addresses[i]), netip.MustParsePrefix("192.0.2.1/32")))
		require.NoError(t, side.Unbundle(n.links[i]))
		require.NoError(t, n.middle.Do(func() error {
			var err error
			n.ends[i], err = packetSocket(int(n.middle.Index(n.links[i])))
			return err
		}))
	}
	for i := range n.ends {
		n.running.Add(1)
		go func() {
			defer n.running.Done()
			n.forward(n.ends[i], n.ends[1-i], random(seed, uint64(i)))
		}()
	}
}

// unplug ends the wire.
func (n *network) unplug() {
	n.closing.Do(func() {
		for _, end := range n.ends {
			end.Close() // nil if connect has failed
		}
		n.running.Wait()
	})
}

// longMTU lets a packet of 50,000 bytes through in one piece.
const longMTU = 60000

// longPackets makes the links of the network long.
func (n *network) longPackets(t *testing.T) {
	t.Helper()
	for _, end := range []struct {
		n interface {
			SetMTU(name string, bytes uint32) error
		}
		link string
	}{{n.one, "w1"}, {n.middle, "w1"}, {n.middle, "w2"}, {n.two, "w2"}} {
		require.NoError(t, end.n.SetMTU(end.link, longMTU))
	}
}

// close ends the wire, and forgets the namespaces.
func (n *network) close() {
	n.unplug()
	n.forgetting.Do(func() {
		n.one.Close()
		n.two.Close()
		n.middle.Close()
	})
}

// newNetns returns a network namespace.
func newNetns(t *testing.T) *systest.Netns {
	t.Helper()
	sctptest.NeedKernel(t)
	n, err := systest.NewNetns()
	require.NoError(t, err)
	return n
}

// assocs returns how many associations a namespace has; nil is the process's own.
func assocs(t *testing.T, n *systest.Netns) int {
	t.Helper()
	var b []byte
	read := func() (err error) {
		b, err = os.ReadFile("/proc/thread-self/net/sctp/assocs")
		return err
	}
	if n == nil {
		require.NoError(t, read())
	} else {
		require.NoError(t, n.Do(read))
	}
	return bytes.Count(b, []byte("\n")) - 1 // the header
}

// noAssocs waits until a namespace has no association any more.
func noAssocs(t *testing.T, n *systest.Netns) {
	t.Helper()
	sctptest.Eventually(t, func() bool { return assocs(t, n) == 0 }, "the end of all associations")
}

// leaks is sctptest.Leaks for associations, too.
func leaks(t *testing.T) (check func()) {
	t.Helper()
	other := sctptest.Leaks(t)
	return func() {
		t.Helper()
		other()
		noAssocs(t, nil)
	}
}

// packetSocket returns a socket for the frames of an interface.
func packetSocket(index int) (*os.File, error) {
	const (
		solPacket, ignoreOutgoing, ethPAll = 263, 23, 3
		receiveBuffer                      = 16 << 20 // the wire loses only what it shall
	)
	protocol := binary.NativeEndian.Uint16([]byte{0, ethPAll})
	fd, err := syscall.Socket(syscall.AF_PACKET, syscall.SOCK_RAW|syscall.SOCK_NONBLOCK|syscall.SOCK_CLOEXEC, int(protocol))
	if err != nil {
		return nil, os.NewSyscallError("socket", err)
	}
	err = errors.Join(
		syscall.SetsockoptInt(fd, solPacket, ignoreOutgoing, 1),
		syscall.SetsockoptInt(fd, syscall.SOL_SOCKET, syscall.SO_RCVBUFFORCE, receiveBuffer),
		syscall.Bind(fd, &syscall.SockaddrLinklayer{Protocol: protocol, Ifindex: index}),
	)
	if err != nil {
		syscall.Close(fd)
		return nil, err
	}
	return os.NewFile(uintptr(fd), "packets"), nil
}

// forward brings the frames from one end to the other, until it is closed.
func (n *network) forward(from, to *os.File, r *rand.Rand) {
	type frame struct {
		b    []byte
		wait int // for so many others
	}
	var held []frame
	b := make([]byte, 64<<10)
	for {
		if len(held) > 0 {
			from.SetReadDeadline(time.Now().Add(5 * time.Millisecond))
		} else {
			from.SetReadDeadline(time.Time{})
		}
		size, err := from.Read(b)
		if errors.Is(err, os.ErrDeadlineExceeded) { // nothing follows that could overtake
			for _, f := range held {
				to.Write(f.b)
			}
			held = held[:0]
			continue
		}
		if errors.Is(err, os.ErrClosed) {
			return
		}
		if err != nil { // a link that goes down
			continue
		}
		f := b[:size]
		if packet := sctpPacket(f); packet != nil {
			n.packets.Add(1)
			// Veth leaves the checksum to hardware, which the wire is, too.
			sctpChecksum(packet)
			now := n.faults.Load()
			// The numbers are drawn whether they are used or not, so that one packet does
			// not change what becomes of the next.
			lose, double, delay, corrupt := r.IntN(1000), r.IntN(1000), r.IntN(1000), r.IntN(1000)
			at, by, wait := r.IntN(len(packet)), byte(1+r.IntN(255)), 1+r.IntN(4)
			const abort = 6
			if lose < now.lose || from == n.ends[0] && n.silent.Load() && len(packet) > 12 && packet[12] == abort {
				n.lost.Add(1)
				continue
			}
			if double < now.double {
				n.doubled.Add(1)
				to.Write(f)
			}
			if corrupt < now.corrupt {
				n.corrupted.Add(1)
				packet[at] ^= by
			}
			if delay < now.delay {
				n.delayed.Add(1)
				held = append(held, frame{append([]byte(nil), f...), wait})
				continue
			}
		}
		to.Write(f)
		keep := held[:0]
		for _, h := range held {
			if h.wait--; h.wait == 0 {
				to.Write(h.b)
			} else {
				keep = append(keep, h)
			}
		}
		held = keep
	}
}

// sctpPacket returns the SCTP packet in an Ethernet frame of IPv4, nil if there is none, or
// a fragment of one: that has its checksum already.
func sctpPacket(f []byte) []byte {
	const ethernet, protocol = 14, 132
	if len(f) < ethernet+20+12 || binary.BigEndian.Uint16(f[12:]) != 0x0800 || f[ethernet+9] != protocol {
		return nil
	}
	ip := f[ethernet:]
	const moreOrOffset = 0x3fff
	if binary.BigEndian.Uint16(ip[6:])&moreOrOffset != 0 {
		return nil
	}
	start, end := int(ip[0]&15)*4, int(binary.BigEndian.Uint16(ip[2:]))
	if end > len(ip) || end < start+12 {
		return nil
	}
	return ip[start:end]
}

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// sctpChecksum writes the checksum of a packet into it.
func sctpChecksum(p []byte) {
	binary.LittleEndian.PutUint32(p[8:], 0)
	binary.LittleEndian.PutUint32(p[8:], crc32.Checksum(p, castagnoli))
}

// counts says what the network has done.
type counts struct{ packets, lost, doubled, delayed, corrupted int64 }

func (n *network) counts() counts {
	return counts{n.packets.Load(), n.lost.Load(), n.doubled.Load(), n.delayed.Load(), n.corrupted.Load()}
}
