/*
 * Peer puts the loads of bench on the kernel's API in C: blocking calls, the messages with
 * the control messages that the Go implementations use (SCTP_SNDINFO, SCTP_RCVINFO), each
 * end in a thread. Of a load it prints how many nanoseconds it took.
 *
 * With epoll before the load, its sockets do not block: as Go's poller does it, a call is
 * tried, and where it would have to wait, epoll_wait is called for an edge. That is the least
 * that a program with a poller can do.
 *
 *	gcc -O2 -static -pthread -o peer peer.c
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>
#include <linux/sctp.h>

enum { STREAM = 3, PPID = 60 };

static void die(const char *what)
{
	perror(what);
	exit(1);
}

static int64_t now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1000000000LL + ts.tv_nsec;
}

static int new_socket(int style)
{
	int on = 1, fd = socket(AF_INET, style, IPPROTO_SCTP);

	if (fd < 0)
		die("socket");
	if (setsockopt(fd, IPPROTO_SCTP, SCTP_NODELAY, &on, sizeof on) < 0 ||
	    setsockopt(fd, IPPROTO_SCTP, SCTP_RECVRCVINFO, &on, sizeof on) < 0)
		die("setsockopt");
	return fd;
}

static int polled;                 /* sockets do not block */
static __thread int poller = -1;   /* of a thread, with the sockets that it waits for */

/* poll_here has the thread wait for a socket with its poller, if sockets are polled. */
static void poll_here(int fd)
{
	struct epoll_event e = { EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET, { .fd = fd } };

	if (!polled)
		return;
	if (poller < 0)
		poller = epoll_create1(0);
	if (fcntl(fd, F_SETFL, O_NONBLOCK) < 0 || epoll_ctl(poller, EPOLL_CTL_ADD, fd, &e) < 0)
		die("epoll");
}

/* would_block reports whether a call is to be tried again, for which it waits. */
static int would_block(void)
{
	struct epoll_event e;

	if (errno != EAGAIN || poller < 0)
		return 0;
	if (epoll_wait(poller, &e, 1, -1) < 0)
		die("epoll_wait");
	return 1;
}

static struct sockaddr_in loopback(int port)
{
	struct sockaddr_in at = { .sin_family = AF_INET, .sin_port = htons(port) };

	at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	return at;
}

static int listening(int style)
{
	struct sockaddr_in at = loopback(0);
	int fd = new_socket(style);

	if (bind(fd, (struct sockaddr *)&at, sizeof at) < 0)
		die("bind");
	if (listen(fd, SOMAXCONN) < 0)
		die("listen");
	return fd;
}

static int port_of(int fd)
{
	struct sockaddr_in at;
	socklen_t len = sizeof at;

	if (getsockname(fd, (struct sockaddr *)&at, &len) < 0)
		die("getsockname");
	return ntohs(at.sin_port);
}

static int dial(int port)
{
	struct sockaddr_in to = loopback(port);
	int fd = new_socket(SOCK_STREAM);

	if (connect(fd, (struct sockaddr *)&to, sizeof to) < 0)
		die("connect");
	return fd;
}

static int take(int listener)
{
	int fd = accept(listener, NULL, NULL);

	if (fd < 0)
		die("accept");
	return fd;
}

/* put_with sends a message with flags, to an association if the socket has several. */
static void put_with(int fd, void *buf, size_t size, sctp_assoc_t assoc, int flags)
{
	union {
		struct cmsghdr align;
		char bytes[CMSG_SPACE(sizeof(struct sctp_sndinfo))];
	} control = { 0 };
	struct iovec piece = { buf, size };
	struct msghdr m = {
		.msg_iov = &piece, .msg_iovlen = 1,
		.msg_control = &control, .msg_controllen = sizeof control,
	};
	struct cmsghdr *c = CMSG_FIRSTHDR(&m);
	struct sctp_sndinfo info = { .snd_sid = STREAM, .snd_ppid = htonl(PPID), .snd_assoc_id = assoc };

	c->cmsg_level = IPPROTO_SCTP;
	c->cmsg_type = SCTP_SNDINFO;
	c->cmsg_len = CMSG_LEN(sizeof info);
	memcpy(CMSG_DATA(c), &info, sizeof info);
	while (sendmsg(fd, &m, flags) < 0)
		if (!would_block())
			die("sendmsg");
}

