//go:build !linux || 386

package sctp

import (
	"errors"
	"runtime"
)

// ErrUnsupported is what every call returns where there is no SCTP. Programs that are
// built for linux/386 may name it, but get it nowhere: there is SCTP there.
var ErrUnsupported = errors.New("SCTP is unsupported on " + runtime.GOOS + "/" + runtime.GOARCH)
