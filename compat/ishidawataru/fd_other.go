//go:build !linux

package sctp

const (
	optSndbuf = iota
	optRcvbuf
)

func setsockopt(fd int, optname, optval, optlen uintptr) (uintptr, uintptr, error) {
	return 0, 0, ErrUnsupported
}

func getsockopt(fd int, optname, optval, optlen uintptr) (uintptr, uintptr, error) {
	return 0, 0, ErrUnsupported
}

func setOption[T any](fd int, option uintptr, v *T) error { return ErrUnsupported }
func getOption[T any](fd int, option uintptr, v *T) error { return ErrUnsupported }
func getInt(fd, option int) (int, error)                  { return 0, ErrUnsupported }
func setInt(fd, option, v int) error                      { return ErrUnsupported }
func closeFD(fd int) error                                { return ErrUnsupported }
func dupFD(fd int) (int, error)                           { return -1, ErrUnsupported }
func oneToMany(fd int) bool                               { return false }

// SCTPConnect returns ErrUnsupported.
func SCTPConnect(fd int, addr *SCTPAddr) (int, error) { return 0, ErrUnsupported }

// SCTPBind returns ErrUnsupported.
func SCTPBind(fd int, addr *SCTPAddr, flags int) error { return ErrUnsupported }
