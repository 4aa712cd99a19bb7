package sys

// For the tests in package sys_test.
var (
	WideSize   = wideSize
	NarrowSize = narrowSize
	Squeeze    = squeeze
	Widen      = widen
)

// AppendCmsg appends what AddCmsg adds.
func AppendCmsg[T any](b []byte, typ int, v *T) []byte {
	c := newCmsg[T](typ)
	c.data = *v
	return append(b, Bytes(&c)...)
}
