-- The outcomes of URLs, and where one is a page its hand-over to the workers, in one step.
-- ARGV: pace in percent of the answer's time, the most that it may ask for in ms, hint_ms; then for each lease: lease_id,
-- outcome, reason, took_ms of the request ('' = none was made, '-' = not known), status ('' = none), and n, how many more
-- follow: 0, or page_id, page, body, or letter_id, letter.
-- Returns for each 1, or 0 where the lease was lost (then nothing of it is changed). An error where a lease is of no URL
-- (a robots.txt ends by frontier_robots or frontier_retry): said before anything is changed.
local pace, most_ms, hint_ms = tonumber(ARGV[1]) / 100, tonumber(ARGV[2]), tonumber(ARGV[3])
local ids, starts, i = {}, {}, 4
while ARGV[i] do
  ids[#ids + 1], starts[#starts + 1] = ARGV[i], i
  i = i + 6 + tonumber(ARGV[i + 5])
end

-- Which leases are ours, each once, and of which hosts.
local held, names, at_of, seen_ids = {}, {}, {}, {}
for k, text in ipairs(values_of(P .. 'leased', ids)) do
  local name, kind = string.match(text or '', '^%d+|%d+|([^|]*)|(.)')
  if kind == 'r' then return redis.error_reply('NOURL lease ' .. ids[k] .. ' is of no URL') end
  held[k] = text and not seen_ids[ids[k]] and text
  seen_ids[ids[k]] = true
  if held[k] and not at_of[name] then
    names[#names + 1] = name
    at_of[name] = #names
  end
end

local states = values_of(P .. 'host_states', names)
local is_told = redis.call('EXISTS', P .. 'outcomes_wanted') == 1
local waiting = open_set('waiting', 'urls')
local counts, ended, result = {}, {}, {}

local function hand_over(start, source)
  local n = ARGV[start + 5]
  if n == '3' then
    put_page(ARGV[start + 6], source, ARGV[start + 7], ARGV[start + 8], now + hint_ms)
    redis.call('HSET', P .. 'last_fetched', source, string.format('%.0f', now))
  elseif n == '2' then
    bury(ARGV[start + 6], ARGV[start + 7])
  end
end

-- A host after a request of `took` ms ('-' = not known): when it may be asked again, and how long it usually takes.
local function after_request(took, delay, next_ms, crawl_delay_ms, answer_ms)
  local ms = tonumber(took)
  if ms then answer_ms = answer_ms == 0 and ms or math.floor(0.7 * answer_ms + 0.3 * ms + 0.5) end
  local wait_ms = math.max(tonumber(delay), crawl_delay_ms, math.min(pace * answer_ms, most_ms))
  return held_until(next_ms, wait_ms), answer_ms
end

for k, start in ipairs(starts) do
  result[k] = 0
  if held[k] then
    local leased_at, name, delay, fp, source = string.match(held[k], '^%d+|(%d+)|([^|]*)|.|[^|]*|(%d+)|(%-?%d+)|(.*)$')
    local outcome, reason, took, status = ARGV[start + 1], ARGV[start + 2], ARGV[start + 3], ARGV[start + 4]
    redis.call('SREM', bucket_of(waiting, fp), fp)
    local count_name = source .. '\tfetch\t' .. outcome .. '\t' .. reason
    counts[count_name] = (counts[count_name] or 0) + 1
    if is_told then
      local json = string.match(redis.call('HGET', P .. 'records', ids[k]), '{.*$')
      record(source, 'fetch', outcome, reason, json, 'status', status,
             'took_ms', took == '-' and since(leased_at) or took)
    end
    hand_over(start, source)
    local at = at_of[name]
    local n, cap, next_ms, later_ms, crawl_delay_ms, answer_ms, failures, rest = struct.unpack(HOST, states[at])
    if took ~= '' then
      next_ms, answer_ms = after_request(took, delay, next_ms, crawl_delay_ms, answer_ms)
      if failures > 0 then redis.call('HDEL', P .. 'why', name) end
      failures = 0
    end
    states[at] = struct.pack(HOST, n - 1, cap, next_ms, later_ms, crawl_delay_ms, answer_ms, failures) ..
                 string.sub(states[at], rest)
    ended[#ended + 1] = ids[k]
    result[k] = 1
  end
end
for k, name in ipairs(names) do
  local n, cap, next_ms, later_ms, _, _, _, rest = struct.unpack(HOST, states[k])
  put_state(name, states[k], n, cap, next_ms, later_ms, rest <= #states[k])
end
write_states()
for name, n in pairs(counts) do redis.call('HINCRBY', P .. 'counts', name, n) end
call_with('HDEL', P .. 'leased', ended)
call_with('HDEL', P .. 'records', ended)
close_set(waiting, -#ended)
return result
