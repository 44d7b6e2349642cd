-- Pages whose deadline is past: lost hints and lost workers. ARGV: token, hint_ms, max_attempts, limit, everything.
-- Waiting ones get a new hint's time; those whose worker was lost too often are taken with `token` for burial.
-- everything = 1 treats every page as past its deadline (no worker is alive).
-- Returns {hints, lost}: two lists of page ids.
local high = ARGV[5] == '1' and '+inf' or now
local ids = redis.call('ZRANGEBYSCORE', P .. 'pages', '-inf', high, 'LIMIT', 0, tonumber(ARGV[4]))
local hints, lost = {}, {}
for _, page_id in ipairs(ids) do
  local key = P .. 'page:' .. page_id
  local was_taken = redis.call('HGET', key, 'state') == 'taken'
  if was_taken and tonumber(redis.call('HGET', key, 'attempts')) >= tonumber(ARGV[3]) then
    redis.call('HSET', key, 'token', ARGV[1])
    redis.call('ZADD', P .. 'pages', now + tonumber(ARGV[2]), page_id)
    lost[#lost + 1] = page_id
  else
    redis.call('HSET', key, 'state', 'waiting', 'token', '')
    redis.call('ZADD', P .. 'pages', now + tonumber(ARGV[2]), page_id)
    hints[#hints + 1] = page_id
  end
end
return { hints, lost }
