-- A URL (or a robots.txt) goes back to wait. ARGV: lease_id, reason, wait_ms, host_wait_ms, counts_attempt,
-- host_failed, was_requested, record ('' = unchanged).
-- wait_ms: the URL's own back-off; host_wait_ms: for the whole host, beyond its delay.
-- Returns 1, or 0 where the lease was lost.
local lease_id, reason = ARGV[1], ARGV[2]
local lease = end_lease(lease_id)
if not lease then return 0 end
local host = read_host(lease.host)
host.n = host.n - 1
if lease.kind == 'u' then
  local item = parse(lease.record)
  if ARGV[5] == '1' then item.attempts = item.attempts + 1 end
  if ARGV[8] ~= '' then item.json = parse(ARGV[8]).json end
  local wait_ms = tonumber(ARGV[3])
  if wait_ms > 0 then push_later(host, now + wait_ms, form(item)) else push(host, item.priority, form(item)) end
end
if ARGV[6] == '1' then
  host.failures = host.failures + 1
  redis.call('HSET', P .. 'why', host.name, reason)
end
if ARGV[7] == '1' then hold(host, math.max(lease.delay, host.crawl_delay_ms, tonumber(ARGV[4]))) end
write_hosts({ host })
return 1
