// Prints what holds the process that runs it: privileges, mounts, what it can see and write below /proc and /sys, and which
// system calls come through. One fact a line. Changes nothing: calls get arguments that the kernel refuses.
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/personality.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#ifndef CLONE_NEWTIME
#define CLONE_NEWTIME 0x00000080
#endif

static void print_matching_lines(const char *path, const char *const *prefixes, const char *label) {
  char line[4096];
  FILE *file = fopen(path, "re");
  if (file == NULL) return;
  while (fgets(line, sizeof line, file) != NULL) {
    for (const char *const *prefix = prefixes; *prefix != NULL; prefix++) {
      if (strncmp(line, *prefix, strlen(*prefix)) == 0) printf("%s %s", label, line);
    }
  }
  fclose(file);
}

static int opens(const char *path, int flags) {
  int fd = open(path, flags | O_NONBLOCK | O_CLOEXEC | O_NOCTTY);
  if (fd >= 0) close(fd);
  return fd >= 0;
}

static int has_content(const char *path) {
  char byte;
  int fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
  if (fd < 0) return 0;
  ssize_t got = read(fd, &byte, 1);
  close(fd);
  return got > 0 || (got < 0 && errno == EAGAIN);
}

// Prints every entry below `path`: seen or hidden (empty counts as hidden: that is how masks look), and whether it can be written.
static void walk(const char *path, int depth) {
  DIR *directory = opendir(path);
  if (directory == NULL) return;
  for (struct dirent *entry; (entry = readdir(directory)) != NULL;) {
    char child[4096];
    struct stat status;
    if (entry->d_name[0] == '.' || strspn(entry->d_name, "0123456789") > 0) continue;
    snprintf(child, sizeof child, "%s/%s", strcmp(path, "/") == 0 ? "" : path, entry->d_name);
    if (lstat(child, &status) != 0 || S_ISLNK(status.st_mode)) continue;
    if (S_ISDIR(status.st_mode)) {
      DIR *inner = opendir(child);
      int entries = 0;
      while (inner != NULL && readdir(inner) != NULL) entries++;
      if (inner != NULL) closedir(inner);
      int can_write = access(child, W_OK) == 0;
      printf("path %s %s %s\n", entries > 2 ? "seen" : "hidden", can_write ? "writable" : "fixed", child);
      if (depth > 1) walk(child, depth - 1);
    } else {
      int can_write = opens(child, O_WRONLY);
      printf("path %s %s %s\n", has_content(child) ? "seen" : "hidden", can_write ? "writable" : "fixed", child);
    }
  }
  closedir(directory);
}

// Makes one call in a process of its own: its error number, 0 when it came through, also by ending or suspending the process.
static int try_call(long number, const long *arguments) {
  fflush(stdout);
  pid_t child = fork();
  if (child == 0) {
    alarm(10);
    errno = 0;
    long result = syscall(number, arguments[0], arguments[1], arguments[2], arguments[3], arguments[4], arguments[5]);
    _exit(result == -1 ? errno : 0);
  }
  int status = 0;
  if (child < 0 || waitpid(child, &status, 0) < 0) return EAGAIN;
  return WIFEXITED(status) && WEXITSTATUS(status) < 134 ? WEXITSTATUS(status) : 0;
}

static int is_left_out(long number) {
#ifdef SYS_fork
  if (number == SYS_fork || number == SYS_vfork || number == SYS_pause) return 1;
#endif
  return number == SYS_sync || number == SYS_rt_sigreturn;
}

// Every call there is, with arguments that no call accepts.
static void sweep_calls(void) {
  static const long invalid[6] = {-1, -1, -1, -1, -1, -1};
  for (long number = 0; number < 480; number++) {
    if (!is_left_out(number)) printf("number %ld %d\n", number, try_call(number, invalid));
  }
}

// The calls whose arguments decide, and those that ways out of containers have used.
static void try_named_calls(void) {
  static struct clone_args new_user = {.flags = CLONE_NEWUSER, .exit_signal = SIGCHLD};
  static char token[] = "probe";
  const struct { const char *name; long number; long arguments[6]; } calls[] = {
      {"mount", SYS_mount, {0, 0, 0, 0, 0}},
      {"umount2", SYS_umount2, {0, 0}},
      {"pivot_root", SYS_pivot_root, {0, 0}},
      {"unshare-newuser", SYS_unshare, {CLONE_NEWUSER}},
      {"unshare-newns", SYS_unshare, {CLONE_NEWNS}},
      {"clone-newuser", SYS_clone, {CLONE_NEWUSER | SIGCHLD, 0, 0, 0, 0}},
      {"clone-newtime", SYS_unshare, {CLONE_NEWTIME}},
      {"clone3-newuser", SYS_clone3, {(long)&new_user, sizeof new_user}},
      {"setns", SYS_setns, {-1, 0}},
      {"keyctl", SYS_keyctl, {0, -3, 0}},
      {"add_key", SYS_add_key, {(long)token, (long)token, 0, 0, -3}},
      {"bpf", SYS_bpf, {0, 0, 0}},
      {"perf_event_open", SYS_perf_event_open, {0, 0, -1, -1, 0}},
      {"kexec_load", SYS_kexec_load, {0, 0, 0, 0}},
      {"init_module", SYS_init_module, {0, 0, 0}},
      {"finit_module", SYS_finit_module, {-1, 0, 0}},
      {"delete_module", SYS_delete_module, {0, 0}},
      {"open_by_handle_at", SYS_open_by_handle_at, {-1, 0, 0}},
      {"userfaultfd", SYS_userfaultfd, {0}},
      {"io_uring_setup", SYS_io_uring_setup, {1, 0}},
      {"reboot", SYS_reboot, {0, 0, 0, 0}},
      {"swapon", SYS_swapon, {0, 0}},
      {"syslog", SYS_syslog, {2, 0, 0}},
      {"settimeofday", SYS_settimeofday, {0, 0}},
      {"process_vm_readv", SYS_process_vm_readv, {-1, 0, 0, 0, 0, 1}},
      {"personality-no-randomize", SYS_personality, {ADDR_NO_RANDOMIZE}},
      {"socket-vsock", SYS_socket, {AF_VSOCK, SOCK_STREAM, 0}},
      {"socket-alg", SYS_socket, {AF_ALG, SOCK_SEQPACKET, 0}},
  };
  for (size_t index = 0; index < sizeof calls / sizeof *calls; index++)
    printf("call %s %d\n", calls[index].name, try_call(calls[index].number, calls[index].arguments));
}

int main(void) {
  static const char *const privileges[] = {"Cap", "NoNewPrivs", "Seccomp:", NULL};
  static const char *const all[] = {"", NULL};
  print_matching_lines("/proc/self/status", privileges, "status");
  print_matching_lines("/proc/self/mountinfo", all, "mount");
  walk("/proc", 4);
  walk("/sys", 2);
  try_named_calls();
  sweep_calls();
  puts("end");
  return 0;
}
