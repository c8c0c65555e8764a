#ifndef SUPERVISOR_REPORT_H
#define SUPERVISOR_REPORT_H

/* What the launcher is told, once: success, or `reason` of LaunchReply with words. */
void report_started (void);
void report_failure (const char *reason, const char *message);

#endif
