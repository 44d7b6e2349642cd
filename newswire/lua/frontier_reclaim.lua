-- Return what expired leases hold. ARGV: owner ('' = any whose deadline is past, '*' = all), max_losses, limit.
-- A URL lost too often is named to the caller, which buries it: returns [n_returned, lease_id, host, fp, record, …].
local owner, max_losses = ARGV[1], tonumber(ARGV[2])
local ids
if owner == '' then
  ids = redis.call('ZRANGEBYSCORE', P .. 'leases', '-inf', now, 'LIMIT', 0, tonumber(ARGV[3]))
else
  ids = redis.call('ZRANGE', P .. 'leases', 0, -1)
end
local result = { 0 }
for _, lease_id in ipairs(ids) do
  local raw = redis.call('HGET', P .. 'leased', lease_id)
  local holder = raw and string.match(raw, '^[^|]*|[^|]*|(.*)$')
  local lease = (owner == '' or owner == '*' or holder == owner) and end_lease(lease_id)
  if lease then
    local delay = 0
    if lease.fp ~= '' then
      local items = P .. 'items:' .. lease.host
      local item = parse(redis.call('HGET', items, lease.fp))
      item.losses = item.losses + 1
      item.attempts = item.attempts - 1
      redis.call('HSET', items, lease.fp, format(item))
      delay = item.delay
      if item.losses > max_losses then
        result[#result + 1] = lease.host
        result[#result + 1] = lease.fp
        result[#result + 1] = item.json
      end
      redis.call('ZADD', P .. 'ready:' .. lease.host, ready_score(item), lease.fp)
    else
      delay = next_delay(lease.host)
    end
    free_host(lease.host, lease_id, delay_of(lease.host, delay))
    result[1] = result[1] + 1
  end
end
return result
