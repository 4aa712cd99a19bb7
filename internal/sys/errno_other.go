//go:build !linux

package sys

import (
	"errors"
	"strconv"
)

// Errno is a Linux error number. On this system none but errUnsupported ever
// occurs, and that is errors.ErrUnsupported.
type Errno uintptr

func (e Errno) Error() string {
	if e == errUnsupported {
		return "SCTP sockets are not supported on this system"
	}
	return "errno " + strconv.Itoa(int(e))
}

// Is reports whether target is errors.ErrUnsupported.
func (e Errno) Is(target error) bool {
	return e == errUnsupported && target == errors.ErrUnsupported
}

const errUnsupported Errno = 0xffff

// Linux's numbers, so that the code that compares with them is the same.
const (
	EINTR           Errno = 4
	EAGAIN          Errno = 11
	ENOMEM          Errno = 12
	EINVAL          Errno = 22
	EPIPE           Errno = 32
	EBADMSG         Errno = 74
	EDESTADDRREQ    Errno = 89
	EMSGSIZE        Errno = 90
	ENOPROTOOPT     Errno = 92
	EOPNOTSUPP      Errno = 95
	EPERM           Errno = 1
	ENOENT          Errno = 2
	EACCES          Errno = 13
	EFAULT          Errno = 14
	EBUSY           Errno = 16
	ENODEV          Errno = 19
	ENOTCONN        Errno = 107
	EISCONN         Errno = 106
	EALREADY        Errno = 114
	EPROTONOSUPPORT Errno = 93
	ESOCKTNOSUPPORT Errno = 94
	EAFNOSUPPORT    Errno = 97
	EADDRINUSE      Errno = 98
	EADDRNOTAVAIL   Errno = 99
	ECONNABORTED    Errno = 103
	ECONNRESET      Errno = 104
	ESHUTDOWN       Errno = 108
	ETIMEDOUT       Errno = 110
	ECONNREFUSED    Errno = 111
	EINPROGRESS     Errno = 115
	EHOSTUNREACH    Errno = 113
	ENETUNREACH     Errno = 101
	EHOSTDOWN       Errno = 112
	EPROTO          Errno = 71
)
