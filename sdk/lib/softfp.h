/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Arithmetic that the compiler calls functions for, because user programs have no floating point registers (the
 * kernel does not save any). Names and results are libgcc's: IEEE 754, round to nearest even, no flags.
 */
#ifndef SDK_SOFTFP_H
#define SDK_SOFTFP_H

int __clzdi2(unsigned long value); /* of 0: undefined, as are the next three */
int __ctzdi2(unsigned long value);
int __clzsi2(unsigned int value);
int __ctzsi2(unsigned int value);
int __ffsdi2(unsigned long value);
int __popcountdi2(unsigned long value);
unsigned long __bswapdi2(unsigned long value);
unsigned int __bswapsi2(unsigned int value);

double __adddf3(double a, double b);
double __subdf3(double a, double b);
double __muldf3(double a, double b);
double __divdf3(double a, double b);
double __negdf2(double a);
float __addsf3(float a, float b);
float __subsf3(float a, float b);
float __mulsf3(float a, float b);
float __divsf3(float a, float b);
float __negsf2(float a);

/* Less than 0, 0, more than 0; not comparable: what makes the operator that asks false. */
int __ltdf2(double a, double b);
int __ledf2(double a, double b);
int __gtdf2(double a, double b);
int __gedf2(double a, double b);
int __eqdf2(double a, double b);
int __nedf2(double a, double b);
int __unorddf2(double a, double b);
int __ltsf2(float a, float b);
int __lesf2(float a, float b);
int __gtsf2(float a, float b);
int __gesf2(float a, float b);
int __eqsf2(float a, float b);
int __nesf2(float a, float b);
int __unordsf2(float a, float b);

double __extendsfdf2(float a);
float __truncdfsf2(double a);
double __floatsidf(int a);
double __floatdidf(long a);
double __floatunsidf(unsigned int a);
double __floatundidf(unsigned long a);
float __floatsisf(int a);
float __floatdisf(long a);
float __floatunsisf(unsigned int a);
float __floatundisf(unsigned long a);
/* Towards 0; what does not fit is the nearest that does, no number is 0. */
int __fixdfsi(double a);
long __fixdfdi(double a);
unsigned int __fixunsdfsi(double a);
unsigned long __fixunsdfdi(double a);
int __fixsfsi(float a);
long __fixsfdi(float a);
unsigned int __fixunssfsi(float a);
unsigned long __fixunssfdi(float a);

#endif
