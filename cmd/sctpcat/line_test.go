package main

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/netsctp/sctp"
)

func TestConfigMessage(t *testing.T) {
	for _, tt := range []struct {
		cfg  config
		line string
		data string
		info sctp.SndInfo
		err  string
	}{
		{config{stream: 1, ppid: 46}, "a line", "a line", sctp.SndInfo{Stream: 1, PPID: 46}, ""},
		{config{label: true}, "3:60 a line", "a line", sctp.SndInfo{Stream: 3, PPID: 60}, ""},
		{config{label: true}, "3:0x3c ", "", sctp.SndInfo{Stream: 3, PPID: 60}, ""},
		{config{label: true, hex: true}, "3:60 61 6c", "al", sctp.SndInfo{Stream: 3, PPID: 60}, ""},
		{config{label: true}, "a line", "", sctp.SndInfo{}, `line "a line" does not begin with`},
		{config{label: true}, "65536:0 x", "", sctp.SndInfo{}, "does not begin with"},
		{config{hex: true}, "6", "", sctp.SndInfo{}, "odd length"},
	} {
		data, info, err := tt.cfg.message(tt.line)
		if tt.err != "" {
			require.ErrorContains(t, err, tt.err)
			continue
		}
		require.NoError(t, err)
		require.Equal(t, tt.data, string(data))
		require.Equal(t, tt.info, info)
	}
	m := sctp.Message{Data: []byte("al"), Info: sctp.RcvInfo{Stream: 3, PPID: 60}}
	require.Equal(t, "3:60 al", (&config{}).line(m))
	require.Equal(t, "3:60 616c", (&config{hex: true}).line(m))
}
