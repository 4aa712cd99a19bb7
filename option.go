package sctp

import (
	"encoding/binary"
	"net"

	"github.com/netsctp/sctp/internal/sys"
)

// An option is a row of the kernel's table of socket options: T is its value as
// the package shows it, K the kernel's struct.
type option[T, K any] struct {
	num    int
	name   string // the C name
	assoc  bool   // K begins with an sctp_assoc_t
	decode func(k *K) T
	encode func(v T, k *K) error
}

func (p *option[T, K]) get(o Options) (T, error) {
	var k K
	var v T
	err := o.control(func(fd uintptr) error {
		p.setAssoc(o, &k)
		_, errno := sys.Getsockopt(fd, sys.SOL_SCTP, p.num, sys.Bytes(&k))
		return syscallError("getsockopt "+p.name, errno)
	})
	if err != nil {
		return v, o.opError("get", err)
	}
	return p.decode(&k), nil
}

func (p *option[T, K]) set(o Options, v T) error {
	var k K
	if err := p.encode(v, &k); err != nil {
		return o.opError("set", err)
	}
	p.setAssoc(o, &k)
	return o.opError("set", o.control(func(fd uintptr) error {
		return syscallError("setsockopt "+p.name, sys.Setsockopt(fd, sys.SOL_SCTP, p.num, sys.Bytes(&k)))
	}))
}

// setAssoc writes the association to the start of *k.
func (p *option[T, K]) setAssoc(o Options, k *K) {
	if p.assoc {
		binary.NativeEndian.PutUint32(sys.Bytes(k), uint32(o.assoc))
	}
}

// boolOption returns the option of an int that is 0 or not.
func boolOption(num int, name string) option[bool, int32] {
	return option[bool, int32]{
		num:    num,
		name:   name,
		decode: func(k *int32) bool { return *k != 0 },
		encode: func(v bool, k *int32) error {
			if v {
				*k = 1
			}
			return nil
		},
	}
}

// control calls f with the descriptor.
func (o Options) control(f func(fd uintptr) error) error {
	if o.s != nil {
		return o.s.control(f)
	}
	var err error
	if e := o.c.Control(func(fd uintptr) { err = f(fd) }); e != nil {
		return e
	}
	return err
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

// addrs returns the addresses that option num lists for fd's association. The
// kernel answers ENOMEM where the buffer is too small for them.
func addrs(fd uintptr, num int, name string, assoc AssocID) (*Addr, error) {
	const header = 8 // struct sctp_getaddrs: assoc_id, addr_num
	for size := 512; ; size *= 2 {
		b := make([]byte, size)
		binary.NativeEndian.PutUint32(b, uint32(assoc))
		_, errno := sys.Getsockopt(fd, sys.SOL_SCTP, num, b)
		switch {
		case errno == sys.ENOMEM && size < 1<<20:
			continue
		case errno != 0:
			return nil, syscallError("getsockopt "+name, errno)
		}
		ips, port := sys.ParseSockaddrs(b[header:], int(int32(binary.NativeEndian.Uint32(b[4:]))))
		return &Addr{IPs: ips, Port: port}, nil
	}
}
