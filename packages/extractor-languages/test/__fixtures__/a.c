/* Copyright: stands apart, belongs to nothing. */

#include <stdio.h>
#define SQUARE(x) \
  ((x) * (x))
#ifdef FAST
int size(void);
#else
static int size(void) { return 1; }
#endif
struct Shop;
struct Shop { int goods; };
typedef struct { int price; } Good, *GoodPointer;
typedef int (*Compare)(int);
enum Colour { RED, BLUE };
static const char *name = "x", *other;
/* Gives a pointer to the cheapest. */
static inline int *cheapest(int (*compare)(int)) { int local = 0; return 0; }
int (*chooser(int a))(int) { return 0; }
int (*chosen)(int) = 0;
/* Both names. */
typedef struct deal { int at; } Deal;
typedef struct Deal { int at; } Deal;
static struct stand {
  int at;
} stands[] = {{1}};
