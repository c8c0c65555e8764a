#include "supervisor/job.h"

#include <string.h>

enum failure
job_classify (const char *message)
{
  bool is_missing = strstr (message, "not found") != NULL || strstr (message, "o such file or directory") != NULL;
  bool is_denied = strstr (message, "ermission denied") != NULL || strstr (message, "peration not permitted") != NULL
                   || strstr (message, "s a directory") != NULL || strstr (message, "xec format error") != NULL;
  /* crun: "executable file `x` not found in $PATH", "open executable: …"; runc: "exec: \"x\": …". */
  bool is_about_executable = strstr (message, "executable") != NULL || strstr (message, "exec: \"") != NULL || strstr (message, "exec container process") != NULL;
  if (!is_about_executable)
    return FAILURE_RUNTIME;
  return is_missing ? FAILURE_NOT_FOUND : is_denied ? FAILURE_NOT_EXECUTABLE : FAILURE_RUNTIME;
}
