package main

import (
	"fmt"
	"os"
	"regexp"
	"strings"
)

// includes are what linux/sctp.h needs in a program: uint16_t, sockaddr_storage and
// MSG_FIN; and where the constants of others come from.
const includes = `#include <stdint.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <linux/sctp.h>
`

// others are constants of other headers that internal/sys has too.
var others = []string{"IPPROTO_SCTP", "MSG_CTRUNC", "MSG_EOR", "SHUT_RD", "SHUT_WR"}

// prefix begins the enumerators of the program.
const prefix = "abi_"

var (
	comment = regexp.MustCompile(`(?s)/\*.*?\*/`)
	define  = regexp.MustCompile(`(?m)^[ \t]*#[ \t]*define[ \t]+(\w+)[ \t]+\S`)
	wanted  = regexp.MustCompile(`^(SCTP_|SPP_|MSG_NOTIFICATION$)`)
)

// A header is the text of linux/sctp.h.
type header struct {
	text    string   // without comments
	defines []string // the constants among its macros
}

func readHeader(path string) (*header, error) {
	b, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	h := &header{text: comment.ReplaceAllString(string(b), " ")}
	for _, m := range define.FindAllStringSubmatch(h.text, -1) {
		if wanted.MatchString(m[1]) {
			h.defines = append(h.defines, m[1])
		}
	}
	if h.defines == nil {
		return nil, fmt.Errorf("%s defines no constants", path)
	}
	return h, nil
}

// program returns the text of a C program with the header's types, and with its
// macros as enumerators.
func (h *header) program() string {
	var b strings.Builder
	b.WriteString(includes + "enum abi {\n")
	for _, names := range [][]string{h.defines, others} {
		for _, name := range names {
			fmt.Fprintf(&b, "\t%s%s = %s,\n", prefix, name, name)
		}
	}
	b.WriteString("};\n")
	return b.String()
}

// position returns where in the header name first stands.
func (h *header) position(name string) int {
	if loc := regexp.MustCompile(`\b` + name + `\b`).FindStringIndex(h.text); loc != nil {
		return loc[0]
	}
	return len(h.text)
}
