-- The outcome of a URL, and where it is a page its hand-over to the workers, in one step.
-- ARGV: lease_id, outcome, reason, wait_ms, was_requested, page_id, page, body, hint_ms, letter_id, letter.
-- wait_ms: how long the host must be left alone beyond its delay (0 = delay only).
-- Returns 1, or 0 where the lease was lost (then nothing is changed). An error where the lease is of no URL
-- (a robots.txt ends by frontier_robots or frontier_retry): said before anything is changed.
local lease_id, outcome, reason = ARGV[1], ARGV[2], ARGV[3]
local wait_ms, was_requested = tonumber(ARGV[4]), ARGV[5] == '1'
if string.match(redis.call('HGET', P .. 'leased', lease_id) or '', '^[^|]*||') then
  return redis.error_reply('NOURL lease ' .. lease_id .. ' is of no URL')
end
local lease = end_lease(lease_id)
if not lease then return 0 end
local item = parse(redis.call('HGET', P .. 'items:' .. lease.host, lease.fp))
forget(lease.host, lease.fp)
count(item.source, 'fetch', outcome, reason)
record(item.source, 'fetch', outcome, reason, item.json, 'status', string.match(ARGV[7], '"status":(%d+)') or '',
       'took_ms', was_requested and since(redis.call('HGET', P .. 'host:' .. lease.host, 'leased_at')) or '')
if ARGV[6] ~= '' then
  redis.call('HSET', P .. 'page:' .. ARGV[6], 'page', ARGV[7], 'source', item.source,
             'attempts', 0, 'state', 'waiting', 'bytes', #ARGV[8])
  redis.call('SET', P .. 'body:' .. ARGV[6], ARGV[8])
  redis.call('ZADD', P .. 'pages', now + tonumber(ARGV[9]), ARGV[6])
  redis.call('ZADD', P .. 'page_ages', now, ARGV[6])
  redis.call('HSET', P .. 'last_fetched', item.source, string.format('%.0f', now))
  redis.call('HINCRBY', P .. 'load', 'bytes', #ARGV[8])
end
if ARGV[10] ~= '' then bury(ARGV[10], ARGV[11]) end
if was_requested then
  if wait_ms == 0 then redis.call('HDEL', P .. 'host:' .. lease.host, 'failures', 'why') end
  free_host(lease.host, lease_id, math.max(delay_of(lease.host, item.delay), wait_ms))
else
  free_host(lease.host, lease_id, 0)
end
return 1
