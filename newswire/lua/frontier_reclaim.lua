-- Return what expired leases hold. ARGV: owner ('' = any whose deadline is past, '*' = all), max_losses, limit, the
-- caller, lease_ms. A URL lost too often stays leased, by the caller, who buries it.
-- Returns [n_returned, then "lease_id|host|kind|delay_ms" and the record of those].
local owner, max_losses = ARGV[1], tonumber(ARGV[2])
local ids
if owner == '*' then -- nobody is there: what a killed server forgot is nobody's any more
  quiet_until(0)
  redis.call('HSET', P .. 'load', 'quiet_until', 0)
elseif owner == '' and quiet_until(tonumber(ARGV[5])) > now then
  return { 0 }
end
if owner == '' then
  ids = redis.call('ZRANGEBYSCORE', P .. 'leases', '-inf', now, 'LIMIT', 0, tonumber(ARGV[3]))
else
  ids = redis.call('ZRANGE', P .. 'leases', 0, -1)
end
local result = { 0 }

local function keep(lease_id, host, item)
  redis.call('HSET', P .. 'leased', lease_id, lease_value(host.name, 'u', ARGV[4], item.delay, item.fp, item.source))
  redis.call('HSET', P .. 'records', lease_id, form(item))
  redis.call('ZADD', P .. 'leases', string.format('%.0f', now + tonumber(ARGV[5])), lease_id)
  host.n = host.n + 1
  result[#result + 1] = lease_id .. '|' .. host.name .. '|u|' .. item.delay
  result[#result + 1] = form(item)
end

for _, lease_id in ipairs(ids) do
  local text = redis.call('HGET', P .. 'leased', lease_id)
  local is_meant = owner == '' or owner == '*' or (text and parse_lease(text).owner == owner)
  local lease = is_meant and end_lease(lease_id)
  if lease then
    local host = read_host(lease.host)
    host.n = host.n - 1
    if lease.kind == 'u' then
      local item = parse(lease.record)
      item.losses = item.losses + 1
      if item.losses > max_losses then keep(lease_id, host, item) else push(host, item.priority, form(item)) end
    end
    hold(host, math.max(lease.delay, host.crawl_delay_ms))
    write_hosts({ host })
    result[1] = result[1] + 1
  end
end
return result