static void put(int fd, void *buf, size_t size, sctp_assoc_t assoc)
{
	put_with(fd, buf, size, assoc, 0);
}

/* get_or reads a message, and returns 0 at the end, or -1 if it would have to wait and may not. */
static int get_or(int fd, void *buf, size_t size, sctp_assoc_t *assoc, int may_wait)
{
	union {
		struct cmsghdr align;
		char bytes[64];
	} control;
	size_t have = 0;

	while (have < size) {
		struct iovec piece = { (char *)buf + have, size - have };
		struct msghdr m = {
			.msg_iov = &piece, .msg_iovlen = 1,
			.msg_control = &control, .msg_controllen = sizeof control,
		};
		ssize_t n = recvmsg(fd, &m, 0);
		struct cmsghdr *c = CMSG_FIRSTHDR(&m);
		struct sctp_rcvinfo info;

		if (n < 0 && errno == EAGAIN && !have && !may_wait)
			return -1;
		if (n < 0 && would_block())
			continue;
		if (n < 0)
			die("recvmsg");
		if (n == 0)
			return 0;
		if (!c || c->cmsg_type != SCTP_RCVINFO)
			die("no SCTP_RCVINFO");
		memcpy(&info, CMSG_DATA(c), sizeof info);
		if (ntohl(info.rcv_ppid) != PPID)
			die("another PPID");
		if (assoc)
			*assoc = info.rcv_assoc_id;
		have += n;
	}
	return 1;
}

/* get reads a message, and returns 0 at the end. */
static int get(int fd, void *buf, size_t size, sctp_assoc_t *assoc)
{
	return get_or(fd, buf, size, assoc, 1);
}

/* A job is an end of an association. */
struct job {
	pthread_t thread;
	int fd, size, n;
};

static void start(struct job *j, void *(*f)(void *))
{
	pthread_attr_t attr;

	pthread_attr_init(&attr);
	pthread_attr_setstacksize(&attr, 64 << 10);
	if (pthread_create(&j->thread, &attr, f, j))
		die("pthread_create");
}

static void *echo(void *arg)
{
	struct job *j = arg;
	char *buf = malloc(j->size);

	poll_here(j->fd);
	while (get(j->fd, buf, j->size, NULL))
		put(j->fd, buf, j->size, 0);
	close(j->fd);
	return NULL;
}

static void *ask(void *arg)
{
	struct job *j = arg;
	char *buf = calloc(1, j->size);

	for (int i = 0; i < j->n; i++) {
		put(j->fd, buf, j->size, 0);
		if (!get(j->fd, buf, j->size, NULL))
			die("no echo");
	}
	free(buf);
	return NULL;
}

static void round_trip(int size, int assocs, int n)
{
	struct job *clients = calloc(assocs, sizeof *clients), *servers = calloc(assocs, sizeof *servers);
	int listener = listening(SOCK_STREAM);
	int64_t begin = 0;

	for (int i = 0; i < assocs; i++) {
		clients[i].fd = dial(port_of(listener));
		servers[i].fd = take(listener);
		clients[i].size = servers[i].size = size;
		start(&servers[i], echo);
	}
	for (int run = 0; run < 2; run++) { /* the first warms up */
		begin = now();
		for (int i = 0; i < assocs; i++) {
			clients[i].n = (run ? n : n / 10) / assocs;
			start(&clients[i], ask);
		}
		for (int i = 0; i < assocs; i++)
			pthread_join(clients[i].thread, NULL);
	}
	printf("%lld\n", (long long)(now() - begin));
}

/* round_trip_polled has both ends of all associations on one poller, in one thread. */
static void round_trip_polled(int size, int assocs, int n)
{
	struct job *jobs = calloc(1 << 16, sizeof *jobs); /* by the socket; servers have no n */
	int listener = listening(SOCK_STREAM), *clients = calloc(assocs, sizeof *clients);
	char *buf = calloc(1, size);
	struct epoll_event e[128];
	int64_t begin = 0;

	for (int i = 0; i < assocs; i++) {
		clients[i] = dial(port_of(listener));
		poll_here(clients[i]);
		poll_here(take(listener));
	}
	for (int run = 0; run < 2; run++) {
		int open = assocs;

		begin = now();
		for (int i = 0; i < assocs; i++) {
			jobs[clients[i]].n = (run ? n : n / 10) / assocs;
			put(clients[i], buf, size, 0);
		}
		while (open) {
			int ready = epoll_wait(poller, e, 128, -1);

			for (int i = 0; i < ready; i++) {
				int fd = e[i].data.fd, *left = &jobs[fd].n, client = *left > 0;

				while (get_or(fd, buf, size, NULL, 0) > 0) {
					if (client && !--*left)
						open--;
					else
						put(fd, buf, size, 0);
				}
			}
		}
	}
	printf("%lld\n", (long long)(now() - begin));
}

