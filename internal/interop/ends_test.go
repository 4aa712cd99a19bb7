package interop_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/netsctp/sctp"
)

// userAbort is the cause of an abort by the user, 12, as gen_sctp shows it: in the order of
// the network, read as that of the host.
const userAbort = `error = 3072`

// genSCTPEnds are the ways in which either side ends an association.
var genSCTPEnds = []struct {
	name string
	end  func(t *testing.T, e *session, c *sctp.MultiConn, id sctp.AssocID)
}{
	{"GenSCTPEOF", func(t *testing.T, e *session, c *sctp.MultiConn, id sctp.AssocID) {
		e.eval(`ok = gen_sctp:send(S, A, 0, <<"last words">>), ok = gen_sctp:eof(S, C)`)
		require.Equal(t, "last words", string(read(t, c).Data))
		require.IsType(t, &sctp.Shutdown{}, read(t, c).Event)
		readAssocChange(t, c, sctp.AssocShutdownComp)
		e.recv(`#sctp_assoc_change{state = shutdown_comp`)
	}},
	{"GenSCTPAbort", func(t *testing.T, e *session, c *sctp.MultiConn, id sctp.AssocID) {
		e.eval(`ok = gen_sctp:abort(S, C)`)
		ev := readAssocChange(t, c, sctp.AssocCommLost)
		require.Equal(t, sctp.CauseUserAbort, ev.Cause)
		e.recv(`#sctp_assoc_change{state = comm_lost`)
	}},
	{"GenSCTPClose", func(t *testing.T, e *session, c *sctp.MultiConn, id sctp.AssocID) {
		e.eval(`ok = gen_sctp:close(S)`)
		require.IsType(t, &sctp.Shutdown{}, read(t, c).Event)
		readAssocChange(t, c, sctp.AssocShutdownComp)
	}},
	{"MultiConnShutdown", func(t *testing.T, e *session, c *sctp.MultiConn, id sctp.AssocID) {
		_, err := c.WriteMsg([]byte("last words"), &sctp.SndInfo{Assoc: id})
		require.NoError(t, err)
		require.NoError(t, c.StartShutdown(id))
		e.recv(`<<"last words">>`)
		e.recv(`#sctp_shutdown_event{`)
		e.recv(`#sctp_assoc_change{state = shutdown_comp`)
		readAssocChange(t, c, sctp.AssocShutdownComp)
	}},
	{"MultiConnAbort", func(t *testing.T, e *session, c *sctp.MultiConn, id sctp.AssocID) {
		require.NoError(t, c.AbortAssoc(id, []byte("go away")))
		e.recv(`#sctp_assoc_change{state = comm_lost,` + userAbort)
		readAssocChange(t, c, sctp.AssocCommLost)
	}},
	{"MultiConnClose", func(t *testing.T, e *session, c *sctp.MultiConn, id sctp.AssocID) {
		require.NoError(t, c.Close())
		e.recv(`#sctp_shutdown_event{`)
		e.recv(`#sctp_assoc_change{state = shutdown_comp`)
	}},
}

func TestMultiConnEndsWithGenSCTP(t *testing.T) {
	t.Parallel()
	for _, tt := range genSCTPEnds {
		t.Run(tt.name, func(t *testing.T) {
			sides(t, func(t *testing.T, e *session, c *sctp.MultiConn, id sctp.AssocID) {
				tt.end(t, e, c, id)
				e.eval(`{error, _} = gen_sctp:send(S, A, 0, <<"x">>)`)
				_, err := c.WriteMsg([]byte("x"), &sctp.SndInfo{Assoc: id})
				require.Error(t, err)
			})
		})
	}
}
