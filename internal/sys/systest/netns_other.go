//go:build !linux

// Package systest makes the kernel do to tests what networks do. Elsewhere than on
// Linux it does nothing.
package systest

import (
	"errors"
	"syscall"
)

// A Netns is a network namespace.
type Netns struct{}

func NewNetns() (*Netns, error)          { return nil, errors.ErrUnsupported }
func (n *Netns) Do(f func() error) error { return errors.ErrUnsupported }
func (n *Netns) Loopback(up bool) error  { return errors.ErrUnsupported }
func (n *Netns) Close()                  {}

// TakeError takes the pending error of a socket.
func TakeError(c syscall.RawConn) (errno error, err error) { return nil, errors.ErrUnsupported }
