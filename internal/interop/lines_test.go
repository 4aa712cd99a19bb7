package interop_test

import (
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/netsctp/sctp/internal/sctptest"
)

// lines are what a program has printed so far.
type lines struct {
	mu   sync.Mutex
	text strings.Builder
	more chan struct{} // closed when there is more
}

func newLines() *lines { return &lines{more: make(chan struct{})} }

func (l *lines) add(text string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.text.WriteString(text)
	close(l.more)
	l.more = make(chan struct{})
}

// Write adds b.
func (l *lines) Write(b []byte) (int, error) {
	l.add(string(b))
	return len(b), nil
}

func (l *lines) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

// await waits until the text matches expr, and returns the submatches.
func (l *lines) await(t *testing.T, expr string) []string {
	t.Helper()
	return l.awaitFor(t, sctptest.Wait, expr)
}

// awaitFor is await for at most d.
func (l *lines) awaitFor(t *testing.T, d time.Duration, expr string) []string {
	t.Helper()
	re := regexp.MustCompile(expr)
	limit := time.After(d)
	for {
		l.mu.Lock()
		more := l.more
		l.mu.Unlock()
		if m := re.FindStringSubmatch(l.String()); m != nil {
			return m
		}
		select {
		case <-more:
		case <-limit:
			t.Fatalf("nothing like %q was printed for %v, but:\n%s", expr, d, l)
		}
	}
}
