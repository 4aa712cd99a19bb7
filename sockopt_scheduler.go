package sctp

import (
	"fmt"

	"github.com/netsctp/sctp/internal/sys"
)

// Scheduler says which of the messages that wait is sent next (enum sctp_sched_type,
// RFC 8260 section 3).
type Scheduler uint32

const (
	SchedFCFS Scheduler = 0 // SCTP_SS_FCFS: first come, first served: the default
	SchedPrio Scheduler = 1 // SCTP_SS_PRIO: the stream with the smallest value; streams of the same in turn
	SchedRR   Scheduler = 2 // SCTP_SS_RR: the streams in turn, a message each
	SchedFC   Scheduler = 3 // SCTP_SS_FC: fair capacity: so that all streams send as many bytes; needs Linux 6.4
	SchedWFQ  Scheduler = 4 // SCTP_SS_WFQ: weighted fair queueing: bytes in proportion to the streams' values; needs Linux 6.4
)

var schedulerNames = [...]string{
	SchedFCFS: "fcfs",
	SchedPrio: "prio",
	SchedRR:   "rr",
	SchedFC:   "fc",
	SchedWFQ:  "wfq",
}

// String returns the scheduler's name, as in "fcfs".
func (s Scheduler) String() string {
	if int64(s) < int64(len(schedulerNames)) {
		return schedulerNames[s]
	}
	return fmt.Sprintf("Scheduler(%d)", uint32(s))
}

var optStreamScheduler = assocValueOption[Scheduler](sctpOption(sys.SCTP_STREAM_SCHEDULER, "SCTP_STREAM_SCHEDULER",
	needsLinux("4.15"), hint{sys.EINVAL, "no such scheduler, or no such association; SchedFC and SchedWFQ need Linux 6.4"}))

// StreamScheduler returns SCTP_STREAM_SCHEDULER (RFC 8260 section 4.3.2). Needs Linux
// 4.15.
func (o Options) StreamScheduler() (Scheduler, error) { return optStreamScheduler.get(o) }

// SetStreamScheduler sets SCTP_STREAM_SCHEDULER (RFC 8260 section 4.3.2): at once on an
// association, and for later associations in a Control function and on a Listener. It
// concerns messages that wait for the peer's window or the network. A message that was
// begun is sent to its end first, unless the association has interleaving. The streams'
// values start anew. A scheduler that the kernel does not have is EINVAL. Needs Linux
// 4.15.
func (o Options) SetStreamScheduler(v Scheduler) error { return optStreamScheduler.set(o, v) }

var optStreamSchedulerValue = option[uint16, sys.StreamValue]{
	sockopt: sctpOption(sys.SCTP_STREAM_SCHEDULER_VALUE, "SCTP_STREAM_SCHEDULER_VALUE", needsLinux("4.15")), assoc: true,
	decode: func(k *sys.StreamValue) uint16 { return k.Value },
	encode: func(v uint16, k *sys.StreamValue) error { k.Value = v; return nil },
}

// StreamSchedulerValue returns SCTP_STREAM_SCHEDULER_VALUE (RFC 8260 section 4.3.3) of
// an outbound stream: 0 under a scheduler that has none. Without an association, or for
// a stream that it does not have, it is EINVAL. Needs Linux 4.15.
func (o Options) StreamSchedulerValue(stream uint16) (uint16, error) {
	return optStreamSchedulerValue.getFor(o, sys.StreamValue{SID: stream})
}

// SetStreamSchedulerValue sets SCTP_STREAM_SCHEDULER_VALUE (RFC 8260 section 4.3.3) of
// an outbound stream of an association: its priority under SchedPrio, where 0, the
// default, comes first; its weight under SchedWFQ. Others ignore it. It is EINVAL for a
// stream that the association does not have. On a Listener and in a Control function,
// where there is no association yet, it does nothing. Needs Linux 4.15.
func (o Options) SetStreamSchedulerValue(stream, value uint16) error {
	return optStreamSchedulerValue.setFor(o, sys.StreamValue{SID: stream}, value)
}
