-- The outcomes of URLs, and where one is a page its hand-over to the workers, in one step.
-- ARGV: pace in percent of the answer's time, the most that it may ask for in ms, hint_ms; then for each lease: lease_id,
-- outcome, reason, took_ms of the request ('' = none was made, '-' = not known), status ('' = none), and n, how many more follow: 0, or
-- page_id, page, body, or letter_id, letter.
-- Returns for each 1, or 0 where the lease was lost (then nothing of it is changed). An error where a lease is of no URL
-- (a robots.txt ends by frontier_robots or frontier_retry): said before anything is changed.
local pace, most_ms, hint_ms = tonumber(ARGV[1]) / 100, tonumber(ARGV[2]), tonumber(ARGV[3])
local ends, ids, i = {}, {}, 4
while i <= #ARGV do
  local n = tonumber(ARGV[i + 5])
  local one = { outcome = ARGV[i + 1], reason = ARGV[i + 2], took = ARGV[i + 3], status = ARGV[i + 4] }
  if n == 3 then one.page_id, one.page, one.body = ARGV[i + 6], ARGV[i + 7], ARGV[i + 8] end
  if n == 2 then one.letter_id, one.letter = ARGV[i + 6], ARGV[i + 7] end
  ids[#ids + 1], ends[#ends + 1] = ARGV[i], one
  i = i + 6 + n
end
local held = {}
for first = 1, #ids, 1000 do
  for k, text in ipairs(redis.call('HMGET', P .. 'leased', unpack(ids, first, math.min(first + 999, #ids)))) do
    held[first + k - 1] = text
  end
end
for k, text in ipairs(held) do
  if text and string.match(text, '^%d+|[^|]*|r|') then return redis.error_reply('NOURL lease ' .. ids[k] .. ' is of no URL') end
end
local is_told = redis.call('EXISTS', P .. 'outcomes_wanted') == 1
local waiting = open_set('waiting', 'urls')
-- Which leases are ours, of which hosts; the hosts are read at once.
local found, names, number_of, gone = {}, {}, {}, {}
for k, text in ipairs(held) do
  if text and not gone[ids[k]] then
    gone[ids[k]] = true
    local lease = parse_lease(text)
    local name = lease.host
    if not number_of[name] then
      names[#names + 1] = name
      number_of[name] = #names
    end
    found[k] = lease
  end
end
local hosts = read_hosts(names)
local counts, ended, result = {}, {}, {}
for k, one in ipairs(ends) do
  local lease = found[k]
  if lease then
    local host, source = hosts[number_of[lease.host]], lease.source
    redis.call('SREM', bucket_of(waiting, lease.fp), lease.fp)
    local name = source .. '\tfetch\t' .. one.outcome .. '\t' .. one.reason
    counts[name] = (counts[name] or 0) + 1
    if is_told then
      local json = string.match(redis.call('HGET', P .. 'records', ids[k]), '{.*$')
      record(source, 'fetch', one.outcome, one.reason, json, 'status', one.status,
             'took_ms', one.took == '-' and since(lease.leased_at) or one.took)
    end
    if one.page then
      put_page(one.page_id, source, one.page, one.body, now + hint_ms)
      redis.call('HSET', P .. 'last_fetched', source, string.format('%.0f', now))
    end
    if one.letter then bury(one.letter_id, one.letter) end
    host.n = host.n - 1
    if one.took ~= '' then
      if host.failures > 0 then
        host.failures = 0
        redis.call('HDEL', P .. 'why', host.name)
      end
      local took = tonumber(one.took)
      if took then
        host.answer_ms = host.answer_ms == 0 and took or math.floor(0.7 * host.answer_ms + 0.3 * took + 0.5)
      end
      hold(host, math.max(lease.delay, host.crawl_delay_ms, math.min(pace * host.answer_ms, most_ms)))
    end
    ended[#ended + 1] = ids[k]
    result[k] = 1
  else
    result[k] = 0
  end
end
write_hosts(hosts)
for name, n in pairs(counts) do redis.call('HINCRBY', P .. 'counts', name, n) end
call_with('HDEL', P .. 'leased', ended)
call_with('HDEL', P .. 'records', ended)
call_with('ZREM', P .. 'leases', ended)
close_set(waiting, -#ended)
return result