static void *sink(void *arg)
{
	struct job *j = arg;
	char *buf = malloc(j->size);

	poll_here(j->fd);
	for (int run = 0; run < 2; run++) {
		for (int i = 0; i < (run ? j->n : j->n / 10); i++)
			if (!get(j->fd, buf, j->size, NULL))
				die("the end");
		put(j->fd, buf, j->size, 0);
	}
	return NULL;
}

static void stream(int size, int n)
{
	int listener = listening(SOCK_STREAM), fd = dial(port_of(listener));
	struct job server = { .fd = take(listener), .size = size, .n = n };
	char *buf = calloc(1, size);
	int64_t begin = 0;

	poll_here(fd);
	start(&server, sink);
	for (int run = 0; run < 2; run++) {
		begin = now();
		for (int i = 0; i < (run ? n : n / 10); i++)
			put(fd, buf, size, 0);
		if (!get(fd, buf, size, NULL))
			die("no answer");
	}
	printf("%lld\n", (long long)(now() - begin));
}

/* How the messages of a batch are bundled. */
enum { ALONE, WITH_MSG_MORE, WITH_NAGLE };

static void set_nodelay(int fd, int on)
{
	if (setsockopt(fd, IPPROTO_SCTP, SCTP_NODELAY, &on, sizeof on) < 0)
		die("setsockopt");
}

/* put_batch sends messages; WITH_NAGLE has SCTP_NODELAY off for all but the last. */
static void put_batch(int fd, void *buf, int size, int count, int how)
{
	if (how == WITH_NAGLE && count > 1)
		set_nodelay(fd, 0);
	for (int i = 0; i < count - 1; i++)
		put_with(fd, buf, size, 0, how == WITH_MSG_MORE ? MSG_MORE : 0);
	if (how == WITH_NAGLE && count > 1)
		set_nodelay(fd, 1);
	put(fd, buf, size, 0);
}

struct batches {
	struct job job;
	int count, how, echoed;
};

static void *batch_sink(void *arg)
{
	struct batches *b = arg;
	struct job *j = &b->job;
	char *buf = malloc(j->size);

	for (int run = 0; run < 2; run++) {
		for (int i = 0; i < (run ? j->n : j->n / 10); i++) {
			for (int k = 0; k < b->count; k++)
				if (!get(j->fd, buf, j->size, NULL))
					die("the end");
			if (b->echoed)
				put_batch(j->fd, buf, j->size, b->count, b->how);
		}
		put(j->fd, buf, j->size, 0);
	}
	return NULL;
}

/* batches sends messages so many at a time; each batch is echoed as one, or none is. */
static void batches(int size, int count, int how, int echoed, int n)
{
	int listener = listening(SOCK_STREAM), fd = dial(port_of(listener));
	struct batches server = { { .fd = take(listener), .size = size, .n = n }, count, how, echoed };
	char *buf = calloc(1, size);
	int64_t begin = 0;

	start(&server.job, batch_sink);
	for (int run = 0; run < 2; run++) {
		begin = now();
		for (int i = 0; i < (run ? n : n / 10); i++) {
			put_batch(fd, buf, size, count, how);
			for (int k = 0; echoed && k < count; k++)
				if (!get(fd, buf, size, NULL))
					die("no echo");
		}
		if (!get(fd, buf, size, NULL))
			die("no answer");
	}
	printf("%lld\n", (long long)(now() - begin));
}

/* hub echoes what comes on a one-to-many socket, until it is killed. */
static void hub(int size)
{
	int fd = listening(SOCK_SEQPACKET);
	char *buf = malloc(size);
	sctp_assoc_t assoc;

	poll_here(fd);
	printf("%d\n", port_of(fd));
	fflush(stdout);
	for (;;) {
		if (get(fd, buf, size, &assoc))
			put(fd, buf, size, assoc);
	}
}

