package sys

// For the tests in package sys_test.
var (
	WideSize   = wideSize
	NarrowSize = narrowSize
	Squeeze    = squeeze
	Widen      = widen
)
