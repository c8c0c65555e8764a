#ifndef COMMON_PROCESS_H
#define COMMON_PROCESS_H

#include <stdint.h>
#include <sys/types.h>

/* Field 22 of /proc/<pid>/stat, 0 when there is no such process: with the pid it tells a process from a later one. */
uint64_t process_start_time (pid_t pid);

#endif
