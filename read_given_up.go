package sctp

// goneWith returns the messages that were read in part and will not be completed, as ev says.
// A peer may have begun one on each stream, and give up one after the other: none is searched
// among all.
func (r *reader) goneWith(ev Event) (gone []partKey) {
	switch ev := ev.(type) {
	case *PartialDelivery:
		of := partKey{assoc: ev.Assoc, stream: ev.Stream, unordered: ev.Unordered}
		if !r.s.many {
			of.assoc = FutureAssoc
		}
		// The kernel delivers one unordered message of a stream in pieces at a time.
		for _, mid := range r.open.mids[of] {
			of.mid = mid
			gone = append(gone, of)
		}
		for _, key := range []partKey{of, {assoc: of.assoc, alone: true}} {
			if !key.unordered && r.begun(key) {
				gone = append(gone, key)
			}
		}
	case *AssocChange:
		if ev.State == AssocCommUp || !r.s.many && ev.State != AssocRestart {
			return nil
		}
		for key := range r.open.messages {
			if !r.s.many || key.assoc == ev.Assoc { // nothing of what was begun goes on
				gone = append(gone, key)
			}
		}
	}
	return gone
}

// giveUp removes the messages that will not be completed, as ev says, and returns an error
// for each of which Read or ReadMsg has returned a part.
func (r *reader) giveUp(ev Event) (errs []*MessageError) {
	for _, key := range r.goneWith(ev) {
		p := r.open.messages[key]
		if p.fate == handedOut || p.fate == cut {
			if p.m.Info.Assoc == FutureAssoc {
				p.m.Info.Assoc = ev.assoc() // Read does not know it
			}
			errs = append(errs, givenUp(p.m.Info, p.m.Addr))
		}
		r.open.end(key)
	}
	return errs
}
