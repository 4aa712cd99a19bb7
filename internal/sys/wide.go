package sys

import (
	"sync/atomic"
	"unsafe"
)

// Where a 64-bit kernel has the fields of a wide struct: sctp_assoc_t, padding, the
// address, the rest. A 32-bit kernel has no padding before the address, and the rest
// at the struct's end.
const (
	wideAddr  = 8
	wideRest  = wideAddr + int(unsafe.Sizeof(Storage{}))
	wideExtra = wideAddr - 4
)

// GetsockoptWide is Getsockopt for the structs whose layout depends on the kernel's
// word size; b is one of them, laid out as on a 64-bit kernel.
func GetsockoptWide(fd uintptr, level, name int, b []byte) (int, Errno) {
	narrow, errno := narrowKernel(fd)
	if errno != 0 {
		return 0, errno
	}
	if !narrow {
		w := make([]byte, wideSize(len(b)))
		copy(w, b)
		n, errno := Getsockopt(fd, level, name, w)
		copy(b, w)
		return n, errno
	}
	size := narrowSize(len(b))
	if name == SCTP_GET_ASSOC_STATS {
		size = len(b) // the kernel reports how much it has
	}
	w := squeeze(b, size)
	n, errno := Getsockopt(fd, level, name, w)
	if errno != 0 {
		return n, errno
	}
	if n < narrowSize(len(b)) || n > size {
		return n, EINVAL
	}
	widen(b, w[:n])
	return len(b), 0
}

// SetsockoptWide is Setsockopt for them.
func SetsockoptWide(fd uintptr, level, name int, b []byte) Errno {
	narrow, errno := narrowKernel(fd)
	if errno != 0 {
		return errno
	}
	if narrow {
		return Setsockopt(fd, level, name, squeeze(b, narrowSize(len(b))))
	}
	w := make([]byte, wideSize(len(b)))
	copy(w, b)
	return Setsockopt(fd, level, name, w)
}

// wideSize is the size of a struct on a 64-bit kernel whose fields take n bytes.
func wideSize(n int) int { return (n + 7) &^ 7 }

// narrowSize is its size on a 32-bit kernel. Only the sctp_assoc_stats of those that
// align 64-bit fields to 8 is larger: it has the padding behind the address.
func narrowSize(n int) int { return n - wideExtra }

// squeeze returns the wide struct b as a 32-bit kernel has it, in n bytes.
func squeeze(b []byte, n int) []byte {
	w := make([]byte, n)
	copy(w, b[:4])
	copy(w[4:], b[wideAddr:wideRest])
	copy(w[n-(len(b)-wideRest):], b[wideRest:])
	return w
}

// widen is the inverse: it writes the struct w of a 32-bit kernel to b.
func widen(b, w []byte) {
	copy(b[:4], w)
	clear(b[4:wideAddr])
	copy(b[wideAddr:wideRest], w[4:])
	copy(b[wideRest:], w[len(w)-(len(b)-wideRest):])
}

// What narrowKernel has found out.
const (
	kernelUnknown = iota
	kernelNarrow
	kernelWide
)

var kernelWidth atomic.Int32

// narrowKernel reports whether the kernel is a 32-bit one. A 32-bit program may run on
// either: it asks once, with fd, a socket of SCTP. A 64-bit kernel finds the struct of
// a 32-bit one too short. The question cannot be put the other way round, because a
// 32-bit kernel takes the longer struct and reads it wrongly.
func narrowKernel(fd uintptr) (bool, Errno) {
	if unsafe.Sizeof(fd) == 8 {
		return false, 0
	}
	if kernelWidth.Load() == kernelUnknown {
		var v PAddrThlds
		_, errno := Getsockopt(fd, SOL_SCTP, SCTP_PEER_ADDR_THLDS, make([]byte, narrowSize(int(unsafe.Sizeof(v)))))
		switch errno {
		case 0:
			kernelWidth.Store(kernelNarrow)
		case EINVAL:
			kernelWidth.Store(kernelWide)
		default:
			return false, errno
		}
	}
	return kernelWidth.Load() == kernelNarrow, 0
}
