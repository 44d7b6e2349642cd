-- ARGV: force, URLs a host and day, URLs a pattern and day (0 = no limit), name of a quota, its limit (0 = none), its
-- ttl_ms, lease_ms; then for each candidate: host, fingerprint, pattern ('' = no budget), not_before_ms, record.
-- Returns one number each: 1 admitted, 0 known already, 2 over a budget, 3 over the quota; 2 and 3 stay unknown.
local force, host_cap, pattern_cap = ARGV[1] == '1', tonumber(ARGV[2]), tonumber(ARGV[3])
local quota_key, quota, quota_ttl = P .. 'quota:' .. ARGV[4], tonumber(ARGV[5]), ARGV[6]
local day = math.floor(now / 86400000)
local seen, waiting = open_set('seen', 'seen'), open_set('waiting', 'urls')
local hosts, sources, result = {}, {}, {}
local n_seen, n_waiting, n_quota = 0, 0, 0
local left = quota > 0 and quota - tonumber(redis.call('GET', quota_key) or '0') or math.huge

local function host_named(name)
  if not hosts[name] then hosts[name] = read_host(name) end
  return hosts[name]
end

-- Take one of a budget's day; false, and nothing taken, where none is left.
local function spend(key, name, most)
  if most == 0 then return true end
  local n = redis.call('HINCRBY', key, name, 1)
  if n == 1 then redis.call('PEXPIRE', key, 172800000) end
  if n > most then redis.call('HINCRBY', key, name, -1) end
  return n <= most
end

-- Over the day's budget of the host or of the pattern? Counted only where it is over neither.
local function is_over(host, pattern)
  if pattern == '' then return false end
  local key = P .. 'budget:' .. host .. ':' .. day
  if not spend(key, '', host_cap) then return true end
  if spend(key, pattern, pattern_cap) then return false end
  if host_cap > 0 then redis.call('HINCRBY', key, '', -1) end
  return true
end

quiet_until(tonumber(ARGV[7])) -- so that a server killed before its first lease was kept is known to be another
for i = 8, #ARGV, 5 do
  local name, fp, pattern, not_before, text = ARGV[i], ARGV[i + 1], ARGV[i + 2], tonumber(ARGV[i + 3]), ARGV[i + 4]
  local seen_key = bucket_of(seen, fp)
  local is_new = redis.call('SADD', seen_key, fp) == 1
  local verdict = is_new and 1 or 0
  if is_new and left <= 0 then
    verdict = 3
  elseif is_new and is_over(name, pattern) then
    verdict = 2
  end
  if verdict > 1 then
    redis.call('SREM', seen_key, fp)
  elseif is_new then
    n_seen = n_seen + 1
  end
  if (verdict == 1 or (verdict == 0 and force)) and redis.call('SADD', bucket_of(waiting, fp), fp) == 1 then
    verdict = 1
    n_waiting = n_waiting + 1
    left = left - 1
    n_quota = n_quota + 1
    local priority, source = string.match(text, '^%d+|%d+|%d+|(%-?%d+)|%-?%d+|([^|]*)|')
    sources[source] = (sources[source] or 0) + 1
    if not_before > now then
      push_later(host_named(name), not_before, text)
    elseif redis.call('RPUSH', queue_of(name, priority), text) == 1 then
      note_ready(host_named(name), priority) -- a longer list's host is in its place already
    end
  elseif verdict == 1 then
    verdict = 0 -- it waits, unseen before: only where the set of seen URLs was lost
  end
  result[#result + 1] = verdict
end
write_hosts(hosts)
for source, n in pairs(sources) do admit(source, n) end
if quota > 0 and n_quota > 0 then
  redis.call('INCRBY', quota_key, n_quota)
  redis.call('PEXPIRE', quota_key, quota_ttl)
end
close_set(seen, n_seen)
close_set(waiting, n_waiting)
return result
