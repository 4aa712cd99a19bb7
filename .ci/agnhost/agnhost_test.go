// Tests of the commands of agnhost, Kubernetes' program for tests of networks, that use SCTP:
// realworld.sh copies their packages and this file into a module.
package main

import (
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/ishidawataru/sctp"
	"github.com/spf13/cobra"
	"k8s.io/kubernetes/test/images/agnhost/connect"
	"k8s.io/kubernetes/test/images/agnhost/netexec"
	"k8s.io/kubernetes/test/images/agnhost/porter"
)

// The test's binary is agnhost where that is its name.
func TestMain(m *testing.M) {
	if filepath.Base(os.Args[0]) != "agnhost" {
		os.Exit(m.Run())
	}
	root := &cobra.Command{Use: "agnhost"}
	root.AddCommand(connect.CmdConnect, netexec.CmdNetexec, porter.CmdPorter)
	if root.Execute() != nil {
		os.Exit(1)
	}
}

// agnhost returns a command of agnhost's.
func agnhost(t *testing.T, args ...string) *exec.Cmd {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(self, args...)
	cmd.Args[0] = "agnhost"
	cmd.Stdout, cmd.Stderr = os.Stdout, os.Stderr
	return cmd
}

// start starts a server, which ends with the test.
func start(t *testing.T, cmd *exec.Cmd) {
	t.Helper()
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		cmd.Process.Kill()
		cmd.Wait()
	})
}

// within tries until it is ok.
func within(t *testing.T, what string, ok func() bool) {
	t.Helper()
	for end := time.Now().Add(20 * time.Second); !ok(); time.Sleep(10 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatal("in vain: ", what)
		}
	}
}

// get returns the answer of netexec to a request over HTTP.
func get(path string) (string, bool) {
	r, err := http.Get("http://127.0.0.1:8080" + path)
	if err != nil {
		return "", false
	}
	defer r.Body.Close()
	b, err := io.ReadAll(r.Body)
	return string(b), err == nil && r.StatusCode == http.StatusOK
}

func TestNetexecAndConnect(t *testing.T) {
	start(t, agnhost(t, "netexec", "--sctp-port", "8082"))
	within(t, "netexec's /healthz", func() bool { _, ok := get("/healthz"); return ok })
	for range 3 {
		if err := agnhost(t, "connect", "127.0.0.1:8082", "--protocol", "sctp", "--timeout", "10s").Run(); err != nil {
			t.Error(err)
		}
	}
	hostname, err := os.Hostname()
	if err != nil {
		t.Fatal(err)
	}
	// netexec dials itself, with a deadline for the answer.
	for request, want := range map[string]string{"echo Some text": "some text", "hostname": hostname, "serverport": "8082", "clientip": "127.0.0.1:"} {
		text, ok := get("/dial?host=127.0.0.1&port=8082&protocol=sctp&request=" + url.QueryEscape(request))
		var answer struct{ Responses []string }
		if err := json.Unmarshal([]byte(text), &answer); !ok || err != nil || len(answer.Responses) != 1 || !strings.HasPrefix(answer.Responses[0], want) {
			t.Errorf("%q is answered with %q, %v", request, text, err)
		}
	}
}

func TestConnectRefused(t *testing.T) {
	cmd := agnhost(t, "connect", "127.0.0.1:9", "--protocol", "sctp", "--timeout", "10s")
	cmd.Stdout, cmd.Stderr = nil, nil
	out, err := cmd.CombinedOutput()
	if err == nil || !strings.Contains(string(out), "connection refused") {
		t.Errorf("%q, %v", out, err)
	}
}

func TestPorter(t *testing.T) {
	cmd := agnhost(t, "porter")
	cmd.Env = append(slices.Clone(os.Environ()), "SERVE_SCTP_PORT_9003=some text")
	start(t, cmd)
	addr, err := sctp.ResolveSCTPAddr("sctp", "127.0.0.1:9003")
	if err != nil {
		t.Fatal(err)
	}
	var c *sctp.SCTPConn
	within(t, "porter's port", func() bool { c, err = sctp.DialSCTP("sctp", nil, addr); return err == nil })
	defer c.Close()
	b := make([]byte, 100)
	if n, err := c.Read(b); err != nil || string(b[:n]) != "some text" {
		t.Errorf("%q, %v", b[:max(0, n)], err)
	}
}
