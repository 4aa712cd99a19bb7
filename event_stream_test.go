package sctp_test

import (
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/netsctp/sctp"
	"github.com/netsctp/sctp/internal/sctptest"
	"github.com/netsctp/sctp/internal/sys"
)

// resettablePair returns an association whose streams can be reset at both ends, and its
// id at each; the server lets the client ask for what allow has.
func resettablePair(t *testing.T, allow uint32) (client, server *sctp.Conn, clientID, serverID sctp.AssocID) {
	t.Helper()
	events := []sctp.EventType{sctp.EventStreamReset, sctp.EventAssocReset, sctp.EventStreamChange}
	control := func(allow uint32) func(_, _ string, c syscall.RawConn) error {
		return controlOptions(
			kernelOption{sys.SCTP_RECONFIG_SUPPORTED, native32(0, 1)},
			kernelOption{sys.SCTP_ENABLE_STREAM_RESET, native32(0, allow)},
		)
	}
	all := uint32(sys.SCTP_ENABLE_RESET_STREAM_REQ | sys.SCTP_ENABLE_RESET_ASSOC_REQ | sys.SCTP_ENABLE_CHANGE_ASSOC_REQ)
	client, server = sctptest.PairOf(t,
		sctp.Dialer{Events: events, Control: control(all)},
		sctp.ListenConfig{Events: events, Control: control(allow)}, "sctp4", "127.0.0.1:0")
	ids := [2]sctp.AssocID{}
	for i, c := range []*sctp.Conn{client, server} {
		st, err := c.Options().Status()
		require.NoError(t, err)
		ids[i] = st.Assoc
	}
	return client, server, ids[0], ids[1]
}

// resetStreams returns a struct sctp_reset_streams.
func resetStreams(id sctp.AssocID, flags uint16, streams ...uint16) []byte {
	return concat(native32(uint32(id)), native16(flags, uint16(len(streams))), native16(streams...))
}

func TestConnStreamReset(t *testing.T) {
	client, server, cid, sid := resettablePair(t, 7)
	setOption(t, client, sys.SCTP_RESET_STREAMS, resetStreams(cid, sys.SCTP_STREAM_RESET_OUTGOING, 3, 5))
	require.Equal(t, &sctp.StreamReset{Assoc: cid, Outgoing: true, Streams: []uint16{3, 5}}, nextEvent[*sctp.StreamReset](t, client))
	require.Equal(t, &sctp.StreamReset{Assoc: sid, Incoming: true, Streams: []uint16{3, 5}}, nextEvent[*sctp.StreamReset](t, server))
	setOption(t, client, sys.SCTP_RESET_STREAMS, resetStreams(cid, sys.SCTP_STREAM_RESET_OUTGOING))
	require.Equal(t, &sctp.StreamReset{Assoc: cid, Outgoing: true}, nextEvent[*sctp.StreamReset](t, client))
	require.Equal(t, &sctp.StreamReset{Assoc: sid, Incoming: true}, nextEvent[*sctp.StreamReset](t, server))
}

func TestConnAssocReset(t *testing.T) {
	client, server, cid, sid := resettablePair(t, 7)
	setOption(t, client, sys.SCTP_RESET_ASSOC, native32(uint32(cid)))
	c, s := nextEvent[*sctp.AssocReset](t, client), nextEvent[*sctp.AssocReset](t, server)
	require.Equal(t, &sctp.AssocReset{Assoc: cid, LocalTSN: s.PeerTSN, PeerTSN: s.LocalTSN}, c)
	require.Equal(t, sid, s.Assoc)
	for _, tt := range []struct {
		from, to *sctp.Conn
		tsn      uint32
	}{{client, server, c.LocalTSN}, {server, client, s.LocalTSN}} {
		_, err := tt.from.Write([]byte("x"))
		require.NoError(t, err)
		m, err := tt.to.ReadMsg(make([]byte, 10))
		require.NoError(t, err)
		require.Equal(t, tt.tsn, m.Info.TSN)
	}
}

func TestConnStreamChangeHasTheNumbersAdded(t *testing.T) {
	client, server, cid, sid := resettablePair(t, 7)
	setOption(t, client, sys.SCTP_ADD_STREAMS, concat(native32(uint32(cid)), native16(0, 4)))
	require.Equal(t, &sctp.StreamChange{Assoc: cid, OutAdded: 4}, nextEvent[*sctp.StreamChange](t, client))
	require.Equal(t, &sctp.StreamChange{Assoc: sid, InAdded: 4}, nextEvent[*sctp.StreamChange](t, server))
	st, err := client.Options().Status()
	require.NoError(t, err)
	require.Equal(t, uint16(14), st.OutStreams)
}

// A peer that does not let anybody ask denies.
func TestConnReconfigurationDenied(t *testing.T) {
	client, _, cid, _ := resettablePair(t, 0)
	setOption(t, client, sys.SCTP_RESET_STREAMS, resetStreams(cid, sys.SCTP_STREAM_RESET_OUTGOING, 3))
	require.Equal(t, &sctp.StreamReset{Assoc: cid, Outgoing: true, Denied: true, Streams: []uint16{3}}, nextEvent[*sctp.StreamReset](t, client))
	setOption(t, client, sys.SCTP_RESET_ASSOC, native32(uint32(cid)))
	require.Equal(t, &sctp.AssocReset{Assoc: cid, Denied: true}, nextEvent[*sctp.AssocReset](t, client))
	setOption(t, client, sys.SCTP_ADD_STREAMS, concat(native32(uint32(cid)), native16(0, 4)))
	require.Equal(t, &sctp.StreamChange{Assoc: cid, Denied: true, OutAdded: 4}, nextEvent[*sctp.StreamChange](t, client))
}
