-- A page waits again. ARGV: page_id, token, wait_ms. Returns its attempts so far, or 0 where it is not ours any more.
local key = P .. 'page:' .. ARGV[1]
if redis.call('HGET', key, 'token') ~= ARGV[2] then return 0 end
redis.call('HSET', key, 'state', 'waiting', 'token', '')
redis.call('ZADD', P .. 'pages', now + tonumber(ARGV[3]), ARGV[1])
return tonumber(redis.call('HGET', key, 'attempts'))
