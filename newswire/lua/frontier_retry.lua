-- A URL (or a robots.txt) goes back to wait. ARGV: lease_id, reason, wait_ms, host_wait_ms, counts_attempt,
-- host_failed, was_requested, candidate ('' = unchanged).
-- wait_ms: the URL's own back-off; host_wait_ms: for the whole host, beyond its delay.
-- Returns 1, or 0 where the lease was lost.
local lease_id, reason = ARGV[1], ARGV[2]
local lease = end_lease(lease_id)
if not lease then return 0 end
local host, delay = lease.host, 0
if lease.fp ~= '' then
  local items = P .. 'items:' .. host
  local item = parse(redis.call('HGET', items, lease.fp))
  if ARGV[5] == '0' then item.attempts = item.attempts - 1 end
  if ARGV[8] ~= '' then item.json = ARGV[8] end
  redis.call('HSET', items, lease.fp, format(item))
  local wait_ms = tonumber(ARGV[3])
  if wait_ms > 0 then
    redis.call('ZADD', P .. 'later:' .. host, now + wait_ms, lease.fp)
  else
    redis.call('ZADD', P .. 'ready:' .. host, ready_score(item), lease.fp)
  end
  delay = item.delay
else
  delay = next_delay(host)
end
if ARGV[6] == '1' then
  redis.call('HINCRBY', P .. 'host:' .. host, 'failures', 1)
  redis.call('HSET', P .. 'host:' .. host, 'why', reason)
end
local wait = 0
if ARGV[7] == '1' then wait = math.max(delay_of(host, delay), tonumber(ARGV[4])) end
free_host(host, lease_id, wait)
return 1
