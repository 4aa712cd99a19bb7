package sctp

import (
	"errors"
	"fmt"
	"math"
	"net"
	"os"
	"sync"
	"time"

	"github.com/netsctp/sctp/internal/sys"
)

// maxWrite is the longest message that Write makes of the stream of bytes.
const maxWrite = 64 << 10

// A writer is the write operation of a socket, with memory and a function that are
// used again by each call. One call at a time holds it, to its last byte.
type writer struct {
	s   *socket
	mu  sync.Mutex
	fn  func(fd uintptr) bool // step
	msg sys.OutMsg

	batchFn func(fd uintptr) bool // stepBatch
	batch   batch

	// The call under way.
	data  payload
	size  int  // of data
	cut   bool // Write: data is a stream of bytes, in messages of any size
	piece int  // the longest message to send
	n     int
	err   error
	full  bool // the system, not the socket, has no memory for it
	waits bool // wakeWriter knows of it
}

func (w *writer) init(s *socket) {
	w.s = s
	w.fn, w.batchFn = w.step, w.stepBatch
}

// write sends b as messages of at most maxWrite bytes.
func (w *writer) write(b []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.s.closed.Load() {
		return 0, net.ErrClosed
	}
	if len(b) == 0 {
		return 0, w.s.writeDeadlinePassed()
	}
	w.data.b = b
	w.set(maxWrite)
	w.cut = true
	err := w.call(w.fn)
	if err != nil && errors.Is(err, sys.EINVAL) {
		err = explainSend(w.s, FutureAssoc, err, len(b), nil)
	}
	return w.n, err
}

// writeMsg sends b, or parts, as one message.
func (w *writer) writeMsg(b []byte, parts [][]byte, info *SndInfo) (n int, err error) {
	w.mu.Lock()
	if w.s.closed.Load() {
		err = net.ErrClosed
	} else {
		w.data.b, w.data.parts = b, parts
		if err = w.begin(info); err == nil {
			if err = w.call(w.fn); err != nil {
				err = explainSend(w.s, FutureAssoc, err, w.size, info)
			}
			n = w.n
		} else {
			w.data = payload{}
		}
	}
	w.mu.Unlock()
	return n, err
}

// set begins with the data, without a SndInfo, in messages of at most piece bytes.
func (w *writer) set(piece int) {
	w.size, w.cut, w.piece = w.data.size(), false, piece
	w.n, w.err, w.full = 0, nil, false
	w.msg.Reset()
}

// begin begins with the data as one message.
func (w *writer) begin(info *SndInfo) error {
	w.set(math.MaxInt)
	if err := w.data.check(w.size); err != nil || info == nil {
		return err
	}
	if info.Addr.IsValid() {
		if w.s.peeled {
			return errPeeledAddr
		}
		w.msg.SetAddr(0, info.Addr)
	}
	return info.addTo(&w.msg, w.s.hasLifetimes())
}

// call performs one call.
func (w *writer) call(fn func(fd uintptr) bool) error {
	if w.s.writeEnded() {
		w.data = payload{}
		return w.s.writeEndError()
	}
	err := w.s.raw.Write(fn)
	for pause := time.Millisecond; err == nil && w.full; pause = min(2*pause, 64*time.Millisecond) {
		// The kernel has no memory to lend (net.sctp.sctp_mem) while the socket has
		// room, and does not tell when that changes: the one case with no event to
		// wait for.
		time.Sleep(pause)
		err = w.s.raw.Write(fn)
	}
	w.msg.Release()
	w.data = payload{}
	if w.waits {
		w.waits = false
		w.s.writerBack()
	}
	switch {
	case err == nil && (w.n == w.size || !w.s.closed.Load()):
		return w.err
	case !w.s.closed.Load() && w.s.writeEnded():
		return w.s.writeEndError()
	}
	return w.s.pollError(err)
}

