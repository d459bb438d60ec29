/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * <stdio.h>: output streams with one buffer each, and raw input. A stream has a
 * lock, so lines of threads do not mix; formatting happens under it.
 */
#include "format.h"
#include "lock.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

struct __file {
	int fd;
	char flush_at; /* write out after this byte; 0: at the end of each call */
	struct lock lock;
	size_t used;
	char buf[BUFSIZ];
};

static struct __file file_in = {.fd = STDIN_FILENO};
static struct __file file_out = {.fd = STDOUT_FILENO, .flush_at = '\n'};
static struct __file file_err = {.fd = STDERR_FILENO};
FILE *const stdin = &file_in;
FILE *const stdout = &file_out;
FILE *const stderr = &file_err;

static int flush_locked(FILE *f)
{
	size_t done = 0;

	while (done < f->used) {
		ssize_t n = write(f->fd, f->buf + done, f->used - done);

		if (n <= 0)
			break;
		done += (size_t)n;
	}
	if (done < f->used) {
		f->used = 0; /* nobody to tell later: drop it, as a closed terminal does */
		return EOF;
	}
	f->used = 0;
	return 0;
}

/* format_out_fn on a locked stream */
static void write_locked(void *to, const char *s, size_t n)
{
	FILE *f = to;
	bool newline = f->flush_at && memchr(s, f->flush_at, n);

	while (n) {
		size_t room = sizeof(f->buf) - f->used, take = n < room ? n : room;

		memcpy(f->buf + f->used, s, take);
		f->used += take;
		s += take;
		n -= take;
		if (f->used == sizeof(f->buf))
			flush_locked(f);
	}
	if (newline)
		flush_locked(f);
}

static void write_stream(FILE *f, const char *s, size_t n)
{
	lock_acquire(&f->lock);
	write_locked(f, s, n);
	if (!f->flush_at)
		flush_locked(f);
	lock_release(&f->lock);
}

int fflush(FILE *f)
{
	int ret;

	if (!f)
		f = stdout;
	lock_acquire(&f->lock);
	ret = flush_locked(f);
	lock_release(&f->lock);
	return ret;
}

int vfprintf(FILE *f, const char *fmt, va_list ap)
{
	int n;

	lock_acquire(&f->lock);
	n = format(write_locked, f, fmt, ap);
	if (!f->flush_at)
		flush_locked(f);
	lock_release(&f->lock);
	return n;
}

int vprintf(const char *fmt, va_list ap)
{
	return vfprintf(stdout, fmt, ap);
}

int printf(const char *fmt, ...)
{
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vfprintf(stdout, fmt, ap);
	va_end(ap);
	return n;
}

int fprintf(FILE *f, const char *fmt, ...)
{
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vfprintf(f, fmt, ap);
	va_end(ap);
	return n;
}

struct string_sink {
	char *buf;
	size_t size, used;
};

static void write_string(void *to, const char *s, size_t n)
{
	struct string_sink *sink = to;
	size_t room = sink->size > sink->used ? sink->size - sink->used : 0;

	memcpy(sink->buf + sink->used, s, n < room ? n : room);
	sink->used += n < room ? n : room;
}

int vsnprintf(char *buf, size_t size, const char *fmt, va_list ap)
{
	struct string_sink sink = {.buf = buf, .size = size ? size - 1 : 0};
	int n = format(write_string, &sink, fmt, ap);

	if (size)
		buf[sink.used] = 0;
	return n;
}

int snprintf(char *buf, size_t size, const char *fmt, ...)
{
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(buf, size, fmt, ap);
	va_end(ap);
	return n;
}

int sprintf(char *buf, const char *fmt, ...)
{
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(buf, (size_t)-1 - (size_t)buf, fmt, ap);
	va_end(ap);
	return n;
}

int fputs(const char *s, FILE *f)
{
	write_stream(f, s, strlen(s));
	return 0;
}

int puts(const char *s)
{
	lock_acquire(&stdout->lock);
	write_locked(stdout, s, strlen(s));
	write_locked(stdout, "\n", 1);
	lock_release(&stdout->lock);
	return 0;
}

int fputc(int c, FILE *f)
{
	char byte = (char)c;

	write_stream(f, &byte, 1);
	return (unsigned char)c;
}

int putchar(int c)
{
	return fputc(c, stdout);
}

size_t fwrite(const void *p, size_t size, size_t n, FILE *f)
{
	write_stream(f, p, size * n);
	return n;
}

int getchar(void)
{
	unsigned char c;

	fflush(stdout);
	return read(STDIN_FILENO, &c, 1) == 1 ? c : EOF;
}

void perror(const char *what)
{
	fprintf(stderr, "%s: %s\n", what, strerror(errno));
}
