package sctp

// Getsockopt calls getsockopt with level SOL_SCTP. The pointers may be of variables on the
// caller's stack, converted in the call.
//
//go:uintptrescapes
func (c *SCTPConn) Getsockopt(optname, optval, optlen uintptr) (r0, r1 uintptr, err error) {
	r0 = ^uintptr(0)
	err = c.control(func(fd int) error {
		r0, r1, err = getsockopt(fd, optname, optval, optlen)
		return err
	})
	return r0, r1, err
}

// Setsockopt calls setsockopt with level SOL_SCTP; see Getsockopt. Of SCTP_EVENTS it keeps
// on what the package needs itself.
//
//go:uintptrescapes
func (c *SCTPConn) Setsockopt(optname, optval, optlen uintptr) (r0, r1 uintptr, err error) {
	flags := 0
	r0 = ^uintptr(0)
	err = c.control(func(fd int) error {
		r0, r1, err = setsockopt(fd, optname, optval, optlen)
		if err == nil && optname == SCTP_EVENTS {
			flags, err = subscribedEvents(fd)
		}
		return err
	})
	if err == nil && optname == SCTP_EVENTS {
		err = c.SubscribeEvents(flags)
	}
	return r0, r1, err
}

// SubscribeEvents replaces the set of what is subscribed to.
func (c *SCTPConn) SubscribeEvents(flags int) error {
	c.mu.Lock()
	s := c.c
	c.mu.Unlock()
	var err error
	if s == nil {
		err = c.control(func(fd int) error {
			var e EventSubscribe
			for i, f := range e.fields() {
				*f = uint8(flags >> i & 1)
			}
			return setOption(fd, SCTP_EVENTS, &e)
		})
	} else if err = bare(s.SetEvents(eventTypes(flags)...)); err == nil && flags&SCTP_EVENT_SEND_FAILURE != 0 {
		err = c.control(subscribeSendFailed)
	}
	if err == nil {
		c.mu.Lock()
		c.events = flags & SCTP_EVENT_ALL
		c.mu.Unlock()
	}
	return err
}

// SubscribedEvents returns what is subscribed to.
func (c *SCTPConn) SubscribedEvents() (flags int, err error) {
	err = c.control(func(fd int) error {
		flags, err = subscribedEvents(fd)
		return err
	})
	c.mu.Lock()
	defer c.mu.Unlock()
	if err == nil && c.c != nil {
		flags = c.events // the kernel sends more, to the package
	}
	return flags, err
}

// SetInitMsg sets SCTP_INITMSG; maxInitTimeout is in milliseconds.
func (c *SCTPConn) SetInitMsg(numOstreams, maxInstreams, maxAttempts, maxInitTimeout int) error {
	m := InitMsg{uint16(numOstreams), uint16(maxInstreams), uint16(maxAttempts), uint16(maxInitTimeout)}
	return c.control(func(fd int) error { return setOption(fd, SCTP_INITMSG, &m) })
}

// SetDefaultSentParam sets how Write sends, with the PPID in host order.
func (c *SCTPConn) SetDefaultSentParam(info *SndRcvInfo) error {
	k := *info
	k.PPID = htonl(k.PPID)
	return c.control(func(fd int) error { return setOption(fd, SCTP_DEFAULT_SENT_PARAM, &k) })
}

// GetDefaultSentParam returns how Write sends, with the PPID in host order.
func (c *SCTPConn) GetDefaultSentParam() (*SndRcvInfo, error) {
	k := &SndRcvInfo{}
	err := c.control(func(fd int) error { return getOption(fd, SCTP_DEFAULT_SENT_PARAM, k) })
	k.PPID = htonl(k.PPID)
	return k, err
}

// SetSackTimer sets SCTP_DELAYED_SACK.
func (c *SCTPConn) SetSackTimer(timer *SackTimer) error {
	return c.control(func(fd int) error { return setOption(fd, SCTP_DELAYED_SACK, timer) })
}

// GetSackTimer returns SCTP_DELAYED_SACK.
func (c *SCTPConn) GetSackTimer() (*SackTimer, error) {
	timer := &SackTimer{}
	return timer, c.control(func(fd int) error { return getOption(fd, SCTP_DELAYED_SACK, timer) })
}

// GetStatus returns SCTP_STATUS.
func (c *SCTPConn) GetStatus() (*Status, error) {
	st := &Status{}
	return st, c.control(func(fd int) error { return getOption(fd, SCTP_STATUS, st) })
}

// SetWriteBuffer sets SO_SNDBUF, of which the kernel makes twice as much.
func (c *SCTPConn) SetWriteBuffer(bytes int) error {
	return c.control(func(fd int) error { return setInt(fd, optSndbuf, bytes) })
}

// GetWriteBuffer returns SO_SNDBUF.
func (c *SCTPConn) GetWriteBuffer() (n int, err error) {
	err = c.control(func(fd int) error { n, err = getInt(fd, optSndbuf); return err })
	return n, err
}

// SetReadBuffer sets SO_RCVBUF, of which the kernel makes twice as much.
func (c *SCTPConn) SetReadBuffer(bytes int) error {
	return c.control(func(fd int) error { return setInt(fd, optRcvbuf, bytes) })
}

// GetReadBuffer returns SO_RCVBUF.
func (c *SCTPConn) GetReadBuffer() (n int, err error) {
	err = c.control(func(fd int) error { n, err = getInt(fd, optRcvbuf); return err })
	return n, err
}