// step sends until all is sent. It returns false to be called again once the
// descriptor is writable.
func (w *writer) step(fd uintptr) bool {
	w.full = false
	for tried := false; w.n < w.size; {
		size := min(w.size-w.n, w.piece)
		n, errno := w.msg.Send(fd, w.data.from(w.n, size), w.data.parts)
		switch errno {
		case 0:
			w.n += n
			tried = false
		case sys.EAGAIN:
			if sys.Poll(fd)&sys.PollOut == 0 {
				w.waits = true
				if w.s.writerWaits() {
					return false
				}
				w.err = w.s.writeEndError()
				return true
			}
			// Room that came in between, or a lack of memory elsewhere.
			w.full = tried
			if tried {
				return true
			}
			tried = true
		case sys.EMSGSIZE:
			limit, _ := messageLimit(fd, FutureAssoc)
			if !w.cut || limit <= 0 || limit >= size {
				w.err = syscallError("sendmsg", errno)
				return true
			}
			w.piece = limit
		case sys.EPIPE, sys.ESHUTDOWN:
			w.err = w.ended(fd)
			return true
		case sys.EADDRNOTAVAIL:
			w.err = syscallError("sendmsg", errno)
			if w.msg.HasAddr() && gone(fd) { // so that nothing is at that address
				if errno := takeEnd(fd); errno != 0 {
					w.s.lost(errno)
				}
				w.err = w.ended(fd)
			}
			return true
		default:
			switch {
			case isHint(errno):
				continue
			case isEnd(errno):
				w.s.lost(errno)
				w.err = w.s.writeEndError()
			default:
				w.err = syscallError("sendmsg", errno)
			}
			return true
		}
	}
	return true
}

// ended returns the error of a write that the kernel refused. Its one-shot error may
// be spent: then the association was lost, unless somebody shut it down.
func (w *writer) ended(fd uintptr) error {
	switch {
	case w.s.writeEnded():
	case !gone(fd) || sys.Poll(fd)&sys.PollRdhup != 0 || w.s.peeled:
		// Of an association that was peeled off, the kernel reports a loss only.
		w.s.writeClosed.Store(true)
	default:
		w.s.lostSomehow()
	}
	return w.s.writeEndError()
}

// messageLimit returns the size of the longest message that fits, and what sets it: the
// send buffer, or one chunk if the kernel may not fragment.
func messageLimit(fd uintptr, id AssocID) (limit int, by string) {
	limit, err := getInt(fd, sys.SOL_SOCKET, sys.SO_SNDBUF, "SO_SNDBUF")
	if err != nil {
		return 0, ""
	}
	by = "SetWriteBuffer"
	if whole, err := getInt(fd, sys.SOL_SCTP, sys.SCTP_DISABLE_FRAGMENTS, "SCTP_DISABLE_FRAGMENTS"); err == nil && whole != 0 {
		st, errno := statusOf(fd, id)
		if point := int(st.FragmentationPoint); errno == 0 && point < limit {
			limit, by = point, "SetDisableFragments"
		}
	}
	return limit, by
}

// explainSend adds to an error of sending a message what the caller can do about it.
func explainSend(s *socket, id AssocID, err error, size int, info *SndInfo) error {
	se, ok := err.(*os.SyscallError)
	if !ok {
		return err
	}
	switch se.Err {
	case sys.EMSGSIZE:
		limit, cure := 0, ""
		s.control(func(fd uintptr) error { limit, cure = messageLimit(fd, id); return nil })
		return fmt.Errorf("message of %d bytes, limit %d (%s): %w", size, limit, cure, err)
	case sys.EINVAL:
		var st sys.Status
		var stream uint16
		s.control(func(fd uintptr) error {
			st, _ = statusOf(fd, id)
			stream = defaultStream(fd, id)
			return nil
		})
		if info != nil {
			stream = info.Stream
		}
		if st.OutStreams > 0 && stream >= st.OutStreams {
			return fmt.Errorf("stream %d of an association with %d: %w", stream, st.OutStreams, err)
		}
		if info != nil && info.AuthKey != 0 {
			return fmt.Errorf("no AUTH key %d, or Linux before 4.17: %w", info.AuthKey, err)
		}
	}
	return err
}

// defaultStream returns the stream of messages that name none.
func defaultStream(fd uintptr, id AssocID) uint16 {
	k := sys.SndInfo{AssocID: int32(id)}
	sys.Getsockopt(fd, sys.SOL_SCTP, sys.SCTP_DEFAULT_SNDINFO, sys.Bytes(&k))
	return k.SID
}
