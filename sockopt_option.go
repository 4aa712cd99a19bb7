package sctp

import (
	"encoding/binary"
	"fmt"
	"math"
	"net"
	"time"

	"github.com/netsctp/sctp/internal/sys"
)

// A sockopt names a socket option and knows what its errors mean.
type sockopt struct {
	level, num int
	name       string // the C name
	wide       bool   // its struct goes through sys.GetsockoptWide
	hints      []hint
}

// A hint says what an error of an option means.
type hint struct {
	errno sys.Errno
	text  string
}

// sctpOption returns the option of SCTP's own level.
func sctpOption(num int, name string, hints ...hint) sockopt {
	return sockopt{level: sys.SOL_SCTP, num: num, name: name, hints: hints}
}

// needsLinux says with which kernel the option came: an older one does not know it.
func needsLinux(version string) hint { return hint{sys.ENOPROTOOPT, "needs Linux " + version} }

// getsockopt reads the option into b, which also holds what the kernel wants to know
// first, and returns the length that the kernel reports.
func (p *sockopt) getsockopt(fd uintptr, b []byte) (int, error) {
	if p.wide {
		n, errno := sys.GetsockoptWide(fd, p.level, p.num, b)
		return n, p.error("getsockopt", errno)
	}
	n, errno := sys.Getsockopt(fd, p.level, p.num, b)
	return n, p.error("getsockopt", errno)
}

// setsockopt sets the option to b.
func (p *sockopt) setsockopt(fd uintptr, b []byte) error {
	if p.wide {
		return p.error("setsockopt", sys.SetsockoptWide(fd, p.level, p.num, b))
	}
	return p.error("setsockopt", sys.Setsockopt(fd, p.level, p.num, b))
}

// error returns errno as the failure of call, with the option's name and hint, or nil.
func (p *sockopt) error(call string, errno sys.Errno) error {
	if errno == 0 {
		return nil
	}
	err := syscallError(call+" "+p.name, errno)
	for _, h := range p.hints {
		if h.errno == errno {
			return fmt.Errorf("%w (%s)", err, h.text)
		}
	}
	return err
}

// get reads the option into b, and returns the length that the kernel reports.
func (p *sockopt) get(o Options, b []byte) (n int, err error) {
	err = o.control(func(fd uintptr) error {
		n, err = p.getsockopt(fd, b)
		return err
	})
	return n, o.opError("get", err)
}

// set sets the option to b.
func (p *sockopt) set(o Options, b []byte) error {
	return o.opError("set", o.control(func(fd uintptr) error { return p.setsockopt(fd, b) }))
}

// An option is a row of the table of socket options: T is its value as the package
// shows it, K the kernel's struct.
type option[T, K any] struct {
	sockopt
	assoc   bool // K holds an sctp_assoc_t, at offset assocAt
	assocAt int
	decode  func(k *K) T
	encode  func(v T, k *K) error
}

func (p *option[T, K]) get(o Options) (T, error) { return p.getFor(o, *new(K)) }

// getFor is get for the path or the stream that k names.
func (p *option[T, K]) getFor(o Options, k K) (v T, err error) {
	k, err = p.read(o, k)
	if err != nil {
		return v, err
	}
	return p.decode(&k), nil
}

// read returns the kernel's struct, of which k holds what the kernel wants to know first.
func (p *option[T, K]) read(o Options, k K) (K, error) {
	p.setAssoc(o, &k)
	_, err := p.sockopt.get(o, sys.Bytes(&k))
	return k, err
}

func (p *option[T, K]) set(o Options, v T) error { return p.setFor(o, *new(K), v) }

// setFor is set for the path or the stream that k names.
func (p *option[T, K]) setFor(o Options, k K, v T) error {
	if err := p.encode(v, &k); err != nil {
		return o.opError("set", err)
	}
	p.setAssoc(o, &k)
	return p.sockopt.set(o, sys.Bytes(&k))
}

// apply sets the option of a socket that is being made.
func (p *option[T, K]) apply(fd uintptr, v T) error {
	var k K
	if err := p.encode(v, &k); err != nil {
		return err
	}
	return p.setsockopt(fd, sys.Bytes(&k))
}

// setAssoc writes the association to *k.
func (p *option[T, K]) setAssoc(o Options, k *K) {
	if p.assoc {
		binary.NativeEndian.PutUint32(sys.Bytes(k)[p.assocAt:], uint32(o.assoc))
	}
}

