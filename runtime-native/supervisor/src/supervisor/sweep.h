#ifndef SUPERVISOR_SWEEP_H
#define SUPERVISOR_SWEEP_H

/* The `cleanup` operation: what a killed supervisor has left of its container. Runs in a child of the launcher and reports
   like supervise (). Returns an exit status. */
int sweep (const char *run_dir, int report_fd);

#endif
