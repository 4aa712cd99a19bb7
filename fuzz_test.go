package sctp_test

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/netsctp/sctp"
)

// What ParseAddr takes, String gives back in a form that ParseAddr takes for the
// same address.
func FuzzParseAddr(f *testing.F) {
	for _, tt := range parseAddrTests {
		f.Add(tt.in)
	}
	for _, tt := range parseAddrErrors {
		f.Add(tt.in)
	}
	f.Fuzz(func(t *testing.T, s string) {
		a, err := sctp.ParseAddr(s)
		if err != nil {
			require.Nil(t, a)
			return
		}
		for _, ip := range a.IPs {
			require.True(t, ip.IsValid())
			require.False(t, ip.Is4In6())
		}
		b, err := sctp.ParseAddr(a.String())
		require.NoError(t, err)
		require.Equal(t, a.Port, b.Port)
		require.True(t, slices.Equal(a.IPs, b.IPs), "%q is %v, and as text again %v", s, a, b)
		require.Equal(t, a.String(), b.String())
	})
}
