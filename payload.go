package sctp

import "github.com/netsctp/sctp/internal/sys"

// A payload is what a message carries: the bytes of b, or of parts, one behind the other.
type payload struct {
	b     []byte
	parts [][]byte // nil for b
}

func (p *payload) size() int {
	if p.parts == nil {
		return len(p.b)
	}
	n := 0
	for _, part := range p.parts {
		n += len(part)
	}
	return n
}

var errTooManyParts = invalidError("a message in more than %d parts", sys.MaxParts)

// check returns the error of a message of so many bytes that cannot be one.
func (p *payload) check(size int) error {
	switch {
	case size == 0:
		return errNoData
	case len(p.parts) > sys.MaxParts:
		return errTooManyParts
	}
	return nil
}

// send sends n bytes from one on, or all of them if they lie in parts.
func (p *payload) send(m *sys.OutMsg, fd uintptr, from, n int, name, control []byte) (int, sys.Errno) {
	if p.parts != nil {
		return m.SendParts(fd, p.parts, name, control)
	}
	return m.Send(fd, p.b[from:from+n], name, control)
}
