-- Lease a host itself for one request, outside its queue (a robots.txt that redirects to another host).
-- ARGV: host, owner, lease_ms. Returns [1, lease_id, deadline_ms], or [0, wait_ms] where the host is not due.
local host = ARGV[1]
local state = P .. 'host:' .. host
if redis.call('HEXISTS', state, 'lease') == 1 then return { 0, '200' } end
local next_ms = tonumber(redis.call('HGET', state, 'next_ms') or '0')
if next_ms > now then return { 0, string.format('%.0f', next_ms - now) } end
local lease_id = string.format('%s:visit.%d', string.match(P, '{(.-)}'), redis.call('INCR', P .. 'lease_number'))
local deadline = string.format('%.0f', now + tonumber(ARGV[3]))
redis.call('HSET', P .. 'leased', lease_id, host .. '||' .. ARGV[2])
redis.call('ZADD', P .. 'leases', deadline, lease_id)
redis.call('HSET', state, 'lease', lease_id)
redis.call('ZREM', P .. 'hosts', host)
return { 1, lease_id, deadline }
