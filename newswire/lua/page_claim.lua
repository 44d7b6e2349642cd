-- A worker takes a page. ARGV: page_id, token, lease_ms.
-- Returns {state} ("gone", "busy") or {"taken", attempt, page, body}.
local page_id = ARGV[1]
local deadline = redis.call('ZSCORE', P .. 'pages', page_id)
if not deadline then return { 'gone' } end
local key = P .. 'page:' .. page_id
if redis.call('HGET', key, 'state') == 'taken' and tonumber(deadline) > now then return { 'busy' } end
local attempt = redis.call('HINCRBY', key, 'attempts', 1)
redis.call('HSET', key, 'state', 'taken', 'token', ARGV[2], 'taken_at', string.format('%.0f', now))
redis.call('ZADD', P .. 'pages', now + tonumber(ARGV[3]), page_id)
return { 'taken', attempt, redis.call('HGET', key, 'page'), redis.call('GET', P .. 'body:' .. page_id) }
