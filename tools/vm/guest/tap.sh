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
    echo "$output" | sed 's/^/#   /'
  fi
}
plan() { echo "1..$count"; }
equals() {
  [ "$1" = "$2" ] || { echo "expected \"$2\", got \"$1\""; return 1; }
}
# Host pid of a container's first process.
tscompose_pid() { sed -n 's/.*"pid": *\([0-9]*\).*/\1/p' "/run/tscompose/containers/$(echo "$1" | cut -c1-24)/status.json"; }
# Content of a file of the cgroup of a service's first container.
value() {
  id=$(tscompose ps -a -q "$1" | head -n 1)
  cat "/sys/fs/cgroup$(sed 's/^0:://' "/proc/$(tscompose_pid "$id")/cgroup")/$2"
}
