// Package sys is the Linux kernel's SCTP interface as it is: constants and
// structs in the header's names and order, control messages, socket addresses,
// and the system calls that carry them. It is the only package with build tags
// and the only one that imports golang.org/x/sys.
//
// What the kernel hands out is decoded with bounds checked first. Structs whose
// fields are aligned are copied whole (see [Decode]); everything else is read
// field by field in the machine's byte order.
//
// Sources: linux/sctp.h, linux/in.h, RFC 6458.
package sys
