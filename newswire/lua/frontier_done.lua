-- The outcome of a URL, and where it is a page its hand-over to the workers, in one step.
-- ARGV: lease_id, outcome, reason, was_requested, page_id, page, body, hint_ms, letter_id, letter, status ('' = none).
-- Returns 1, or 0 where the lease was lost (then nothing is changed). An error where the lease is of no URL
-- (a robots.txt ends by frontier_robots or frontier_retry): said before anything is changed.
local lease_id, outcome, reason = ARGV[1], ARGV[2], ARGV[3]
local was_requested = ARGV[4] == '1'
if string.match(redis.call('HGET', P .. 'leased', lease_id) or '', '^[^|]*||') then
  return redis.error_reply('NOURL lease ' .. lease_id .. ' is of no URL')
end
local lease = end_lease(lease_id)
if not lease then return 0 end
local item = parse(redis.call('HGET', P .. 'items:' .. lease.host, lease.fp))
forget(lease.host, lease.fp)
count(item.source, 'fetch', outcome, reason)
record(item.source, 'fetch', outcome, reason, item.json, 'status', ARGV[11],
       'took_ms', was_requested and since(redis.call('HGET', P .. 'host:' .. lease.host, 'leased_at')) or '')
if ARGV[5] ~= '' then
  put_page(ARGV[5], item.source, ARGV[6], ARGV[7], now + tonumber(ARGV[8]))
  redis.call('HSET', P .. 'last_fetched', item.source, string.format('%.0f', now))
end
if ARGV[9] ~= '' then bury(ARGV[9], ARGV[10]) end
if was_requested then
  redis.call('HDEL', P .. 'host:' .. lease.host, 'failures', 'why')
  free_host(lease.host, lease_id, delay_of(lease.host, item.delay))
else
  free_host(lease.host, lease_id, 0)
end
return 1
