package interop_test

import (
	"encoding/binary"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/netsctp/sctp/internal/sctptest"
)

// Types of chunks, RFC 9260 section 3.2.
const (
	abortChunk    = 6
	shutdownChunk = 7
)

// A chunk is what a packet holds.
type chunk struct {
	from, to uint16 // ports
	typ      byte
}

// chunks returns the chunks in packets of IPv4.
func chunks(packets [][]byte) []chunk {
	var found []chunk
	for _, p := range packets {
		p = p[int(p[0]&15)*4:]
		from, to := binary.BigEndian.Uint16(p), binary.BigEndian.Uint16(p[2:])
		for p = p[12:]; len(p) >= 4; {
			found = append(found, chunk{from, to, p[0]})
			size := (int(binary.BigEndian.Uint16(p[2:])) + 3) &^ 3
			p = p[min(max(size, 4), len(p)):]
		}
	}
	return found
}

// requireShutdown waits for the end of the associations with a port, and requires that they
// ended in good order: somebody has sent SHUTDOWN, and nobody ABORT. It returns their packets.
func requireShutdown(t *testing.T, w *sctptest.Wire, port uint16) [][]byte {
	t.Helper()
	sctptest.NoAssocs(t, port)
	packets := w.Packets(port)
	seen := chunks(packets)
	is := func(typ byte) func(chunk) bool { return func(c chunk) bool { return c.typ == typ } }
	require.True(t, slices.ContainsFunc(seen, is(shutdownChunk)), "SHUTDOWN in %v", seen)
	require.False(t, slices.ContainsFunc(seen, is(abortChunk)), "ABORT in %v", seen)
	return packets
}

// tshark returns what tshark, with more flags, makes of packets: the values of each field, in
// their order, without what was sent again. It must find nothing malformed.
func tshark(t *testing.T, packets [][]byte, flags []string, fields ...string) [][]string {
	t.Helper()
	require.NotEmpty(t, packets)
	name := filepath.Join(t.TempDir(), "packets.pcap")
	require.NoError(t, sctptest.WritePcap(name, packets))
	args := append([]string{"-r", name, "-n", "-Y", "!sctp.retransmission", "-T", "fields", "-e", "_ws.malformed"}, flags...)
	for _, f := range fields {
		args = append(args, "-e", f)
	}
	var complaints strings.Builder
	cmd := exec.Command("tshark", args...)
	cmd.Stderr = &complaints
	out, err := cmd.Output()
	require.NoError(t, err, "%s", &complaints)
	found := make([][]string, len(fields))
	for _, line := range strings.Split(strings.TrimSuffix(string(out), "\n"), "\n") {
		columns := strings.Split(line, "\t")
		require.Len(t, columns, 1+len(fields), "%q", line)
		require.Empty(t, columns[0], "malformed")
		for i, values := range columns[1:] {
			if values != "" {
				found[i] = append(found[i], strings.Split(values, ",")...) // of several chunks
			}
		}
	}
	return found
}
