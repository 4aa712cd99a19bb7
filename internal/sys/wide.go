package sys

// wideSize is the size of a struct on a 64-bit kernel whose fields take n bytes.
func wideSize(n int) int { return (n + 7) &^ 7 }

// GetsockoptWide is Getsockopt for the structs whose layout depends on the kernel's
// word size; b is laid out as on a 64-bit kernel.
func GetsockoptWide(fd uintptr, level, name int, b []byte) (int, Errno) {
	w := make([]byte, wideSize(len(b)))
	copy(w, b)
	n, errno := Getsockopt(fd, level, name, w)
	copy(b, w)
	return n, errno
}

// SetsockoptWide is Setsockopt for them.
func SetsockoptWide(fd uintptr, level, name int, b []byte) Errno {
	w := make([]byte, wideSize(len(b)))
	copy(w, b)
	return Setsockopt(fd, level, name, w)
}
