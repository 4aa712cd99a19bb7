package sctp_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/netsctp/sctp"
	"github.com/netsctp/sctp/internal/sctptest"
)

// Tests wait for goroutines by the names of functions in stack traces: a function that gets
// another name is noticed here, and not by a test that waits in vain.
func TestStackTracesNameWhatTestsWaitFor(t *testing.T) {
	noRoom, method := sctp.NamesInStacks()
	require.Equal(t, "github.com/netsctp/"+sctptest.NoRoom, noRoom)
	require.Contains(t, method, sctptest.Method)
}
