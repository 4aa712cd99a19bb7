package interop_test

import (
	"encoding/binary"
	"fmt"
)

// What is used of M3UA, RFC 4666: messages by class and type (section 3.1), and parameters
// (3.2).
const m3uaPPID = 3 // section 7.1

// A m3uaType is the class of a message, and its type in that class.
type m3uaType struct{ class, typ byte }

var (
	m3uaNotify         = m3uaType{0, 1}
	m3uaData           = m3uaType{1, 1}
	m3uaASPUp          = m3uaType{3, 1}
	m3uaASPDown        = m3uaType{3, 2}
	m3uaHeartbeat      = m3uaType{3, 3}
	m3uaASPUpAck       = m3uaType{3, 4}
	m3uaASPDownAck     = m3uaType{3, 5}
	m3uaHeartbeatAck   = m3uaType{3, 6}
	m3uaASPActive      = m3uaType{4, 1}
	m3uaASPInactive    = m3uaType{4, 2}
	m3uaASPActiveAck   = m3uaType{4, 3}
	m3uaASPInactiveAck = m3uaType{4, 4}
)

// m3uaDestinations is the class of messages on which point codes can be reached (SSNM).
const m3uaDestinations = 2

const (
	m3uaRoutingContext = 0x0006
	m3uaHeartbeatData  = 0x0009
	m3uaStatus         = 0x000d
	m3uaProtocolData   = 0x0210
)

// What NOTIFY says in its status, section 3.8.2: a type and information.
const (
	m3uaASInactive = 1<<16 | 2
	m3uaASActive   = 1<<16 | 3
)

// A m3uaParam is a parameter with its value.
type m3uaParam struct {
	tag  uint16
	data []byte
}

func m3uaUint32(tag uint16, v uint32) m3uaParam {
	return m3uaParam{tag, binary.BigEndian.AppendUint32(nil, v)}
}

// encodeM3UA returns a message as it is on the wire.
func encodeM3UA(typ m3uaType, params ...m3uaParam) []byte {
	const version = 1
	b := []byte{version, 0, typ.class, typ.typ, 0, 0, 0, 0}
	for _, p := range params {
		b = binary.BigEndian.AppendUint16(b, p.tag)
		b = binary.BigEndian.AppendUint16(b, uint16(4+len(p.data)))
		b = append(b, p.data...)
		b = append(b, make([]byte, -len(p.data)&3)...)
	}
	binary.BigEndian.PutUint32(b[4:], uint32(len(b)))
	return b
}

// parseM3UA returns the type of the message that b is, and its parameters by their tags.
func parseM3UA(b []byte) (m3uaType, map[uint16][]byte, error) {
	if len(b) < 8 || b[0] != 1 || int(binary.BigEndian.Uint32(b[4:])) != len(b) {
		return m3uaType{}, nil, fmt.Errorf("no message of M3UA: %x", b)
	}
	typ := m3uaType{b[2], b[3]}
	params := make(map[uint16][]byte)
	for b = b[8:]; len(b) > 0; {
		if len(b) < 4 {
			return typ, nil, fmt.Errorf("a parameter is cut: %x", b)
		}
		size := int(binary.BigEndian.Uint16(b[2:]))
		if size < 4 || (size+3)&^3 > len(b) {
			return typ, nil, fmt.Errorf("the length of a parameter is wrong: %x", b)
		}
		params[binary.BigEndian.Uint16(b)] = b[4:size]
		b = b[(size+3)&^3:]
	}
	return typ, params, nil
}

// protocolData returns the parameter with a message of MTP3 from one point code to another,
// section 3.3.1.
func protocolData(from, to uint32, sls byte, user []byte) m3uaParam {
	const sccp, national = 3, 2
	b := binary.BigEndian.AppendUint32(nil, from)
	b = binary.BigEndian.AppendUint32(b, to)
	b = append(b, sccp, national, 0, sls) // service, network, priority, signalling link selection
	return m3uaParam{m3uaProtocolData, append(b, user...)}
}
