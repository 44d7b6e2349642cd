-- ARGV: n, owner, lease_ms, leases a host at once, is robots.txt asked for. Leases up to n URLs, each of another host
-- that is due. Where robots.txt of the URL's origin is not known, the lease is for that file and the URL waits on.
-- Returns the deadline, the time from which the next host may be asked ('' = none waits), then for each lease:
-- "lease_id|host|kind|delay_ms" and its record.
local n, owner, lease_ms, cap, asks_robots = tonumber(ARGV[1]), ARGV[2], tonumber(ARGV[3]), tonumber(ARGV[4]), ARGV[5] == '1'
local deadline = string.format('%.0f', now + lease_ms)
local still = quiet_until(lease_ms)
if still > now then return { deadline, string.format('%.0f', still) } end
local names = redis.call('ZRANGEBYSCORE', P .. 'hosts', '-inf', now, 'LIMIT', 0, n)
local result, values, records, deadlines, hosts = { deadline, '' }, {}, {}, {}, read_hosts(names)
local ids = #names > 0 and lease_ids(#names)
for i, name in ipairs(names) do
  local host = hosts[i]
  host.cap = cap
  move_later(host)
  local text, priority
  if host.n < cap then text, priority = take(host) end
  if text then
    local delay, fp, source = string.match(text, '^%d+|%d+|(%d+)|%-?%d+|(%-?%d+)|([^|]*)')
    if host.crawl_delay_ms > 0 then delay = string.format('%.0f', math.max(tonumber(delay), host.crawl_delay_ms)) end
    local kind = 'u'
    if asks_robots and redis.call('EXISTS', P .. 'robots:' .. origin_of(string.match(text, '{.*$'))) == 0 then
      kind, host.cap = 'r', host.n + 1 -- nothing else of the host meanwhile
      put_back(host, priority, text)
      fp, source = '', ''
    end
    local lease_id = ids[i]
    values[#values + 1] = lease_id
    values[#values + 1] = lease_value(name, kind, owner, delay, fp, source)
    if kind == 'u' then
      records[#records + 1] = lease_id
      records[#records + 1] = text
    end
    deadlines[#deadlines + 1] = deadline
    deadlines[#deadlines + 1] = lease_id
    host.n = host.n + 1
    if cap > 1 then hold(host, tonumber(delay)) end
    result[#result + 1] = lease_id .. '|' .. name .. '|' .. kind .. '|' .. delay
    result[#result + 1] = text
  end
end
write_hosts(hosts)
call_with('HSET', P .. 'leased', values)
call_with('HSET', P .. 'records', records)
call_with('ZADD', P .. 'leases', deadlines)
result[2] = redis.call('ZRANGE', P .. 'hosts', 0, 0, 'WITHSCORES')[2] or ''
return result
