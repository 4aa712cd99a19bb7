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

// from returns n bytes of b from i on, or all of them if they lie in parts.
func (p *payload) from(i, n int) []byte {
	if p.parts != nil {
		return nil
	}
	return p.b[i : i+n]
}
