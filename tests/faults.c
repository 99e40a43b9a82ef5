/* Makes the k-th call of a function of the system fail: preloaded (LD_PRELOAD), armed and read through ctypes.
 *
 * Python's own writes, Arrow's and those of any other library pass through here, whatever language made them.
 * See faults.py, which compiles it. Linux with glibc.
 */

#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

static char armed[32], part_of_name[PATH_MAX];
static size_t least;
static long first, times;
static int fault;
static atomic_long seen;

/* The calls of `what` from the `at`-th on, `count` of them, fail with `error`: allocations of at least `size` bytes,
 * and what is done to files in whose path `name` stands. A fresh start of counting; at = 0 fails none. */
void faults_arm(const char *what, long at, long count, int error, size_t size, const char *name) {
    armed[0] = 0; /* nothing counts while it is set up */
    snprintf(part_of_name, sizeof part_of_name, "%s", name);
    least = size, fault = error, times = count, first = at;
    atomic_store(&seen, 0);
    snprintf(armed, sizeof armed, "%s", what);
}

long faults_seen(void) { return atomic_load(&seen); }

static int fails(const char *what) {
    if (!armed[0] || strcmp(what, armed) != 0) return 0;
    const long number = atomic_fetch_add(&seen, 1) + 1;
    if (first == 0 || number < first || number >= first + times) return 0;
    errno = fault;
    return 1;
}

static int fails_on(const char *what, const char *path) {
    return armed[0] && path && strstr(path, part_of_name) && fails(what);
}

static int fails_on_open(const char *what, int fd) {
    if (!armed[0] || strcmp(what, armed) != 0) return 0;
    char link[64], path[PATH_MAX];
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    const ssize_t length = readlink(link, path, sizeof path - 1);
    if (length < 0) return 0;
    path[length] = 0;
    return fails_on(what, path);
}

static void *next(const char *name) { return dlsym(RTLD_NEXT, name); }

#define REAL(name, ...) ((__typeof__(&name))next(#name))(__VA_ARGS__)

ssize_t write(int fd, const void *data, size_t size) {
    return fails_on_open("write", fd) ? -1 : REAL(write, fd, data, size);
}
ssize_t writev(int fd, const struct iovec *data, int count) {
    return fails_on_open("write", fd) ? -1 : REAL(writev, fd, data, count);
}
ssize_t pwrite64(int fd, const void *data, size_t size, off64_t at) {
    return fails_on_open("write", fd) ? -1 : REAL(pwrite64, fd, data, size, at);
}
int fsync(int fd) { return fails_on_open("fsync", fd) ? -1 : REAL(fsync, fd); }
int fdatasync(int fd) { return fails_on_open("fsync", fd) ? -1 : REAL(fdatasync, fd); }
int ftruncate64(int fd, off64_t size) { return fails_on_open("truncate", fd) ? -1 : REAL(ftruncate64, fd, size); }
int rename(const char *from, const char *to) { return fails_on("rename", to) ? -1 : REAL(rename, from, to); }
int unlink(const char *path) { return fails_on("unlink", path) ? -1 : REAL(unlink, path); }
int mkdir(const char *path, mode_t mode) { return fails_on("mkdir", path) ? -1 : REAL(mkdir, path, mode); }

/* As of a network file system: the descriptor is gone, and what was written may be, too. */
int close(int fd) {
    const int failing = fails_on_open("close", fd);
    const int done = REAL(close, fd);
    if (!failing) return done;
    errno = fault;
    return -1;
}

static int fails_to_open(const char *path, int flags) {
    return (flags & O_ACCMODE) != O_RDONLY && fails_on("open", path);
}
#define OPEN(name)                                          \
    int name(const char *path, int flags, ...) {            \
        va_list rest;                                       \
        va_start(rest, flags);                              \
        const int mode = flags & O_CREAT ? va_arg(rest, int) : 0; \
        va_end(rest);                                       \
        return fails_to_open(path, flags) ? -1 : REAL(name, path, flags, mode); \
    }
OPEN(open)
OPEN(open64)

int pthread_create(pthread_t *thread, const pthread_attr_t *with, void *(*run)(void *), void *given) {
    return fails("pthread_create") ? fault : REAL(pthread_create, thread, with, run, given);
}

/* Not looked up, as looking up allocates. */
extern void *__libc_malloc(size_t), *__libc_calloc(size_t, size_t), *__libc_realloc(void *, size_t);
extern void *__libc_memalign(size_t, size_t);

void *malloc(size_t size) { return size >= least && fails("malloc") ? NULL : __libc_malloc(size); }
void *calloc(size_t count, size_t size) {
    return count && size >= least / count && fails("malloc") ? NULL : __libc_calloc(count, size);
}
void *realloc(void *old, size_t size) { return size >= least && fails("malloc") ? NULL : __libc_realloc(old, size); }
void *memalign(size_t step, size_t size) {
    return size >= least && fails("malloc") ? NULL : __libc_memalign(step, size);
}
void *aligned_alloc(size_t step, size_t size) { return memalign(step, size); }
int posix_memalign(void **out, size_t step, size_t size) {
    void *made = memalign(step, size);
    if (made) *out = made;
    return made ? 0 : ENOMEM;
}
