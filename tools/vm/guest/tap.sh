# TAP for the guest's scripts: `check "sentence" command…` is one test point, `plan` ends the run.
count=0
check() {
  sentence=$1
  shift
  count=$((count + 1))
  if output=$("$@" 2>&1); then
    echo "ok $count - $sentence"
  else
    echo "not ok $count - $sentence"
    echo "$output" | tail -n 20 | sed 's/^/#   /'
  fi
}
plan() { echo "1..$count"; }
equals() {
  [ "$1" = "$2" ] || { echo "expected \"$2\", got \"$1\""; return 1; }
}
matches() {
  echo "$1" | grep -qE -e "$2" || { echo "expected /$2/, got \"$1\""; return 1; }
}
# Waits up to two minutes for a command to succeed.
eventually() {
  deadline=$(($(cut -d. -f1 /proc/uptime) + 120))
  until "$@" >/dev/null 2>&1; do
    [ "$(cut -d. -f1 /proc/uptime)" -lt "$deadline" ] || { "$@"; return; }
    sleep 1
  done
}
fails() { ! "$@"; }
# Host pid of a container's first process.
tscompose_pid() { sed -n 's/.*"pid": *\([0-9]*\).*/\1/p' "/run/tscompose/containers/$(echo "$1" | cut -c1-24)/status.json"; }
# Directory of the cgroup of a container.
group() { echo "/sys/fs/cgroup$(sed 's/^0:://' "/proc/$(tscompose_pid "$1")/cgroup")"; }
# Ids of the project's containers, read once: each run of the program takes seconds here.
read_ids() { ids=$(tscompose ps -a --no-trunc --format '{{.Service}} {{.ID}}'); }
id() { echo "$ids" | sed -n "s/^$1 //p" | head -n 1; }
# Content of a file of the cgroup of a service's first container.
value() { cat "$(group "$(id "$1")")/$2"; }
# The states of all containers in one line: "idle running, web exited".
states() { tscompose ps -a --format '{{.Service}} {{.State}}' | sort | paste -s -d , | sed 's/,/, /g'; }
