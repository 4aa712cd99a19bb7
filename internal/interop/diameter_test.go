package interop_test

import (
	"encoding/binary"
	"fmt"
)

// What is used of Diameter, RFC 6733: commands (section 3.1), their flag, and AVPs (4.5).
const (
	diameterPPID = 46 // section 2.1.1

	capabilitiesExchange = 257
	deviceWatchdog       = 280
	disconnectPeer       = 282

	diameterRequest = 0x80

	hostIPAddress     = 257
	authApplicationID = 258
	originHost        = 264
	vendorID          = 266
	resultCode        = 268
	productName       = 269
	disconnectCause   = 273
	originRealm       = 296
	inbandSecurityID  = 299

	diameterSuccess = 2001
	relay           = 0xffffffff // application id
	noSecurity      = 0
)

// A diameterMessage is a request or an answer.
type diameterMessage struct {
	flags         byte
	command       uint32
	hopByHop, end uint32 // identifiers, which the answer has from the request
	avps          []avp
}

// An avp is an attribute with its value.
type avp struct {
	code uint32
	data []byte
}

func avpUint32(code, v uint32) avp { return avp{code, binary.BigEndian.AppendUint32(nil, v)} }

// avp returns the value of the first AVP of a code, or nil.
func (m *diameterMessage) avp(code uint32) []byte {
	for _, a := range m.avps {
		if a.code == code {
			return a.data
		}
	}
	return nil
}

// encode returns the message as it is on the wire. All AVPs are mandatory ones of the base
// protocol but for the name of the product.
func (m *diameterMessage) encode() []byte {
	const version, mandatory = 1, 0x40
	b := make([]byte, 20)
	for _, a := range m.avps {
		head := uint32(mandatory)<<24 | uint32(8+len(a.data))
		if a.code == productName {
			head &^= mandatory << 24
		}
		b = binary.BigEndian.AppendUint32(b, a.code)
		b = binary.BigEndian.AppendUint32(b, head)
		b = append(b, a.data...)
		b = append(b, make([]byte, -len(a.data)&3)...)
	}
	binary.BigEndian.PutUint32(b, version<<24|uint32(len(b)))
	binary.BigEndian.PutUint32(b[4:], uint32(m.flags)<<24|m.command)
	binary.BigEndian.PutUint32(b[12:], m.hopByHop) // the application, before, is 0: the base protocol
	binary.BigEndian.PutUint32(b[16:], m.end)
	return b
}

// parseDiameter returns the message that b is.
func parseDiameter(b []byte) (*diameterMessage, error) {
	if len(b) < 20 || b[0] != 1 || int(binary.BigEndian.Uint32(b)&0xffffff) != len(b) {
		return nil, fmt.Errorf("no message of Diameter: %x", b)
	}
	m := &diameterMessage{
		flags: b[4], command: binary.BigEndian.Uint32(b[4:]) & 0xffffff,
		hopByHop: binary.BigEndian.Uint32(b[12:]), end: binary.BigEndian.Uint32(b[16:]),
	}
	for b = b[20:]; len(b) > 0; {
		const vendorSpecific = 0x80
		header := 8
		if len(b) < header {
			return nil, fmt.Errorf("an AVP is cut: %x", b)
		}
		if b[4]&vendorSpecific != 0 {
			header = 12
		}
		size := int(binary.BigEndian.Uint32(b[4:]) & 0xffffff)
		if size < header || (size+3)&^3 > len(b) {
			return nil, fmt.Errorf("the length of an AVP is wrong: %x", b)
		}
		m.avps = append(m.avps, avp{binary.BigEndian.Uint32(b), b[header:size]})
		b = b[(size+3)&^3:]
	}
	return m, nil
}
