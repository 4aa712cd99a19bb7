package sys_test

import (
	"testing"
	"unsafe"

	"github.com/stretchr/testify/require"

	"github.com/netsctp/sctp/internal/sys"
)

// What a C compiler prints for linux/sctp.h, on amd64, 386 and arm alike.
var abiSizes = []struct {
	name            string
	got, size       uintptr
	offsets, wanted []uintptr
}{
	{"sctp_initmsg", unsafe.Sizeof(sys.InitMsg{}), 8,
		[]uintptr{unsafe.Offsetof(sys.InitMsg{}.MaxInstreams), unsafe.Offsetof(sys.InitMsg{}.MaxAttempts), unsafe.Offsetof(sys.InitMsg{}.MaxInitTimeo)},
		[]uintptr{2, 4, 6}},
	{"sctp_sndinfo", unsafe.Sizeof(sys.SndInfo{}), 16,
		[]uintptr{unsafe.Offsetof(sys.SndInfo{}.Flags), unsafe.Offsetof(sys.SndInfo{}.PPID), unsafe.Offsetof(sys.SndInfo{}.Context), unsafe.Offsetof(sys.SndInfo{}.AssocID)},
		[]uintptr{2, 4, 8, 12}},
	{"sctp_rcvinfo", unsafe.Sizeof(sys.RcvInfo{}), 28,
		[]uintptr{unsafe.Offsetof(sys.RcvInfo{}.SSN), unsafe.Offsetof(sys.RcvInfo{}.Flags), unsafe.Offsetof(sys.RcvInfo{}.PPID), unsafe.Offsetof(sys.RcvInfo{}.TSN),
			unsafe.Offsetof(sys.RcvInfo{}.CumTSN), unsafe.Offsetof(sys.RcvInfo{}.Context), unsafe.Offsetof(sys.RcvInfo{}.AssocID)},
		[]uintptr{2, 4, 8, 12, 16, 20, 24}},
	{"sctp_prinfo", unsafe.Sizeof(sys.PRInfo{}), 8,
		[]uintptr{unsafe.Offsetof(sys.PRInfo{}.Value)},
		[]uintptr{4}},
	{"sctp_rtoinfo", unsafe.Sizeof(sys.RTOInfo{}), 16,
		[]uintptr{unsafe.Offsetof(sys.RTOInfo{}.Initial), unsafe.Offsetof(sys.RTOInfo{}.Max), unsafe.Offsetof(sys.RTOInfo{}.Min)},
		[]uintptr{4, 8, 12}},
	{"sctp_assocparams", unsafe.Sizeof(sys.AssocParams{}), 20,
		[]uintptr{unsafe.Offsetof(sys.AssocParams{}.AsocMaxRxt), unsafe.Offsetof(sys.AssocParams{}.NumberPeerDests), unsafe.Offsetof(sys.AssocParams{}.PeerRwnd),
			unsafe.Offsetof(sys.AssocParams{}.LocalRwnd), unsafe.Offsetof(sys.AssocParams{}.CookieLife)},
		[]uintptr{4, 6, 8, 12, 16}},
	{"sctp_assoc_value", unsafe.Sizeof(sys.AssocValue{}), 8,
		[]uintptr{unsafe.Offsetof(sys.AssocValue{}.Value)},
		[]uintptr{4}},
	{"sctp_status", unsafe.Sizeof(sys.Status{}), 176,
		[]uintptr{unsafe.Offsetof(sys.Status{}.State), unsafe.Offsetof(sys.Status{}.Rwnd), unsafe.Offsetof(sys.Status{}.UnackData), unsafe.Offsetof(sys.Status{}.PendData),
			unsafe.Offsetof(sys.Status{}.InStreams), unsafe.Offsetof(sys.Status{}.OutStreams), unsafe.Offsetof(sys.Status{}.FragmentationPoint)},
		[]uintptr{4, 8, 12, 14, 16, 18, 20}},
	{"sctp_notification", unsafe.Sizeof(sys.NotificationHeader{}), 8,
		[]uintptr{unsafe.Offsetof(sys.NotificationHeader{}.Flags), unsafe.Offsetof(sys.NotificationHeader{}.Length)},
		[]uintptr{2, 4}},
	{"sctp_assoc_change", unsafe.Sizeof(sys.AssocChange{}), 20,
		[]uintptr{unsafe.Offsetof(sys.AssocChange{}.State), unsafe.Offsetof(sys.AssocChange{}.Error), unsafe.Offsetof(sys.AssocChange{}.OutboundStreams),
			unsafe.Offsetof(sys.AssocChange{}.InboundStreams), unsafe.Offsetof(sys.AssocChange{}.AssocID)},
		[]uintptr{8, 10, 12, 14, 16}},
	{"sctp_shutdown_event", unsafe.Sizeof(sys.ShutdownEvent{}), 12,
		[]uintptr{unsafe.Offsetof(sys.ShutdownEvent{}.AssocID)},
		[]uintptr{8}},
	{"sctp_pdapi_event", unsafe.Sizeof(sys.PDAPIEvent{}), 24,
		[]uintptr{unsafe.Offsetof(sys.PDAPIEvent{}.Indication), unsafe.Offsetof(sys.PDAPIEvent{}.AssocID), unsafe.Offsetof(sys.PDAPIEvent{}.Stream), unsafe.Offsetof(sys.PDAPIEvent{}.Seq)},
		[]uintptr{8, 12, 16, 20}},
	{"sctp_send_failed_event", unsafe.Sizeof(sys.SendFailedEvent{}), 32,
		[]uintptr{unsafe.Offsetof(sys.SendFailedEvent{}.Error), unsafe.Offsetof(sys.SendFailedEvent{}.Info), unsafe.Offsetof(sys.SendFailedEvent{}.AssocID)},
		[]uintptr{8, 12, 28}},
}

func TestABILayouts(t *testing.T) {
	for _, tt := range abiSizes {
		require.Equal(t, tt.size, tt.got, tt.name)
		require.Equal(t, tt.wanted, tt.offsets, tt.name)
	}
}

func TestDecodeChecksLength(t *testing.T) {
	b := sys.Bytes(&sys.ShutdownEvent{NotificationHeader: sys.NotificationHeader{Type: sys.SCTP_SHUTDOWN_EVENT, Length: 12}, AssocID: 7})
	for n := range b {
		_, _, ok := sys.Decode[sys.ShutdownEvent](b[:n])
		require.False(t, ok, n)
	}
	e, rest, ok := sys.Decode[sys.ShutdownEvent](append(b[:len(b):len(b)], 'x'))
	require.True(t, ok)
	require.Equal(t, int32(7), e.AssocID)
	require.Equal(t, uint16(sys.SCTP_SHUTDOWN_EVENT), e.Type)
	require.Equal(t, "x", string(rest))
}

func TestNetworkOrder(t *testing.T) {
	v := uint16(0)
	copy(sys.Bytes(&v), []byte{0x00, 0x0c})
	require.Equal(t, uint16(12), sys.Ntohs(v))
	w := sys.Htonl(60)
	require.Equal(t, []byte{0, 0, 0, 60}, sys.Bytes(&w))
	require.Equal(t, uint32(60), sys.Ntohl(w))
}
