-- Shared by the frontier's scripts, after prelude.lua: records, integer sets, hosts and their leases.

-- A waiting URL's record: "attempts|losses|delay_ms|priority|fingerprint|source|candidate as JSON" (newswire/records.py).
local function parse(text)
  local attempts, losses, delay, priority, fp, source, json =
    string.match(text, '^(%d+)|(%d+)|(%d+)|(%-?%d+)|(%-?%d+)|([^|]*)|(.*)$')
  return { attempts = tonumber(attempts), losses = tonumber(losses), delay = tonumber(delay),
           priority = priority, fp = fp, source = source, json = json }
end

local function form(item)
  return string.format('%d|%d|%d|', item.attempts, item.losses, item.delay) ..
         item.priority .. '|' .. item.fp .. '|' .. item.source .. '|' .. item.json
end

-- Sets of 64-bit fingerprints in buckets that Redis keeps as sorted integers, 8 bytes each (adr/0017). Buckets are
-- split one by one as the set grows (linear hashing), so that none passes Redis's 512 entries and few are small.
local PER_BUCKET, MOST_BUCKETS = 200, 8388608

-- A fingerprint has more digits than a number of Lua; its last eight are spread as evenly.
local function hash_of(fp)
  return tonumber(string.sub(fp, -8)) % 100000000
end

local function open_set(name, counter)
  local found = redis.call('HMGET', P .. 'load', counter, name .. '_buckets')
  local set = { name = name, counter = counter, key = P .. name .. ':',
                count = tonumber(found[1] or '0'), n = tonumber(found[2] or '1'), half = 1 }
  while set.half * 2 <= set.n do set.half = set.half * 2 end
  return set
end

local function bucket_of(set, fp)
  local hash = hash_of(fp)
  local bucket = hash % (set.half * 2)
  if bucket >= set.n then bucket = hash % set.half end
  return set.key .. bucket
end

-- Redis takes some thousand arguments a call.
local function call_with(command, key, values)
  for i = 1, #values, 1000 do redis.call(command, key, unpack(values, i, math.min(i + 999, #values))) end
end

