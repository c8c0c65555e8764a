/*
 * The floor of the benchmark: what the kernel alone asks for N containers. No OCI runtime, no seccomp, no supervisor
 * duties: namespaces, overlay, cgroups, a veth on a bridge, exec of the sleeper.
 *
 *   floor N directory    `directory` is empty but for `lower/sleeper`; prints {"upMs":…,"downMs":…}
 */
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "netlink.h"

enum { max_containers = 250, width = 4 };

static const uint32_t gateway = 0xc6336401; /* 198.51.100.1, documentation range */
static const char *const controllers[] = {"memory", "pids", "cpu"};
static char bridge[16];

struct container {
  pid_t keeper;
  pid_t init;
  int ready_fd;
};

static double now_ms(void) {
  struct timespec time;
  (void)clock_gettime(CLOCK_MONOTONIC, &time);
  return (double)time.tv_sec * 1e3 + (double)time.tv_nsec / 1e6;
}

static void write_text(const char *path, const char *text) {
  int fd = open(path, O_WRONLY | O_CLOEXEC);
  if (fd < 0 || write(fd, text, strlen(text)) < 0) err(1, "%s", path);
  (void)close(fd);
}

/* One directory a container and controller (v1), or one of the unified tree. `enter`: make and join, else remove. */
static void cgroups(int number, int enter) {
  char path[128], tasks[160];
  int is_unified = access("/sys/fs/cgroup/cgroup.controllers", F_OK) == 0;
  for (int i = 0; i < (is_unified ? 1 : 3); i++) {
    (void)snprintf(path, sizeof path, "/sys/fs/cgroup/%s/tsc-floor-%d", is_unified ? "." : controllers[i], number);
    if (!enter) {
      (void)rmdir(path);
      continue;
    }
    if (mkdir(path, 0755) < 0 && errno != EEXIST) err(1, "%s", path);
    (void)snprintf(tasks, sizeof tasks, "%s/%s", path, is_unified ? "cgroup.procs" : "tasks");
    write_text(tasks, "0");
  }
}

static void enter_root(int number) {
  char options[256], merged[64];
  (void)snprintf(merged, sizeof merged, "%d/merged", number);
  (void)snprintf(options, sizeof options, "lowerdir=lower,upperdir=%d/upper,workdir=%d/work", number, number);
  if (mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0) err(1, "private mounts");
  if (mount("overlay", merged, "overlay", 0, options) < 0) err(1, "overlay");
  if (chdir(merged) < 0 || mkdir("proc", 0755) < 0) err(1, "%s", merged);
  if (mount("proc", "proc", "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL) < 0) err(1, "proc");
  if (syscall(SYS_pivot_root, ".", ".") < 0 || umount2(".", MNT_DETACH) < 0 || chdir("/") < 0) err(1, "pivot_root");
}

/* The keeper stays as parent of the container's first process, as a supervisor would. */
static void keep(int number, int master, int ready_fd) {
  char host[16];
  cgroups(number, 1);
  int outside = netlink_open();
  if (unshare(CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWNET) < 0) err(1, "unshare");
  int netns = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
  (void)snprintf(host, sizeof host, "fl%d-%d", (int)(getppid() % 100000), number);
  netlink_veth(outside, host, master, netns);
  netlink_configure(netlink_open(), gateway + 1 + (uint32_t)number, gateway);
  pid_t init = fork();
  if (init < 0) err(1, "fork");
  if (init == 0) {
    sigset_t terminate;
    (void)sigemptyset(&terminate);
    (void)sigaddset(&terminate, SIGTERM);
    (void)sigprocmask(SIG_BLOCK, &terminate, NULL);
    enter_root(number);
    (void)execl("/sleeper", "/sleeper", NULL);
    err(1, "exec");
  }
  if (write(ready_fd, &init, sizeof init) < 0) err(1, "report");
  (void)close(ready_fd); /* The reader sees the end when the other copy closes: at exec. */
  (void)waitpid(init, NULL, 0);
  _exit(0);
}

static struct container start(int number, int master) {
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) < 0) err(1, "pipe");
  pid_t keeper = fork();
  if (keeper < 0) err(1, "fork");
  if (keeper == 0) keep(number, master, ends[1]);
  (void)close(ends[1]);
  return (struct container){.keeper = keeper, .ready_fd = ends[0]};
}

static void await(struct container *container) {
  char rest;
  if (read(container->ready_fd, &container->init, sizeof container->init) != sizeof container->init) errx(1, "a container did not start");
  while (read(container->ready_fd, &rest, 1) > 0) continue;
  (void)close(container->ready_fd);
}

static void make_directories(int count) {
  static const char *const parts[] = {"", "/upper", "/work", "/merged"};
  for (int number = 0; number < count; number++) {
    for (int i = 0; i < 4; i++) {
      char path[64];
      (void)snprintf(path, sizeof path, "%d%s", number, parts[i]);
      if (mkdir(path, 0755) < 0) err(1, "%s", path);
    }
  }
}

int main(int argc, char **argv) {
  static struct container containers[max_containers];
  char *end = NULL;
  long count = argc == 3 ? strtol(argv[1], &end, 10) : 0;
  if (count < 1 || count > max_containers || *end != '\0') errx(2, "usage: floor N directory");
  if (chdir(argv[2]) < 0) err(1, "%s", argv[2]);
  (void)snprintf(bridge, sizeof bridge, "fl%d", (int)(getpid() % 100000));

  double begin_ms = now_ms();
  int outside = netlink_open();
  int master = netlink_bridge(outside, bridge, gateway);
  make_directories((int)count);
  for (int i = 0; i < count; i++) {
    if (i >= width) await(&containers[i - width]);
    containers[i] = start(i, master);
  }
  for (long i = count > width ? count - width : 0; i < count; i++) await(&containers[i]);
  double up_ms = now_ms();
  for (int i = 0; i < count; i++) (void)kill(containers[i].init, SIGTERM);
  for (int i = 0; i < count; i++) (void)waitpid(containers[i].keeper, NULL, 0);
  for (int i = 0; i < count; i++) cgroups(i, 0);
  netlink_delete(outside, bridge);
  (void)printf("{\"upMs\":%.2f,\"downMs\":%.2f}\n", up_ms - begin_ms, now_ms() - up_ms);
  return 0;
}
