// The calls of Linux that Swift's Glibc module leaves out.
#include <fcntl.h>
#include <linux/fs.h>
#include <sched.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/syscall.h>
#include <unistd.h>

extern const char *sigabbrev_np(int signal);

static inline int reel_pipe(int ends[2]) { return (int)syscall(SYS_pipe2, ends, O_CLOEXEC); }

static inline int reel_die_with_parent(void) { return prctl(PR_SET_PDEATHSIG, SIGKILL); }

static inline int reel_dump_no_core(void) {
  struct rlimit none = {0, 0};
  return setrlimit(RLIMIT_CORE, &none);
}

static inline int reel_signal_descriptor(const sigset_t *signals) { return signalfd(-1, signals, SFD_CLOEXEC); }

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

/// The number of processors that this process may use.
static inline int reel_cores(void) {
  unsigned long mask[128] = {0};
  long bytes = syscall(SYS_sched_getaffinity, 0, sizeof mask, mask);
  int count = 0;
  for (long i = 0; i < bytes / (long)sizeof mask[0]; i++) count += __builtin_popcountl(mask[i]);
  return count > 0 ? count : 1;
}
