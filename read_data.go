package sctp

import (
	"errors"

	"github.com/netsctp/sctp/internal/sys"
)

// data takes in n bytes that Recv read, and reports whether the call has what it wants.
func (r *reader) data(fd uintptr, n, flags int) bool {
	if r.n == 0 && r.open.empty() && r.takePlain(n, flags) {
		return true
	}
	eor := flags&sys.MSG_EOR != 0
	if r.mode == readStream && r.open.quiet == 0 {
		r.n += n
		r.open.streamed(eor)
		return true
	}
	if r.n == 0 {
		if err := r.describe(fd, flags); err != nil {
			r.push(Message{}, err)
			return r.finish()
		}
	}
	if eor && r.open.empty() {
		r.n += n
		r.m.EOR, r.whole = true, true
		return true
	}
	key := r.keyOf(fd, &r.m.Info, eor)
	p := r.open.messages[key]
	switch {
	case r.mode == readWhole:
		return r.collect(key, p, n, eor)
	case r.mode == readData:
		return r.fill(key, p, n, eor)
	case p != nil && p.fate >= tooLong:
		return r.discard(key, p, n, eor)
	}
	r.n += n
	if r.mode == readStream {
		r.open.streamed(eor)
		return true
	}
	r.m.EOR = eor
	if eor {
		r.open.end(key)
	} else if p == nil {
		r.open.begin(key, r.m, handedOut)
	}
	return eor || r.n == len(r.b) || r.interleaves(fd)
}

var errNoInfo = errors.New("the kernel has sent no SCTP_RCVINFO with a message, or has cut it off (SCTP_RECVRCVINFO is off, or the socket's options ask for too many control messages): the message is lost")

// describe decodes what came with the bytes that Recv read.
func (r *reader) describe(fd uintptr, flags int) error {
	var info sys.RcvInfo
	control := r.msg.Rcvd()
	if !sys.DecodeRcvInfo(control, &info) || flags&sys.MSG_CTRUNC != 0 {
		return &MessageError{Err: errNoInfo}
	}
	r.m.Info.decode(&info)
	r.m.Addr = r.addr(fd, r.m.Info.Assoc)
	if len(control) > sys.RcvInfoSpace {
		r.m.Control = sys.CmsgsWithout(control, sys.SCTP_RCVINFO)
	}
	return nil
}

// interleaves reports whether the piece that follows may be another message's.
func (r *reader) interleaves(fd uintptr) bool { return r.s.many || r.usesIDATA(fd, FutureAssoc) }

// usesIDATA reports whether the association uses I-DATA (RFC 8260), or may have done so.
func (r *reader) usesIDATA(fd uintptr, id AssocID) bool {
	if r.s.many {
		on, errno := interleaving(fd, id)
		return on || errno == sys.EINVAL // the association is gone
	}
	if r.idata == unknown {
		r.idata = no
		if on, _ := interleaving(fd, id); on {
			r.idata = yes
		}
	}
	return r.idata == yes
}

// A tristate is a bool that is not known until someone asks.
type tristate uint8

const (
	unknown tristate = iota
	no
	yes
)

// interleaving reports whether an association uses I-DATA (RFC 8260).
func interleaving(fd uintptr, id AssocID) (bool, sys.Errno) {
	v := sys.AssocValue{AssocID: int32(id)}
	_, errno := sys.Getsockopt(fd, sys.SOL_SCTP, sys.SCTP_INTERLEAVING_SUPPORTED, sys.Bytes(&v))
	return errno == 0 && v.Value != 0, errno
}
