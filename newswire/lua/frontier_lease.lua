-- ARGV: how many, owner, lease_ms, leases a host at once, is robots.txt asked for. Leases up to so many URLs, each of another host
-- that is due. Where robots.txt of the URL's origin is not known, the lease is for that file and the URL waits on.
-- Returns the deadline, the time from which the next host may be asked ('' = none waits), then for each lease:
-- "lease_id|host|kind|delay_ms" and its record.
local most, owner, lease_ms = tonumber(ARGV[1]), ARGV[2], tonumber(ARGV[3])
local cap, asks_robots = tonumber(ARGV[4]), ARGV[5] == '1'
local deadline = string.format('%.0f', now + lease_ms)
local still = quiet_until(lease_ms)
if still > now then return { deadline, string.format('%.0f', still) } end
local names = redis.call('ZRANGEBYSCORE', P .. 'hosts', '-inf', now, 'LIMIT', 0, most)
local ids = #names > 0 and lease_ids(#names)
local states = values_of(P .. 'host_states', names)
local result, values, records = { deadline, '' }, {}, {}

-- Each host's state goes through local variables: a table for each would cost as much as all the rest.
for i, name in ipairs(names) do
  local n, _, next_ms, later_ms, crawl_delay_ms, answer_ms, failures, at = struct.unpack(HOST, states[i])
  local ready, host_cap = string.sub(states[i], at), cap
  if later_ms > 0 and later_ms <= now then
    local host = unpack_host(name, states[i])
    move_later(host)
    later_ms, ready = host.later_ms, host.ready
  end
  local priority = n < cap and string.match(ready, '^[^,]+')
  if priority then
    local queue = queue_of(name, priority)
    local text = redis.call('LPOP', queue)
    local delay, fp, source = string.match(text, '^%d+|%d+|(%d+)|%-?%d+|(%-?%d+)|([^|]*)')
    if crawl_delay_ms > 0 then delay = string.format('%.0f', math.max(tonumber(delay), crawl_delay_ms)) end
    local kind, lease_id = 'u', ids[i]
    if asks_robots and redis.call('EXISTS', P .. 'robots:' .. origin_of(string.match(text, '{.*$'))) == 0 then
      redis.call('LPUSH', queue, text) -- it waits on
      kind, fp, source, host_cap = 'r', '', '', n + 1 -- nothing else of the host meanwhile
    else
      if redis.call('EXISTS', queue) == 0 then ready = string.sub(ready, #priority + 2) end
      records[#records + 1] = lease_id
      records[#records + 1] = text
    end
    values[#values + 1] = lease_id
    values[#values + 1] = lease_value(deadline, name, kind, owner, delay, fp, source)
    n = n + 1
    if cap > 1 then next_ms = held_until(next_ms, tonumber(delay)) end
    result[#result + 1] = lease_id .. '|' .. name .. '|' .. kind .. '|' .. delay
    result[#result + 1] = text
  end
  local state = struct.pack(HOST, n, host_cap, next_ms, later_ms, crawl_delay_ms, answer_ms, failures) .. ready
  put_state(name, state, n, host_cap, next_ms, later_ms, ready ~= '')
end
write_states()
call_with('HSET', P .. 'leased', values)
call_with('HSET', P .. 'records', records)
result[2] = redis.call('ZRANGE', P .. 'hosts', 0, 0, 'WITHSCORES')[2] or ''
return result
