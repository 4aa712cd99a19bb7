//go:build !unix

package main

import "os"

func statusSignal() <-chan os.Signal { return nil }
