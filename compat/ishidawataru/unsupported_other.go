//go:build !linux

package sctp

func unsupported(error) error { return ErrUnsupported }
