//go:build linux

package main

import "testing"

func TestSelects(t *testing.T) {
	for _, c := range []struct {
		only, name string
		want       bool
	}{
		{"", "200 B", true}, {"200 B", "1200 B", true}, {"=200 B", "1200 B", false}, {"=200 B", "200 B", true}, {"64 B", "200 B", false},
	} {
		if got := selects(c.only, c.name); got != c.want {
			t.Errorf("-case %q selects %q: %v", c.only, c.name, got)
		}
	}
}
