check 'the unit comes up at boot' eventually systemctl is-active tscompose-shop
check 'what ran runs, what was put aside does not, unless its restart is "always"' equals "$(states)" 'database running, put-aside exited, stubborn running, web running'
check 'the database was healthy before web was started' sh -c '
  healthy=$(tscompose events --since 1h --until 0s --json 2>/dev/null | grep -n "health_status: healthy" | tail -n 1 | cut -d: -f1)
  started=$(tscompose events --since 1h --until 0s --json 2>/dev/null | grep -n "\"action\":\"start\".*\"service\":\"web\"" | tail -n 1 | cut -d: -f1)
  echo "healthy in line $healthy, started in line $started"; [ "$healthy" -lt "$started" ]'
check 'a stack that was not enabled is known and down' equals "$(tscompose -f other.yaml ps -a --format '{{.Service}} {{.State}}')" 'lone exited'
check 'it had been stopped in good order at shutdown' matches "$(tscompose events --since 1h --until 0s --json | grep '"action":"die".*"service":"web"' | tail -n 1)" '"exitCode":"0"'
check 'systemctl status knows the unit' systemctl --no-pager status tscompose-shop
check 'disable takes the unit back' tscompose disable
check 'systemd knows it no more' fails systemctl cat tscompose-shop
check 'the stack runs on' equals "$(states)" 'database running, put-aside exited, stubborn running, web running'
check 'down removes all' sh -c 'tscompose down -v -t 2 && tscompose -f other.yaml down -v'
check 'no cgroup is left' sh -c '! find /sys/fs/cgroup -path "*tscompose*" -type d | grep -v vm-test | grep .'
check 'no process is left' sh -c '! ps -eo args | grep -E "[t]scompose-supervisor"'
check 'no unit has failed' equals "$(systemctl --failed --no-legend --plain | grep -v -e modules-load -e networkd)" ''
