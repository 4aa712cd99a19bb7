package sctp_test

import (
	"errors"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/netsctp/sctp"
	"github.com/netsctp/sctp/internal/sctptest"
)

const enableAll = sctp.EnableResetStreams | sctp.EnableResetAssoc | sctp.EnableAddStreams

// reconfigControl is a Control function for associations whose streams can be changed.
func reconfigControl(_, _ string, c syscall.RawConn) error {
	o := sctp.NewOptions(c)
	return errors.Join(o.SetReconfigSupported(true), o.SetEnableStreamReset(enableAll))
}

// reconfigPair returns an association whose streams can be changed by both ends, which
// are told of it.
func reconfigPair(t *testing.T) (client, server *sctp.Conn) {
	t.Helper()
	events := []sctp.EventType{sctp.EventStreamReset, sctp.EventAssocReset, sctp.EventStreamChange}
	return sctptest.PairOf(t, sctp.Dialer{Control: reconfigControl, Events: events},
		sctp.ListenConfig{Control: reconfigControl, Events: events}, "sctp4", "127.0.0.1:0")
}

// awaitEvent reads the event that c must read next.
func awaitEvent(t *testing.T, c *sctp.Conn, want sctp.EventType) {
	t.Helper()
	m, err := c.ReadMsg(make([]byte, 1000))
	require.NoError(t, err)
	require.NotNil(t, m.Event, "data: %q", m.Data)
	require.Equal(t, want, m.Event.Type())
}

// requireSSN sends a message on a stream and requires its stream sequence number.
func requireSSN(t *testing.T, from, to *sctp.Conn, stream, want uint16) {
	t.Helper()
	_, err := from.WriteMsg([]byte("x"), &sctp.SndInfo{Stream: stream})
	require.NoError(t, err)
	m, err := to.ReadMsg(make([]byte, 10))
	require.NoError(t, err)
	require.Nil(t, m.Event)
	require.Equal(t, stream, m.Info.Stream)
	require.Equal(t, want, m.Info.SSN)
}

func TestOptionsReconfigSupported(t *testing.T) {
	forEachOptions(t, func(t *testing.T, o sctp.Options) {
		requireOffer(t, o, o.ReconfigSupported, o.SetReconfigSupported, false)
	})
}

func TestOptionsEnableStreamReset(t *testing.T) {
	forEachOptions(t, func(t *testing.T, o sctp.Options) {
		for _, want := range []sctp.EnableStreamReset{enableAll, sctp.EnableResetAssoc, 0} {
			require.NoError(t, o.SetEnableStreamReset(want))
			got, err := o.EnableStreamReset()
			require.NoError(t, err)
			require.Equal(t, want, got)
		}
		requireOptionError(t, o.SetEnableStreamReset(8), syscall.EINVAL, "setsockopt SCTP_ENABLE_STREAM_RESET")
	})
}

// An accepted association has what its Listener had.
func TestOptionsReconfigIsNegotiated(t *testing.T) {
	client, server := reconfigPair(t)
	for _, c := range []*sctp.Conn{client, server} {
		on, err := c.Options().ReconfigSupported()
		require.NoError(t, err)
		require.True(t, on)
		v, err := c.Options().EnableStreamReset()
		require.NoError(t, err)
		require.Equal(t, enableAll, v)
	}
}

func TestConnResetStreamsStartsSSNsAgain(t *testing.T) {
	client, server := reconfigPair(t)
	o := client.Options()
	for ssn := range uint16(3) {
		requireSSN(t, client, server, 2, ssn)
		requireSSN(t, client, server, 3, ssn)
		requireSSN(t, server, client, 2, ssn)
	}
	require.NoError(t, o.ResetStreams(false, true, 2))
	awaitEvent(t, client, sctp.EventStreamReset)
	awaitEvent(t, server, sctp.EventStreamReset)
	requireSSN(t, client, server, 2, 0)
	requireSSN(t, client, server, 3, 3)
	requireSSN(t, server, client, 2, 3)

	require.NoError(t, o.ResetStreams(true, false, 2, 3))
	awaitEvent(t, client, sctp.EventStreamReset)
	awaitEvent(t, server, sctp.EventStreamReset)
	requireSSN(t, client, server, 2, 1)
	requireSSN(t, server, client, 2, 0)

	require.NoError(t, o.ResetStreams(false, true))
	awaitEvent(t, client, sctp.EventStreamReset)
	awaitEvent(t, server, sctp.EventStreamReset)
	requireSSN(t, client, server, 2, 0)
	requireSSN(t, client, server, 3, 0)
	requireSSN(t, server, client, 2, 1)

	require.NoError(t, o.ResetStreams(true, true, 2))
	for range 2 { // one for each direction
		awaitEvent(t, client, sctp.EventStreamReset)
		awaitEvent(t, server, sctp.EventStreamReset)
	}
	requireSSN(t, client, server, 2, 0)
	requireSSN(t, client, server, 3, 1)
	requireSSN(t, server, client, 2, 0)
}

func TestConnResetAssocStartsAllAgain(t *testing.T) {
	client, server := reconfigPair(t)
	requireSSN(t, client, server, 2, 0)
	requireSSN(t, server, client, 5, 0)
	sctptest.Eventually(t, func() bool {
		return !errors.Is(client.Options().ResetAssoc(), syscall.EAGAIN)
	}, "all is acknowledged")
	awaitEvent(t, client, sctp.EventAssocReset)
	awaitEvent(t, server, sctp.EventAssocReset)
	requireSSN(t, client, server, 2, 0)
	requireSSN(t, server, client, 5, 0)
}

