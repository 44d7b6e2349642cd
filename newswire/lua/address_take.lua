-- A turn at an address, for one request. ARGV: token, limit, hold_ms. Returns 1, or 0 where all turns are taken.
local key, token, hold_ms = P .. 'busy', ARGV[1], tonumber(ARGV[3])
redis.call('ZREMRANGEBYSCORE', key, '-inf', now)
if not redis.call('ZSCORE', key, token) and redis.call('ZCARD', key) >= tonumber(ARGV[2]) then return 0 end
redis.call('ZADD', key, now + hold_ms, token)
redis.call('PEXPIRE', key, hold_ms)
return 1
