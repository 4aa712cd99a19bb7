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

// StreamScheduler returns SCTP_STREAM_SCHEDULER (RFC 8260 section 4.3.2). It needs Linux
// 4.15.
func (o Options) StreamScheduler() (Scheduler, error) { return optStreamScheduler.get(o) }

// SetStreamScheduler sets SCTP_STREAM_SCHEDULER (RFC 8260 section 4.3.2): which waiting
// message is sent next. It takes effect at once on an association; in a Control function
// and on a Listener it applies to later ones. It resets the streams' values. A message
// that has begun is sent to its end first, unless the association uses interleaving. It
// fails with EINVAL if the kernel does not have the scheduler. It needs Linux 4.15.
func (o Options) SetStreamScheduler(v Scheduler) error { return optStreamScheduler.set(o, v) }

var optStreamSchedulerValue = option[uint16, sys.StreamValue]{
	sockopt: sctpOption(sys.SCTP_STREAM_SCHEDULER_VALUE, "SCTP_STREAM_SCHEDULER_VALUE", needsLinux("4.15")), assoc: true,
	decode: func(k *sys.StreamValue) uint16 { return k.Value },
	encode: func(v uint16, k *sys.StreamValue) error { k.Value = v; return nil },
}

// StreamSchedulerValue returns SCTP_STREAM_SCHEDULER_VALUE (RFC 8260 section 4.3.3) of an
// outbound stream, or 0 under a scheduler that has no values. It fails with EINVAL without
// an association, and if the association has no such stream. It needs Linux 4.15.
func (o Options) StreamSchedulerValue(stream uint16) (uint16, error) {
	return optStreamSchedulerValue.getFor(o, sys.StreamValue{SID: stream})
}

// SetStreamSchedulerValue sets SCTP_STREAM_SCHEDULER_VALUE (RFC 8260 section 4.3.3) of an
// outbound stream of an association. Under SchedPrio it is the stream's priority: 0, the
// default, comes first. Under SchedWFQ it is its weight. Other schedulers ignore it, and
// so do sockets without an association. It fails with EINVAL if the association has no
// such stream. It needs Linux 4.15.
func (o Options) SetStreamSchedulerValue(stream, value uint16) error {
	return optStreamSchedulerValue.setFor(o, sys.StreamValue{SID: stream}, value)
}
