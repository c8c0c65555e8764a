#include "supervisor/job.h"
#include "tap.h"

int
main (void)
{
  static const struct
  {
    enum failure failure;
    const char *message;
  } cases[] = {
    /* crun 1.8 */
    { FAILURE_NOT_FOUND, "executable file `nosuch` not found in $PATH: No such file or directory" },
    { FAILURE_NOT_EXECUTABLE, "open executable: Permission denied" },
    { FAILURE_NOT_EXECUTABLE, "open executable: Operation not permitted" },
    { FAILURE_RUNTIME, "mount `/x` to `/y`: No such file or directory" },
    { FAILURE_RUNTIME, "chdir to `/nowhere`: No such file or directory" },
    /* runc 1.1 */
    { FAILURE_NOT_FOUND, "runc run failed: unable to start container process: exec: \"nosuch\": executable file not found in $PATH" },
    { FAILURE_NOT_FOUND, "runc run failed: unable to start container process: exec: \"/no/x\": stat /no/x: no such file or directory" },
    { FAILURE_NOT_EXECUTABLE, "exec failed: unable to start container process: exec: \"/bin\": permission denied" },
    { FAILURE_NOT_EXECUTABLE, "runc run failed: unable to start container process: exec: \"/bin\": is a directory" },
    { FAILURE_RUNTIME, "runc run failed: unable to start container process: error during container init: open /proc/x: permission denied" },
    { FAILURE_RUNTIME, "" },
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
    ok (job_classify (cases[i].message) == cases[i].failure, "%s", cases[i].message);
  return tap_end ();
}
