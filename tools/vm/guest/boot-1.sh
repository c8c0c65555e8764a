. /vm/tap.sh
check 'doctor finds what containers need' tscompose doctor
check 'a stack comes up and is healthy' tscompose up -d --wait --wait-timeout 120
check 'the published port answers' sh -c '[ "$(wget -q -O - http://127.0.0.1:8080/file || busybox wget -q -O - http://127.0.0.1:8080/file)" = kept ]'
check 'mem_limit is memory.max' equals "$(value web memory.max)" 67108864
check 'cpus is cpu.max' equals "$(value web cpu.max)" '50000 100000'
check 'pids_limit is pids.max' equals "$(value web pids.max)" 50
check 'a device that the container makes cannot be opened' sh -c '! tscompose exec -T web sh -c "mknod /tmp/disk b 254 0 && head -c 1 /tmp/disk"'
check 'pause freezes the cgroup' tscompose pause idle
check 'frozen' equals "$(value idle cgroup.freeze)" 1
check 'unpause thaws it' tscompose unpause idle
check 'thawed' equals "$(value idle cgroup.freeze)" 0
tscompose --profile hungry up -d hungry
sleep 3
check 'a process over its limit is killed with 137' sh -c 'tscompose --profile hungry ps -a hungry --format json | grep -q "\"ExitCode\":137"'
check 'an unchanged up does nothing' sh -c 'tscompose plan --exit-code web idle'
plan
