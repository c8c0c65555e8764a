#include "net/confine.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/capability.h>
#include <linux/filter.h>
#include <linux/landlock.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#if defined(__x86_64__)
#define OWN_ARCHITECTURE 0xc000003eU /* AUDIT_ARCH_X86_64 */
#elif defined(__aarch64__)
#define OWN_ARCHITECTURE 0xc00000b7U /* AUDIT_ARCH_AARCH64 */
#else
#error "no seccomp filter for this architecture"
#endif

#if defined(__SANITIZE_ADDRESS__)
#define IS_SANITIZED true /* the sanitizer's run time makes system calls of its own */
#else
#define IS_SANITIZED false
#endif

enum
{
  FILTER_MAX = 128,
  X32_BIT = 0x40000000
};

struct filter
{
  struct sock_filter code[FILTER_MAX];
  unsigned short n;
};

static void
reset_signals (void)
{
  sigset_t none;
  for (int number = 1; number < NSIG; number++)
    (void) signal (number, SIG_DFL); /* fails for SIGKILL, SIGSTOP and the C library's own, which are as they must be */
  (void) signal (SIGPIPE, SIG_IGN);
  (void) sigemptyset (&none);
  (void) sigprocmask (SIG_SETMASK, &none, NULL); /* cannot fail with these arguments */
}

static int
compare_fds (const void *left, const void *right)
{
  const int *a = left;
  const int *b = right;
  return (*a > *b) - (*a < *b);
}

static int
close_others (const int *fds, size_t n)
{
  static int sorted[CONFINE_FDS_MAX];
  if (n > CONFINE_FDS_MAX)
    return -E2BIG;
  for (size_t i = 0; i < n; i++)
    sorted[i] = fds[i];
  qsort (sorted, n, sizeof *sorted, compare_fds);
  unsigned next = STDERR_FILENO + 1;
  for (size_t i = 0; i < n; i++)
    {
      unsigned fd = (unsigned) sorted[i];
      if (fd > next && close_range (next, fd - 1, 0) < 0)
        return -errno;
      next = fd >= next ? fd + 1 : next;
    }
  return close_range (next, ~0U, 0) < 0 ? -errno : 0;
}

static int
set_limit (__rlimit_resource_t resource, rlim_t limit)
{
  struct rlimit old;
  if (getrlimit (resource, &old) < 0)
    return -errno;
  if (old.rlim_max < limit)
    limit = old.rlim_max;
  struct rlimit new = { .rlim_cur = limit, .rlim_max = limit };
  return setrlimit (resource, &new) < 0 ? -errno : 0;
}

static int
set_limits (uint64_t max_files)
{
  int r = set_limit (RLIMIT_NOFILE, max_files);
  if (r == 0)
    r = set_limit (RLIMIT_CORE, 0);
  if (r == 0)
    r = set_limit (RLIMIT_FSIZE, 0);
  return r == 0 ? set_limit (RLIMIT_MEMLOCK, 0) : r;
}

static int
drop_capabilities (void)
{
  struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
  struct __user_cap_data_struct none[_LINUX_CAPABILITY_U32S_3] = { 0 };
  return syscall (SYS_capset, &header, none) < 0 ? -errno : 0;
}

/* A user namespace without the id (EINVAL) leaves the user as it is, which is nobody's root outside of it. */
static int
drop_user (void)
{
  if (geteuid () != 0)
    return 0;
  for (int capability = 0; capability < 64; capability++)
    if (prctl (PR_CAPBSET_DROP, capability, 0, 0, 0) < 0 && errno == EINVAL)
      break;
  if (setgroups (0, NULL) < 0 && errno != EPERM)
    return -errno;
  if (setresgid (CONFINE_ID, CONFINE_ID, CONFINE_ID) < 0 && errno != EINVAL)
    return -errno;
  return setresuid (CONFINE_ID, CONFINE_ID, CONFINE_ID) < 0 && errno != EINVAL ? -errno : 0;
}

/* Landlock (Linux 5.13): without it, files that anyone may read could be read by a process taken over. */
static int
restrict_files (const int *directories, size_t n)
{
  struct landlock_ruleset_attr attributes = {
    .handled_access_fs = LANDLOCK_ACCESS_FS_EXECUTE | LANDLOCK_ACCESS_FS_WRITE_FILE | LANDLOCK_ACCESS_FS_READ_FILE
                         | LANDLOCK_ACCESS_FS_READ_DIR | LANDLOCK_ACCESS_FS_REMOVE_DIR | LANDLOCK_ACCESS_FS_REMOVE_FILE
                         | LANDLOCK_ACCESS_FS_MAKE_CHAR | LANDLOCK_ACCESS_FS_MAKE_DIR | LANDLOCK_ACCESS_FS_MAKE_REG
                         | LANDLOCK_ACCESS_FS_MAKE_SOCK | LANDLOCK_ACCESS_FS_MAKE_FIFO | LANDLOCK_ACCESS_FS_MAKE_BLOCK
                         | LANDLOCK_ACCESS_FS_MAKE_SYM,
  };
  int ruleset = (int) syscall (SYS_landlock_create_ruleset, &attributes, sizeof attributes, 0);
  if (ruleset < 0)
    return errno == ENOSYS || errno == EOPNOTSUPP ? 0 : -errno;
  int r = 0;
  for (size_t i = 0; r == 0 && i < n; i++)
    {
      struct landlock_path_beneath_attr rule = { .allowed_access = LANDLOCK_ACCESS_FS_READ_FILE, .parent_fd = directories[i] };
      if (syscall (SYS_landlock_add_rule, ruleset, LANDLOCK_RULE_PATH_BENEATH, &rule, 0) < 0)
        r = -errno;
    }
  if (r == 0 && syscall (SYS_landlock_restrict_self, ruleset, 0) < 0)
    r = -errno;
  (void) close (ruleset); /* nothing to lose */
  return r;
}

