check 'doctor finds what containers need' tscompose doctor
check 'limits that v2 cannot hold are refused' fails tscompose -f refused.yaml up -d
refusal=$(tscompose -f refused.yaml up -d 2>&1)
check 'with their places' matches "$refusal" 'refused\.yaml:[0-9]+'
for key in mem_swappiness oom_kill_disable cpu_rt_runtime; do
  check "$key is refused" matches "$refusal" "$key"
done
check 'a stack comes up and is healthy' tscompose up -d --wait --wait-timeout 240
read_ids
check 'the published port answers' eventually sh -c '[ "$(busybox wget -q -O - http://127.0.0.1:8080/file)" = kept ]'
check 'cpus is cpu.max' equals "$(value web cpu.max)" '50000 100000'
check 'cpu_shares is cpu.weight' equals "$(value web cpu.weight)" 20
check 'cpuset is cpuset.cpus' equals "$(value web cpuset.cpus)" 1
check 'and is what the process may use' matches "$(cat "/proc/$(tscompose_pid "$(id web)")/status")" '^Cpus_allowed_list:\s*1$'
check 'mem_limit is memory.max' equals "$(value web memory.max)" 67108864
check 'mem_reservation is memory.low' equals "$(value web memory.low)" 33554432
check 'memswap_limit less mem_limit is memory.swap.max' equals "$(value web memory.swap.max)" 33554432
check 'pids_limit is pids.max' equals "$(value web pids.max)" 50
check 'oom_score_adj' equals "$(cat "/proc/$(tscompose_pid "$(id web)")/oom_score_adj")" 321
check 'ulimits' matches "$(cat "/proc/$(tscompose_pid "$(id web)")/limits")" 'open files +111 +222'
check 'rates of a block device are io.max' equals "$(value web io.max)" '254:0 rbps=2097152 wbps=3145728 riops=111 wiops=222'
check 'blkio weight' matches "$(value web io.bfq.weight; value web io.weight)" '^default (300|2970)$'
check 'cpu_quota and cpu_period are cpu.max' equals "$(value idle cpu.max)" '25000 50000'
check 'limits of deploy' equals "$(value put-aside cpu.max; value put-aside memory.max; value put-aside pids.max; value put-aside memory.low)" '25000 100000
50331648
20
25165824'
check 'a device that the container makes cannot be opened' fails tscompose exec -T web sh -c 'mknod /tmp/disk b 254 0 && head -c 1 /tmp/disk'
check 'pause freezes the cgroup' tscompose pause idle
check 'frozen' equals "$(value idle cgroup.freeze)" 1
check 'unpause thaws it' tscompose unpause idle
check 'thawed' equals "$(value idle cgroup.freeze)" 0
usage=$(tscompose stats --no-stream --format json web)
check 'stats shows use and limit' matches "$usage" '"MemUsage":"[1-9][0-9.]*[KM]iB / 64MiB"'
check 'and processes' matches "$usage" '"PIDs":"?[1-9]'
check 'a container over its limit starts' tscompose --profile hungry up -d hungry
check 'is killed with 137' eventually sh -c 'tscompose --profile hungry ps -a hungry --format json | grep -q "\"ExitCode\":137"'
check 'and is known as killed for want of memory' matches "$(tscompose --profile hungry inspect hungry)" '"OOMKilled": true'
check 'an unchanged up does nothing' tscompose plan --exit-code web idle
check 'a service is put aside' tscompose stop put-aside
