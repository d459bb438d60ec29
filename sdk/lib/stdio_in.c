/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * <stdio.h>: input. A file is read a buffer at a time; standard input byte by byte, so that what is behind
 * a line is still there for whoever reads descriptor 0 next, a child for example.
 */
#include "stream.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static bool refill(FILE *f)
{
	ssize_t n;

	if (!f->reads) {
		errno = EBADF;
		f->error = true;
		return false;
	}
	n = read(f->fd, f->buf, f->mode == _IONBF ? 1 : sizeof(f->buf));
	f->eof |= n == 0;
	f->error |= n < 0;
	f->at = 0;
	f->used = n > 0 ? (size_t)n : 0;
	return n > 0;
}

int __get_locked(FILE *f)
{
	if (f->nr_pushed)
		return f->pushed[--f->nr_pushed];
	if (f->reads && f->at < f->used)
		return (unsigned char)f->buf[f->at++];
	return refill(f) ? (unsigned char)f->buf[f->at++] : EOF;
}

int fgetc(FILE *f)
{
	int c;

	if (f == stdin)
		fflush(stdout);
	lock_acquire(&f->lock);
	c = __get_locked(f);
	lock_release(&f->lock);
	return c;
}

int getc(FILE *f)
{
	return fgetc(f);
}

int getchar(void)
{
	return fgetc(stdin);
}

int ungetc(int c, FILE *f)
{
	lock_acquire(&f->lock);
	if (c != EOF && f->nr_pushed < (int)sizeof(f->pushed)) {
		f->pushed[f->nr_pushed++] = (unsigned char)c;
		f->eof = false;
	} else {
		c = EOF;
	}
	lock_release(&f->lock);
	return c == EOF ? EOF : (unsigned char)c;
}

char *fgets(char *s, int size, FILE *f)
{
	int n = 0, c = 0;

	if (size < 1)
		return NULL;
	if (f == stdin)
		fflush(stdout);
	lock_acquire(&f->lock);
	while (n < size - 1 && c != '\n' && (c = __get_locked(f)) != EOF)
		s[n++] = (char)c;
	lock_release(&f->lock);
	s[n] = 0;
	return n || size == 1 ? s : NULL;
}

size_t fread(void *p, size_t size, size_t n, FILE *f)
{
	size_t bytes = size * n, done = 0;
	char *to = p;
	int c;

	lock_acquire(&f->lock);
	while (done < bytes && (c = __get_locked(f)) != EOF)
		to[done++] = (char)c;
	lock_release(&f->lock);
	return size ? done / size : 0;
}

/* Room for one more byte and the NUL */
static bool grow(char **line, size_t *size, size_t used)
{
	size_t bigger = *size < 64 ? 128 : *size * 2;
	char *p;

	if (*line && used + 2 <= *size)
		return true;
	p = realloc(*line, bigger);
	if (!p)
		return false;
	*line = p;
	*size = bigger;
	return true;
}

ssize_t getdelim(char **line, size_t *size, int delim, FILE *f)
{
	size_t n = 0;
	int c = EOF;

	if (!line || !size) {
		errno = EINVAL;
		return -1;
	}
	if (!*line)
		*size = 0;
	lock_acquire(&f->lock);
	do {
		if (!grow(line, size, n)) {
			errno = ENOMEM;
			f->error = true;
			n = 0;
			break;
		}
		c = __get_locked(f);
		if (c != EOF)
			(*line)[n++] = (char)c;
	} while (c != EOF && c != delim);
	lock_release(&f->lock);
	if (!n)
		return -1;
	(*line)[n] = 0;
	return (ssize_t)n;
}

ssize_t getline(char **line, size_t *size, FILE *f)
{
	return getdelim(line, size, '\n', f);
}

int feof(FILE *f)
{
	return f->eof && !f->nr_pushed;
}

int ferror(FILE *f)
{
	return f->error;
}

void clearerr(FILE *f)
{
	f->eof = f->error = false;
}

int fileno(FILE *f)
{
	return f->fd;
}

static int get_stream(void *from)
{
	return __get_locked(from);
}

static void unget_stream(void *from, int c)
{
	FILE *f = from;

	/* one byte behind a conversion, where ungetc() has left room for one at least or has been read before */
	f->pushed[f->nr_pushed++] = (unsigned char)c;
}

int vfscanf(FILE *f, const char *fmt, va_list ap)
{
	const struct scan_source source = {.get = get_stream, .unget = unget_stream, .from = f};
	int n;

	lock_acquire(&f->lock);
	n = __scan(&source, fmt, ap);
	lock_release(&f->lock);
	return n;
}

int fscanf(FILE *f, const char *fmt, ...)
{
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vfscanf(f, fmt, ap);
	va_end(ap);
	return n;
}
