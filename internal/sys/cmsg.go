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

// AppendCmsg appends a control message of level SOL_SCTP that holds *v.
func AppendCmsg[T any](b []byte, typ int, v *T) []byte {
	data := Bytes(v)
	n := sizeofCmsghdr + len(data)
	if sizeofLong == 8 {
		b = binary.NativeEndian.AppendUint64(b, uint64(n))
	} else {
		b = binary.NativeEndian.AppendUint32(b, uint32(n))
	}
	b = binary.NativeEndian.AppendUint32(b, SOL_SCTP)
	b = binary.NativeEndian.AppendUint32(b, uint32(typ))
	b = append(b, data...)
	for range cmsgAlign(n) - n {
		b = append(b, 0)
	}
	return b
}

// FindCmsg returns the data of the first control message of level SOL_SCTP and
// the given type in b, nil if there is none.
func FindCmsg(b []byte, typ int) []byte {
	for len(b) >= sizeofCmsghdr {
		var n uint64
		if sizeofLong == 8 {
			n = binary.NativeEndian.Uint64(b)
		} else {
			n = uint64(binary.NativeEndian.Uint32(b))
		}
		if n < uint64(sizeofCmsghdr) || n > uint64(len(b)) {
			return nil
		}
		level := binary.NativeEndian.Uint32(b[sizeofLong:])
		kind := binary.NativeEndian.Uint32(b[sizeofLong+4:])
		if level == SOL_SCTP && kind == uint32(typ) {
			return b[sizeofCmsghdr:n]
		}
		b = b[min(cmsgAlign(int(n)), len(b)):]
	}
	return nil
}
