package main

import (
	"regexp"
	"strings"
)

// The layers that instructions belong to, in the order of the tables.
const (
	sctpLayer    = "kernel: SCTP"
	restLayer    = "kernel: IP, memory, locks, and the rest"
	socketLayer  = "kernel: sockets, system calls"
	pollLayer    = "kernel: epoll, wait queues"
	schedLayer   = "kernel: scheduler, futexes, timers"
	runtimeLayer = "Go's runtime and library"
	packageLayer = "the package"
	loadLayer    = "the load itself"
)

var layers = []string{sctpLayer, restLayer, socketLayer, pollLayer, schedLayer, runtimeLayer, packageLayer, loadLayer}

// kernelLayers are those of the kernel's own functions; the first that matches is it. What
// several of them use, as locks, copies and memory, is in none.
var kernelLayers = []struct {
	layer string
	names *regexp.Regexp
}{
	{pollLayer, regexp.MustCompile(`^(ep_|epi_|eventpoll|do_epoll|(__x64|__ia32)_sys_epoll|sock_poll|sctp_poll|poll_|pollwake|__pollwait|` +
		`_*wake_up(_common|_sync|_locked|_interruptible|$)|_*(add|remove)_wait_queue|prepare_to_wait|finish_wait|autoremove_wake|default_wake|` +
		`sock_def_|sock_wake_async)`)},
	{schedLayer, regexp.MustCompile(`^(_*schedule|_*sched_|.*_(fair|idle|rt|dl)$|.*_entity$|_*update_(load_avg|curr|rq_clock|min_vruntime|cfs)|psi_|record_times|` +
		`pick_next|pick_task|put_prev|set_next|clear_buddies|check_(preempt|spread|cfs)|cpuacct|hrtick|resched|rcu_(note|sched|core|qs)|` +
		`try_to_wake_up|ttwu|wake_(up_q|q_|up_process)|select_(task|idle)|_*switch_|finish_task_switch|load_new_mm|native_load_tls|cr4_update|` +
		`.*fpregs|.*_fpstate|__(rd|wr)gsbase|.*_fpu|xfd_|futex|.*_futex|get_futex|plist_|.*hrtimer|hrtimer|timerqueue|rb_|clockevents|tick_|` +
		`ktime|timekeeping|(get|set)_(timespec|normalized)|timespec64|.*nanosleep|.*sched_yield|native_sched_clock|.*apic|irq|__irq|lapic|idle|.*_idle|get_nohz|do_idle|` +
		`mwait|default_idle|pv_native_safe_halt|read_tsc|_*rseq|amd_clear_divider|error_entry|restore_regs)`)},
	{socketLayer, regexp.MustCompile(`^(entry_|do_syscall|x64_sys_call|syscall_|exit_to_user|__x64_sys|___*sys_|_*sock_(sendmsg|recvmsg)|_*sockfd|_*fget|_*fdget|_*fput|` +
		`_*copy_msghdr|_*import_iovec|iovec_from|copy_iovec|_*move_addr|put_cmsg|inet_(send|recv)|security_sock|.*_socket_|aa_sk|aa_label|` +
		`_*check_(object|heap|stack)|_*copy_(from|to)_(user|iter)|copy_user_|_*put_user|_*get_user|skb_copy_datagram|__skb_datagram|simple_copy)`)},
}

// A program is one that runs in the guest.
type program int

const (
	kernel program = iota
	inGo           // bench
	inC            // peer
	others         // whatever else: the shell, and the vdso, that Go's runtime reads the clock with
)

// layerOf returns the layer of a function; a module is one of the kernel's.
func layerOf(p program, name, module string) string {
	switch p {
	case inC:
		return loadLayer
	case inGo:
		switch {
		case strings.HasPrefix(name, "main."), strings.HasPrefix(name, "github.com/netsctp/sctp/bench"):
			return loadLayer
		case strings.HasPrefix(name, "github.com/netsctp/sctp"):
			return packageLayer
		}
		return runtimeLayer
	case others:
		return runtimeLayer
	}
	if module == "sctp" {
		return sctpLayer
	}
	for _, l := range kernelLayers {
		if l.names.MatchString(name) {
			return l.layer
		}
	}
	return restLayer
}
