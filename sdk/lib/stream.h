/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What a stream is, for the files of <stdio.h>. It reads or it writes, not both: there is no
 * lseek(), so a change of direction could not tell where it is. Fields below the lock need it.
 */
#ifndef SDK_STREAM_H
#define SDK_STREAM_H

#include "lock.h"

#include <stdio.h>

struct __file {
	int fd;
	bool reads, writes;
	int mode;	     /* _IOFBF, _IOLBF, _IONBF */
	struct __file *next; /* of those fopen() made */

	struct lock lock;
	bool eof, error;
	size_t used;		 /* bytes of buf: not written yet, or read */
	size_t at;		 /* the next one to hand out */
	unsigned char pushed[2]; /* by ungetc(), the last one first */
	int nr_pushed;
	char buf[BUFSIZ];
};

/* Write out what waits; 0 or EOF. The caller has the lock. */
int __flush_locked(FILE *f);
/* The next byte, or EOF. The caller has the lock. */
int __get_locked(FILE *f);

/* Streams that fopen() made, by the lock. */
extern struct __file *__open_files;
extern struct lock __open_files_lock;

/*
 * The core of scanf's family: bytes come from get(from), one too many is given back by unget. Conversions: see
 * <stdio.h>. How many were stored, EOF if the input ended before the first.
 */
struct scan_source {
	int (*get)(void *from);
	void (*unget)(void *from, int c);
	void *from;
};

int __scan(const struct scan_source *source, const char *fmt, va_list ap);

#endif
