//go:build !linux

package sys

func linkLocals() []linkLocal { return nil }
