/*
 * A plugin of QEMU that counts how often each block of the guest's code is executed. At the end of
 * the emulator it writes a line for each block: its virtual address in hexadecimal, how many
 * instructions it has, and how often it was entered. Program profile adds them up by function.
 *
 *	gcc -O2 -shared -fPIC -o plugin.so plugin.c
 *	qemu-system-x86_64 -plugin file=plugin.so,out=counts ...
 *
 * Debian has no package with qemu-plugin.h, so what is used of it is declared here. This is
 * version 1 of the interface, which QEMU had from 6.0 to 8.2. It is for one virtual processor.
 */
#include <inttypes.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef uint64_t qemu_plugin_id_t;
struct qemu_plugin_tb;
struct qemu_info_t;
enum { QEMU_PLUGIN_INLINE_ADD_U64 };

void qemu_plugin_register_vcpu_tb_trans_cb(qemu_plugin_id_t, void (*)(qemu_plugin_id_t, struct qemu_plugin_tb *));
void qemu_plugin_register_vcpu_tb_exec_inline(struct qemu_plugin_tb *, int op, void *counter, uint64_t add);
void qemu_plugin_register_atexit_cb(qemu_plugin_id_t, void (*)(qemu_plugin_id_t, void *), void *);
size_t qemu_plugin_tb_n_insns(const struct qemu_plugin_tb *);
uint64_t qemu_plugin_tb_vaddr(const struct qemu_plugin_tb *);

#define EXPORT __attribute__((visibility("default")))

EXPORT int qemu_plugin_version = 1;

/* A block that is translated anew keeps its counter, if it is as long as before. */
struct block {
	uint64_t address, instructions, entered;
	struct block *next;
};

enum { BUCKETS = 1 << 18 };
static struct block *blocks[BUCKETS];
static char *out;

static void translated(qemu_plugin_id_t id, struct qemu_plugin_tb *tb)
{
	uint64_t address = qemu_plugin_tb_vaddr(tb), n = qemu_plugin_tb_n_insns(tb);
	struct block **at = &blocks[(address ^ address >> 18) % BUCKETS], *b;

	for (b = *at; b && (b->address != address || b->instructions != n); b = b->next)
		;
	if (!b) {
		b = calloc(1, sizeof *b);
		if (!b)
			abort();
		b->address = address;
		b->instructions = n;
		b->next = *at;
		*at = b;
	}
	qemu_plugin_register_vcpu_tb_exec_inline(tb, QEMU_PLUGIN_INLINE_ADD_U64, &b->entered, 1);
}

static void ended(qemu_plugin_id_t id, void *unused)
{
	FILE *f = fopen(out, "w");

	if (!f) {
		perror(out);
		return;
	}
	for (int i = 0; i < BUCKETS; i++)
		for (struct block *b = blocks[i]; b; b = b->next)
			if (b->entered)
				fprintf(f, "%" PRIx64 " %" PRIu64 " %" PRIu64 "\n", b->address, b->instructions, b->entered);
	if (fclose(f))
		perror(out);
}

EXPORT int qemu_plugin_install(qemu_plugin_id_t id, const struct qemu_info_t *info, int argc, char **argv)
{
	if (argc != 1 || strncmp(argv[0], "out=", 4)) {
		fprintf(stderr, "plugin.so: say out=FILE\n");
		return -1;
	}
	out = strdup(argv[0] + 4);
	qemu_plugin_register_vcpu_tb_trans_cb(id, translated);
	qemu_plugin_register_atexit_cb(id, ended, NULL);
	return 0;
}
