-- ARGV: n, owner, lease_ms. Leases up to n URLs, each of another host that is due.
-- Where robots.txt of the URL's origin is not known, the lease is for that file and the URL waits on.
-- Returns for each: lease_id, host, kind ("url" or "robots"), origin, attempt, deadline_ms, delay_ms, candidate.
local n, owner, lease_ms = tonumber(ARGV[1]), ARGV[2], tonumber(ARGV[3])
local result = {}
local hosts = redis.call('ZRANGEBYSCORE', P .. 'hosts', '-inf', now, 'LIMIT', 0, n)
for _, host in ipairs(hosts) do
  local ready, later, items = P .. 'ready:' .. host, P .. 'later:' .. host, P .. 'items:' .. host
  for _, fp in ipairs(redis.call('ZRANGEBYSCORE', later, '-inf', now, 'LIMIT', 0, 100)) do
    redis.call('ZREM', later, fp)
    redis.call('ZADD', ready, ready_score(parse(redis.call('HGET', items, fp))), fp)
  end
  local fp = redis.call('ZRANGE', ready, 0, 0)[1]
  if fp then
    local item = parse(redis.call('HGET', items, fp))
    local kind = 'url'
    if redis.call('EXISTS', P .. 'robots:' .. item.origin) == 0 then
      kind = 'robots'
    else
      redis.call('ZREM', ready, fp)
      item.attempts = item.attempts + 1
      redis.call('HSET', items, fp, format(item))
    end
    local lease_id = string.format('%s:%s.%d', string.match(P, '{(.-)}'), kind == 'url' and fp or 'robots',
                                   redis.call('INCR', P .. 'lease_number'))
    local deadline = string.format('%.0f', now + lease_ms)
    redis.call('HSET', P .. 'leased', lease_id, host .. '|' .. (kind == 'url' and fp or '') .. '|' .. owner)
    redis.call('ZADD', P .. 'leases', deadline, lease_id)
    redis.call('HSET', P .. 'host:' .. host, 'lease', lease_id, 'leased_at', string.format('%.0f', now))
    redis.call('ZREM', P .. 'hosts', host)
    for _, value in ipairs({ lease_id, host, kind, item.origin, tostring(item.attempts), deadline,
                             tostring(delay_of(host, item.delay)), item.json }) do
      result[#result + 1] = value
    end
  else
    schedule(host)
  end
end
return result
