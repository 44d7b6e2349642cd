-- Lease a host itself for one request, outside its queue (a robots.txt that redirects to another host).
-- ARGV: host, owner, lease_ms, delay_ms. Returns [1, lease_id, deadline_ms], or [0, wait_ms] where the host is not due.
local host, still = read_host(ARGV[1]), quiet_until(tonumber(ARGV[3]))
if still > now then return { 0, string.format('%.0f', still - now) } end
if host.n > 0 then return { 0, '200' } end
if host.next_ms > now then return { 0, string.format('%.0f', host.next_ms - now) } end
local lease_id = lease_ids(1)[1]
local deadline = string.format('%.0f', now + tonumber(ARGV[3]))
redis.call('HSET', P .. 'leased', lease_id, lease_value(deadline, host.name, 'r', ARGV[2], ARGV[4], '', ''))
host.n, host.cap = 1, 1
write_hosts({ host })
return { 1, lease_id, deadline }