static void
emit (struct filter *filter, struct sock_filter instruction)
{
  if (filter->n < FILTER_MAX)
    filter->code[filter->n] = instruction;
  filter->n++;
}

static void
load_field (struct filter *filter, size_t offset)
{
  emit (filter, (struct sock_filter) BPF_STMT (BPF_LD | BPF_W | BPF_ABS, (uint32_t) offset));
}

static void
verdict (struct filter *filter, uint32_t action)
{
  emit (filter, (struct sock_filter) BPF_STMT (BPF_RET | BPF_K, action));
}

/* Skips the next SKIP instructions unless the loaded word is VALUE. */
static void
unless_equal (struct filter *filter, uint32_t value, uint8_t skip)
{
  emit (filter, (struct sock_filter) BPF_JUMP (BPF_JMP | BPF_JEQ | BPF_K, value, 0, skip));
}

/* Low halves of arguments: both architectures are little-endian, and flags have 32 bits. */
static size_t
argument (size_t index)
{
  return offsetof (struct seccomp_data, args) + index * sizeof (uint64_t);
}

static void
build_filter (struct filter *filter, const struct confinement *confinement)
{
  load_field (filter, offsetof (struct seccomp_data, arch));
  unless_equal (filter, OWN_ARCHITECTURE, 1);
  emit (filter, (struct sock_filter) BPF_JUMP (BPF_JMP | BPF_JA, 1, 0, 0));
  verdict (filter, SECCOMP_RET_KILL_PROCESS);
  /* x32 calls have a bit set that no listed number has, so that they fall through to the end. */
  load_field (filter, offsetof (struct seccomp_data, nr));
  for (size_t i = 0; i < confinement->n_syscalls; i++)
    {
      unless_equal (filter, (uint32_t) confinement->syscalls[i], 1);
      verdict (filter, SECCOMP_RET_ALLOW);
    }
  if (confinement->opens_files)
    {
      unless_equal (filter, SYS_openat, 4);
      load_field (filter, argument (2));
      unless_equal (filter, O_RDONLY | O_CLOEXEC | O_NOFOLLOW, 1);
      verdict (filter, SECCOMP_RET_ALLOW);
      verdict (filter, SECCOMP_RET_KILL_PROCESS);
    }
  unless_equal (filter, SYS_mmap, 4);
  load_field (filter, argument (2));
  emit (filter, (struct sock_filter) BPF_JUMP (BPF_JMP | BPF_JSET | BPF_K, PROT_EXEC, 1, 0));
  verdict (filter, SECCOMP_RET_ALLOW);
  verdict (filter, SECCOMP_RET_KILL_PROCESS);
  verdict (filter, SECCOMP_RET_KILL_PROCESS);
}

static int
restrict_syscalls (const struct confinement *confinement)
{
  struct filter filter;
  filter.n = 0;
  build_filter (&filter, confinement);
  if (filter.n > FILTER_MAX)
    return -E2BIG;
  struct sock_fprog program = { .len = filter.n, .filter = filter.code };
  return syscall (SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &program) < 0 ? -errno : 0;
}

int
confine (const struct confinement *confinement)
{
  reset_signals ();
  int r = close_others (confinement->fds, confinement->n_fds);
  if (r == 0)
    r = set_limits (confinement->max_files);
  if (r == 0 && (prctl (PR_SET_NAME, confinement->name, 0, 0, 0) < 0 || chdir ("/") < 0))
    r = -errno;
  if (r == 0)
    r = drop_user ();
  if (r == 0)
    r = drop_capabilities ();
  /* After the change of user, which takes the death signal back. */
  if (r == 0 && (prctl (PR_SET_PDEATHSIG, confinement->lingers ? 0 : SIGKILL, 0, 0, 0) < 0 || prctl (PR_SET_DUMPABLE, 0, 0, 0, 0) < 0))
    r = -errno;
  if (r == 0 && prctl (PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
    r = -errno;
  if (r == 0 && !confinement->lingers && getppid () != confinement->parent)
    return -ESRCH;
  if (r == 0 && !IS_SANITIZED)
    r = restrict_files (confinement->directories, confinement->n_directories);
  if (r == 0 && !IS_SANITIZED)
    r = restrict_syscalls (confinement);
  return r;
}
