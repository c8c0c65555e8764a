other() { tscompose -f other.yaml "$@"; }
other_lives() { equals "$(other exec -T lone echo alive)" alive; }
check 'doctor is content beside systemd' tscompose doctor
check 'a stack is started by a transient unit' systemd-run --quiet --wait --pipe --working-directory="$PWD" -u first tscompose -f other.yaml up -d
lone=$(other ps -q --no-trunc lone)
check 'and outlives it' other_lives
echo 'KillUserProcesses=yes' >> /etc/systemd/logind.conf
systemctl restart systemd-logind
check 'a session of logind touches it' systemd-run --quiet --wait --pipe --working-directory="$PWD" -p PAMName=login -p User=root -p KillMode=control-group -u second tscompose -f other.yaml restart lone
check 'and its end, which kills all of its processes, does not' other_lives
check 'enable writes the unit' tscompose enable
check 'systemd finds nothing wrong with it' equals "$(systemd-analyze verify /etc/systemd/system/tscompose-shop.service 2>&1 | grep tscompose)" ''
check 'it will start at boot' equals "$(systemctl is-enabled tscompose-shop)" enabled
check 'systemctl start brings the stack up' systemctl start tscompose-shop
read_ids
check 'everything runs' equals "$(states)" 'database running, put-aside running, stubborn running, web running'
check 'limits hold' equals "$(value database cpu.max; value database memory.max)" '50000 100000
67108864'
check 'also below a slice of systemd' equals "$(value web cpu.max; value web memory.max)" '25000 100000
50331648'
check 'and that is where it is' matches "$(group "$(id web)")" '/system.slice/tscompose/'
systemctl daemon-reload
systemd-run --quiet --wait -p CPUQuota=50% -p MemoryMax=100M true
systemd-run --quiet --wait --slice=system.slice true
systemctl set-property --runtime system.slice CPUWeight=200
systemctl daemon-reload
check 'systemd keeps its hands off after a daemon-reload' equals "$(value database cpu.max; value database memory.max; cat "$(group "$lone")/cpu.max" "$(group "$lone")/pids.max")" '50000 100000
67108864
30000 100000
30'
check 'and in its own slice' equals "$(value web cpu.max; value web memory.max)" '25000 100000
50331648'
before=$(tscompose ps -q --no-trunc)
check 'systemctl restart stops and starts the stack' systemctl restart tscompose-shop
check 'with the same containers' equals "$(tscompose ps -q --no-trunc)" "$before"
check 'the other stack does not notice' other_lives
check 'systemctl stop stops the stack' systemctl stop tscompose-shop
check 'all of it' equals "$(states)" 'database exited, put-aside exited, stubborn exited, web exited'
check 'and nothing else' other_lives
check 'systemctl start resumes it' systemctl start tscompose-shop
check 'all of it runs again' equals "$(states)" 'database running, put-aside running, stubborn running, web running'
check 'services are put aside' tscompose stop put-aside stubborn