/* echo_one echoes on one association. */
static void echo_one(int size)
{
	struct job j = { .fd = listening(SOCK_STREAM), .size = size };

	printf("%d\n", port_of(j.fd));
	fflush(stdout);
	j.fd = take(j.fd);
	echo(&j);
}

/* spokes have a hub echo n messages on many associations in turn, some at a time. */
static void spokes(int port, int size, int assocs, int at_a_time, int n)
{
	int *fds = calloc(assocs, sizeof *fds);
	char *buf = calloc(1, size);
	int64_t begin = 0;

	for (int i = 0; i < assocs; i++) {
		fds[i] = dial(port);
		poll_here(fds[i]);
	}
	for (int run = 0; run < 2; run++) { /* the first warms up */
		int used = assocs < n ? assocs : n;
		int last = run ? n : n / 10 > used ? n / 10 : used;

		begin = now();
		for (int i = 0; i < last + at_a_time; i++) {
			if (i >= at_a_time && !get(fds[(i - at_a_time) % assocs], buf, size, NULL))
				die("no echo");
			if (i < last)
				put(fds[i % assocs], buf, size, 0);
		}
	}
	printf("%lld\n", (long long)(now() - begin));
}

/* hold has a message echoed on each of many associations, and holds them until it is killed. */
static void hold(int port, int size, int assocs)
{
	char *buf = calloc(1, size);

	for (int i = 0; i < assocs; i++) {
		int fd = dial(port);

		put(fd, buf, size, 0);
		if (!get(fd, buf, size, NULL))
			die("no echo");
	}
	printf("%d\n", assocs);
	fflush(stdout);
	for (;;)
		pause();
}

static void *accept_echoes(void *arg)
{
	struct job *listener = arg;

	for (;;) {
		struct job j = { .fd = take(listener->fd), .size = listener->size };

		echo(&j);
	}
	return NULL;
}

static void setup(int size, int n)
{
	struct job listener = { .fd = listening(SOCK_STREAM), .size = size };
	int port = port_of(listener.fd);
	int64_t begin = 0;

	start(&listener, accept_echoes);
	for (int run = 0; run < 2; run++) {
		begin = now();
		for (int i = 0; i < (run ? n : n / 10); i++) {
			struct job j = { .fd = dial(port), .size = size, .n = 1 };

			ask(&j);
			close(j.fd);
		}
	}
	printf("%lld\n", (long long)(now() - begin));
}

int main(int argc, char **argv)
{
	struct rlimit files = { 1 << 20, 1 << 20 };
	const char *load;
	int a[5] = { 0 }, n;

	if (argc > 1 && !strcmp(argv[1], "epoll")) {
		polled = 1;
		argv++;
		argc--;
	}
	load = argc > 1 ? argv[1] : "";
	n = argc - 2;
	setrlimit(RLIMIT_NOFILE, &files);
	for (int i = 0; i < n && i < 5; i++)
		a[i] = atoi(argv[i + 2]);
	if (!strcmp(load, "roundtrip") && n == 3)
		(polled ? round_trip_polled : round_trip)(a[0], a[1], a[2]);
	else if (!strcmp(load, "stream") && n == 2)
		stream(a[0], a[1]);
	else if (!strcmp(load, "batch") && n == 5)
		batches(a[0], a[1], a[2], a[3], a[4]);
	else if (!strcmp(load, "hub") && n == 1)
		hub(a[0]);
	else if (!strcmp(load, "echo") && n == 1)
		echo_one(a[0]);
	else if (!strcmp(load, "spokes") && n == 5)
		spokes(a[0], a[1], a[2], a[3], a[4]);
	else if (!strcmp(load, "hold") && n == 3)
		hold(a[0], a[1], a[2]);
	else if (!strcmp(load, "setup") && n == 2)
		setup(a[0], a[1]);
	else {
		fprintf(stderr, "usage: peer [epoll] roundtrip SIZE ASSOCS N | stream SIZE N | batch SIZE COUNT HOW ECHOED N | hub SIZE | echo SIZE | spokes PORT SIZE ASSOCS AT-A-TIME N | hold PORT SIZE ASSOCS | setup SIZE N\n");
		return 2;
	}
	return 0;
}