-- The values of a hash's fields, false where there is none; as many as one likes.
local function values_of(key, fields)
  local values = {}
  for first = 1, #fields, 1000 do
    for k, text in ipairs(redis.call('HMGET', key, unpack(fields, first, math.min(first + 999, #fields)))) do
      values[first + k - 1] = text
    end
  end
  return values
end

local function split_one(set)
  local from = set.key .. (set.n - set.half)
  local members = redis.call('SMEMBERS', from)
  set.n = set.n + 1
  if set.n == set.half * 2 then set.half = set.n end
  local here, there, other = {}, {}, nil
  for _, fp in ipairs(members) do
    local bucket = bucket_of(set, fp)
    if bucket == from then here[#here + 1] = fp else there[#there + 1] = fp; other = bucket end
  end
  if not other then return end
  redis.call('DEL', from) -- built anew, so that one that has become a hash table is compact again
  call_with('SADD', from, here)
  call_with('SADD', other, there)
end

-- Write the set's count, and split buckets until they are small enough.
local function close_set(set, change)
  if change == 0 then return end
  set.count = redis.call('HINCRBY', P .. 'load', set.counter, change)
  local before = set.n
  while set.count > PER_BUCKET * set.n and set.n < MOST_BUCKETS do split_one(set) end
  if set.n > before then redis.call('HSET', P .. 'load', set.name .. '_buckets', set.n) end
end

-- A host, packed: n leases of at most `cap` are out; it may be asked from next_ms on; later_ms is the first time of a
-- delayed URL (0 = none); crawl_delay_ms its wish; answer_ms how long it usually takes; failures in a row (why: hash
-- `why`); then the priorities that have URLs ready, highest first, a comma after each. newswire/queues.py reads it too.
local HOST = '>I2I2ddI4I4I4'

local function unpack_host(name, text)
  local host = { name = name, n = 0, cap = 1, next_ms = 0, later_ms = 0, crawl_delay_ms = 0, answer_ms = 0,
                 failures = 0, ready = '' }
  if text then
    local rest
    host.n, host.cap, host.next_ms, host.later_ms, host.crawl_delay_ms, host.answer_ms, host.failures, rest =
      struct.unpack(HOST, text)
    host.ready = string.sub(text, rest)
  end
  return host
end

local function pack_host(host)
  return struct.pack(HOST, host.n, host.cap, host.next_ms, host.later_ms, host.crawl_delay_ms, host.answer_ms,
                     host.failures) .. host.ready
end

local function read_host(name)
  return unpack_host(name, redis.call('HGET', P .. 'host_states', name))
end

-- Changed hosts on their way back: names with states, and where each belongs among the hosts that may be leased.
local changed, due_hosts, busy_hosts = {}, {}, {}

local function put_state(name, text, n, cap, next_ms, later_ms, is_ready)
  changed[#changed + 1] = name
  changed[#changed + 1] = text
  if n >= cap or (later_ms == 0 and not is_ready) then
    busy_hosts[#busy_hosts + 1] = name
  else
    due_hosts[#due_hosts + 1] = string.format('%.0f', is_ready and next_ms or math.max(next_ms, later_ms))
    due_hosts[#due_hosts + 1] = name
  end
end

local function write_states()
  call_with('HSET', P .. 'host_states', changed)
  call_with('ZADD', P .. 'hosts', due_hosts)
  call_with('ZREM', P .. 'hosts', busy_hosts)
end

local function write_hosts(hosts)
  for _, host in pairs(hosts) do
    put_state(host.name, pack_host(host), host.n, host.cap, host.next_ms, host.later_ms, host.ready ~= '')
  end
  write_states()
  changed, due_hosts, busy_hosts = {}, {}, {}
end

local function queue_of(name, priority)
  return P .. 'ready:' .. name .. ':' .. priority
end

-- A list of this priority has got its first URL.
local function note_ready(host, priority)
  local before, value = {}, tonumber(priority)
  local is_in = false
  for other in string.gmatch(host.ready, '[^,]+') do
    if other == priority then return end
    if not is_in and tonumber(other) < value then
      before[#before + 1] = priority
      is_in = true
    end
    before[#before + 1] = other
  end
  if not is_in then before[#before + 1] = priority end
  host.ready = table.concat(before, ',') .. ','
end

local function push(host, priority, text)
  if redis.call('RPUSH', queue_of(host.name, priority), text) == 1 then note_ready(host, priority) end
end

local function push_later(host, when, text)
  redis.call('ZADD', P .. 'later:' .. host.name, when, text)
  if host.later_ms == 0 or when < host.later_ms then host.later_ms = when end
end

-- Delayed URLs whose time has come wait their turn like others.
local function move_later(host)
  if host.later_ms == 0 or host.later_ms > now then return end
  local key = P .. 'later:' .. host.name
  for _, text in ipairs(redis.call('ZRANGEBYSCORE', key, '-inf', now, 'LIMIT', 0, 100)) do
    redis.call('ZREM', key, text)
    push(host, parse(text).priority, text)
  end
  host.later_ms = tonumber(redis.call('ZRANGE', key, 0, 0, 'WITHSCORES')[2] or '0')
end

-- The time from which a host may be asked, once it is to be left alone for so long from now.
local function held_until(next_ms, wait_ms)
  return wait_ms > 0 and math.max(next_ms, now + wait_ms) or next_ms
end

local function hold(host, wait_ms)
  host.next_ms = held_until(host.next_ms, wait_ms)
end

local function origin_of(json)
  return string.match(json, '^{"url":"(%a+://[^/"]+)')
end

-- Ids of n new leases. A killed Redis may forget the last ones and their number: the clock makes each id the only one.
local function lease_ids(n)
  local last = redis.call('INCRBY', P .. 'lease_number', n)
  local start, rest = string.match(P, '{(.-)}') .. ':', '.' .. clock[1] .. string.format('%06d', clock[2])
  local ids = {}
  for i = 1, n do ids[i] = start .. (last - n + i) .. rest end
  return ids
end

-- Until when nothing may be leased, and no lease counts as expired. A server that comes back after a kill may not know of
-- leases whose requests are under way (its file lacks its last moments), and their owners could not renew: for the life
-- of a lease it keeps still. 0 where it has run since the last call, or was never used before.
local function quiet_until(lease_ms)
  local run = string.match(redis.call('INFO', 'server'), 'run_id:(%x+)')
  local known = redis.call('HMGET', P .. 'load', 'run', 'quiet_until')
  if known[1] == run then return tonumber(known[2] or '0') end
  local moment = known[1] and now + lease_ms or 0
  redis.call('HSET', P .. 'load', 'run', run, 'quiet_until', moment)
  return moment
end

-- A lease: "deadline|leased_at|host|kind|owner|delay_ms|fingerprint|source"; kind is "u" for a URL, whose record lies
-- beside it in `records` so that ending a lease need not touch it, and "r" for a robots.txt, which has neither mark nor
-- source.
local leased_now = string.format('%.0f|', now)
local function lease_value(deadline, host, kind, owner, delay, fp, source)
  return deadline .. '|' .. leased_now .. host .. '|' .. kind .. '|' .. owner .. '|' .. delay .. '|' .. fp .. '|' .. source
end

local function parse_lease(text)
  local deadline, leased_at, host, kind, owner, delay, fp, source =
    string.match(text, '^(%d+)|(%d+)|([^|]*)|(.)|([^|]*)|(%d+)|(%-?%d*)|(.*)$')
  return { deadline = tonumber(deadline), leased_at = leased_at, host = host, kind = kind, owner = owner,
           delay = tonumber(delay), fp = fp, source = source }
end

-- Take a lease out of the books; nil when it is not ours any more. A URL's record comes with it.
local function end_lease(lease_id)
  local text = redis.call('HGET', P .. 'leased', lease_id)
  if not text then return nil end
  redis.call('HDEL', P .. 'leased', lease_id)
  local lease = parse_lease(text)
  if lease.kind == 'u' then
    lease.record = redis.call('HGET', P .. 'records', lease_id)
    redis.call('HDEL', P .. 'records', lease_id)
  end
  return lease
end
