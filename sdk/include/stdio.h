/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Streams over file descriptors. stdout is written out at each newline, stderr at the end of each
 * call, files when their buffer is full and when the program ends. stdin takes no byte more than it
 * hands out. A stream reads or writes, and there is no seeking.
 */
#ifndef _STDIO_H
#define _STDIO_H

#include <stdarg.h>
#include <stddef.h>
#include <sys/types.h>

#define EOF (-1)
#define BUFSIZ 512

#define _IOFBF 0
#define _IOLBF 1
#define _IONBF 2

typedef struct __file FILE;
extern FILE *const stdin;
extern FILE *const stdout;
extern FILE *const stderr;

/* mode: r, w or a ("+" is EINVAL). NULL with errno set. */
FILE *fopen(const char *path, const char *mode);
int fclose(FILE *f);					/* 0, or EOF if something could not be written */
int fflush(FILE *f);					/* NULL: all */
int setvbuf(FILE *f, char *buf, int mode, size_t size); /* buf and size are not looked at */
void setbuf(FILE *f, char *buf);
void setlinebuf(FILE *f);
int feof(FILE *f);
int ferror(FILE *f); /* also when less was written than was to be */
void clearerr(FILE *f);
int fileno(FILE *f);

/* Conversions: d i u x X o c s p % e f g (and E F G), flags "-+ #0", width, precision, hh h l ll z j t. */
int printf(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
int fprintf(FILE *f, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
int sprintf(char *buf, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
int snprintf(char *buf, size_t size, const char *fmt, ...) __attribute__((format(printf, 3, 4)));
int vprintf(const char *fmt, va_list ap) __attribute__((format(printf, 1, 0)));
int vfprintf(FILE *f, const char *fmt, va_list ap) __attribute__((format(printf, 2, 0)));
int vsprintf(char *buf, const char *fmt, va_list ap) __attribute__((format(printf, 2, 0)));
int asprintf(char **text, const char *fmt, ...) __attribute__((format(printf, 2, 3))); /* *text: to be freed; or -1 */
int vasprintf(char **text, const char *fmt, va_list ap) __attribute__((format(printf, 2, 0)));
int vsnprintf(char *buf, size_t size, const char *fmt, va_list ap) __attribute__((format(printf, 3, 0)));

int puts(const char *s);
int fputs(const char *s, FILE *f);
int putchar(int c);
int fputc(int c, FILE *f);
int putc(int c, FILE *f);
size_t fwrite(const void *p, size_t size, size_t n, FILE *f);
void perror(const char *what);

int fgetc(FILE *f); /* blocks; EOF at the end of the input */
int getc(FILE *f);
int getchar(void);
int ungetc(int c, FILE *f);
char *fgets(char *s, int size, FILE *f);
size_t fread(void *p, size_t size, size_t n, FILE *f);
/* *line is grown with realloc(); free it in the end. Bytes, with the newline, or -1. */
ssize_t getline(char **line, size_t *size, FILE *f);
ssize_t getdelim(char **line, size_t *size, int delim, FILE *f);

/* Conversions: d i u x X o p c s [ n %, with *, width, hh h l ll z j t. No floating point. */
int sscanf(const char *s, const char *fmt, ...) __attribute__((format(scanf, 2, 3)));
int fscanf(FILE *f, const char *fmt, ...) __attribute__((format(scanf, 2, 3)));
int vsscanf(const char *s, const char *fmt, va_list ap) __attribute__((format(scanf, 2, 0)));
int vfscanf(FILE *f, const char *fmt, va_list ap) __attribute__((format(scanf, 2, 0)));

#endif