func TestConnAddStreams(t *testing.T) {
	client, server := reconfigPair(t)
	requireStreams := func(c *sctp.Conn, in, out uint16) {
		t.Helper()
		st, err := c.Options().Status()
		require.NoError(t, err)
		require.Equal(t, []uint16{in, out}, []uint16{st.InStreams, st.OutStreams})
	}
	requireStreams(client, 10, 10)
	require.NoError(t, client.Options().AddStreams(0, 3))
	awaitEvent(t, client, sctp.EventStreamChange)
	awaitEvent(t, server, sctp.EventStreamChange)
	requireStreams(client, 10, 13)
	requireStreams(server, 13, 10)
	requireSSN(t, client, server, 12, 0)

	require.NoError(t, client.Options().AddStreams(2, 0))
	awaitEvent(t, client, sctp.EventStreamChange)
	awaitEvent(t, server, sctp.EventStreamChange)
	requireStreams(client, 12, 13)
	requireStreams(server, 13, 12)
	requireSSN(t, server, client, 11, 0)

	requireOptionError(t, client.Options().AddStreams(0, 0), syscall.EINVAL, "none to add")
	requireOptionError(t, client.Options().AddStreams(0, 65530), syscall.EINVAL, "setsockopt SCTP_ADD_STREAMS")
}

func TestOptionsResetStreamsRefuses(t *testing.T) {
	client, _ := reconfigPair(t)
	o := client.Options()
	requireOptionError(t, o.ResetStreams(false, false, 1), syscall.EINVAL, "neither incoming nor outgoing")
	requireOptionError(t, o.ResetStreams(false, true, make([]uint16, 65536)...), syscall.EINVAL, "too many")
	requireOptionError(t, o.ResetStreams(false, true, make([]uint16, 65535)...), syscall.EINVAL, "setsockopt SCTP_RESET_STREAMS")
	requireOptionError(t, o.ResetStreams(false, true, 10), syscall.EINVAL, "setsockopt SCTP_RESET_STREAMS")
	requireOptionError(t, o.ResetStreams(true, false, 10), syscall.EINVAL, "setsockopt SCTP_RESET_STREAMS")
	l := sctptest.Listen(t, sctp.ListenConfig{Control: reconfigControl}, "sctp4", "127.0.0.1:0")
	requireOptionError(t, l.Options().ResetStreams(false, true), syscall.EINVAL, "setsockopt SCTP_RESET_STREAMS")
	requireOptionError(t, l.Options().ResetAssoc(), syscall.EINVAL, "setsockopt SCTP_RESET_ASSOC")
	requireOptionError(t, l.Options().AddStreams(0, 1), syscall.EINVAL, "setsockopt SCTP_ADD_STREAMS")

	plain, _ := sctptest.Pair(t)
	require.NoError(t, o.SetEnableStreamReset(0))
	for _, o := range []sctp.Options{plain.Options(), o} {
		for _, err := range []error{o.ResetStreams(false, true), o.ResetAssoc(), o.AddStreams(0, 1)} {
			requireOptionError(t, err, syscall.ENOPROTOOPT, "Linux before 4.11")
			require.ErrorContains(t, err, "Options.SetEnableStreamReset")
			require.ErrorContains(t, err, "Options.SetReconfigSupported")
		}
	}
}

// Both ends must enable it: the peer denies what it did not enable, and all stays.
func TestConnResetStreamsIsDenied(t *testing.T) {
	client, server := reconfigPair(t)
	require.NoError(t, server.Options().SetEnableStreamReset(0))
	requireSSN(t, client, server, 2, 0)
	require.NoError(t, client.Options().ResetStreams(false, true, 2))
	awaitEvent(t, client, sctp.EventStreamReset)
	requireSSN(t, client, server, 2, 1)
}

// One request at a time, and not before the messages in front of it.
func TestConnResetStreamsInTurn(t *testing.T) {
	control := func(network, address string, c syscall.RawConn) error {
		return errors.Join(sctptest.ShortTimers(network, address, c), reconfigControl(network, address, c))
	}
	client, _ := stalledPairOf(t, control, reconfigControl)
	o := client.Options()
	require.NoError(t, o.SetAssocInfo(sctp.AssocInfo{MaxRetrans: 1000}))
	require.NoError(t, client.Subscribe(sctp.EventStreamReset))
	require.NoError(t, client.ns.Loopback(false))
	require.NoError(t, o.ResetStreams(false, true, 1))
	requireOptionError(t, o.ResetStreams(false, true, 2), syscall.EINPROGRESS, "has not answered the previous request")
	requireOptionError(t, o.ResetAssoc(), syscall.EINPROGRESS, "has not answered the previous request")
	requireOptionError(t, o.AddStreams(0, 1), syscall.EINPROGRESS, "has not answered the previous request")
	client.resume(t)
	awaitEvent(t, client.Conn, sctp.EventStreamReset)

	writeStalled(t, client, make([]byte, 100000))
	_, err := client.WriteMsg([]byte("waits"), &sctp.SndInfo{Stream: 2})
	require.NoError(t, err)
	requireOptionError(t, o.ResetStreams(false, true, 2), syscall.EAGAIN, "data waits to be sent")
	requireOptionError(t, o.ResetAssoc(), syscall.EAGAIN, "data waits to be sent")
	require.NoError(t, o.ResetStreams(false, true, 5)) // where nothing waits
}

func TestStreamResetEnableString(t *testing.T) {
	for v, want := range map[sctp.EnableStreamReset]string{
		0:                       "none",
		sctp.EnableResetStreams: "reset streams",
		sctp.EnableResetStreams | sctp.EnableAddStreams: "reset streams|add streams",
		enableAll:                 "reset streams|reset association|add streams",
		sctp.EnableResetAssoc | 8: "reset association|EnableStreamReset(0x8)",
	} {
		require.Equal(t, want, v.String())
	}
}
