package lksctp_test

import (
	"os"
	"testing"

	"github.com/netsctp/sctp/internal/sctptest"
)

func TestMain(m *testing.M) { os.Exit(sctptest.Run(m)) }
