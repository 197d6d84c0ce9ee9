// Preloaded into one process: lists its calls on the files below a folder, or makes one of them fail once.
//   IO_FAULTS_BELOW    the folder; calls on other files pass and are not counted
//   IO_FAULTS_LIST     the file that gets one line for each call, or for the one that failed
//   IO_FAULTS_CONTROL  the file, mapped into memory, that says what fails: whoever writes it anew begins a new count
// Not among the calls: file locks and mmap, which have errors of their own.
#define _GNU_SOURCE
#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

/** What a call does, which says how it can fail. */
enum { LOOKS = 0, TAKES_SPACE = 1, CAN_BE_INTERRUPTED = 2, MOVES_BYTES = 4 };
enum { PASS, FAIL, HALVE };

/** As `fault-shim.ts` writes it. */
struct control {
  /** The first call, counted from 1, that may fail; none may, if 0. */
  long at;
  /** ENOSPC, EIO or EINTR: that error; SHORT: half of the bytes; FULL: ENOSPC from there on. */
  char kind[8];
  atomic_long count, has_failed;
};

static char below[PATH_MAX];
static int list = -1;
static struct control nothing, *control = &nothing;

#define NEXT(name) \
  static __typeof__(&name) next; \
  if (next == NULL) next = (__typeof__(&name))dlsym(RTLD_NEXT, #name)

/** Processes that this one starts are left alone. */
__attribute__((constructor)) static void begin(void) {
  const char *folder = getenv("IO_FAULTS_BELOW"), *lines = getenv("IO_FAULTS_LIST"), *file = getenv("IO_FAULTS_CONTROL");
  if (lines != NULL) list = (int)syscall(SYS_openat, AT_FDCWD, lines, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  int mapped = file == NULL ? -1 : (int)syscall(SYS_openat, AT_FDCWD, file, O_RDWR | O_CLOEXEC);
  if (mapped >= 0) {
    void *memory = mmap(NULL, sizeof *control, PROT_READ | PROT_WRITE, MAP_SHARED, mapped, 0);
    if (memory == MAP_FAILED) abort();
    control = memory;
    syscall(SYS_close, mapped);
  }
  if (folder != NULL) snprintf(below, sizeof below, "%s/", folder);
  unsetenv("LD_PRELOAD");
  unsetenv("IO_FAULTS_BELOW");
  unsetenv("IO_FAULTS_LIST");
  unsetenv("IO_FAULTS_CONTROL");
}

static int applies(int traits) {
  const char *kind = control->kind;
  if (strcmp(kind, "EIO") == 0) return EIO;
  if (strcmp(kind, "EINTR") == 0) return traits & CAN_BE_INTERRUPTED ? EINTR : 0;
  if (strcmp(kind, "SHORT") == 0) return traits & MOVES_BYTES ? -1 : 0;
  return traits & TAKES_SPACE ? ENOSPC : 0;
}

/** Counts a call on a path, and says what becomes of it. */
static int judge(const char *name, const char *path, int traits) {
  if (below[0] == '\0' || strncmp(path, below, strlen(below)) != 0) return PASS;
  long number = atomic_fetch_add(&control->count, 1) + 1, at = control->at;
  int error = at == 0 || number < at ? 0 : applies(traits);
  if (at != 0 && (error == 0 || (atomic_exchange(&control->has_failed, 1) && strcmp(control->kind, "FULL") != 0)))
    return PASS;
  char line[PATH_MAX + 64];
  int length = snprintf(line, sizeof line, "%ld %s %d %s\n", number, name, traits, path + strlen(below));
  if (list >= 0) syscall(SYS_write, list, line, (size_t)length);
  if (error == 0) return PASS;
  if (error < 0) return HALVE;
  errno = error;
  return FAIL;
}

static int judge_at(const char *name, int folder, const char *path, int traits) {
  char absolute[PATH_MAX], link[64];
  if (path == NULL) return PASS;
  if (path[0] == '/') return judge(name, path, traits);
  snprintf(link, sizeof link, folder == AT_FDCWD ? "/proc/self/cwd" : "/proc/self/fd/%d", folder);
  ssize_t length = syscall(SYS_readlink, link, absolute, sizeof absolute - 1);
  if (length < 0) return PASS;
  snprintf(absolute + length, sizeof absolute - (size_t)length, "/%s", path);
  return judge(name, absolute, traits);
}

static int judge_path(const char *name, const char *path, int traits) { return judge_at(name, AT_FDCWD, path, traits); }

static int judge_descriptor(const char *name, int descriptor, int traits) {
  char path[PATH_MAX], link[64];
  snprintf(link, sizeof link, "/proc/self/fd/%d", descriptor);
  ssize_t length = syscall(SYS_readlink, link, path, sizeof path - 1);
  if (length < 0) return PASS;
  path[length] = '\0';
  return judge(name, path, traits);
}

static size_t half(size_t size) { return size > 1 ? size / 2 : size; }

static mode_t mode_of(int flags, va_list arguments) { return flags & O_CREAT ? va_arg(arguments, mode_t) : 0; }
static int open_traits(int flags) { return CAN_BE_INTERRUPTED | (flags & O_CREAT ? TAKES_SPACE : 0); }

#define OPEN(name) \
  int name(const char *path, int flags, ...) { \
    NEXT(name); \
    va_list arguments; \
    va_start(arguments, flags); \
    mode_t mode = mode_of(flags, arguments); \
    va_end(arguments); \
    return judge_path("open", path, open_traits(flags)) == FAIL ? -1 : next(path, flags, mode); \
  }
OPEN(open)
OPEN(open64)

int openat(int folder, const char *path, int flags, ...) {
  NEXT(openat);
  va_list arguments;
  va_start(arguments, flags);
  mode_t mode = mode_of(flags, arguments);
  va_end(arguments);
  return judge_at("open", folder, path, open_traits(flags)) == FAIL ? -1 : next(folder, path, flags, mode);
}

ssize_t read(int descriptor, void *bytes, size_t size) {
  NEXT(read);
  int what = judge_descriptor("read", descriptor, CAN_BE_INTERRUPTED | MOVES_BYTES);
  return what == FAIL ? -1 : next(descriptor, bytes, what == HALVE ? half(size) : size);
}

ssize_t pread64(int descriptor, void *bytes, size_t size, off64_t offset) {
  NEXT(pread64);
  int what = judge_descriptor("read", descriptor, CAN_BE_INTERRUPTED | MOVES_BYTES);
  return what == FAIL ? -1 : next(descriptor, bytes, what == HALVE ? half(size) : size, offset);
}

static const int WRITES = TAKES_SPACE | CAN_BE_INTERRUPTED | MOVES_BYTES;

ssize_t write(int descriptor, const void *bytes, size_t size) {
  NEXT(write);
  int what = judge_descriptor("write", descriptor, WRITES);
  return what == FAIL ? -1 : next(descriptor, bytes, what == HALVE ? half(size) : size);
}

ssize_t pwrite64(int descriptor, const void *bytes, size_t size, off64_t offset) {
  NEXT(pwrite64);
  int what = judge_descriptor("write", descriptor, WRITES);
  return what == FAIL ? -1 : next(descriptor, bytes, what == HALVE ? half(size) : size, offset);
}

ssize_t writev(int descriptor, const struct iovec *parts, int parts_count) {
  NEXT(writev);
  int what = judge_descriptor("write", descriptor, WRITES);
  return what == FAIL ? -1 : next(descriptor, parts, what == HALVE ? (int)half((size_t)parts_count) : parts_count);
}

ssize_t sendfile64(int to, int from, off64_t *offset, size_t size) {
  NEXT(sendfile64);
  int what = judge_descriptor("copy", to, WRITES);
  return what == FAIL ? -1 : next(to, from, offset, what == HALVE ? half(size) : size);
}

#define ON_DESCRIPTOR(name, traits, parameters, ...) \
  int name parameters { \
    NEXT(name); \
    return judge_descriptor(#name, descriptor, traits) == FAIL ? -1 : next(__VA_ARGS__); \
  }
ON_DESCRIPTOR(fsync, TAKES_SPACE | CAN_BE_INTERRUPTED, (int descriptor), descriptor)
ON_DESCRIPTOR(fdatasync, TAKES_SPACE | CAN_BE_INTERRUPTED, (int descriptor), descriptor)
ON_DESCRIPTOR(ftruncate64, TAKES_SPACE | CAN_BE_INTERRUPTED, (int descriptor, off64_t size), descriptor, size)
ON_DESCRIPTOR(fchmod, LOOKS, (int descriptor, mode_t mode), descriptor, mode)

/** What fails is the news that it failed: the descriptor is gone either way, as on Linux. */
int close(int descriptor) {
  NEXT(close);
  int what = judge_descriptor("close", descriptor, LOOKS), error = errno, result = next(descriptor);
  if (what != FAIL) return result;
  errno = error;
  return -1;
}

#define ON_PATH(name, traits, parameters, ...) \
  int name parameters { \
    NEXT(name); \
    return judge_path(#name, path, traits) == FAIL ? -1 : next(__VA_ARGS__); \
  }
ON_PATH(mkdir, TAKES_SPACE, (const char *path, mode_t mode), path, mode)
ON_PATH(rmdir, LOOKS, (const char *path), path)
ON_PATH(unlink, LOOKS, (const char *path), path)
ON_PATH(access, LOOKS, (const char *path, int mode), path, mode)
ON_PATH(chmod, LOOKS, (const char *path, mode_t mode), path, mode)
ON_PATH(rename, TAKES_SPACE, (const char *from, const char *path), from, path)
ON_PATH(link, TAKES_SPACE, (const char *from, const char *path), from, path)

int unlinkat(int folder, const char *path, int flags) {
  NEXT(unlinkat);
  return judge_at("unlink", folder, path, LOOKS) == FAIL ? -1 : next(folder, path, flags);
}

ssize_t readlink(const char *path, char *target, size_t size) {
  NEXT(readlink);
  return judge_path("readlink", path, LOOKS) == FAIL ? -1 : next(path, target, size);
}

DIR *opendir(const char *path) {
  NEXT(opendir);
  return judge_path("opendir", path, LOOKS) == FAIL ? NULL : next(path);
}

int scandir64(const char *path, struct dirent64 ***names, int (*filter)(const struct dirent64 *),
              int (*compare)(const struct dirent64 **, const struct dirent64 **)) {
  NEXT(scandir64);
  return judge_path("opendir", path, LOOKS) == FAIL ? -1 : next(path, names, filter, compare);
}

char *mkdtemp(char *template) {
  NEXT(mkdtemp);
  return judge_path("mkdir", template, TAKES_SPACE) == FAIL ? NULL : next(template);
}

/** libuv asks for statx by its number. */
long syscall(long number, ...) {
  NEXT(syscall);
  va_list arguments;
  va_start(arguments, number);
  long a = va_arg(arguments, long), b = va_arg(arguments, long), c = va_arg(arguments, long),
       d = va_arg(arguments, long), e = va_arg(arguments, long), f = va_arg(arguments, long);
  va_end(arguments);
  if (number == SYS_statx && ((const char *)b)[0] != '\0' && judge_at("stat", (int)a, (const char *)b, LOOKS) == FAIL) {
    return -1;
  }
  return next(number, a, b, c, d, e, f);
}
