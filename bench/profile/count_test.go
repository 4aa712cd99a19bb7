package main

import (
	"math"
	"strings"
	"testing"

	"github.com/netsctp/sctp/bench/internal/result"
)

const kallsyms = `0000000000000000 A fixed_percpu_data
ffffffff81000000 T entry_SYSCALL_64
ffffffff81000100 t do_epoll_wait
ffffffff81000200 d not_a_function
ffffffff81000300 T __schedule
ffffffffc0000000 t sctp_rcv	[sctp]
`

// machine has the symbols of the kernel above, of bench and of peer.
func machine(t *testing.T) []symbol {
	t.Helper()
	symbols, err := kernelSymbols([]byte(kallsyms))
	if err != nil {
		t.Fatal(err)
	}
	programs := []symbol{
		{0x400000, function{program: inGo, name: "runtime.findRunnable"}},
		{0x500000, function{program: inGo, name: "github.com/netsctp/sctp.(*Conn).ReadMsg"}},
		{0x600000, function{program: inGo, name: "main.echo"}},
		{0x10000000, function{program: inC, name: "get"}},
	}
	return append(programs, symbols...)
}

func TestCountAddsUpByLayer(t *testing.T) {
	const lines = `400010 3 2
400020 1 4
5fffff 5 1
600000 7 1
10000000 2 1
7fff00000000 2 3
ffffffff81000000 1 1
ffffffff81000150 2 1
ffffffff81000210 3 1
ffffffff81000310 4 1
ffffffffc0000001 5 1
`
	p, err := count(strings.NewReader(lines), machine(t))
	if err != nil {
		t.Fatal(err)
	}
	for layer, want := range map[string]float64{
		runtimeLayer: 6 + 4 + 6, packageLayer: 5, loadLayer: 7 + 2, socketLayer: 1, pollLayer: 2 + 3, schedLayer: 4, sctpLayer: 5, restLayer: 0, "": 45,
	} {
		if got := p.sum(layer); got != want {
			t.Errorf("%q has %v instructions, want %v", layer, got, want)
		}
	}
	for _, bad := range []string{"", "x 1 1\n", "1 1\n"} {
		if _, err := count(strings.NewReader(bad), machine(t)); err == nil {
			t.Errorf("%q was counted", bad)
		}
	}
}

func TestMovedFollowsTheModules(t *testing.T) {
	symbols := []symbol{{0xffffffff81000000, function{name: "f"}}, {0xffffffffc0000040, function{name: "g", module: "sctp"}}, {0xffffffffc0002000, function{name: "h", module: "veth"}}}
	at := func(sctp, veth string) map[string]uint64 {
		return moduleAddresses([]byte("sctp 520192 12 veth,x, Live " + sctp + "\nveth 4096 0 - Live " + veth + " (E)\n{}\n"))
	}
	got, err := moved(symbols, at("0xffffffffc0000000", "0xffffffffc0002000"), at("0xffffffffc0004000", "0xffffffffc0002000"))
	if err != nil || got[1].name != "h" || got[1].address != 0xffffffffc0002000 || got[2].address != 0xffffffffc0004040 {
		t.Errorf("got %v, %v", got, err)
	}
	if _, err := moved(symbols, at("1", "2"), nil); err == nil {
		t.Error("modules that are not there were moved")
	}
}

func TestLayerOf(t *testing.T) {
	for name, want := range map[string]string{
		"ep_poll_callback": pollLayer, "__wake_up_common_lock": pollLayer, "sock_poll": pollLayer, "prepare_to_wait_exclusive": pollLayer,
		"pick_next_task_fair": schedLayer, "psi_group_change": schedLayer, "hrtimer_start_range_ns": schedLayer, "futex_wait": schedLayer, "try_to_wake_up": schedLayer,
		"__x64_sys_futex": schedLayer, "__x64_sys_epoll_pwait": pollLayer, "__x64_sys_recvmsg": socketLayer,
		"___sys_sendmsg": socketLayer, "apparmor_socket_sendmsg": socketLayer, "_copy_from_user": socketLayer,
		"ip_rcv": restLayer, "kmem_cache_alloc": restLayer, "_raw_spin_lock": restLayer, "__alloc_skb": restLayer, "sk_filter_trim_cap": restLayer, "memset_erms": restLayer,
	} {
		if got := layerOf(kernel, name, ""); got != want {
			t.Errorf("%s is of %q, want %q", name, got, want)
		}
	}
}

func TestPerOperationLeavesOutTheRest(t *testing.T) {
	f, boot, once := function{name: "f"}, function{name: "boot"}, function{name: "once"}
	p := perOperation(profile{f: 1000, boot: 5000, once: 8}, profile{f: 9000, boot: 5000}, 80)
	if p[f] != 100 || p[boot] != 0 || math.Abs(p[once]+0.1) > 1e-9 {
		t.Errorf("got %v", p)
	}
	if got := functions(profile{f: 90, boot: 20}, p, 2); got[0] != boot || got[1] != f {
		t.Errorf("most different are %v", got)
	}
}

func TestApart(t *testing.T) {
	bench := []symbol{{0x400000, function{name: "main.main"}}, {0x900000, function{name: "main.last"}}}
	if err := apart(bench, []symbol{{0x10000000, function{name: "main"}}}); err != nil {
		t.Error(err)
	}
	if err := apart(bench, []symbol{{0x401000, function{name: "main"}}}); err == nil {
		t.Error("two programs are at the same address")
	}
}

func TestParse(t *testing.T) {
	const header = `sctp 520192 12 - Live 0xffffffffc0000000
{"kernel":"6.1","go":"go1.26","cpus":1}
`
	const row = `{"work":"hub","case":"10","impl":"C","value":100,"unit":"µs","ops":2200}
`
	l, err := parse([]byte(header + row))
	if err != nil || l.header.Kernel != "6.1" || l.row.Ops != 2200 || l.nanoseconds() != 1e5 {
		t.Errorf("got %+v, %v", l, err)
	}
	rate := load{row: result.Row{Unit: result.Rate, Value: 1000}}
	if got := rate.nanoseconds(); got != 1e6 {
		t.Errorf("1000 a second take %v ns each", got)
	}
	for _, out := range []string{header, header + row + row} {
		if _, err := parse([]byte(out)); err == nil {
			t.Errorf("parsed %q", out)
		}
	}
}
