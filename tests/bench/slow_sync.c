/* Preloaded, makes every fsync and fdatasync take SLOW_SYNC_US microseconds more (2000 when
 * absent): a disk that keeps its word. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdlib.h>
#include <unistd.h>

static void wait_for_disk(void) {
    const char* given = getenv("SLOW_SYNC_US");
    usleep(given ? (useconds_t)atoi(given) : 2000);
}

int fsync(int descriptor) {
    int (*real)(int) = (int (*)(int))dlsym(RTLD_NEXT, "fsync");
    wait_for_disk();
    return real(descriptor);
}

int fdatasync(int descriptor) {
    int (*real)(int) = (int (*)(int))dlsym(RTLD_NEXT, "fdatasync");
    wait_for_disk();
    return real(descriptor);
}
