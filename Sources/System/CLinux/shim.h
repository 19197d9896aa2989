// The calls of Linux that Swift's Glibc module leaves out.
#define _GNU_SOURCE
#include <fcntl.h>
#include <linux/fs.h>
#include <sched.h>
#include <signal.h>
#include <sys/inotify.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/statvfs.h>
#include <sys/syscall.h>
#include <unistd.h>

extern const char *sigabbrev_np(int signal);

/// The first of the four fields of Dl_info is the path.
extern int dladdr(const void *address, const void *info[4]);

/// The path of the library that an address lies in, as the loader has it; NULL for none.
static inline const char *reel_library_of(const void *address) {
  const void *info[4] = {0};
  return dladdr(address, info) ? (const char *)info[0] : 0;
}

static inline int reel_pipe(int ends[2]) { return (int)syscall(SYS_pipe2, ends, O_CLOEXEC); }

static inline int reel_die_with_parent(void) { return prctl(PR_SET_PDEATHSIG, SIGKILL); }

static inline int reel_dump_no_core(void) {
  struct rlimit none = {0, 0};
  return setrlimit(RLIMIT_CORE, &none);
}

static inline int reel_signal_descriptor(const sigset_t *signals) { return signalfd(-1, signals, SFD_CLOEXEC); }

static inline int reel_watch_descriptor(void) { return inotify_init1(IN_CLOEXEC | IN_NONBLOCK); }

/// Has `watch` tell of names in `folder` whose files were written, made, moved or removed, and of its end.
static inline int reel_watch_folder(int watch, const char *folder) {
  return inotify_add_watch(watch, folder,
                           IN_CLOSE_WRITE | IN_CREATE | IN_DELETE | IN_MOVED_FROM | IN_MOVED_TO | IN_DELETE_SELF |
                               IN_MOVE_SELF | IN_ONLYDIR);
}

/// Whether the kernel says that it dropped events, or that the folder itself is gone.
static inline int reel_watch_lost(unsigned mask) {
  return (mask & (IN_Q_OVERFLOW | IN_IGNORED | IN_DELETE_SELF | IN_MOVE_SELF)) != 0;
}

/// The bytes that a user may still write to the disk of `folder`; negative where there is no such folder.
static inline long long reel_free_bytes(const char *folder) {
  struct statvfs status;
  return statvfs(folder, &status) == 0 ? (long long)status.f_bavail * (long long)status.f_frsize : -1;
}

/// A descriptor that can be polled for the end of a process.
static inline int reel_process_descriptor(pid_t process) {
  return (int)syscall(SYS_pidfd_open, process, 0);
}

/// Makes two names change places at one instant.
static inline int reel_exchange(const char *one, const char *other) {
  return (int)syscall(SYS_renameat2, AT_FDCWD, one, AT_FDCWD, other, 2u /* RENAME_EXCHANGE */);
}

/// Gives `to` the bytes of `from` without copying them; fails where the file system cannot.
static inline int reel_clone(int to, int from) { return ioctl(to, FICLONE, from); }

/// Locks one byte of a file for this open file description, or frees it (`type`: F_RDLCK, F_WRLCK, F_UNLCK).
static inline int reel_lock_byte(int file, short type, long offset, int waits) {
  struct flock lock = {.l_type = type, .l_whence = SEEK_SET, .l_start = offset, .l_len = 1};
  return fcntl(file, waits ? F_OFD_SETLKW : F_OFD_SETLK, &lock);
}

/// Waits until all that was written to the file system of `file` is on the disk.
static inline int reel_synchronise_file_system(int file) { return (int)syscall(SYS_syncfs, file); }

/// The number of processors that this process may use.
static inline int reel_cores(void) {
  unsigned long mask[128] = {0};
  long bytes = syscall(SYS_sched_getaffinity, 0, sizeof mask, mask);
  int count = 0;
  for (long i = 0; i < bytes / (long)sizeof mask[0]; i++) count += __builtin_popcountl(mask[i]);
  return count > 0 ? count : 1;
}
