/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * <stdio.h>: output. A stream has one buffer and a lock, so lines of threads do not
 * mix; formatting happens under it. Input: stdio_in.c; files: fopen.c.
 */
#include "format.h"
#include "stream.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static struct __file file_in = {.fd = STDIN_FILENO, .reads = true, .mode = _IONBF};
static struct __file file_out = {.fd = STDOUT_FILENO, .writes = true, .mode = _IOLBF};
static struct __file file_err = {.fd = STDERR_FILENO, .writes = true, .mode = _IONBF};
FILE *const stdin = &file_in;
FILE *const stdout = &file_out;
FILE *const stderr = &file_err;
struct __file *__open_files;
struct lock __open_files_lock;

int __flush_locked(FILE *f)
{
	size_t done = 0;

	if (!f->writes)
		return 0;
	while (done < f->used) {
		ssize_t n = write(f->fd, f->buf + done, f->used - done);

		if (n <= 0)
			break;
		done += (size_t)n;
	}
	f->error |= done < f->used; /* the rest is dropped, as a closed terminal does */
	done = f->used - done;
	f->used = 0;
	return done ? EOF : 0;
}

/* format_out_fn on a locked stream */
static void write_locked(void *to, const char *s, size_t n)
{
	FILE *f = to;
	bool newline = f->mode == _IOLBF && memchr(s, '\n', n);

	if (!f->writes) {
		errno = EBADF;
		f->error = true;
		return;
	}
	while (n) {
		size_t room = sizeof(f->buf) - f->used, take = n < room ? n : room;

		memcpy(f->buf + f->used, s, take);
		f->used += take;
		s += take;
		n -= take;
		if (f->used == sizeof(f->buf))
			__flush_locked(f);
	}
	if (newline)
		__flush_locked(f);
}

/* After a call's output: false if some of it was lost, now or (with a buffer) just before. */
static bool end_call(FILE *f, bool error_before)
{
	if (f->mode == _IONBF)
		__flush_locked(f);
	if (f->error)
		return false;
	f->error = error_before;
	return true;
}

static bool write_stream(FILE *f, const char *s, size_t n)
{
	bool before, ok;

	lock_acquire(&f->lock);
	before = f->error;
	f->error = false;
	write_locked(f, s, n);
	ok = end_call(f, before);
	lock_release(&f->lock);
	return ok;
}

static int flush_one(FILE *f)
{
	int ret;

	lock_acquire(&f->lock);
	ret = __flush_locked(f);
	lock_release(&f->lock);
	return ret;
}

int fflush(FILE *f)
{
	int ret;

	if (f)
		return flush_one(f);
	ret = flush_one(stdout);
	lock_acquire(&__open_files_lock);
	for (f = __open_files; f; f = f->next)
		ret |= flush_one(f);
	lock_release(&__open_files_lock);
	return ret;
}

int vfprintf(FILE *f, const char *fmt, va_list ap)
{
	bool before;
	int n;

	lock_acquire(&f->lock);
	before = f->error;
	f->error = false;
	n = format(write_locked, f, fmt, ap);
	if (!end_call(f, before))
		n = -1;
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

	n = n < room ? n : room;
	if (n)
		memcpy(sink->buf + sink->used, s, n);
	sink->used += n;
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

int vsprintf(char *buf, const char *fmt, va_list ap)
{
	return vsnprintf(buf, (size_t)-1 - (size_t)buf, fmt, ap);
}

int vasprintf(char **text, const char *fmt, va_list ap)
{
	int n = vsnprintf(NULL, 0, fmt, ap);

	*text = malloc((size_t)n + 1);
	return *text ? vsnprintf(*text, (size_t)n + 1, fmt, ap) : -1;
}

int asprintf(char **text, const char *fmt, ...)
{
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vasprintf(text, fmt, ap);
	va_end(ap);
	return n;
}

int fputs(const char *s, FILE *f)
{
	return write_stream(f, s, strlen(s)) ? 0 : EOF;
}

int puts(const char *s)
{
	return printf("%s\n", s) < 0 ? EOF : 0;
}

int fputc(int c, FILE *f)
{
	char byte = (char)c;

	return write_stream(f, &byte, 1) ? (unsigned char)c : EOF;
}

int putc(int c, FILE *f)
{
	return fputc(c, f);
}

int putchar(int c)
{
	return fputc(c, stdout);
}

size_t fwrite(const void *p, size_t size, size_t n, FILE *f)
{
	return write_stream(f, p, size * n) ? n : 0;
}

int setvbuf(FILE *f, char *buf, int mode, size_t size)
{
	(void)buf;
	(void)size;
	if (mode != _IOFBF && mode != _IOLBF && mode != _IONBF)
		return -1;
	f->mode = mode;
	return 0;
}

void setbuf(FILE *f, char *buf)
{
	setvbuf(f, buf, buf ? _IOFBF : _IONBF, BUFSIZ);
}

void setlinebuf(FILE *f)
{
	setvbuf(f, NULL, _IOLBF, 0);
}

void perror(const char *what)
{
	fprintf(stderr, "%s: %s\n", what, strerror(errno));
}
