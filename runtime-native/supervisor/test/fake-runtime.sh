#!/bin/sh
# An OCI runtime that misbehaves; how is in the container's id, the last argument. Tests only.
log=/dev/null
pid_file=/dev/null
while [ $# -gt 1 ]; do
  case "$1" in
    --log) log=$2; shift ;;
    --pid-file) pid_file=$2; shift ;;
    delete) exit 0 ;;
  esac
  shift
done
case "$1" in
  silent-*) exit 9 ;;
  liar-*) echo nonsense > "$pid_file" ;;
  wordy-*) echo '{"level":"error","msg":"the words of the runtime"}' > "$log"; exit 1 ;;
  foreign-*)
    # The process keeps a parent that is not the supervisor.
    (sleep 1000 & echo $! > "$pid_file"; wait) > /dev/null 2>&1 &
    while [ ! -s "$pid_file" ]; do sleep 0.01; done ;;
esac
