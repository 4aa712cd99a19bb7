package sys

import (
	"encoding/binary"
	"unsafe"
)

// A control message is a header (cmsg_len as a size_t, cmsg_level, cmsg_type as
// ints), the data, and padding up to the next size_t: CMSG_ALIGN of linux/socket.h.
const (
	sizeofLong    = int(unsafe.Sizeof(uintptr(0)))
	sizeofCmsghdr = sizeofLong + 8
)

func cmsgAlign(n int) int { return (n + sizeofLong - 1) &^ (sizeofLong - 1) }

// A cmsg is a control message that holds a T, with its padding.
type cmsg[T any] struct {
	size       uintptr
	level, typ int32
	data       T
}

// newCmsg returns a control message of level SOL_SCTP that holds a T.
func newCmsg[T any](typ int) (c cmsg[T]) {
	c.size = uintptr(sizeofCmsghdr) + unsafe.Sizeof(c.data)
	c.level, c.typ = SOL_SCTP, int32(typ)
	return c
}

// RcvInfoSpace is the length of a control message that holds a RcvInfo, with its padding.
const RcvInfoSpace = int(unsafe.Sizeof(cmsg[RcvInfo]{}))

// rcvInfoHeader is how it begins.
var rcvInfoHeader = func() [sizeofCmsghdr]byte {
	c := newCmsg[RcvInfo](SCTP_RCVINFO)
	return [sizeofCmsghdr]byte(Bytes(&c))
}()

// FindCmsg returns the data of the first control message of level SOL_SCTP and
// the given type in b, nil if there is none.
func FindCmsg(b []byte, typ int) []byte {
	for {
		level, kind, data, size := firstCmsg(b)
		switch {
		case size == 0:
			return nil
		case level == SOL_SCTP && kind == uint32(typ):
			return data
		}
		b = b[size:]
	}
}

// DecodeRcvInfo decodes the RcvInfo among the control messages in b into *v, and reports
// whether there is one. Where it is the only one, that takes one comparison.
func DecodeRcvInfo(b []byte, v *RcvInfo) bool {
	const size = int(unsafe.Sizeof(*v))
	if len(b) < RcvInfoSpace || [sizeofCmsghdr]byte(b) != rcvInfoHeader {
		if b = FindCmsg(b, SCTP_RCVINFO); len(b) < size {
			return false
		}
	} else {
		b = b[sizeofCmsghdr:]
	}
	*(*[size]byte)(unsafe.Pointer(v)) = [size]byte(b)
	return true
}

// CmsgsWithout returns a copy of the control messages in b but for those of level SOL_SCTP
// and the given type.
func CmsgsWithout(b []byte, typ int) (rest []byte) {
	for {
		level, kind, _, size := firstCmsg(b)
		if size == 0 {
			return rest
		}
		if level != SOL_SCTP || kind != uint32(typ) {
			rest = append(rest, b[:size]...)
		}
		b = b[size:]
	}
}

// firstCmsg returns the first control message in b, and its size with its padding, which is
// 0 if there is none.
func firstCmsg(b []byte) (level, kind uint32, data []byte, size int) {
	if len(b) < sizeofCmsghdr {
		return 0, 0, nil, 0
	}
	n := uint64(binary.NativeEndian.Uint32(b))
	if sizeofLong == 8 {
		n = binary.NativeEndian.Uint64(b)
	}
	if n < uint64(sizeofCmsghdr) || n > uint64(len(b)) {
		return 0, 0, nil, 0
	}
	level = binary.NativeEndian.Uint32(b[sizeofLong:])
	kind = binary.NativeEndian.Uint32(b[sizeofLong+4:])
	return level, kind, b[sizeofCmsghdr:n], min(cmsgAlign(int(n)), len(b))
}
