package sctptest

// Variants calls f with b, with 50 beginnings of it, and with 50 copies in which one bit is
// another, for fuzzers of decoders: what trusts a length, or a field, meets one that is wrong.
// Each is in memory of its own, with no room behind it.
func Variants(b []byte, f func(b []byte)) {
	const half = 50
	clone := func(n int) []byte { return append(make([]byte, 0, n), b[:n]...) }
	f(clone(len(b)))
	for i := range half {
		f(clone(i * len(b) / half))
	}
	for i := range half {
		c := clone(len(b))
		if len(c) > 0 {
			c[i*len(c)/half] ^= 1 << (i % 8)
		}
		f(c)
	}
}
