-- Return what expired leases hold. ARGV: owner ('' = any whose deadline is past, '*' = all), max_losses, the caller,
-- lease_ms. A URL lost too often stays leased, by the caller, who buries it.
-- Returns [n_returned, then "lease_id|host|kind|delay_ms" and the record of those].
local owner, max_losses = ARGV[1], tonumber(ARGV[2])
if owner == '*' then -- nobody is there: what a killed server forgot is nobody's any more
  quiet_until(0)
  redis.call('HSET', P .. 'load', 'quiet_until', 0)
elseif owner == '' and quiet_until(tonumber(ARGV[4])) > now then
  return { 0 }
end
local result = { 0 }

local function keep(lease_id, host, item)
  local text = form(item)
  local deadline = string.format('%.0f', now + tonumber(ARGV[4]))
  local value = lease_value(deadline, host.name, 'u', ARGV[3], item.delay, item.fp, item.source)
  redis.call('HSET', P .. 'leased', lease_id, value)
  redis.call('HSET', P .. 'records', lease_id, text)
  host.n = host.n + 1
  result[#result + 1] = lease_id .. '|' .. host.name .. '|u|' .. item.delay
  result[#result + 1] = text
end

-- As many as crawlers download at once: they are few enough to look at each.
local leases = redis.call('HGETALL', P .. 'leased')
for i = 1, #leases, 2 do
  local lease_id, found = leases[i], parse_lease(leases[i + 1])
  local is_meant = owner == '*' or found.owner == owner or (owner == '' and found.deadline <= now)
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
