#ifndef SUPERVISOR_SUPERVISE_H
#define SUPERVISOR_SUPERVISE_H

/* The life of a supervisor process, from a fresh fork of the launcher to its exit status: 0, 100 bad configuration, 111
   system failure. REPORT_FD (taken over) gets the members of a LaunchReply behind the id, once the first start is decided. */
int supervise (const char *run_dir, int report_fd);

#endif
