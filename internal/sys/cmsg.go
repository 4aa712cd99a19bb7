package sys

import (
	"encoding/binary"
	"slices"
	"unsafe"
)

// A control message is a header (cmsg_len as a size_t, cmsg_level, cmsg_type as
// ints), the data, and padding up to the next size_t: CMSG_ALIGN of linux/socket.h.
const (
	sizeofLong    = int(unsafe.Sizeof(uintptr(0)))
	sizeofCmsghdr = sizeofLong + 8
)

func cmsgAlign(n int) int { return (n + sizeofLong - 1) &^ (sizeofLong - 1) }

// AppendCmsg appends a control message of level SOL_SCTP that holds *v.
func AppendCmsg[T any](b []byte, typ int, v *T) []byte {
	data := Bytes(v)
	n := sizeofCmsghdr + len(data)
	begin := len(b)
	b = slices.Grow(b, cmsgAlign(n))[:begin+cmsgAlign(n)]
	m := b[begin:]
	if sizeofLong == 8 {
		binary.NativeEndian.PutUint64(m, uint64(n))
	} else {
		binary.NativeEndian.PutUint32(m, uint32(n))
	}
	binary.NativeEndian.PutUint32(m[sizeofLong:], SOL_SCTP)
	binary.NativeEndian.PutUint32(m[sizeofLong+4:], uint32(typ))
	clear(m[sizeofCmsghdr+copy(m[sizeofCmsghdr:], data):])
	return b
}

// RcvInfoSpace is the length of a control message that holds a RcvInfo, with its padding.
var RcvInfoSpace = cmsgAlign(sizeofCmsghdr + int(unsafe.Sizeof(RcvInfo{})))

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

// RcvInfoIn returns the RcvInfo among the control messages in b, and reports whether there
// is one.
func RcvInfoIn(b []byte) (v RcvInfo, ok bool) {
	const size = unsafe.Sizeof(v)
	data := FindCmsg(b, SCTP_RCVINFO)
	if len(data) < int(size) {
		return v, false
	}
	*(*[size]byte)(unsafe.Pointer(&v)) = [size]byte(data)
	return v, true
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