// boolOption returns the option of an int that is 0 or not.
func boolOption(p sockopt) option[bool, int32] {
	return option[bool, int32]{
		sockopt: p,
		decode:  func(k *int32) bool { return *k != 0 },
		encode:  func(v bool, k *int32) error { *k = int32(bit(v)); return nil },
	}
}

// assocBoolOption returns the option of an sctp_assoc_value that is 0 or not.
func assocBoolOption(p sockopt) option[bool, sys.AssocValue] {
	return option[bool, sys.AssocValue]{
		sockopt: p, assoc: true,
		decode: func(k *sys.AssocValue) bool { return k.Value != 0 },
		encode: func(v bool, k *sys.AssocValue) error { k.Value = bit(v); return nil },
	}
}

// assocValueOption returns the option of an sctp_assoc_value that is a number.
func assocValueOption[T ~uint32](p sockopt) option[T, sys.AssocValue] {
	return option[T, sys.AssocValue]{
		sockopt: p, assoc: true,
		decode: func(k *sys.AssocValue) T { return T(k.Value) },
		encode: func(v T, k *sys.AssocValue) error { k.Value = uint32(v); return nil },
	}
}

// bit returns 1 for true.
func bit(on bool) uint32 {
	if on {
		return 1
	}
	return 0
}

// control calls f with the descriptor.
func (o Options) control(f func(fd uintptr) error) error {
	switch {
	case o.s != nil:
		return o.s.control(f)
	case o.c == nil: // the zero Options
		return sys.EINVAL
	}
	if c, ok := o.c.(rawConn); ok {
		return c.s.control(f) // it lends the descriptor to nobody
	}
	var err error
	if e := o.c.Control(func(fd uintptr) { err = f(fd) }); e != nil {
		return e
	}
	return err
}

// zones gives the addresses that the kernel tells their zones.
func (o Options) zones() *sys.Zones {
	if s := o.socket(); s != nil {
		return s.zones
	}
	return sys.Here
}

// socket returns the package's own socket, or nil for one that somebody else has.
func (o Options) socket() *socket {
	if c, ok := o.c.(rawConn); ok {
		return c.s
	}
	return o.s
}

// opError wraps err with the socket's addresses, where it has some.
func (o Options) opError(op string, err error) error {
	if err == nil {
		return nil
	}
	if o.s != nil {
		return o.s.opError(op, err)
	}
	return &net.OpError{Op: op, Net: "sctp", Err: err}
}

// assocIntOption returns the option of an sctp_assoc_value that is a number of bytes or
// packets.
func assocIntOption(p sockopt) option[int, sys.AssocValue] {
	return option[int, sys.AssocValue]{
		sockopt: p, assoc: true,
		decode: func(k *sys.AssocValue) int { return int(k.Value) },
		encode: func(v int, k *sys.AssocValue) error {
			k.Value = uint32(v)
			return checkRange(p.name, v, 0, 1<<31-1)
		},
	}
}

// intOption returns the option of an int, which may be set to what is in a range.
func intOption(p sockopt, lo, hi int) option[int, int32] {
	return option[int, int32]{
		sockopt: p,
		decode:  func(k *int32) int { return int(*k) },
		encode: func(v int, k *int32) error {
			*k = int32(v)
			return checkRange(p.name, v, lo, hi)
		},
	}
}

// checkRange returns an error if v is not in a range.
func checkRange(name string, v, lo, hi int) error {
	if v < lo || v > hi {
		return invalidError("%s: %d is not in the range from %d to %d", name, v, lo, hi)
	}
	return nil
}

// size converts a number of the kernel to compute with; no real one is greater than an int
// of 32 bits holds.
func size(n uint32) int { return int(min(n, math.MaxInt32)) }

// duration converts milliseconds of the kernel.
func duration(ms uint32) time.Duration { return time.Duration(ms) * time.Millisecond }

// millis converts d for the kernel, rounded up so that what is not zero stays so.
func millis(d time.Duration) (uint32, error) {
	ms := d / time.Millisecond
	if d%time.Millisecond > 0 {
		ms++
	}
	if d < 0 || ms > 1<<32-1 {
		return 0, invalidError("duration %v is out of range", d)
	}
	return uint32(ms), nil
}

// setMillis writes a duration to a field of the kernel's.
func setMillis(field *uint32, d time.Duration) (err error) {
	*field, err = millis(d)
	return err
}
