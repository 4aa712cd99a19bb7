package main

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

const sampleHeader = `#ifndef _SCTP_H
#define _SCTP_H
/* #define SCTP_GONE 1
 */
#define SCTP_RTOINFO	0 /* an option */
# define	SPP_HB 3
#define SCTP_PR_INDEX(x) ((x) - 1)
#define OTHER 4
enum { SCTP_INIT,
#define SCTP_INIT SCTP_INIT
};
#endif
`

func TestHeaderConstants(t *testing.T) {
	path := filepath.Join(t.TempDir(), "sctp.h")
	require.NoError(t, os.WriteFile(path, []byte(sampleHeader), 0o666))
	h, err := readHeader(path)
	require.NoError(t, err)
	require.Equal(t, []string{"SCTP_RTOINFO", "SPP_HB", "SCTP_INIT"}, h.defines)
	require.Contains(t, h.program(), "\tabi_SPP_HB = SPP_HB,\n")
	require.Less(t, h.position("SCTP_RTOINFO"), h.position("SPP_HB"))
	require.Equal(t, len(h.text), h.position("IPPROTO_SCTP"), "others come last")
}

func TestHeaderWithoutConstants(t *testing.T) {
	path := filepath.Join(t.TempDir(), "sctp.h")
	require.NoError(t, os.WriteFile(path, nil, 0o666))
	_, err := readHeader(path)
	require.ErrorContains(t, err, "defines no constants")
}
